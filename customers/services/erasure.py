"""This app's part of erasure: what it holds on a customer is removed; the number stays taken."""

from django.db import transaction
from django.utils import timezone

from audit.services.trail import record
from customers.exceptions import CustomerErased
from customers.models import Customer, Media, SearchToken

from . import belongings, events, files, holdings


@transaction.atomic
def erase(customer, *, by):
    """Remove what is held on the customer and on its aliases, former values too, and what is searched by.

    Values and their history are blanked; means of payment, accounts, cookies, devices, events and those events of
    unknown persons that may be this person's go with their rows; photos, videos, files of nobody else, and files that
    were made of many, go with their content. Cannot be undone. The rows of the customers stay as tombstones. Returns
    the customer; raises :class:`CustomerErased` the second time.
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
    Customer.history.filter(id=customer.pk).update(**blank, held=0, has_email=False, history_change_reason=None)
    removed = {
        "events_removed": events.erase_of(customer, by=by),
        "records_removed": sum(_remove_records(model, customer) for model in belongings.CATEGORIES),
        "files_removed": _remove_files(customer, by=by),
    }
    SearchToken.objects.filter(customer=customer).delete()  # reads the whole index: rare, and must leave none
    if customer.merged_into_id:
        holdings.recount(customer.merged_into)
    record("customer.erased", subject=customer, person=customer, by=by, fields=sorted(blank), **removed)
    return customer


def _remove_records(model, customer):
    """The rows of one model with their history. Returns how many were current."""
    removed, _of_what = model.objects.filter(customer=customer).delete()
    model.history.filter(customer_id=customer.pk).delete()
    return removed


def _remove_files(customer, *, by):
    """Photos and videos, files in which nobody else is, and those made of many. Returns how many lost their content.

    Who else was in a file that was made of many stays written: it may have left the office before.
    """
    purged = set()
    for media in Media.objects.filter(customer=customer).select_related("file", "thumbnail"):
        media.delete()
        purged.update(each for each in (media.file, media.thumbnail) if each)
    for row in customer.file_persons.select_related("file"):
        row.delete()
        if row.file.purpose in files.MADE_OF_MANY or not row.file.file_persons.exists():
            purged.add(row.file)
    for sealed_file in purged:
        files.purge(sealed_file, by=by)
    return len(purged)
