"""Provisions received: confirmed before they are written down, and kept as long as Article 30(4) wants."""

from django.db import transaction
from django.utils.translation import gettext as _

from audit.calendar import today
from audit.services.trail import BATCH, record, record_batch
from consent.bases import Recording, kept_until
from consent.exceptions import NotReady
from consent.models import Receipt, ReceiptPerson
from customers.categories import Category
from customers.models import Customer

from .recording import first_day


@transaction.atomic
def enter(*, numbers, categories, last_on, confirmed_on, recording=Recording.EACH, first_on=None, by, **said):
    """Write down data that came from a provider (Article 30). ``numbers`` are those of the customers concerned.

    ``said``: ``provider_name``, ``provider_address``, ``provider_representative``, ``ground``, ``acquired_how``,
    ``confirmed``, ``confirmed_by_what``. Raises :class:`NotReady` where something is missing, the confirmation came
    after the data, or a number is of nobody: a record names everybody, so nothing is written then.
    """
    recording = Recording(recording)
    if last_on > today():
        raise NotReady([_("Nothing was received on a day to come.")], field="last_on")
    first_on = first_day(recording, first_on, last_on, rule=23)
    if confirmed_on > first_on:
        said_why = _("How the provider acquired them is confirmed before they are taken (Article 30(1)).")
        raise NotReady([said_why], field="confirmed_on")
    categories = [each for each in Category if each in set(categories)]
    if not categories:
        raise NotReady([_("Choose at least one category.")], field="categories")
    customers = _customers_of(numbers)
    receipt = Receipt.objects.create(
        categories=categories, first_on=first_on, last_on=last_on, confirmed_on=confirmed_on, recording=recording,
        persons=len(customers), entered_by=by,
        kept_until=kept_until(recording, made_on=today(), last_provided_on=last_on), **said,
    )  # fmt: skip
    ReceiptPerson.objects.bulk_create([ReceiptPerson(receipt=receipt, customer_id=pk) for pk in customers], BATCH)
    record(
        "receipt.entered", subject=receipt, by=by, categories=categories, received_by=receipt.ground,
        confirmation=receipt.confirmed, customers=receipt.persons, kept_until=receipt.kept_until,
    )  # fmt: skip
    label, found = Customer._meta.label_lower, list(customers.values())
    for start in range(0, len(found), BATCH):
        names = [f"{label}:{number}" for number in found[start : start + BATCH]]
        record_batch("receipt.persons_named", subject=receipt, by=by, references=names)
    return receipt


def _customers_of(numbers):
    """``{id: number}`` of all these numbers, or :class:`NotReady` that names the first that are of nobody."""
    wanted = list(dict.fromkeys(numbers))
    if not wanted:
        raise NotReady([_("Give at least one customer number.")], field="numbers")
    rows = Customer.objects.filter(number__in=wanted, erased_at__isnull=True).select_for_update(no_key=True)
    found = dict(rows.order_by("pk").values_list("pk", "number"))
    if missing := [number for number in wanted if number not in set(found.values())]:
        raise NotReady(
            [
                _("%(count)s of the numbers are of nobody, or of somebody who was erased. The first: %(first)s")
                % {"count": len(missing), "first": missing[0][:32]}
            ],
            field="numbers",
        )
    return found
