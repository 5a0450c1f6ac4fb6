"""Whose an event is: by number, cookie or device. What nobody is known for is kept apart, and tied once they are."""

import datetime as dt
import json
import uuid
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from django.db import connection, transaction
from django.db.models import Min, Q
from django.utils import timezone

from audit.services.trail import record_batch
from customers import search
from customers.fields import seal
from customers.models import CookieIdentifier, Customer, Device, Event, EventKind, StrayEvent

from . import holdings

BATCH = 1000
COMPACT = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
NUMBERS = 5000  # so many customers' numbers are compared at once with what is kept apart


@dataclass(frozen=True)
class Naming:
    """By what an event names its person. A number decides alone; cookie and device together, where there is none."""

    customer: str = ""
    cookie: str = ""
    device: str = ""

    @cached_property
    def tokens(self):
        """The keyed tokens of what is named, the surest first."""
        named = {"customer number": self.customer, "cookie": self.cookie, "device": self.device}
        return tuple(search.fingerprint(kind, value) for kind, value in named.items() if value)


@dataclass(frozen=True)
class Occurrence:
    """An event as it is to be kept. ``data`` is what stands in no column of its own."""

    line: uuid.UUID
    at: dt.datetime
    kind: EventKind
    data: dict
    naming: Naming


@dataclass(frozen=True)
class Person:
    """A customer who was found for an event, as far as tying needs it."""

    pk: int
    number: str
    is_erased: bool
    merged_into: int | None
    held: int


class Known:
    """The persons whom some events name, looked up at once. Their rows stay locked until the transaction ends.

    ``person`` is ``None`` where nobody is known, or where a cookie or device is of more than one person: none is
    guessed. A record that was joined with another one keeps what names it.
    """

    def __init__(self, namings):
        numbers = {naming.customer for naming in namings if naming.customer}
        tokens = {token for naming in namings if not naming.customer for token in naming.tokens}
        self._owners = defaultdict(set)
        for model in (CookieIdentifier, Device):
            pairs = model.objects.filter(fingerprint__in=tokens).values_list("fingerprint", "customer_id")
            for token, customer in pairs if tokens else ():
                self._owners[token].add(customer)
        owners = {customer for found in self._owners.values() for customer in found}
        rows = Customer.objects.filter(Q(number__in=numbers) | Q(pk__in=owners)).order_by("pk")
        rows = rows.select_for_update(no_key=True)  # an erasure waits, or was first and shows
        columns = rows.values_list("pk", "number", "erased_at", "merged_into_id", "held")
        self._persons = {pk: Person(pk, number, bool(erased), *more) for pk, number, erased, *more in columns}
        self._by_number = {person.number: person for person in self._persons.values()}

    def person(self, naming):
        if naming.customer:
            return self._by_number.get(naming.customer)
        owners = {pk for token in naming.tokens for pk in self._owners.get(token, ())}
        found = [self._persons[pk] for pk in sorted(owners)]
        living = [person for person in found if not person.is_erased]
        if not living:
            return found[0] if found else None
        if len({person.merged_into or person.pk for person in living}) > 1:
            return None
        return next((person for person in living if not person.merged_into), living[0])


def make_months(moments):
    """Make the parts of the table that these moments need. Outside a transaction it holds its lock for an instant."""
    months = sorted({at.astimezone(dt.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0) for at in moments})
    with connection.cursor() as cursor:
        cursor.execute("SELECT customers_event_month(month) FROM unnest(%s::timestamptz[]) AS month", [months])


@transaction.atomic
def keep(occurrences, *, by, subject):
    """Keep up to 1,000 events, each once however often it comes; an entry each for those kept and those kept apart.

    Returns ``(how many are new, how many are kept apart, those refused)``: an erased customer's event is refused. The
    months must be there (:func:`make_months`).
    """
    known = Known({occurrence.naming for occurrence in occurrences})
    tied, strays, refused = [], [], []
    for occurrence in occurrences:
        person = known.person(occurrence.naming)
        if person is None:
            strays.append(occurrence)
        elif person.is_erased:
            refused.append(occurrence)
        else:
            tied.append((occurrence, person))
    kept, apart = _insert(tied), _insert_strays(strays)
    for action, lines in (("event.kept", kept), ("event.kept_apart", apart)):
        if lines:
            record_batch(action, subject=subject, by=by, references=[f"customers.event:{line}" for line in lines])
    return len(kept), len(apart), refused


def adopt(*, by, since=None):
    """Tie the events that are kept apart to persons who are known by now; returns how many.

    With ``since`` only persons, cookies and devices recorded from that moment on are looked at. Each batch of at most
    1,000 has its transaction and its entry. Safe to run twice and beside itself.
    """
    return sum(_adopt(tokens, by=by) for tokens in _tokens_of_the_known(since))


def _tokens_of_the_known(since):
    """Lists of tokens under which events are kept apart and somebody is known."""
    first = StrayEvent.objects.aggregate(first=Min("noted_on"))["first"]
    if first is None:
        return
    for model in (CookieIdentifier, Device):
        rows = model.objects.filter(created_at__gte=since) if since else model.objects.all()
        found = StrayEvent.objects.filter(token__in=rows.values("fingerprint")).values_list("token", flat=True)
        tokens = list(found.distinct())
        for start in range(0, len(tokens), BATCH):
            yield tokens[start : start + BATCH]
    begin = dt.datetime.combine(first, dt.time(), timezone.get_current_timezone())
    customers = Customer.objects.filter(created_at__gte=max(since or begin, begin), erased_at__isnull=True)
    last = 0
    while rows := list(customers.filter(pk__gt=last).order_by("pk").values_list("pk", "number")[:NUMBERS]):
        last = rows[-1][0]
        tokens = [token for _pk, number in rows for token in Naming(customer=number).tokens]
        if found := list(StrayEvent.objects.filter(token__in=tokens).values_list("token", flat=True).distinct()):
            yield found


def _adopt(tokens, *, by):
    adopted, last = 0, uuid.UUID(int=0)
    while True:
        strays = list(StrayEvent.objects.filter(token__in=tokens, line__gt=last).order_by("line")[:BATCH])
        if not strays:
            return adopted
        last = strays[-1].line
        make_months([stray.at for stray in strays])
        adopted += _tie(strays, by=by)


@transaction.atomic
def _tie(strays, *, by):
    occurrences = []
    for stray in strays:
        data = dict(stray.data)
        naming = Naming(data.pop("customer", ""), data.get("cookie") or "", data.get("device") or "")
        occurrences.append(Occurrence(stray.line, stray.at, EventKind(stray.kind), data, naming))
    known = Known({occurrence.naming for occurrence in occurrences})
    found = [(occurrence, known.person(occurrence.naming)) for occurrence in occurrences]
    found = [(occurrence, person) for occurrence, person in found if person and not person.is_erased]
    with connection.cursor() as cursor:  # whoever takes a row out keeps it: two that adopt at once keep each once
        cursor.execute(
            f"DELETE FROM {StrayEvent._meta.db_table} WHERE line = ANY(%s::uuid[]) RETURNING line",
            [array(occurrence.line for occurrence, _person in found)],
        )
        taken = {line for (line,) in cursor.fetchall()}
    kept = _insert([(occurrence, person) for occurrence, person in found if occurrence.line in taken])
    if kept:
        record_batch("event.adopted", subject="", by=by, references=[f"customers.event:{line}" for line in kept])
    return len(kept)


def _insert(tied):
    """Rows of ``(occurrence, person)`` into the table, those that are there left alone. Returns the new ones' lines."""
    if not tied:
        return []
    tied = sorted(tied, key=lambda pair: (pair[0].at, pair[0].line))  # two that insert the same wait in one order
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Event._meta.db_table} (at, line, customer_id, kind, data)"
            " SELECT * FROM unnest(%s::timestamptz[], %s::uuid[], %s::bigint[], %s::text[], %s::text[])"
            " ON CONFLICT DO NOTHING RETURNING line",
            [
                array(occurrence.at.isoformat() for occurrence, _person in tied),
                array(occurrence.line for occurrence, _person in tied),
                array(person.pk for _occurrence, person in tied),
                array(occurrence.kind.value for occurrence, _person in tied),
                array(_sealed("event.data", occurrence.data) for occurrence, _person in tied),
            ],
        )
        kept = [line for (line,) in cursor.fetchall()]
    holders = defaultdict(set)
    for occurrence, person in tied:
        category = occurrence.kind.category
        if not person.held & category.bit or person.merged_into:
            holders[category] |= {person.pk, person.merged_into} - {None}
    for category, customers in holders.items():
        holdings.note(customers, category)
    return kept


def _insert_strays(occurrences):
    """Those of nobody known; what was tied before, to a person who is no longer known by it, is not kept again."""
    if not occurrences:
        return []
    occurrences = sorted(occurrences, key=lambda occurrence: occurrence.line)
    today = timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {StrayEvent._meta.db_table} (line, at, kind, data, token, noted_on)"
            " SELECT line, at, kind, data, token, %s"
            " FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::text[], %s::bigint[])"
            " AS stray(line, at, kind, data, token)"
            f" WHERE NOT EXISTS (SELECT FROM {Event._meta.db_table} AS event"
            "  WHERE event.at = stray.at AND event.line = stray.line)"
            " ON CONFLICT DO NOTHING RETURNING line",
            [
                today,
                array(occurrence.line for occurrence in occurrences),
                array(occurrence.at.isoformat() for occurrence in occurrences),
                array(occurrence.kind.value for occurrence in occurrences),
                array(_sealed("stray_event.data", _with_number(occurrence)) for occurrence in occurrences),
                array(occurrence.naming.tokens[0] for occurrence in occurrences),
            ],
        )
        return [line for (line,) in cursor.fetchall()]


def _with_number(occurrence):
    number = occurrence.naming.customer
    return {"customer": number, **occurrence.data} if number else occurrence.data


def _sealed(context, data):
    return seal(context, COMPACT.encode(data))


def array(values):
    """As PostgreSQL writes an array, of values without commas and quotation marks: quicker than the driver's lists."""
    return "{" + ",".join(map(str, values)) + "}"
