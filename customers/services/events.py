"""What is held on a person of what they did on the site and in the app, and where they were."""

import datetime as dt
import heapq
from dataclasses import dataclass
from typing import NamedTuple

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from audit.services.trail import record
from customers import search
from customers.categories import Category
from customers.models import CookieIdentifier, Device, Event, EventKind, StrayEvent

CHUNK = 2000
BATCH = 1000
EVENTS = Event._meta.db_table


class Summed(NamedTuple):
    """So many events of one kind in one month (of Japan; its first day), and the first and last of them."""

    category: Category
    kind: EventKind
    month: dt.date
    count: int
    first: dt.datetime
    last: dt.datetime


@dataclass(frozen=True)
class Happened:
    """One event, opened. ``record`` is the customer number under which it is held."""

    at: dt.datetime
    category: Category
    kind: EventKind
    record: str
    data: dict


def records_of(customer):
    """``{primary key: number}`` of the record and of those that joined it."""
    aliases = dict(customer.aliases.order_by("pk").values_list("pk", "number"))
    return {customer.pk: customer.number, **aliases}


def summary_of(customer):
    """What is held by category (in the policy's order), kind and month; no value is opened. Aliases count too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, date_trunc('month', at AT TIME ZONE %s)::date AS month, count(*), min(at), max(at)"
            f" FROM {EVENTS} WHERE customer_id = ANY(%s) GROUP BY kind, month",
            [timezone.get_default_timezone_name(), list(records_of(customer))],
        )
        found = [Summed(EventKind(kind).category, EventKind(kind), *more) for kind, *more in cursor.fetchall()]
    categories, kinds = list(Category), list(EventKind)
    return sorted(found, key=lambda row: (categories.index(row.category), kinds.index(row.kind), row.month))


def stream_of(customer):
    """Every event of this person as :class:`Happened`, oldest first, those of aliases among them. Memory stays flat.

    Read in chunks by key, so that no lock outlives a chunk where no transaction is open.
    """
    streams = [_stream(pk, number) for pk, number in records_of(customer).items()]
    for _at, _line, happened in heapq.merge(*streams, key=lambda row: row[:2]):
        yield happened


def _stream(pk, number):
    rows = Event.objects.filter(customer_id=pk).order_by("at", "line").values_list("at", "line", "kind", "data")
    chunk = list(rows[:CHUNK])
    while chunk:
        for at, line, kind, data in chunk:
            kind = EventKind(kind)
            yield at, line, Happened(at, kind.category, kind, number, data)
        last = chunk[-1]
        chunk = list(rows.filter(at__gte=last[0], pk__gt=last[:2])[:CHUNK]) if len(chunk) == CHUNK else []


def newest_of(customer, category, n):
    """The newest ``n`` events of one category, newest first, their data not loaded. Those of aliases among them."""
    kinds = EventKind.of(category)
    events = Event.objects.filter(customer_id__in=records_of(customer), kind__in=kinds)
    return list(events.defer("data").order_by("-at", "-line")[:n])


@transaction.atomic
def erase_of(customer, *, by, kinds=tuple(EventKind)):
    """Delete the events of this record, and those kept apart that name its number, a cookie or a device of it.

    Call it with the customer locked, before its cookies and devices go; aliases are records of their own. Other
    ``kinds`` stay. Returns how many events went.
    """
    tokens = {search.fingerprint("customer number", customer.number)}
    for model in (CookieIdentifier, Device):
        tokens |= set(model.objects.filter(customer=customer).values_list("fingerprint", flat=True))
    for former in CookieIdentifier.history.filter(customer=customer, value__isnull=False):
        tokens.add(search.fingerprint("cookie", former.value))
    for former in Device.history.filter(customer=customer, identifier__isnull=False):
        tokens.add(search.fingerprint("device", former.identifier))
    with _may_change():
        gone, _kinds = Event.objects.filter(customer=customer, kind__in=kinds).delete()
    strays, _kinds = StrayEvent.objects.filter(token__in=tokens, kind__in=kinds).delete()
    if gone or strays:
        record("event.erased", subject=customer, person=customer, by=by, count=gone, apart=strays)
    return gone + strays


def drop_empty_months(cutoff):
    """Drop the monthly parts that end before ``cutoff`` and hold nothing. One in use is left for the next time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relid::text FROM pg_partition_tree(%s) WHERE isleaf AND relid::text < %s ORDER BY 1",
            [EVENTS, f"{EVENTS}_{cutoff.astimezone(dt.UTC):%Y_%m}"],
        )
        parts = [part for (part,) in cursor.fetchall()]
    return sum(_drop_if_empty(part) for part in parts)


def _drop_if_empty(part):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT EXISTS (SELECT FROM {part})")  # without waiting for anybody
            if cursor.fetchone()[0]:
                return False
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            cursor.execute(f"LOCK TABLE {EVENTS} IN ACCESS EXCLUSIVE MODE")
            cursor.execute(f"SELECT EXISTS (SELECT FROM {part})")
            if cursor.fetchone()[0]:
                return False
            cursor.execute(f"DROP TABLE {part}")
            cursor.execute("SET LOCAL lock_timeout = DEFAULT")
    except DatabaseError:
        return False
    return True


class _may_change:  # noqa: N801 used as a block
    """Within this block, in a transaction, the trigger lets events go."""

    def __enter__(self):
        self._say("on")

    def __exit__(self, kind, *_more):
        if kind is None:  # else the transaction is broken, and takes the setting with it
            self._say("off")

    def _say(self, word):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('office.may_change_events', %s, true)", [word])
