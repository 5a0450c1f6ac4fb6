"""Single values and rows of a customer, changed by staff."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from audit.models import Entry
from audit.services.trail import reference
from customers.categories import Category, of_number
from customers.exceptions import (
    ChangedMeanwhile,
    CustomerErased,
    HeldAlready,
    LeftBeforeRegistering,
    NothingAuthorised,
    NothingToCorrect,
    NothingWouldBeLeft,
    RecordIsAlias,
    RowGone,
)
from customers.models import CookieIdentifier, Customer, Device, ExternalAccount, PaymentMethod
from customers.reading import Unreadable
from customers.services import changes, merging, versions
from customers.services.erasure import erase
from tests.factories.audit import ActorFactory
from tests.factories.customers import ROWS_OF_ONE, make_customer, make_full_customer

pytestmark = pytest.mark.django_db

CARD = {"kind": "CARD", "brand": "VISA", "last_four": "4242"}
CATEGORY = {
    PaymentMethod: Category.PAYMENT, ExternalAccount: Category.EXTERNAL_ID, CookieIdentifier: Category.COOKIE,
    Device: Category.DEVICE,
}  # fmt: skip


@pytest.fixture
def handler():
    return ActorFactory()


def held(customer):
    return of_number(Customer.objects.values_list("held", flat=True).get(pk=customer.pk))


def last_entry():
    return Entry.objects.latest("id")


@pytest.mark.parametrize(("model", "values"), ROWS_OF_ONE)
def test_a_row_is_added_with_history_entry_and_what_is_held(handler, model, values):
    customer = make_customer()

    row = changes.add(customer, model, values=values, reason="NOTICE", by=handler)

    assert {name: getattr(model.objects.get(pk=row.pk), name) for name in values} == values
    assert row.fingerprint == row.identify()
    assert [(each.history_type, each.history_user) for each in row.history.all()] == [("+", handler.staff)]
    assert CATEGORY[model] in held(customer)
    entry = last_entry()
    assert (entry.subject, entry.person) == (reference(row), reference(customer))
    assert entry.details == {"fields": sorted(values), "reason": "NOTICE"}


@pytest.mark.parametrize(("model", "values"), ROWS_OF_ONE)
def test_a_double_is_refused(handler, model, values):
    customer = make_customer()
    changes.add(customer, model, values=values, reason="NOTICE", by=handler)

    with pytest.raises(HeldAlready):
        changes.add(customer, model, values=values, reason="NOTICE", by=handler)
    changes.add(make_customer(), model, values=values, reason="NOTICE", by=handler)

    assert model.objects.count() == 2


@pytest.mark.parametrize(("model", "values"), ROWS_OF_ONE)
def test_a_removed_row_goes_and_its_history_keeps_what_it_was(handler, model, values):
    customer = make_customer()
    row = changes.add(customer, model, values=values, reason="NOTICE", by=handler)
    name = reference(row)

    changes.remove(model.objects.get(pk=row.pk), reason="ASKED", by=handler)

    assert not model.objects.exists()
    gone = model.history.latest("history_id")
    assert gone.history_type == "-"
    assert {name: getattr(gone, name) for name in values} == values
    assert CATEGORY[model] not in held(customer)
    assert last_entry().subject == name


def test_a_change_keeps_before_and_after_and_names_fields_alone(handler):
    customer = make_customer()
    row = changes.add(customer, PaymentMethod, values={**CARD, "expiry": "2027-04"}, reason="NOTICE", by=handler)

    changes.change(row, changes={"last_four": "1111", "expiry": "", "brand": "VISA"}, reason="MISTAKE", by=handler)

    row.refresh_from_db()
    assert (row.brand, row.last_four, row.expiry) == ("VISA", "1111", None)
    assert row.fingerprint == row.identify()
    assert [each.last_four for each in row.history.order_by("history_id")] == ["4242", "1111"]
    assert last_entry().details == {"fields": ["expiry", "last_four"], "reason": "MISTAKE"}


def test_a_row_does_not_become_the_double_of_another(handler):
    customer = make_customer()
    changes.add(customer, PaymentMethod, values=CARD, reason="NOTICE", by=handler)
    other = changes.add(customer, PaymentMethod, values={**CARD, "last_four": "1111"}, reason="NOTICE", by=handler)

    with pytest.raises(HeldAlready):
        changes.change(other, changes={"last_four": "4242"}, reason="MISTAKE", by=handler)


@pytest.mark.parametrize("name", ["brand", "provider_token"])
def test_a_card_number_is_refused_by_the_service_too(handler, name):
    customer = make_customer()

    with pytest.raises(Unreadable):
        changes.add(
            customer, PaymentMethod, values={**CARD, name: "x 4242 4242 4242 4242"}, reason="NOTICE", by=handler
        )

    assert not PaymentMethod.objects.exists()


def test_nothing_is_left_of_a_row_only_by_removing_it(handler):
    customer = make_customer()
    row = changes.add(customer, Device, values={"system": "iOS 19"}, reason="NOTICE", by=handler)

    with pytest.raises(NothingWouldBeLeft):
        changes.change(row, changes={"system": ""}, reason="MISTAKE", by=handler)


def test_equal_values_are_no_change(handler):
    customer = make_customer()
    row = changes.add(customer, CookieIdentifier, values={"value": "GA1.2.3"}, reason="NOTICE", by=handler)

    with pytest.raises(NothingToCorrect):
        changes.change(row, changes={"value": "GA1.2.3"}, reason="MISTAKE", by=handler)


def test_an_authorisation_is_withdrawn_once_and_what_it_was_stays(handler):
    customer = make_full_customer()
    account = customer.external_accounts.get()

    changes.withdraw(account, reason="ASKED", by=handler)

    account.refresh_from_db()
    assert account.withdrawn_by == handler
    assert account.authorised == ["プロフィール", "画像一覧"]
    with pytest.raises(NothingAuthorised):
        changes.withdraw(account, reason="ASKED", by=handler)
    with pytest.raises(NothingWouldBeLeft):
        changes.change(account, changes={"authorised": []}, reason="MISTAKE", by=handler)


def test_where_nothing_was_authorised_nothing_is_withdrawn(handler):
    account = changes.add(make_customer(), ExternalAccount, values={"service": "X"}, reason="NOTICE", by=handler)

    with pytest.raises(NothingAuthorised):
        changes.withdraw(account, reason="ASKED", by=handler)


def test_what_two_people_do_at_once_is_said_by_field_and_not_written_over(handler):
    customer = make_customer(telephone="090-1111-2222")
    row = changes.add(customer, PaymentMethod, values=CARD, reason="NOTICE", by=handler)
    seen, row_seen = versions.stamp(customer), versions.stamp(row)
    changes.correct(customer, changes={"telephone": "090-3333-4444"}, reason="NOTICE", by=handler)
    changes.change(row, changes={"brand": "JCB"}, reason="MISTAKE", by=handler)

    with pytest.raises(ChangedMeanwhile) as refused:
        changes.correct(customer, changes={"telephone": "090-5555-6666"}, reason="NOTICE", by=handler, seen=seen)
    with pytest.raises(ChangedMeanwhile) as row_refused:
        changes.change(row, changes={"brand": "AMEX"}, reason="MISTAKE", by=handler, seen=row_seen)

    assert refused.value.fields == ["telephone"]
    assert row_refused.value.fields == ["brand"]
    assert "090" not in str(refused.value)
    customer.refresh_from_db()
    assert customer.telephone == "090-3333-4444"
    changes.correct(
        customer, changes={"telephone": "090-5555-6666"}, reason="NOTICE", by=handler, seen=versions.stamp(customer)
    )


def test_what_was_changed_and_changed_back_meanwhile_is_as_it_was_seen(handler):
    customer = make_customer(telephone="090-1111-2222")
    seen = versions.stamp(customer)
    for number in ("090-3333-4444", "090-1111-2222"):
        changes.correct(customer, changes={"telephone": number}, reason="NOTICE", by=handler)

    assert versions.changed_since(customer, seen) == []


@pytest.mark.parametrize("seen", [0, -1, 10**15])
def test_a_stamp_of_nothing_counts_as_too_old(seen):
    assert "name" in versions.changed_since(make_customer(), seen)


def test_a_row_that_was_removed_meanwhile_is_said(handler):
    row = changes.add(make_customer(), PaymentMethod, values=CARD, reason="NOTICE", by=handler)
    again = PaymentMethod.objects.get(pk=row.pk)
    changes.remove(row, reason="ASKED", by=handler)

    for act in (changes.remove, lambda row, **given: changes.change(row, changes={"brand": "JCB"}, **given)):
        with pytest.raises(RowGone):
            act(again, reason="ASKED", by=handler)


def test_nothing_is_added_to_an_erased_customer_nor_to_an_alias(handler):
    alias, survivor = make_customer(), make_customer()
    merging.approve(merging.propose(survivor, alias, by=handler), by=ActorFactory())
    erased = make_customer()
    erase(erased, by=handler)

    with pytest.raises(RecordIsAlias):
        changes.add(alias, PaymentMethod, values=CARD, reason="NOTICE", by=handler)
    with pytest.raises(CustomerErased):
        changes.add(erased, PaymentMethod, values=CARD, reason="NOTICE", by=handler)


def test_a_correction_keeps_what_is_held_right(handler):
    customer = make_customer(telephone="090-1111-2222")
    changes.correct(
        customer, changes={"telephone": "", "occupation": "鍼灸師"}, reason="NOTICE", by=handler
    )  # fmt: skip

    assert held(customer) == [Category.NAME, Category.CAREER]


def test_the_end_of_a_registration_is_no_earlier_than_its_beginning(handler):
    customer = make_customer(registered_on=dt.date(2024, 5, 1))

    with pytest.raises(LeftBeforeRegistering):
        changes.correct(customer, changes={"left_on": dt.date(2024, 4, 30)}, reason="NOTICE", by=handler)
    changes.correct(customer, changes={"left_on": dt.date(2024, 5, 1)}, reason="NOTICE", by=handler)

    customer.refresh_from_db()
    assert customer.left_on == dt.date(2024, 5, 1)
    assert last_entry().details["fields"] == ["left_on"]


def test_what_an_alias_gains_and_loses_shows_on_the_record_that_stays(handler):
    alias, survivor = make_customer(), make_customer()
    row = changes.add(alias, PaymentMethod, values=CARD, reason="NOTICE", by=handler)
    merging.approve(merging.propose(survivor, alias, by=handler), by=ActorFactory())
    assert Category.PAYMENT in held(survivor)

    changes.remove(row, reason="ASKED", by=handler)
    changes.correct(alias, changes={"occupation": "鍼灸師"}, reason="NOTICE", by=handler)

    assert held(survivor) == [Category.NAME, Category.CAREER]


def test_the_database_refuses_a_chain_of_aliases(handler):
    one, two, three = make_customer(), make_customer(), make_customer()
    Customer.objects.filter(pk=two.pk).update(merged_into=one)

    for key, into in ((three.pk, two), (one.pk, three)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Customer.objects.filter(pk=key).update(merged_into=into)
