"""What is held of events on a person: summed up, told one by one, erased, deleted at the end of its time."""

import datetime as dt
import itertools

import pytest
from django.db import connection, transaction
from django.utils import timezone

from audit.models import Actor, Entry
from customers import search
from customers.categories import Category, of_number
from customers.models import Customer, Event, EventKind, StrayEvent
from customers.services import events
from customers.services.events import blank_before, erase_of, newest_of, stream_of, summary_of
from customers.services.holdings import EVENTS
from tests.factories.customers import make_customer
from tests.factories.events import an_event, imported, make_cookie, make_device, make_events

DAY = dt.timedelta(days=1)
CUTOFF = dt.datetime(2024, 4, 1, tzinfo=dt.UTC)


def utc(*parts):
    return dt.datetime(*parts, tzinfo=dt.UTC)


def join(alias, survivor):
    Customer.objects.filter(pk=alias.pk).update(merged_into=survivor)


def held(customer):
    customer.refresh_from_db()
    return {category for category in of_number(customer.held) if category in EVENTS}


# Asked for


@pytest.mark.django_db
def test_the_summary_is_by_category_kind_and_month_of_japan_and_opens_nothing():
    customer, alias = make_customer(), make_customer()
    make_events(customer, 3, kind="visit", since=utc(2026, 3, 31, 14), step=dt.timedelta(minutes=30))
    make_events(customer, 1, source="app", kind="location", since=utc(2026, 1, 1))
    make_events(alias, 2, source="app", kind="launch", since=utc(2026, 2, 1))
    make_events(make_customer(), 5)
    join(alias, customer)
    with connection.cursor() as cursor:  # what cannot be opened is not opened
        cursor.execute("SET LOCAL office.may_change_events = 'on'; UPDATE customers_event SET data = 'x'")

    summed = summary_of(customer)

    assert [tuple(row) for row in summed] == [
        (
            Category.SITE_USE,
            EventKind.SITE_VISIT,
            dt.date(2026, 3, 1),
            2,
            utc(2026, 3, 31, 14),
            utc(2026, 3, 31, 14, 30),
        ),
        (Category.SITE_USE, EventKind.SITE_VISIT, dt.date(2026, 4, 1), 1, utc(2026, 3, 31, 15), utc(2026, 3, 31, 15)),
        (Category.APP_USE, EventKind.APP_LAUNCH, dt.date(2026, 2, 1), 2, utc(2026, 2, 1), utc(2026, 2, 1, 1)),
        (Category.LOCATION, EventKind.LOCATION, dt.date(2026, 1, 1), 1, utc(2026, 1, 1), utc(2026, 1, 1)),
    ]


@pytest.mark.django_db
def test_the_stream_tells_every_event_oldest_first_those_of_aliases_among_them(monkeypatch):
    monkeypatch.setattr(events, "CHUNK", 7)
    customer, alias = make_customer("C1"), make_customer("C2")
    make_events(customer, 30, since=utc(2025, 12, 31), step=dt.timedelta(0), text="同時")  # all in one moment
    make_events(customer, 20, since=utc(2026, 1, 1), step=DAY, text="後")
    make_events(alias, 20, since=utc(2026, 1, 1, 12), step=DAY, source="app", kind="input", text="別")
    make_events(make_customer(), 5)
    join(alias, customer)

    told = list(stream_of(customer))

    assert len(told) == 70
    assert [each.at for each in told] == sorted(each.at for each in told)
    assert {(each.record, each.data["text"]) for each in told} == {("C1", "同時"), ("C1", "後"), ("C2", "別")}
    assert len({(each.data["run"], each.data["n"]) for each in told}) == 70
    assert told[-1].category == Category.APP_USE
    assert list(stream_of(alias)) == [each for each in told if each.record == "C2"]


@pytest.mark.django_db
def test_the_newest_come_first_and_are_not_opened():
    customer = make_customer()
    made = list(make_events(customer, 30))
    make_events(customer, 3, source="app", kind="location")

    newest = newest_of(customer, Category.SITE_USE, 20)

    assert [event.pk for event in newest] == [event.pk for event in reversed(made)][:20]
    assert all("data" in event.get_deferred_fields() for event in newest)
    assert newest_of(customer, Category.APP_USE, 20) == []


# Erased


@pytest.mark.django_db
def test_erasure_takes_all_events_of_the_person_and_those_that_may_be_theirs():
    customer, other = make_customer("C1"), make_customer("C2")
    make_events(customer, 5), make_events(other, 2)
    strays = [an_event(cookie="former"), an_event(cookie="present"), an_event(device="phone"), an_event(cookie="else")]
    imported(*strays)
    StrayEvent.objects.filter(token=search.fingerprint("cookie", "else")).update(
        token=search.fingerprint("customer number", "C1")
    )
    make_cookie(customer, "former").delete()
    make_cookie(customer, "present"), make_device(customer, "phone")
    imported(an_event(cookie="nobody"))

    assert erase_of(customer, by=Actor.system()) == 9

    assert not Event.objects.filter(customer=customer).exists()
    assert Event.objects.filter(customer=other).count() == 2
    assert StrayEvent.objects.get().data["cookie"] == "nobody"
    entry = Entry.objects.get(action="event.erased")
    assert entry.details == {"count": 5, "apart": 4}
    assert entry.person == "customers.customer:C1"


@pytest.mark.django_db
def test_after_an_erasure_the_trigger_refuses_again():
    customer = make_customer()
    make_events(customer, 2)
    erase_of(make_customer(), by=Actor.system())
    erase_of(customer, by=Actor.system())
    make_events(customer, 1)

    with pytest.raises(Exception, match="refused"), transaction.atomic():
        Event.objects.all().delete()
    with pytest.raises(Exception, match="refused"), transaction.atomic():
        Event.objects.update(kind="LOCATION")


# Deleted at the end of its time


@pytest.mark.django_db
@pytest.mark.parametrize(("category", "age"), list(itertools.product(EVENTS, [-DAY, dt.timedelta(0), DAY])))
def test_only_what_is_of_the_category_and_older_than_the_day_goes(category, age):
    customer = make_customer()
    for source, kind in (("site", "visit"), ("app", "launch"), ("site", "location")):
        make_events(customer, 1, source=source, kind=kind, since=CUTOFF + age)

    gone = blank_before(category, CUTOFF, exclude_customers=[], by=Actor.system())

    assert gone == (1 if age < dt.timedelta(0) else 0)
    left = {EventKind(event.kind).category for event in Event.objects.all()}
    assert left == set(EVENTS) - ({category} if gone else set())
    assert held(customer) == left


@pytest.mark.django_db
def test_it_goes_in_batches_each_with_its_entry_and_nothing_is_done_twice():
    customers = [make_customer() for _each in range(3)]
    for customer in customers:
        make_events(customer, 25, since=CUTOFF - 40 * DAY, step=DAY)
    make_events(customers[0], 1, since=CUTOFF + DAY)

    assert blank_before(Category.SITE_USE, CUTOFF, exclude_customers=[], by=Actor.system(), batch=10) == 75
    assert blank_before(Category.SITE_USE, CUTOFF, exclude_customers=[], by=Actor.system(), batch=10) == 0

    details = [entry.details for entry in Entry.objects.filter(action="event.expired").order_by("id")]
    assert [each["count"] for each in details] == [10] * 7 + [5]
    assert {each["category"] for each in details} == {"SITE_USE"}
    assert [held(customer) for customer in customers] == [{Category.SITE_USE}, set(), set()]


@pytest.mark.django_db
@pytest.mark.parametrize("named", ["alias", "survivor"])
def test_who_is_held_keeps_all_and_so_do_records_of_the_same_person(named):
    survivor, alias, other = make_customer(), make_customer(), make_customer()
    join(alias, survivor)
    for customer in (survivor, alias, other):
        make_events(customer, 4, since=CUTOFF - 30 * DAY)
    excluded = {"alias": alias, "survivor": survivor}[named]

    gone = blank_before(Category.SITE_USE, CUTOFF, exclude_customers=[excluded.pk], by=Actor.system())

    assert gone == 4
    assert set(Event.objects.values_list("customer", flat=True)) == {survivor.pk, alias.pk}
    assert (held(survivor), held(other)) == ({Category.SITE_USE}, set())


@pytest.mark.django_db
def test_a_record_holds_what_its_aliases_hold_and_no_longer():
    survivor, alias = make_customer(), make_customer()
    join(alias, survivor)
    make_events(alias, 2, since=CUTOFF - DAY)
    make_events(survivor, 1, since=CUTOFF - DAY)
    assert held(survivor) == {Category.SITE_USE}

    blank_before(Category.SITE_USE, CUTOFF, exclude_customers=[survivor.pk], by=Actor.system())
    assert held(survivor) == {Category.SITE_USE}
    blank_before(Category.SITE_USE, CUTOFF, exclude_customers=[], by=Actor.system())

    assert (held(survivor), held(alias)) == (set(), set())


@pytest.mark.django_db
def test_events_of_nobody_known_end_too():
    imported(an_event(cookie="a", at="2024-03-31T00:00:00Z"), an_event(cookie="a", at="2024-04-02T00:00:00Z"))

    assert blank_before(Category.SITE_USE, CUTOFF, exclude_customers=[], by=Actor.system()) == 1
    assert StrayEvent.objects.get().at > CUTOFF


def months():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relid::text FROM pg_partition_tree('customers_event') WHERE isleaf ORDER BY 1")
        return [part.removeprefix("customers_event_") for (part,) in cursor.fetchall()]


def test_months_that_hold_nothing_any_more_go_as_a_whole_and_come_again(committed):
    customer, excluded = make_customer(), make_customer()
    for month in (1, 2, 3, 4):
        make_events(customer, 2, since=utc(2024, month, 10))
    make_events(excluded, 1, since=utc(2024, 2, 10))
    make_events(customer, 1, source="app", kind="launch", since=utc(2024, 3, 10))

    blank_before(Category.SITE_USE, CUTOFF + DAY, exclude_customers=[excluded.pk], by=Actor.system())

    assert months() == ["2024_02", "2024_03", "2024_04"]
    make_events(customer, 1, since=utc(2024, 1, 20))
    assert Event.objects.count() == 5


def test_a_month_that_somebody_reads_is_left_for_the_next_time(committed, django_db_blocker):
    make_events(make_customer(), 1, since=utc(2024, 1, 10))
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            other.set_autocommit(False)
            cursor.execute("SELECT count(*) FROM customers_event")
            assert blank_before(Category.SITE_USE, CUTOFF, exclude_customers=[], by=Actor.system()) == 1
            assert months() == ["2024_01"]
            other.rollback()
    finally:
        other.close()

    assert events.drop_empty_months(timezone.now()) == 1
    assert months() == []
