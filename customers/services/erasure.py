"""This app's part of erasure: what it holds on a customer is removed; the number stays taken."""

from django.db import transaction
from django.utils import timezone

from audit.services.trail import record
from customers.categories import Category
from customers.exceptions import CustomerErased
from customers.models import Customer, EventKind, Media, SearchTerm, SearchToken

from . import belongings, codes, events, files, holdings, links


@transaction.atomic
def erase(customer, *, by, keep=()):
    """Remove what is held on the customer and on its aliases, former values too, and what is searched by.

    Values and their history are blanked; means of payment, accounts, cookies, devices, events and those events of
    unknown persons that may be this person's go with their rows; photos, videos, files of nobody else, and files that
    were made of many, go with their content; links, codes and search words of staff go too. Cannot be undone. The rows
    of the customers stay as tombstones. Categories in ``keep`` (a statute keeps them) stay where they are, shown to
    nobody and found by nothing, until :func:`erase_kept`. Returns the customer; raises :class:`CustomerErased` the
    second time.
    """
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    if customer.is_erased:
        raise CustomerErased(customer)
    for alias in customer.aliases.filter(erased_at__isnull=True):
        erase(alias, by=by, keep=keep)
    customer.has_email, customer.held = False, 0
    customer.mail_bounced_at = customer.mail_bounced_by = None
    customer.erased_at, customer.erased_by = timezone.now(), by
    fields, removed = _remove(customer, set(Category) - set(keep), by=by)
    SearchToken.objects.filter(customer=customer).delete()  # reads the whole index: rare, and must leave none
    SearchTerm.objects.all().delete()  # which of them is the person's name nobody knows; they last minutes
    links.revoke_all(customer)
    codes.forget(customer)
    if customer.merged_into_id:
        holdings.recount(customer.merged_into)
    record("customer.erased", subject=customer, person=customer, by=by, fields=fields, **removed)
    return customer


@transaction.atomic
def erase_kept(customer, categories, *, by):
    """Remove categories that a statute kept when the customer was erased, of the aliases too. Twice does nothing."""
    for person in (customer, *customer.aliases.order_by("pk")):
        person = Customer.objects.select_for_update().get(pk=person.pk)
        if not person.is_erased:
            continue
        fields, removed = _remove(person, {Category(each) for each in categories}, by=by)
        record("customer.erased", subject=person, person=person, by=by, fields=fields, **removed)


def _remove(customer, categories, *, by):
    """Blank and delete what belongs to these categories. Returns the names of the columns, and counts of the rest."""
    blank = {
        name: None if Customer._meta.get_field(name).null else ""
        for name, category in Customer.PersonalData.personal.items()
        if category in categories
    }
    for name, value in blank.items():
        setattr(customer, name, value)
    customer._history_user = by.staff
    customer.save()
    Customer.history.filter(id=customer.pk).update(**blank, held=0, has_email=False, history_change_reason=None)
    kinds = {kind for category in holdings.EVENTS if category in categories for kind in EventKind.of(category)}
    removed = {
        "events_removed": events.erase_of(customer, by=by, kinds=kinds),
        "records_removed": sum(
            _remove_records(model, customer) for model, of in belongings.CATEGORIES.items() if of in categories
        ),
        "files_removed": _remove_files(customer, by=by, with_media=Category.MEDIA in categories),
    }
    return sorted(blank), removed


def _remove_records(model, customer):
    """The rows of one model with their history. Returns how many were current."""
    removed, _of_what = model.objects.filter(customer=customer).delete()
    model.history.filter(customer_id=customer.pk).delete()
    return removed


def _remove_files(customer, *, by, with_media=True):
    """Photos and videos, files in which nobody else is, and those made of many. Returns how many lost their content.

    Who else was in a file that was made of many stays written: it may have left the office before.
    """
    purged, kept = set(), set()
    for media in Media.objects.filter(customer=customer).select_related("file", "thumbnail"):
        own = [each for each in (media.file, media.thumbnail) if each]
        if not with_media:
            kept.update(each.pk for each in own)
            continue
        media.delete()
        purged.update(own)
    for row in customer.file_persons.exclude(file__in=kept).select_related("file"):
        row.delete()
        if row.file.purpose in files.MADE_OF_MANY or not row.file.file_persons.exists():
            purged.add(row.file)
    for sealed_file in purged:
        files.purge(sealed_file, by=by)
    return len(purged)
