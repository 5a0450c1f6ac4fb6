"""Under keys that are not those of the database nothing starts, reads or writes."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from audit.calendar import today
from audit.models import Office
from config import checks
from config.checks import (
    fee_can_be_paid,
    keys_are_those_of_the_database,
    pdf_has_what_it_needs,
    what_analytics_sends_is_public,
)
from consent.services import transmissions
from tests.factories.consent import an_actor


@pytest.fixture(params=["SEARCH_INDEX_KEY", "AUDIT_KEY"])
def wrong(request, committed, settings):
    setattr(settings, request.param, "2" * 64)
    connection.close()
    return request.param


def test_no_connection_opens_under_a_wrong_key(wrong):
    for _again in range(2):
        with pytest.raises(ImproperlyConfigured, match=wrong):
            connection.ensure_connection()


def test_the_check_names_the_setting(wrong):
    (error,) = keys_are_those_of_the_database(None)

    assert error.id == "office.E001"
    assert wrong in error.msg
    with pytest.raises(SystemCheckError, match=wrong):
        call_command("check")


def test_worker_and_clock_refuse_to_start(wrong):
    with pytest.raises(SystemExit, match=wrong):
        checks._refuse_to_start()


def test_the_right_keys_are_no_matter(committed):
    assert keys_are_those_of_the_database(None) == []


def test_a_database_that_is_away_is_left_to_who_needs_it(committed, settings):
    connection.close()
    name = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = "gone"
    try:
        assert keys_are_those_of_the_database(None) == []
    finally:
        connection.settings_dict["NAME"] = name


def test_what_pdf_lacks_is_said_with_the_line_to_type(monkeypatch):
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None)
    (warning,) = pdf_has_what_it_needs(None)
    assert (warning.id, "libpangoft2-1.0-0" in warning.hint) == ("office.W001", True)


def test_a_missing_font_is_said(monkeypatch, tmp_path):
    lister = tmp_path / "fc-list"
    lister.write_text("#!/bin/sh\n")
    lister.chmod(0o755)
    monkeypatch.setattr("ctypes.util.find_library", lambda name: name)
    monkeypatch.setattr("shutil.which", lambda name: str(lister))
    (warning,) = pdf_has_what_it_needs(None)
    assert (warning.id, "fonts-noto-cjk" in warning.hint) == ("office.W002", True)


def test_an_office_without_an_account_for_the_fee_is_told_so(db):
    (warning,) = fee_can_be_paid(None)
    Office.objects.update(bank_account_en="Some Bank, ordinary account 1234567")

    assert (warning.id, "account for the fee" in warning.msg) == ("office.W003", True)
    assert fee_can_be_paid(None) == []


def test_analytics_that_no_public_table_names_is_warned_of(db, settings):
    without_id = what_analytics_sends_is_public(None)
    settings.ANALYTICS_ID = "G-TEST123456"
    (warning,) = what_analytics_sends_is_public(None)
    words = dict.fromkeys(["sent_ja", "sent_en", "our_purpose_ja", "our_purpose_en"], "views")
    words |= dict.fromkeys(["their_purpose_ja", "their_purpose_en"], "statistics")
    transmissions.enter(
        service="Google Analytics", recipient="Google LLC", country="USA", starts_on=today(), by=an_actor(), **words
    )

    assert without_id == []
    assert warning.id == "office.W004"
    assert what_analytics_sends_is_public(None) == []


def test_the_account_is_not_looked_for_in_a_database_that_is_away_or_under_a_wrong_key(wrong):
    assert fee_can_be_paid(None) == []


def test_another_sealing_key_is_told_from_the_canary_alone(committed, crew):
    crew.environment["FIELD_ENCRYPTION_KEY"] = Fernet.generate_key().decode()
    worker = crew.worker()

    assert worker.child.wait(60) != 0
    assert "FIELD_ENCRYPTION_KEY" in worker.last_words()
