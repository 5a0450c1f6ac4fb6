"""How staff change what is held on one customer, value by value and row by row. One function per decision.

Each locks the customer, keeps before and after in the sealed history, keeps ``Customer.held`` right, and writes an
entry that names fields and the reason, never a value. ``reason`` is a :class:`CorrectionReason`. ``seen`` is the
:func:`versions.stamp` of the page that somebody acted from: what was changed meanwhile is said and not written over.
"""

from django.db import transaction
from django.utils import timezone

from audit.services.trail import record
from customers.exceptions import (
    CustomerErased,
    HeldAlready,
    LeftBeforeRegistering,
    NothingAuthorised,
    NothingToCorrect,
    NothingWouldBeLeft,
    RecordIsAlias,
    RowGone,
)
from customers.models import (
    CookieIdentifier,
    CorrectionReason,
    Customer,
    Device,
    ExternalAccount,
    PaymentMethod,
)

from . import belongings, corrections, holdings, versions

NOUNS = {PaymentMethod: "payment", ExternalAccount: "external_id", CookieIdentifier: "cookie", Device: "device"}


@transaction.atomic
def correct(customer, *, changes, reason, by, seen=None):
    """Change the customer's own values and return it. See :func:`corrections.correct`."""
    customer = lock(customer, seen=seen)
    left, registered = (changes.get(name, getattr(customer, name)) for name in ("left_on", "registered_on"))
    if left and left < registered:
        raise LeftBeforeRegistering(customer)
    customer = corrections.correct(customer, changes=changes, reason=reason, by=by)
    holdings.recount(customer)
    return customer


@transaction.atomic
def add(customer, model, *, values, reason, by):
    """Keep one more means of payment, external ID, cookie or device (``model``) on a customer; returns the row.

    ``values`` are as :mod:`customers.reading` gives them; empty ones are nothing. Raises :class:`HeldAlready` for a
    double, ``Unreadable`` for a whole card number, :class:`RecordIsAlias` where the customer is an alias.
    """
    reason = CorrectionReason(reason)
    customer = lock(customer)
    if customer.merged_into_id:
        raise RecordIsAlias(customer)
    given = {name: value for name, value in values.items() if value not in ("", None, [])}
    row = model(customer=customer, created_by=by, **given)
    _keep(row, by=by)
    holdings.note([customer.pk], belongings.CATEGORIES[model])
    fields = sorted(given)
    record(f"{NOUNS[model]}.added", subject=row, person=customer, by=by, fields=fields, reason=reason.value)
    return row


@transaction.atomic
def change(row, *, changes, reason, by, seen=None):
    """Change values of such a row and return it. Those equal to what is held are left out."""
    reason = CorrectionReason(reason)
    row = _lock_row(row, seen=seen)
    changes = {name: value if value not in ("", []) else None for name, value in changes.items()}
    changes = {name: value for name, value in changes.items() if getattr(row, name) != value}
    if not changes:
        raise NothingToCorrect(row.customer)
    for name, value in changes.items():
        setattr(row, name, value)
    _keep(row, by=by)
    fields = sorted(changes)
    record(f"{NOUNS[type(row)]}.changed", subject=row, person=row.customer, by=by, fields=fields, reason=reason.value)
    return row


@transaction.atomic
def remove(row, *, reason, by, seen=None):
    """Such a row is no longer current: it goes, and its history keeps what it was. Returns its customer."""
    reason = CorrectionReason(reason)
    row = _lock_row(row, seen=seen)
    customer, name = row.customer, f"{row._meta.label_lower}:{row}"
    row._history_user = by.staff
    row.delete()
    holdings.recount(customer)
    record(f"{NOUNS[type(row)]}.removed", subject=name, person=customer, by=by, reason=reason.value)
    return customer


@transaction.atomic
def withdraw(account, *, reason, by, seen=None):
    """The customer no longer authorises an external service to give us anything; what it was and its end are kept."""
    reason = CorrectionReason(reason)
    account = _lock_row(account, seen=seen)
    if account.withdrawn_at or account.authorised is None:
        raise NothingAuthorised(account.customer)
    account.withdrawn_at, account.withdrawn_by = timezone.now(), by
    account._history_user = by.staff
    account.save()
    record("external_id.withdrawn", subject=account, person=account.customer, by=by, reason=reason.value)
    return account


def lock(customer, *, seen=None):
    """The customer, locked until the transaction ends; :class:`CustomerErased` where nothing is left to change."""
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    if customer.is_erased:
        raise CustomerErased(customer)
    if seen is not None:
        versions.demand_unchanged(customer, seen)
    return customer


def _lock_row(row, *, seen=None):
    customer = lock(Customer(pk=row.customer_id))
    row = type(row).objects.select_for_update().filter(pk=row.pk).first()
    if row is None:
        raise RowGone(customer)
    row.customer = customer
    if seen is not None:
        versions.demand_unchanged(row, seen)
    return row


def _keep(row, *, by):
    """Save a row under its fingerprint, if it is no double and holds no card number."""
    belongings.check(type(row), {name: getattr(row, name) for name in belongings.VALUES[type(row)]})
    said = [name for name in row.PersonalData.personal if name != "fingerprint" and getattr(row, name)]
    if not said or (isinstance(row, ExternalAccount) and row.withdrawn_at and not row.authorised):
        raise NothingWouldBeLeft(row.customer)
    row.fingerprint = row.identify()
    doubles = type(row).objects.filter(customer=row.customer, fingerprint=row.fingerprint)
    if doubles.exclude(pk=row.pk).exists():
        raise HeldAlready(row.customer)
    row._history_user = by.staff
    row.save()
