"""What stands in an export: the columns of the categories that were asked for, and nothing else."""

import datetime as dt
import json

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from customers.categories import Category
from customers.models import (
    CookieIdentifier,
    Customer,
    Device,
    Event,
    EventKind,
    ExternalAccount,
    Media,
    PaymentMethod,
)
from customers.writing import Sheet

from . import selection

BATCH = 1000  # persons
CHUNK = 2000  # events held in memory
BELONGINGS = {
    Category.PAYMENT: (
        PaymentMethod, ["kind", "brand", "last_four", "expiry", "provider_token", "bank", "branch", "service"],
    ),
    Category.EXTERNAL_ID: (ExternalAccount, ["service", "account", "authorised", "authorised_on", "withdrawn_at"]),
    Category.COOKIE: (CookieIdentifier, ["value"]),
    Category.DEVICE: (Device, ["system", "kind", "identifier"]),
    Category.MEDIA: (Media, ["kind", "title", "width", "height", "created_at"]),
}  # fmt: skip


def own_columns(categories):
    """The customer's own columns that belong to these categories, in the order of the record."""
    return [name for name, category in Customer.PersonalData.personal.items() if category in categories]


def sheets(categories, progress):
    """The sheets for those whom :mod:`.selection` has laid out. ``progress(persons)`` is called with each batch."""
    categories = set(categories)
    if own := own_columns(categories):
        yield Sheet(_("Customers"), _header(Customer, own), _own_rows(own, progress))
    for category, (model, names) in BELONGINGS.items():
        if category in categories:
            title = capfirst(str(model._meta.verbose_name_plural))
            yield Sheet(title, _header(model, names), _belongings(model, names, progress))
    if kinds := kinds_of(categories):
        header = [_number(), *[capfirst(str(Event._meta.get_field(name).verbose_name)) for name in EVENT]]
        yield Sheet(pgettext("export", "Events"), header, _events(kinds, progress))


EVENT = ["at", "kind", "data"]


def kinds_of(categories):
    """The kinds of events that belong to these categories."""
    return [kind for kind in EventKind if kind.category in categories]


def how_many(categories):
    """How many sheets these categories take: each person is gone through so many times."""
    categories = set(categories)
    return bool(own_columns(categories)) + len(categories & set(BELONGINGS)) + bool(kinds_of(categories))


def _own_rows(names, progress):
    for batch in selection.batches(BATCH):
        people = [pk for pk, person in batch.items() if pk == person]
        progress(len(people))
        for customer in Customer.objects.filter(pk__in=people).only("number", *names).order_by("pk"):
            yield [customer.number, *[_text(customer, name) for name in names]]


def _belongings(model, names, progress):
    for batch in selection.batches(BATCH):
        numbers = _numbers(batch, progress)
        for row in model.objects.filter(customer__in=list(batch)).only("customer", *names).order_by("customer", "pk"):
            yield [numbers[row.customer_id], *[_text(row, name) for name in names]]


def _events(kinds, progress):
    for batch in selection.batches(BATCH):
        numbers = _numbers(batch, progress)
        found = Event.objects.filter(customer__in=list(batch), kind__in=kinds).order_by("customer", "-at")
        for event in found.iterator(chunk_size=CHUNK):
            yield [numbers[event.customer_id], *[_text(event, name) for name in EVENT]]


def _numbers(batch, progress):
    """Under which number each record's rows stand: that of the person."""
    progress(len(set(batch.values())))
    found = dict(Customer.objects.filter(pk__in=set(batch.values())).values_list("pk", "number"))
    return {pk: found[person] for pk, person in batch.items()}


def _header(model, names):
    return [_number(), *[capfirst(str(model._meta.get_field(name).verbose_name)) for name in names]]


def _number():
    return capfirst(str(Customer._meta.get_field("number").verbose_name))


def _text(row, name):
    value = getattr(row, name)
    if value is None or value == "":
        return ""
    if choices := row._meta.get_field(name).flatchoices:
        return str(dict(choices).get(value, value))
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, list):
        return "; ".join(str(part) for part in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if isinstance(value, dt.date) else str(value)
