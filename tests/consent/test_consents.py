"""Consents: to which words, of which categories, from when to when, and what they cover on a day."""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from audit.calendar import add_days, today
from audit.models import Entry
from consent.bases import ConsentState
from consent.exceptions import NotPermitted, NotReady
from consent.models import Consent, Wording
from consent.purposes import Purpose
from consent.services import consents, third_parties
from customers.exceptions import CustomerErased
from customers.models import Customer
from customers.services import erasure, merging
from tests.factories.audit import sign_in
from tests.factories.consent import an_actor, make_register
from tests.factories.customers import make_customer
from tests.factories.ledger import PACK, agreed, withdrawn

from .test_third_parties import a_third_party, with_measures

pytestmark = pytest.mark.django_db
RECORD = reverse("admin:consent_consent_record")
WRITE = reverse("admin:consent_wording_write")
NAME_AND_MAIL = ["NAME", "EMAIL"]
PURPOSE = Purpose.INFORMATION


@pytest.fixture(autouse=True)
def register():
    make_register()


def a_wording(third_party=None, categories=NAME_AND_MAIL, **said):
    words = {"text_ja": "氏名とメールを配送会社に渡します。", "text_en": "Name and mail go to the carrier."}
    return consents.write(
        third_party=third_party or a_third_party("RECIPIENT"), purpose=PURPOSE, categories=categories,
        **{**words, **said}, by=an_actor(),
    )  # fmt: skip


def state(customer, third_party, categories=NAME_AND_MAIL, day=None):
    found = consents.covered(Customer.objects.filter(pk=customer.pk), third_party, categories, day or today())
    return found[customer.pk].state


# wordings


def test_article_18_a_wording_asks_for_nothing_that_the_register_does_not_permit():
    with pytest.raises(NotPermitted, match="Article 18|第18条"):
        a_wording(categories=["NAME", "PAYMENT"])


def test_article_28_2_nobody_is_asked_about_a_recipient_abroad_without_what_must_be_told():
    abroad = a_third_party("RECIPIENT", "US")
    with pytest.raises(NotReady):
        a_wording(abroad)
    with_measures(abroad)
    with pytest.raises(NotReady):
        a_wording(abroad)

    third_parties.inform(abroad, **PACK, looked_up_on=today(), by=an_actor())
    assert a_wording(abroad).pack == abroad.packs.get()


@pytest.mark.parametrize("country", ["JP", "DE", "GB"])
def test_where_article_28_does_not_ask_for_it_no_information_is_wanted(country):
    assert a_wording(a_third_party("RECIPIENT", country)).pack is None


def test_a_new_wording_is_the_next_version_of_its_third_party():
    third_party = a_third_party("RECIPIENT")
    first, second = a_wording(third_party), a_wording(third_party)

    assert [first.version, second.version, a_wording().version] == [1, 2, 1]


def test_nobody_agrees_to_a_wording_that_is_out_of_use():
    wording = a_wording()
    customer = make_customer("C1")
    kept = agreed(customer, wording)
    consents.retire(wording, by=an_actor())

    with pytest.raises(NotReady):
        agreed(make_customer("C2"), wording)
    with pytest.raises(NotReady):
        consents.retire(wording, by=an_actor())
    assert state(customer, kept.wording.third_party) == ConsentState.WHOLE


# consents


def test_article_27_1_what_a_consent_covers_from_its_day_to_the_eve_of_its_withdrawal(time_machine):
    wording, customer = a_wording(), make_customer("C1")
    time_machine.move_to(timezone.now() + dt.timedelta(days=30))
    consent = agreed(customer, wording, add_days(today(), -10))
    withdrawn(consent, add_days(today(), -3))

    found = {days: state(customer, wording.third_party, day=add_days(today(), -days)) for days in (11, 10, 4, 3, 0)}
    assert found == {
        11: ConsentState.LATER, 10: ConsentState.WHOLE, 4: ConsentState.WHOLE, 3: ConsentState.WITHDRAWN,
        0: ConsentState.WITHDRAWN,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["NAME"], ConsentState.WHOLE),
        (["EMAIL", "NAME"], ConsentState.WHOLE),
        (["NAME", "ADDRESS"], ConsentState.OTHER),
        (["ADDRESS"], ConsentState.OTHER),
    ],
)
def test_article_27_1_one_consent_covers_every_category_or_it_is_not_whole(wanted, expected):
    wording, customer = a_wording(), make_customer("C1")
    agreed(customer, wording)

    assert state(customer, wording.third_party, wanted) == expected


def test_consent_to_one_recipient_is_none_to_another():
    customer = make_customer("C1")
    agreed(customer, a_wording())

    assert state(customer, a_third_party("RECIPIENT")) == ConsentState.NONE


def test_after_a_withdrawal_only_a_new_consent_counts():
    wording, customer = a_wording(), make_customer("C1")
    withdrawn(agreed(customer, wording))
    assert state(customer, wording.third_party) == ConsentState.WITHDRAWN

    agreed(customer, wording)
    assert state(customer, wording.third_party) == ConsentState.WHOLE


def test_a_consent_counts_for_all_records_of_the_person():
    wording = a_wording()
    first, second = make_customer("C1"), make_customer("C2")
    agreed(second, wording)
    merging.approve(merging.propose(first, second, by=an_actor()), by=an_actor())

    assert state(first, wording.third_party) == ConsentState.WHOLE
    assert state(second, wording.third_party) == ConsentState.WHOLE
    other = a_wording()
    assert agreed(Customer.objects.get(pk=second.pk), other).customer == second  # stays with it if they are parted
    assert state(first, other.third_party) == ConsentState.WHOLE


def test_it_takes_four_queries_for_however_many(django_assert_num_queries):
    wording = a_wording()
    for number in range(20):
        agreed(make_customer(f"C{number}"), wording)

    with django_assert_num_queries(4):  # whom, all their records, the wordings, the consents
        found = consents.covered(Customer.objects.all(), wording.third_party, ["NAME"], today())
    assert {each.state for each in found.values()} == {ConsentState.WHOLE}


@pytest.mark.parametrize("days", [-1, 1], ids=["before the wording was written", "tomorrow"])
def test_a_consent_is_given_between_the_wording_and_today(days):
    with pytest.raises(NotReady):
        agreed(make_customer("C1"), a_wording(), add_days(today(), days))


@pytest.mark.parametrize("days", [-1, 1], ids=["before it was given", "tomorrow"])
def test_a_withdrawal_lies_between_the_consent_and_today(days):
    consent = agreed(make_customer("C1"), a_wording())

    with pytest.raises(NotReady):
        withdrawn(consent, add_days(today(), days))


def test_what_stands_already_is_refused():
    wording, customer = a_wording(), make_customer("C1")
    consent = agreed(customer, wording)
    with pytest.raises(NotReady):
        agreed(customer, wording)
    withdrawn(consent)
    with pytest.raises(NotReady):
        withdrawn(consent)


def test_nobody_consents_for_who_was_erased():
    with pytest.raises(CustomerErased):
        agreed(erasure.erase(make_customer("C1"), by=an_actor()), a_wording())


def test_the_trail_says_whose_consent_it_was():
    customer = make_customer("C1")
    withdrawn(agreed(customer, a_wording()))

    acts = Entry.objects.filter(person=f"customers.customer:{customer.number}").values_list("action", flat=True)
    assert {"consent.recorded", "consent.withdrawn"} <= set(acts)


STATEMENTS = {
    "another text": "UPDATE consent_wording SET text_ja = 'x'",
    "more categories": "UPDATE consent_wording SET categories = '{NAME,ADDRESS}'",
    "a wording removed": "DELETE FROM consent_wording",
    "all wordings removed": "TRUNCATE consent_wording CASCADE",
    "given earlier": "UPDATE consent_consent SET given_on = given_on - 1",
    "withdrawn by nobody": "UPDATE consent_consent SET withdrawn_on = given_on",
    "withdrawn before it was given": "UPDATE consent_consent SET withdrawn_on = given_on - 1, withdrawn_way = 'PAPER',"
    " withdrawn_at = now(), withdrawn_by_id = recorded_by_id",
    "a consent removed": "DELETE FROM consent_consent",
    "all consents removed": "TRUNCATE consent_consent CASCADE",
    "the same twice": "INSERT INTO consent_consent (customer_id, wording_id, language, way, given_on, recorded_at,"
    " recorded_by_id, withdrawn_way) SELECT customer_id, wording_id, language, way, given_on, recorded_at,"
    " recorded_by_id, '' FROM consent_consent",
    "the information about another": "INSERT INTO consent_wording (third_party_id, version, purpose, categories,"
    " text_ja, text_en, pack_id, written_at, written_by_id) SELECT third_party_id, 9, purpose, categories, text_ja,"
    " text_en, (SELECT max(id) FROM consent_offshorepack), written_at, written_by_id FROM consent_wording LIMIT 1",
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_the_database_refuses_it_too(assert_refused, statement):
    agreed(make_customer("C1"), a_wording())
    third_parties.inform(a_third_party("RECIPIENT", "US"), **PACK, looked_up_on=today(), by=an_actor())

    assert_refused(statement, "never|once|another|violates")


def test_the_database_keeps_a_withdrawal_as_it_is():
    consent = withdrawn(agreed(make_customer("C1"), a_wording()))

    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.filter(pk=consent.pk).update(
            withdrawn_on=None, withdrawn_way="", withdrawn_at=None, withdrawn_by=None
        )


# the desk


def test_a_wording_is_written_and_a_consent_recorded_and_withdrawn_at_the_desk(client):
    third_party = a_third_party("RECIPIENT", name="Carrier Inc.")
    customer = make_customer("C1")
    sign_in(client, "privacy_officer", "en")
    before = client.get(RECORD).text
    client.post(
        WRITE,
        {"third_party": third_party.pk, "purpose": PURPOSE, "categories": NAME_AND_MAIL, "text_ja": "渡します。",
         "text_en": "It goes there."},
    )  # fmt: skip
    wording = Wording.objects.get()
    client.post(
        RECORD,
        {"customer": "c1", "wording": wording.pk, "language": "ja", "way": "COUNTER", "given_on": str(today())},
    )
    consent = Consent.objects.get()
    page = client.get(reverse("admin:consent_consent_change", args=[consent.pk])).text
    of_customer = client.get(reverse("admin:customers_customer_change", args=[customer.pk])).text
    client.post(
        reverse("admin:consent_consent_withdraw", args=[consent.pk]), {"way": "PAPER", "withdrawn_on": str(today())}
    )

    assert "No wording is in use" in before
    assert "Carrier Inc." in page
    assert "Carrier Inc." in of_customer
    consent.refresh_from_db()
    assert consent.withdrawn_on == today()


def test_a_refusal_stands_at_its_field_and_names_the_article(client):
    third_party = a_third_party("RECIPIENT", "US")
    sign_in(client, "privacy_officer", "en")
    typed = {"third_party": third_party.pk, "purpose": PURPOSE, "categories": ["PAYMENT"], "text_ja": "渡します。",
             "text_en": "It goes there."}  # fmt: skip
    refused = client.post(WRITE, typed).text
    unlawful = client.post(WRITE, {**typed, "categories": ["NAME"]}).text

    assert "Article 18(1)" in refused
    assert "It goes there." in refused
    assert "enter the information of Article 28(2)" in unlawful


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_opens_in_both_languages(client, language):
    consent = agreed(make_customer("C1"), a_wording())
    sign_in(client, "privacy_officer", language)
    for address in (
        WRITE, RECORD, reverse("admin:consent_wording_changelist"), reverse("admin:consent_consent_changelist"),
        reverse("admin:consent_wording_change", args=[consent.wording_id]),
        reverse("admin:consent_wording_retire", args=[consent.wording_id]),
        reverse("admin:consent_consent_change", args=[consent.pk]),
        reverse("admin:consent_consent_withdraw", args=[consent.pk]),
    ):  # fmt: skip
        assert client.get(address).status_code == 200
