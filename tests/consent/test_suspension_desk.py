"""Suspension of use at the desk: entered, seen on the customer's page, lifted."""

import pytest
from django.urls import reverse

from consent.models import Suspension
from consent.purposes import Purpose
from consent.services import suspensions
from customers.services import erasure
from tests.factories.audit import sign_in
from tests.factories.consent import an_actor
from tests.factories.customers import make_customer

pytestmark = pytest.mark.django_db
LIST = reverse("admin:consent_suspension_changelist")
SUSPEND = reverse("admin:consent_suspension_suspend")
WANTED = {"customer": "T1", "scope": "ALL", "purpose": "", "ground": "ASKED", "case_number": "R-1"}


@pytest.fixture(autouse=True)
def english(client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


def page_of(customer):
    return reverse("admin:customers_customer_change", args=[customer.pk])


def test_use_is_suspended_from_the_customers_page_and_lifted_again(client):
    customer = make_customer("T1", email="hana@example.test")
    sign_in(client, "handler")
    empty = client.get(LIST).text
    before = client.get(page_of(customer)).text
    form = client.get(f"{SUSPEND}?customer=T1").text

    client.post(SUSPEND, WANTED)
    suspension = Suspension.objects.get()
    stopped = set(suspensions.suspended_for(Purpose.INFORMATION))
    during = client.get(page_of(customer)).text
    client.post(reverse("admin:consent_suspension_lift", args=[suspension.pk]), {})

    assert "No use is suspended." in empty
    assert "Use of these data is not suspended." in before
    assert f'href="{SUSPEND}?customer=T1"' in before
    assert 'value="T1"' in form
    assert stopped == {customer}
    assert reverse("admin:consent_suspension_change", args=[suspension.pk]) in during
    suspension.refresh_from_db()
    assert suspension.lifted_at
    assert not suspensions.suspended_for(Purpose.INFORMATION).exists()


@pytest.mark.parametrize("typed", ["T1", " t1 ", "Ｔ１"])
def test_a_customer_number_is_read_in_any_width_and_case(client, typed):
    make_customer("T1")
    sign_in(client, "handler")

    client.post(SUSPEND, {**WANTED, "customer": typed})

    assert Suspension.objects.get().customer.number == "T1"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"customer": "T9"}, "There is no customer of this number"),
        ({"customer": ""}, "Fill in: Customer number"),
        ({"scope": "PURPOSE"}, "Choose the purpose whose use is suspended."),
        ({"scope": "PROVISION", "purpose": "INFORMATION"}, "Choose no purpose, or suspend use for one purpose."),
        ({"scope": "EVERYTHING"}, "Choose one that is offered: What is suspended"),
        ({"ground": ""}, "Choose: Ground"),
        ({"case_number": "R" * 41}, "at most 40 characters"),
    ],
)
def test_what_cannot_be_suspended_is_said_and_nothing_typed_is_lost(client, change, words):
    make_customer("T1")
    sign_in(client, "privacy_officer")

    page = client.post(SUSPEND, {**WANTED, **change})

    assert page.status_code == 200
    assert words in page.text
    assert not Suspension.objects.exists()


def test_the_same_use_is_suspended_once(client):
    customer = make_customer("T1")
    suspensions.suspend(customer, scope="ALL", ground="ASKED", by=an_actor())
    sign_in(client, "handler")

    page = client.post(SUSPEND, WANTED).text

    assert "this use is suspended already" in page
    assert 'value="R-1"' in page
    assert Suspension.objects.count() == 1


def test_an_erased_customer_has_nothing_left_to_suspend(client):
    customer = erasure.erase(make_customer("T1"), by=an_actor())
    sign_in(client, "handler")

    page = client.post(SUSPEND, WANTED)

    assert page.status_code == 200
    assert "erased" in page.text
    assert not Suspension.objects.exists()
    assert f"{SUSPEND}?customer" not in client.get(page_of(customer)).text


def test_a_lifted_suspension_says_why_it_cannot_be_lifted_again(client):
    suspension = suspensions.suspend(make_customer("T1"), scope="ALL", ground="OFFICE", by=an_actor())
    suspensions.lift(suspension, by=an_actor())
    sign_in(client, "handler")

    page = client.get(reverse("admin:consent_suspension_lift", args=[suspension.pk])).text

    assert "It was lifted already." in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries_for_one_row_and_three(client, django_assert_max_num_queries, rows):
    for number in range(rows):
        suspensions.suspend(make_customer(f"T{number}"), scope="ALL", ground="ASKED", by=an_actor())
    sign_in(client, "handler")
    client.get(LIST)

    with django_assert_max_num_queries(12):
        assert client.get(LIST).status_code == 200


def test_the_form_is_japanese_whole(client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ja"
    sign_in(client, "handler")

    form = client.get(SUSPEND).text

    assert '<option value="" selected>なし</option>' in form
