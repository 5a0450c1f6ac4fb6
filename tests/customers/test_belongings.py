import pytest
from django.db import IntegrityError, transaction

from audit.models import Actor, Entry
from customers.categories import Category, of_number
from customers.exceptions import CustomerErased, HeldAlready, NothingToCorrect
from customers.models import CookieIdentifier, Customer, Device, ExternalAccount, PaymentMethod
from customers.reading import Unreadable
from customers.services import belongings, holdings
from customers.services.corrections import complete, correct, correct_record
from customers.services.erasure import erase
from customers.services.registration import ready, register_ready
from tests.factories.customers import make_customer, make_erased_customer

pytestmark = pytest.mark.django_db

CARD = (PaymentMethod, {"kind": "CARD", "brand": "Visa", "last_four": "1234"})
LINE = (ExternalAccount, {"service": "LINE", "account": "line-1", "authorised": ["プロフィール", "メール"]})
COOKIE = (CookieIdentifier, {"value": "GA1.2.3"})
PHONE = (Device, {"system": "iOS 19.1", "identifier": "d-1"})
ALL = [CARD, LINE, COOKIE, PHONE]


def keep(customer, *records):
    pairs = [(customer.pk, belongings.ready(model, values)) for model, values in records]
    return belongings.keep(pairs, by=Actor.system())


@pytest.mark.parametrize(("model", "values"), ALL)
def test_a_record_reads_back_with_its_history_and_its_fingerprint(model, values):
    customer = make_customer()

    keep(customer, (model, values))

    record, version = model.objects.get(), model.history.get()
    for name, value in values.items():
        assert getattr(record, name) == getattr(version, name) == value
    assert record.fingerprint == record.identify()
    assert (record.customer, record.created_by) == (customer, Actor.system())
    assert (version.history_type, version.id) == ("+", record.pk)


def test_many_of_many_are_one_entry_of_counts_and_are_noted_as_held():
    first, second = make_customer("C1"), make_customer("C2")
    pairs = [(first.pk, belongings.ready(*each)) for each in ALL] + [(second.pk, belongings.ready(*COOKIE))]

    written = belongings.keep(pairs, by=Actor.system(), subject="customers.import:IM-1")

    assert written == {Category.PAYMENT: 1, Category.EXTERNAL_ID: 1, Category.COOKIE: 2, Category.DEVICE: 1}
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.subject, entry.details["count"]) == ("customer.completed", "customers.import:IM-1", 2)
    assert (entry.details["cookie"], entry.details["device"]) == (2, 1)
    second.refresh_from_db()
    assert of_number(second.held) == [Category.NAME, Category.COOKIE]
    for customer in (first, second):
        assert holdings.recount(customer) == Customer.objects.get(pk=customer.pk).held


def test_what_is_held_already_is_kept_once_and_says_nothing_the_second_time():
    customer = make_customer()
    keep(customer, *ALL)
    entries = Entry.objects.count()

    assert keep(customer, *ALL, (CookieIdentifier, {"value": " ＧＡ1.2.3 "})) == {}
    assert [model.objects.count() for model in belongings.CATEGORIES] == [1, 1, 1, 1]
    assert Entry.objects.count() == entries


def test_two_customers_may_have_the_same_cookie_and_one_customer_may_not():
    customer = make_customer()
    keep(customer, COOKIE)
    keep(make_customer(), COOKIE)

    with pytest.raises(IntegrityError), transaction.atomic():
        belongings.write([(customer.pk, belongings.ready(*COOKIE))], by=Actor.system(), at=customer.created_at)


def test_an_erased_customer_is_given_nothing():
    assert keep(make_erased_customer(), *ALL) == {}


def test_a_customer_is_registered_with_all_that_belongs_to_it_in_one_entry():
    counts = register_ready([ready("C1", {"name": "甲"}, [*ALL, COOKIE])], by=Actor.system())

    customer = Customer.objects.get(number="C1")
    assert counts == {Category.PAYMENT: 1, Category.EXTERNAL_ID: 1, Category.COOKIE: 1, Category.DEVICE: 1}
    assert of_number(customer.held) == [Category.NAME, *counts]
    assert holdings.recount(customer) == Customer.objects.get().held
    assert Entry.objects.get().details["payment"] == 1


@pytest.mark.parametrize("name", ["brand", "bank", "branch", "service", "provider_token", "last_four", "expiry"])
@pytest.mark.parametrize(
    "number", ["4111111111111111", "4111 1111 1111 1111", "４１１１−１１１１−１１１１−１１１１", "no.4111111111111111!"]
)
def test_no_text_about_payment_may_hold_a_card_number(name, number):
    with pytest.raises(Unreadable) as refused:
        belongings.ready(PaymentMethod, {"kind": "CARD", name: number})

    assert refused.value.code == "card_number_inside"


@pytest.mark.parametrize("name", ["cvc", "security_code", "customer", "fingerprint", "pin"])
def test_there_is_no_place_for_what_is_never_kept(name):
    with pytest.raises(TypeError):
        belongings.ready(PaymentMethod, {"kind": "CARD", name: "123"})


def test_a_record_is_corrected_in_place_and_its_history_keeps_what_it_was():
    customer = make_customer()
    keep(customer, CARD)

    card = correct_record(customer.payment_methods.get(), changes={"last_four": "9", "brand": "Visa"}, reason="ASKED",
                          by=Actor.system())  # fmt: skip

    assert [version.last_four for version in card.history.order_by("history_id")] == ["1234", "9"]
    assert card.fingerprint == card.identify() == PaymentMethod.objects.get().fingerprint
    assert Entry.objects.latest("id").details == {"fields": ["last_four"], "reason": "ASKED"}
    with pytest.raises(NothingToCorrect):
        correct_record(card, changes={"last_four": "9"}, reason="ASKED", by=Actor.system())


def test_a_correction_makes_no_second_record_of_the_same_and_takes_no_card_number():
    customer = make_customer()
    keep(customer, COOKIE, (CookieIdentifier, {"value": "other"}), CARD)
    other = customer.cookies.exclude(fingerprint=belongings.fingerprint_of(*COOKIE)).get()

    with pytest.raises(HeldAlready):
        correct_record(other, changes=COOKIE[1], reason="ASKED", by=Actor.system())
    with pytest.raises(Unreadable):
        correct_record(customer.payment_methods.get(), changes={"brand": "4111111111111111"}, reason="ASKED",
                       by=Actor.system())  # fmt: skip
    erase(customer, by=Actor.system())
    with pytest.raises(CustomerErased):
        correct_record(other, changes={"value": "x"}, reason="ASKED", by=Actor.system())


def test_a_career_is_filled_in_where_nothing_is_held_and_left_elsewhere():
    by = Actor.system()
    empty, partly = make_customer("C1"), make_customer("C2", occupation="医師")
    full = make_customer("C3", occupation="医師", work_history="病院", education="大学")
    told = {"occupation": "教員", "work_history": "学校", "education": ""}

    assert complete({each.pk: told for each in (empty, partly, full)}, by=by) == 2
    assert complete({empty.pk: {"occupation": ""}}, by=by) == 0

    def found(customer):
        customer = Customer.objects.get(pk=customer.pk)
        return customer.occupation, customer.work_history, customer.education

    assert [found(each) for each in (empty, partly, full)] == [
        ("教員", "学校", None), ("医師", "学校", None), ("医師", "病院", "大学")
    ]  # fmt: skip
    assert [version.occupation for version in empty.history.order_by("history_id")] == [None, "教員"]
    assert Customer.objects.get(pk=empty.pk).held & Category.CAREER.bit
    assert Entry.objects.filter(action="customer.completed").get().details["count"] == 2


def test_the_number_of_what_is_held_follows_a_correction_also_of_an_alias():
    by = Actor.system()
    customer, alias = make_customer("C1"), make_customer("C2")
    Customer.objects.filter(pk=alias.pk).update(merged_into=customer)

    correct(alias, changes={"occupation": "医師", "email": "a@example.com"}, reason="ASKED", by=by)
    customer.refresh_from_db()
    assert of_number(customer.held) == [Category.NAME, Category.CAREER, Category.EMAIL]

    correct(alias, changes={"occupation": ""}, reason="ASKED", by=by)
    customer.refresh_from_db(), alias.refresh_from_db()
    assert of_number(customer.held) == of_number(alias.held) == [Category.NAME, Category.EMAIL]
    assert alias.occupation is None
    assert holdings.counts()[1][Category.EMAIL] == 1
