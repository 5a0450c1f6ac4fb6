"""This app's part of erasure: what it holds on a customer is blanked; the number stays taken."""

from django.db import transaction
from django.utils import timezone

from audit.services.trail import record
from customers.exceptions import CustomerErased
from customers.models import Customer, SearchToken

from . import events, files


@transaction.atomic
def erase(customer, *, by):
    """Blank the customer's values, those of its aliases, their history, search tokens and files of nobody else.

    Cannot be undone. The rows stay as tombstones. Returns the customer; raises :class:`CustomerErased` the second time.
    """
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    if customer.is_erased:
        raise CustomerErased(customer)
    for alias in customer.aliases.filter(erased_at__isnull=True):
        erase(alias, by=by)
    blank = {name: None if Customer._meta.get_field(name).null else "" for name in Customer.PersonalData.personal}
    for name, value in blank.items():
        setattr(customer, name, value)
    customer.has_email, customer.held = False, 0
    customer.mail_bounced_at = customer.mail_bounced_by = None
    customer.erased_at, customer.erased_by = timezone.now(), by
    customer._history_user = by.staff
    customer.save()
    Customer.history.filter(id=customer.pk).update(**blank, history_change_reason=None)
    for row in customer.file_persons.select_related("file"):
        row.delete()
        if not row.file.file_persons.exists():
            files.purge(row.file, by=by)
    events.erase_of(customer, by=by)
    SearchToken.objects.filter(customer=customer).delete()  # reads the whole index: rare, and must leave none
    record("customer.erased", subject=customer, person=customer, by=by, fields=sorted(blank))
    return customer
