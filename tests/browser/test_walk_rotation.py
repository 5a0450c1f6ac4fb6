"""A change of keys at the desk, from the empty list to "the old keys may be removed", with a real worker."""

import pytest
from cryptography.fernet import Fernet, MultiFernet
from django.db import connection
from encrypted_model_fields import fields as library

from customers.models import SearchTerm
from customers.services import terms
from customers.services.keys import fingerprint
from tests.browser.people import DESK, PHONE, Clerk, Watch, wait_until
from tests.browser.test_public_pages import TOO_WIDE
from tests.factories.audit import StaffFactory
from tests.factories.customers import make_customer

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("limits_anew")]
LIST = "/admin/customers/keyrotation/"
NO_KEY = "x" * 80  # what stands in a column whose key was removed too early


@pytest.fixture
def keys(committed, settings, monkeypatch):
    """A new key before the old one, under which something stands, here and in processes that are started from now."""
    make_customer(name="長" * 60)
    settings.FIELD_ENCRYPTION_KEY = [Fernet.generate_key().decode(), *settings.FIELD_ENCRYPTION_KEY]
    monkeypatch.setattr(library, "CRYPTER", MultiFernet(map(Fernet, settings.FIELD_ENCRYPTION_KEY)))
    return settings.FIELD_ENCRYPTION_KEY


def fits(clerk):
    """No page is wider than a phone or a desk."""
    over = []
    for width in (PHONE, DESK):
        clerk.page.set_viewport_size({"width": width, "height": 800})
        over.append(clerk.page.evaluate(TOO_WIDE))
        clerk.see()
    assert over == [0, 0]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_privacy_officer_changes_the_key_and_is_told_when_the_old_one_may_go(keys, crew, web, chromium, language):
    number = terms.keep("山田", session_key="s", by=StaffFactory().actor)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_searchterm SET text = %s WHERE number = %s", [NO_KEY, number])
    watch = Watch(web.url)
    officer = Clerk(chromium, watch, "privacy_officer", language=language)

    officer.go(LIST)
    fits(officer)
    officer.press(f"main a.button[href$='{LIST}start/']")
    fits(officer)
    assert [key for key in keys if fingerprint(key) not in officer.words] == []
    officer.confirm()
    assert officer.count("form.desk-form .errors, form.desk-form [aria-invalid]")
    officer.page.check("#id_restarted")
    officer.confirm()
    fits(officer)
    assert officer.count("#progress")
    crew.worker()
    crew.beat()
    wait_until(lambda: officer.page.reload() and officer.count("#result"))
    fits(officer)
    said = {"ja": "古い鍵を FIELD_ENCRYPTION_KEY から外せます", "en": "The old keys may be removed"}[language]

    assert said in officer.words
    assert str(SearchTerm.objects.only("pk").get(number=number).pk) in officer.page.inner_text("#unopened")
    officer.go(LIST)
    fits(officer)
    assert watch.faults == []
    assert watch.naming(["長" * 5, *keys]) == []
    officer.close()
