"""Everything held on one person, from every app, in one shape: for the PDF to read and the JSON for machines."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone, translation

from customers import dossier as customers_dossier
from customers.categories import Category
from requests_desk.models import DataRequest

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True)
class Section:
    """One of the fifteen categories, in the policy's order; ``values`` is empty where nothing is held."""

    code: str
    label: str
    values: tuple


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
        return Dossier(
            request=str(request),
            customer=str(customer),
            registered_on=customer.registered_on,
            prepared_on=timezone.localdate(),
            language=request.language,
            sections=tuple(
                Section(category.value, str(category.label), tuple(values)) for category, values in by_category.items()
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


def as_json(held):
    """The dossier for machines, UTF-8. The shape is :data:`SCHEMA`; ``schema_version`` grows when it changes."""
    said = {"schema_version": SCHEMA_VERSION, **dataclasses.asdict(held)}
    return json.dumps(said, ensure_ascii=False, indent=2, default=_plain).encode()


def _plain(value):
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a dossier.")


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
    ),
}
