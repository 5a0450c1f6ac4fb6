"""Inquiries of authorities: decided by two, told no more than was asked, and seen by nobody who need not know."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from audit.calendar import add_days, today
from audit.models import Entry
from consent.exceptions import EnteredTwice, MoveNotAllowed, NotReady, SamePerson
from consent.models import InquiryStatus, OfficialInquiry
from consent.services import inquiries
from customers.services import erasure
from tests.factories.audit import sign_in
from tests.factories.consent import an_actor
from tests.factories.customers import make_customer

pytestmark = pytest.mark.django_db
LIST = reverse("admin:consent_officialinquiry_changelist")
ENTER = reverse("admin:consent_officialinquiry_enter")


def entered(customer=None, **values):
    asked = {
        "kind": "POLICE", "authority": "町田警察署", "their_number": "捜査第12号", "paper_on": today(),
        "received_on": today(), "categories": ["NAME", "ADDRESS"], "by": an_actor(),
    }  # fmt: skip
    return inquiries.enter(customer or make_customer("T1"), **{**asked, **values})


def test_article_27_1_i_an_inquiry_is_told_what_a_second_person_decides():
    inquiry = inquiries.answer(entered(), categories=["ADDRESS"], answered_on=today(), by=an_actor())

    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.answered) == (InquiryStatus.ANSWERED, ["ADDRESS"])


def test_who_entered_it_does_not_decide_it():
    officer = an_actor()

    with pytest.raises(SamePerson):
        inquiries.decline(entered(by=officer), by=officer)


@pytest.mark.parametrize("told", [[], ["EMAIL"], ["NAME", "ADDRESS", "EMAIL"]])
def test_nothing_is_told_that_was_not_asked_for(told):
    with pytest.raises(NotReady):
        inquiries.answer(entered(), categories=told, answered_on=today(), by=an_actor())


@pytest.mark.parametrize(
    ("paper", "received"), [(0, -1), (0, 1), (1, 1)], ids=["before its paper", "tomorrow", "from tomorrow"]
)
def test_it_was_received_on_or_after_the_day_of_its_paper_and_not_later_than_today(paper, received):
    with pytest.raises(NotReady):
        entered(paper_on=add_days(today(), paper), received_on=add_days(today(), received))


@pytest.mark.parametrize("answered", [-4, 1], ids=["before it was received", "tomorrow"])
def test_it_was_answered_between_its_receipt_and_today(answered):
    inquiry = entered(paper_on=add_days(today(), -5), received_on=add_days(today(), -3))

    with pytest.raises(NotReady):
        inquiries.answer(inquiry, categories=["NAME"], answered_on=add_days(today(), answered), by=an_actor())


def test_what_is_decided_is_not_decided_again():
    inquiry = inquiries.decline(entered(), by=an_actor())

    with pytest.raises(MoveNotAllowed):
        inquiries.answer(inquiry, categories=["NAME"], answered_on=today(), by=an_actor())


def test_one_paper_is_entered_once_for_one_customer():
    customer = make_customer("T1")
    entered(customer)

    with pytest.raises(EnteredTwice):
        entered(customer, their_number=" 捜査第12号 ")
    assert entered(make_customer("T2")).pk


def test_an_erased_customer_can_be_asked_about():
    customer = erasure.erase(make_customer("T1"), by=an_actor())

    assert entered(customer).customer == customer


def test_no_entry_of_the_trail_tells_whom_it_is_about():
    inquiries.answer(entered(), categories=["NAME"], answered_on=today(), by=an_actor())

    entries = Entry.objects.filter(action__startswith="inquiry.")
    assert len(entries) == 2
    assert {entry.person for entry in entries} == {""}
    assert not [entry for entry in entries if "T1" in str(entry.details) + entry.subject]


STATEMENTS = {
    "decided by who entered it": "UPDATE {t} SET status = 'DECLINED', decided_at = now(),"
    " decided_by_id = entered_by_id",
    "told more than asked": "UPDATE {t} SET status = 'ANSWERED', decided_at = now(), decided_by_id = %(other)s,"
    " answered_on = received_on, answered = '{{EMAIL}}'",
    "answered with nothing": "UPDATE {t} SET status = 'ANSWERED', decided_at = now(), decided_by_id = %(other)s,"
    " answered_on = received_on",
    "told before it was received": "UPDATE {t} SET status = 'ANSWERED', decided_at = now(), decided_by_id = %(other)s,"
    " answered_on = received_on - 1, answered = '{{NAME}}'",
    "about somebody else": "UPDATE {t} SET categories = '{{EMAIL}}'",
    "under another number": "UPDATE {t} SET their_number = ''",
    "removed": "DELETE FROM {t}",
    "all removed": "TRUNCATE {t}",
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_the_database_refuses_it_too(assert_refused, statement):
    entered()
    sql = statement.format(t=OfficialInquiry._meta.db_table)

    assert_refused(sql, "official_inquiry|never", {"other": an_actor().pk})


def test_the_database_keeps_a_decided_inquiry_as_it_is():
    inquiry = inquiries.decline(entered(), by=an_actor())

    with pytest.raises(DatabaseError), transaction.atomic():
        OfficialInquiry.objects.filter(pk=inquiry.pk).update(decided_at=timezone.now())


def test_it_is_entered_and_answered_at_the_desk(client):
    make_customer("T1")
    sign_in(client, "privacy_officer", "en")
    empty = client.get(LIST).text
    client.post(
        ENTER,
        {
            "kind": "BAR", "authority": "東京弁護士会", "their_number": "照会 5", "paper_on": "令和8年1月5日",
            "received_on": "2026-01-07", "customer": "T1", "categories": ["NAME", "ADDRESS"],
        },
    )  # fmt: skip
    inquiry = OfficialInquiry.objects.get()
    own = client.get(reverse("admin:consent_officialinquiry_change", args=[inquiry.pk])).text

    sign_in(client, "approver", "en")
    answer = reverse("admin:consent_officialinquiry_answer", args=[inquiry.pk])
    offered = client.get(answer).text
    client.post(answer, {"categories": ["NAME"], "answered_on": "2026-01-09"})

    assert "stand here once the first paper is entered" in empty
    assert "You entered it: another person decides." in own
    assert 'value="ADDRESS"' in offered
    assert 'value="EMAIL"' not in offered
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.answered) == ("ANSWERED", ["NAME"])


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("customer", "T9", "There is no customer of this number"),
        ("paper_on", "2026-02-30", "There is no 30 in this month"),
        ("authority", "", "Fill in: Who asks"),
        ("authority", "a\x00b", "Null characters are not allowed"),
        ("categories", [], "Choose: What is asked for"),
        ("received_on", "2999-01-01", "cannot have been received on a day to come"),
    ],
)
def test_what_cannot_be_entered_is_said_and_nothing_typed_is_lost(client, field, typed, words):
    make_customer("T1")
    sign_in(client, "privacy_officer", "en")
    posted = {
        "kind": "BAR", "authority": "東京弁護士会", "their_number": "照会 5", "paper_on": "2026-01-05",
        "received_on": "2026-01-07", "customer": "T1", "categories": ["NAME"],
    }  # fmt: skip

    page = client.post(ENTER, {**posted, field: typed})

    assert page.status_code == 200
    assert words in page.text
    assert f'href="#id_{field}' in page.text
    assert "照会 5" in page.text
    assert not OfficialInquiry.objects.exists()


@pytest.mark.parametrize("role", ["privacy_officer", "auditor", "handler"])
def test_no_page_of_the_customer_tells_of_it(client, role):
    customer = make_customer("T1")
    inquiry = entered(customer)
    sign_in(client, role, "en")

    page = client.get(reverse("admin:customers_customer_change", args=[customer.pk])).text

    assert inquiry.number not in page
    assert "町田警察署" not in page
    assert "nquiry entered" not in page
