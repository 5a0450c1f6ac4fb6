"""What this app holds on one person, as a stream: the part of a disclosure package that comes from here."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from customers.categories import Category
from customers.models import Customer, Sex


@dataclass(frozen=True)
class Held:
    """One value held on a person. ``until`` is set on a former value, which our history still keeps."""

    category: Category
    field: str
    label: str
    value: str
    record: str
    since: dt.date
    until: dt.date | None = None


def held_on(customer):
    """Every value held on this person, in the order of the policy's categories, present ones before former ones.

    Aliases (second records of the same person) come after the record itself. Memory stays flat.
    """
    for person in (customer, *customer.aliases.order_by("pk")):
        yield from _held_in(person)


def _held_in(customer):
    versions = list(Customer.history.filter(id=customer.pk).order_by("history_date", "history_id"))
    for name, category in Customer.PersonalData.personal.items():
        label = str(Customer._meta.get_field(name).verbose_name)
        spans = []  # [value, since, until]
        for version in versions:
            value, day = getattr(version, name), timezone.localdate(version.history_date)
            if not spans or spans[-1][0] != value:
                if spans:
                    spans[-1][2] = day
                spans.append([value, day, None])
        for value, since, until in reversed(spans):
            if value not in ("", None):
                yield Held(category, name, label, shown(name, value), str(customer), since, until)


def shown(name, value):
    """A value as text: a code in words, a date as it is written everywhere."""
    if name == "sex" and value in Sex.values:
        return str(Sex(value).label)
    return value.isoformat() if isinstance(value, dt.date) else str(value)
