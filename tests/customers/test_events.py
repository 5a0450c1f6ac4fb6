"""What is held of events on a person: summed up, told one by one, erased, deleted at the end of its time."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.utils import timezone

from audit.models import Actor, Entry
from customers import search
from customers.categories import Category, of_number
from customers.models import Customer, Event, EventKind, StrayEvent
from customers.services import events
from customers.services.blanking import delete_events
from customers.services.events import erase_of, newest_of, stream_of, summary_of
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


# Months that are empty


def months():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relid::text FROM pg_partition_tree('customers_event') WHERE isleaf ORDER BY 1")
        return [part.removeprefix("customers_event_") for (part,) in cursor.fetchall()]


def remove(**which):
    delete_events(list(Event.objects.filter(**which).values_list("at", "line")))


def test_months_that_hold_nothing_any_more_go_as_a_whole_and_come_again(committed):
    customer = make_customer()
    for month in (1, 2, 3, 4):
        make_events(customer, 2, since=utc(2024, month, 10))
    with transaction.atomic():
        remove(at__lt=utc(2024, 2, 1))
        remove(at__gte=utc(2024, 4, 1))

    assert events.drop_empty_months(utc(2024, 3, 31)) == 1

    assert months() == ["2024_02", "2024_03", "2024_04"]
    make_events(customer, 1, since=utc(2024, 1, 20))
    assert Event.objects.count() == 5


def test_a_month_that_somebody_reads_is_left_for_the_next_time(committed, django_db_blocker):
    make_events(make_customer(), 1, since=utc(2024, 1, 10))
    with transaction.atomic():
        remove()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            other.set_autocommit(False)
            cursor.execute("SELECT count(*) FROM customers_event")
            assert events.drop_empty_months(timezone.now()) == 0
            assert months() == ["2024_01"]
            other.rollback()
    finally:
        other.close()

    assert events.drop_empty_months(timezone.now()) == 1
    assert months() == []
