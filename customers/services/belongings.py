"""Records that belong to customers: means of payment, accounts in external services, cookies, devices.

Here many of many customers are written in few statements, each sealed once. One that is held already is not written
again.
"""

from types import SimpleNamespace
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from audit.services.trail import record_batch
from customers.categories import Category
from customers.models import CookieIdentifier, Customer, Device, ExternalAccount, PaymentMethod
from customers.reading.payments import refuse_card_number

from . import copying, holdings

CATEGORIES = {
    PaymentMethod: Category.PAYMENT,
    ExternalAccount: Category.EXTERNAL_ID,
    CookieIdentifier: Category.COOKIE,
    Device: Category.DEVICE,
}
PLAIN = {PaymentMethod: ("kind",), ExternalAccount: ("authorised_on",), CookieIdentifier: (), Device: ()}
VALUES = {
    model: (*PLAIN[model], *(name for name in model.PersonalData.personal if name != "fingerprint"))
    for model in CATEGORIES
}
_SEALED = {model: copying.sealed(model) for model in CATEGORIES}
_COLUMNS = {
    model: [
        "id", "customer_id", "fingerprint", "created_at", "created_by_id", *PLAIN[model],
        *(field.column for field in _SEALED[model]),
    ]
    for model in CATEGORIES
}  # fmt: skip


class Ready(NamedTuple):
    """One record as it goes into the database: sealed, and known by its fingerprint. Made by :func:`ready`."""

    model: type
    fingerprint: int
    columns: tuple


def fingerprint_of(model, values):
    """The keyed token by which two records of a customer are the same, as the model's ``identify`` gives it."""
    return model.identify(SimpleNamespace(**{name: values.get(name) for name in VALUES[model]}))


def check(model, values):
    """Refuse what is never kept: raises ``Unreadable`` where a card number stands in any text about payment."""
    if model is PaymentMethod:
        for value in values.values():
            if isinstance(value, str):
                refuse_card_number(value)


def ready(model, values):
    """A record of ``model`` with ``values``, checked and sealed. Needs no database: may be done ahead, elsewhere."""
    if unknown := values.keys() - set(VALUES[model]):
        raise TypeError(f"No such values of a {model.__name__}: {sorted(unknown)}")
    check(model, values)
    columns = (*(values.get(name) for name in PLAIN[model]), *copying.seal_values(_SEALED[model], values))
    return Ready(model, fingerprint_of(model, values), columns)


@transaction.atomic
def keep(pairs, *, by, subject=""):
    """Keep records of customers that are there, given as pairs of a customer's key and a :class:`Ready`.

    At most 1,000 customers. Those that a customer holds already are passed over; erased customers are given nothing.
    Writes one entry with the count of each category (``subject`` is where they come from) and returns
    ``{category: how many were written}``.
    """
    pairs = list(pairs)
    numbers = dict(
        Customer.objects.select_for_update()
        .filter(pk__in={customer for customer, _each in pairs}, erased_at__isnull=True)
        .order_by("pk")
        .values_list("pk", "number")
    )
    there = {
        (model, *key)
        for model in {each.model for _customer, each in pairs}
        for key in model.objects.filter(customer__in=numbers).values_list("customer_id", "fingerprint")
    }
    new = {}
    for customer, each in pairs:
        key = (each.model, customer, each.fingerprint)
        if customer in numbers and key not in there:
            new.setdefault(key, (customer, each))
    written = write(new.values(), by=by, at=timezone.now())
    if not written:
        return written
    for category in written:
        holdings.note({key[1] for key in new if CATEGORIES[key[0]] == category}, category)
    owners = {f"customers.customer:{numbers[customer]}" for _model, customer, _fingerprint in new}
    record_batch("customer.completed", subject=subject, by=by, references=owners, **in_words_of_the_trail(written))
    return written


def write(pairs, *, by, at):
    """Write records, none of which may be held yet, with their first history; no lock, no check, no entry.

    For customers that were made in this very transaction, and for :func:`keep`. Returns ``{category: count}``.
    """
    of_model = {}
    for customer, each in pairs:
        of_model.setdefault(each.model, []).append((customer, each))
    for model, rows in of_model.items():
        keys = copying.new_keys(model, len(rows))
        copying.copy_rows(
            model,
            _COLUMNS[model],
            (
                (key, customer, each.fingerprint, at, by.pk, *each.columns)
                for key, (customer, each) in zip(keys, rows, strict=True)
            ),
        )
        copying.copy_to_history(model, keys, at=at, by=by)
    return {CATEGORIES[model]: len(rows) for model, rows in of_model.items()}


def in_words_of_the_trail(counts):
    """``{category: count}`` as details of an entry: ``payment=3``."""
    return {category.lower(): count for category, count in sorted(counts.items())}
