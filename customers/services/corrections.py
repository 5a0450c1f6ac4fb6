"""How what is held on a customer is changed. The history keeps before and after, sealed."""

from django.db import transaction
from django.utils import timezone

from audit.services.trail import record
from customers.exceptions import CustomerErased, NothingToCorrect
from customers.models import CorrectionReason, Customer, SearchToken

from .registration import VALUES, write_tokens


@transaction.atomic
def correct(customer, *, changes, reason, by):
    """Change values of a customer and return it. The entry names the fields and the reason, never a value.

    ``changes`` are values as :mod:`customers.reading` gives them; those equal to what is held are left out, and
    :class:`NothingToCorrect` is raised where none remain. ``reason`` is a :class:`CorrectionReason`.
    """
    reason = CorrectionReason(reason)
    if unknown := changes.keys() - set(VALUES):
        raise TypeError(f"No such values of a customer: {sorted(unknown)}")
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    if customer.is_erased:
        raise CustomerErased(customer)
    changes = {name: value for name, value in changes.items() if getattr(customer, name) != value}
    if not changes:
        raise NothingToCorrect(customer)
    before = customer.tokens()
    for name, value in changes.items():
        setattr(customer, name, value)
    if "email" in changes:
        customer.has_email = bool(customer.email)
        customer.mail_bounced_at = customer.mail_bounced_by = None
    customer._history_user = by.staff
    customer.save()
    after = customer.tokens()
    SearchToken.objects.filter(customer=customer, token__in=before - after).delete()
    write_tokens({customer.pk: after - before})
    record("customer.corrected", subject=customer, person=customer, by=by, fields=sorted(changes), reason=reason.value)
    return customer


@transaction.atomic
def note_bounce(customer, *, by):
    """The mail server of the address refused it for good: no notice goes there until the address is corrected."""
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    if customer.is_erased or customer.mail_bounced_at:
        return customer
    customer.mail_bounced_at, customer.mail_bounced_by = timezone.now(), by
    customer._history_user = by.staff
    customer.save(update_fields=["mail_bounced_at", "mail_bounced_by"])
    record("customer.mail_bounced", subject=customer, person=customer, by=by)
    return customer
