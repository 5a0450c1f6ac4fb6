"""Everything held on one person, from every app, in one shape: for the PDF to read and the JSON for machines."""

import csv
import dataclasses
import datetime as dt
import io
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone, translation
from django.utils.translation import pgettext

from customers import dossier as customers_dossier
from customers.categories import Category
from customers.models import EventKind
from customers.services.events import summary_of
from customers.writing import safe_cell
from requests_desk.models import DataRequest

SCHEMA_VERSION = "2.0"  # 2.0: events, summed up in each section and one by one at the end
LINES = 500  # so many events make a piece


@dataclass(frozen=True)
class Section:
    """One of the fifteen categories, in the policy's order; without values and events nothing is held."""

    code: str
    label: str
    values: tuple
    events: tuple = ()


@dataclass(frozen=True)
class Counted:
    """So many events of one kind in one month (its first day), and the first and last of them."""

    kind: str
    kind_label: str
    month: dt.date
    count: int
    first: dt.datetime
    last: dt.datetime


@dataclass(frozen=True)
class Asked:
    """One request that the person made of us, with what they gave for it."""

    number: str
    kind: str
    kind_label: str
    state: str
    state_label: str
    arrived_on: dt.date
    closed_on: dt.date | None
    fee_yen: int | None
    fee_received_on: dt.date | None
    given: tuple


@dataclass(frozen=True)
class Given:
    field: str
    label: str
    value: str


@dataclass(frozen=True)
class Dossier:
    request: str
    customer: str
    registered_on: dt.date
    prepared_on: dt.date
    language: str
    sections: tuple
    requests: tuple

    @property
    def count(self):
        """How many present values are held, former ones aside."""
        return sum(held.until is None for section in self.sections for held in section.values)


def gather(customer, request):
    """The :class:`Dossier` of ``customer`` for ``request``, worded in the request's language."""
    with translation.override(request.language):
        by_category = {category: [] for category in Category}
        for held in customers_dossier.held_on(customer):
            by_category[held.category].append(held)
        counted = {category: [] for category in Category}
        for category, kind, month, count, *moments in summary_of(customer):
            moments = map(timezone.localtime, moments)
            counted[category].append(Counted(kind.value, str(kind.label), month, count, *moments))
        return Dossier(
            request=str(request),
            customer=str(customer),
            registered_on=customer.registered_on,
            prepared_on=timezone.localdate(),
            language=request.language,
            sections=tuple(
                Section(category.value, str(category.label), tuple(values), tuple(counted[category]))
                for category, values in by_category.items()
            ),
            requests=tuple(requests_of(customer)),
        )


def requests_of(customer) -> Iterable[Asked]:
    """What this app holds on a person: their requests, oldest first."""
    found = DataRequest.objects.filter(customer=customer).select_related("fee").order_by("id")
    for request in found.iterator(chunk_size=200):
        fee = getattr(request, "fee", None)
        yield Asked(
            number=str(request),
            kind=request.kind,
            kind_label=request.get_kind_display(),
            state=request.status,
            state_label=request.get_status_display(),
            arrived_on=request.arrived_on,
            closed_on=timezone.localdate(request.closed_at) if request.closed_at else None,
            fee_yen=fee.amount if fee else None,
            fee_received_on=fee.received_on if fee else None,
            given=tuple(_given(request)),
        )


def _given(request):
    for name in DataRequest.PersonalData.personal:
        value = getattr(request, name)
        if value not in ("", None):
            text = value.isoformat() if isinstance(value, dt.date) else value
            yield Given(name, str(DataRequest._meta.get_field(name).verbose_name), text)


def as_json(held, events=()):
    """The dossier for machines, UTF-8, in pieces; ``events`` is every event as :class:`Happened`, taken one by one.

    The shape is :data:`SCHEMA`; ``schema_version`` grows when it changes.
    """
    said = {"schema_version": SCHEMA_VERSION, **dataclasses.asdict(held)}
    text = json.dumps(said, ensure_ascii=False, indent=2, default=_plain)
    with translation.override(held.language):
        labels = {kind: str(kind.label) for kind in EventKind}
    yield text.removesuffix("\n}").encode() + b',\n  "events": ['
    lines, comma = [], "\n    "
    for event in events:
        line = {
            "at": timezone.localtime(event.at).isoformat(), "category": event.category.value, "kind": event.kind.value,
            "kind_label": labels[event.kind], "record": event.record, "data": event.data,
        }  # fmt: skip
        lines.append(comma + json.dumps(line, ensure_ascii=False))
        comma = ",\n    "
        if len(lines) == LINES:
            yield "".join(lines).encode()
            lines = []
    yield "".join(lines).encode() + b"\n  ]\n}\n"


class Table:
    """The dossier as one table for a spreadsheet: every value, every event, and what was given for requests.

    Events are read once: while they go into another file they pass through here, and wait packed in memory.
    """

    def __init__(self, held):
        self._held, self._packed, self._pack = held, [], zlib.compressobj()
        with translation.override(held.language):
            self._categories = {category: str(category.label) for category in Category}
            self._kinds = {kind: str(kind.label) for kind in EventKind}

    def passing(self, events):
        """The same events, which are in the table afterwards."""
        rows = []
        for event in events:
            details = json.dumps(event.data, ensure_ascii=False)
            at = timezone.localtime(event.at).isoformat(" ", "seconds")
            rows.append([self._categories[event.category], self._kinds[event.kind], details, event.record, at, ""])
            if len(rows) == LINES:
                self._keep(rows)
                rows = []
            yield event
        self._keep(rows)

    def pieces(self):
        """The table as CSV: UTF-8 with the mark by which spreadsheets know it. No cell can begin a formula."""
        yield b"\xef\xbb\xbf" + _csv(self._first_rows())
        unpack = zlib.decompressobj()
        self._packed.append(self._pack.flush())
        for packed in self._packed:
            yield unpack.decompress(packed)
        yield unpack.flush()

    def _keep(self, rows):
        self._packed.append(self._pack.compress(_csv(rows)))

    def _first_rows(self):
        with translation.override(self._held.language):
            yield [
                pgettext("statement", "Category"), pgettext("statement", "Item"), pgettext("statement", "What we hold"),
                pgettext("statement", "Customer number"), pgettext("statement", "Since, or when"),
                pgettext("statement", "Until"),
            ]  # fmt: skip
            of_requests = pgettext("statement", "Your requests")
        for section in self._held.sections:
            for each in section.values:
                yield [section.label, each.label, each.value, each.record, each.since, each.until or ""]
        for asked in self._held.requests:
            for given in asked.given:
                yield [of_requests, given.label, given.value, asked.number, asked.arrived_on, asked.closed_on or ""]


def _csv(rows):
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([safe_cell(str(cell)) for cell in row])
    return text.getvalue().encode()


def _plain(value):
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a dossier.")


_MOMENT = {"type": "string", "format": "date-time"}
_TEXT, _DAY, _MAYBE_DAY = {"type": "string"}, {"type": "string", "format": "date"}, {"type": ["string", "null"]}


def _object(**properties):
    return {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False
    }  # fmt: skip


SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Everything held on one person",
    **_object(
        schema_version={"const": SCHEMA_VERSION},
        request=_TEXT | {"description": "The number of the request that this answers."},
        customer=_TEXT | {"description": "The customer number."},
        registered_on=_DAY,
        prepared_on=_DAY,
        language={"enum": ["ja", "en"]},
        sections={
            "type": "array",
            "description": "The fifteen categories in the policy's order.",
            "minItems": 15,
            "maxItems": 15,
            "items": _object(
                code={"enum": Category.values},
                label=_TEXT,
                values={
                    "type": "array",
                    "items": _object(
                        category={"enum": Category.values},
                        field=_TEXT,
                        label=_TEXT,
                        value=_TEXT,
                        record=_TEXT | {"description": "The customer number of the record that holds it."},
                        since=_DAY,
                        until=_MAYBE_DAY | {"description": "Set on a former value that our history still keeps."},
                    ),
                },
                events={
                    "type": "array",
                    "description": "Events of this category summed up by kind and month; each one stands below.",
                    "items": _object(
                        kind={"enum": EventKind.values},
                        kind_label=_TEXT,
                        month=_DAY | {"description": "The month's first day, in Japan."},
                        count={"type": "integer"},
                        first=_MOMENT,
                        last=_MOMENT,
                    ),
                },
            ),
        },
        requests={
            "type": "array",
            "description": "The requests that the person made, with what they gave for them.",
            "items": _object(
                number=_TEXT,
                kind=_TEXT,
                kind_label=_TEXT,
                state=_TEXT,
                state_label=_TEXT,
                arrived_on=_DAY,
                closed_on=_MAYBE_DAY,
                fee_yen={"type": ["integer", "null"]},
                fee_received_on=_MAYBE_DAY,
                given={"type": "array", "items": _object(field=_TEXT, label=_TEXT, value=_TEXT)},
            ),  # fmt: skip
        },
        events={
            "type": "array",
            "description": "Every event on the site and in the app, and every place, oldest first.",
            "items": _object(
                at=_MOMENT,
                category={"enum": Category.values},
                kind={"enum": EventKind.values},
                kind_label=_TEXT,
                record=_TEXT | {"description": "The customer number of the record that holds it."},
                data={"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
            ),
        },
    ),
}
