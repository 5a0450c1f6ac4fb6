"""Nothing happens without its entry; staff and office change by their services only."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from audit.models import Access, Actor, Entry, Job, Office, OutgoingMail, Staff
from audit.services import access, jobs, office, outbox, staff
from audit.services.trail import record, record_batch, reference
from tests.factories.audit import PASSWORD, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_trail():
    """The trail cannot be written: as if its disk were full or its table gone."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry RENAME TO audit_entry_away")


@pytest.mark.parametrize(
    "act",
    [
        lambda by: office.change(Office.objects.get(), changes={"email": "new@office-ant.co.jp"}, by=by),
        lambda by: staff.create("new", roles=[], password=PASSWORD, by=by),
        lambda by: access.note(by.staff, fields=["x"], reason=Access.Reason.AUDIT, case_number="1", by=by),
    ],
    ids=["change of the office", "new member of staff", "showing values"],
)
def test_an_act_whose_entry_cannot_be_written_does_not_happen(act, no_trail):
    by = StaffFactory().actor

    with pytest.raises(DatabaseError), transaction.atomic():
        act(by)

    assert Office.objects.get().email == "info@office-ant.co.jp"
    assert not Staff.objects.filter(username="new").exists()
    assert not Access.objects.exists()


def test_a_mail_whose_entry_cannot_be_written_is_not_marked(no_trail):
    mail = outbox.post("audit.daily_seal", subject=Office.objects.get(), by=Actor.system())

    with pytest.raises(DatabaseError), transaction.atomic():
        outbox._finish(mail, OutgoingMail.State.SENT)

    mail.refresh_from_db()
    assert mail.state == "WAITING"


def test_work_and_mail_are_gone_where_their_act_fails():
    with transaction.atomic():
        jobs.enqueue("test.work", by=Actor.system())
        outbox.post("audit.daily_seal", subject=Office.objects.get(), by=Actor.system())
        transaction.set_rollback(True)

    assert not Job.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_the_entry_names_rows_by_their_reference_and_never_by_a_value():
    member = StaffFactory(username="ant", display_name="Yamada Taro")

    with transaction.atomic():
        entry = record("test.done", subject=member, person=member, by=member.actor, seen=member, kind=Job.State.DONE)

    assert (entry.subject, entry.person, entry.actor_label) == ("audit.staff:ant", "audit.staff:ant", "ant")
    assert entry.details == {"seen": "audit.staff:ant", "kind": "DONE"}
    assert reference(None) == ""


def test_record_costs_one_statement(django_assert_num_queries):
    by = StaffFactory().actor

    with django_assert_num_queries(1):
        record("test.done", subject="x", by=by)
    with django_assert_num_queries(1):
        record_batch("test.done", subject="x", by=Actor.system(), references=["c:1", "c:2"])


def test_the_office_keeps_its_history_and_refuses_what_is_no_change():
    facts, by = Office.objects.get(), StaffFactory().actor

    office.change(facts, changes={"bank_account_ja": "あり銀行 普通 1234567"}, by=by)

    assert facts.history.count() == 1
    assert Entry.objects.get().details == {"fields": ["bank_account_ja"]}
    with pytest.raises(office.NothingChanged):
        office.change(facts, changes={"email": facts.email}, by=by)
    with pytest.raises(KeyError):
        office.change(facts, changes={"id": 2}, by=by)
    with pytest.raises(ValidationError):
        office.change(facts, changes={"email": "x"}, by=by)


def test_showing_values_needs_a_reason_from_the_list_and_a_case():
    by = StaffFactory().actor

    for reason, case_number in [("BECAUSE", "1"), (Access.Reason.AUDIT, "  ")]:
        with pytest.raises(access.ReasonMissing):
            access.note(by.staff, fields=["x"], reason=reason, case_number=case_number, by=by)

    assert not Access.objects.exists()


def test_unknown_roles_and_taken_names_are_refused():
    by = StaffFactory(username="ant").actor

    with pytest.raises(staff.UnknownRole):
        staff.create("new", roles=["king"], password=PASSWORD, by=by)
    with pytest.raises(staff.NameTaken):
        staff.create("ant", roles=[], password=PASSWORD, by=by)
    with pytest.raises(staff.NotOnOneself):
        staff.change_roles(by.staff, roles=["privacy_officer"], by=by)
