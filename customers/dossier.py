"""What this app holds on one person, as a stream: the part of a disclosure package that comes from here.

Events are told by the service of events, since there may be hundreds of thousands of a person.
"""

import datetime as dt
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from customers.categories import Category
from customers.models import CookieIdentifier, Customer, Device, ExternalAccount, Media, PaymentMethod, Sex

RECORDS = {
    Category.PAYMENT: (
        PaymentMethod,
        ("kind", "brand", "last_four", "expiry", "provider_token", "bank", "branch", "service"),
    ),
    Category.EXTERNAL_ID: (ExternalAccount, ("service", "account", "authorised", "authorised_on", "withdrawn_at")),
    Category.COOKIE: (CookieIdentifier, ("value",)),
    Category.DEVICE: (Device, ("system", "kind", "identifier")),
}  # fmt: skip  in the policy's order, after what stands in the customer's own columns
NOTHING = ("", None, [])


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

    Photos and videos are told by kind, type, size and date. Aliases (second records of the same person) come after the
    record itself. Memory stays flat.
    """
    for person in (customer, *customer.aliases.order_by("pk")):
        yield from _held_in(person)
        for category in RECORDS:
            yield from _records_of(person, category)
        yield from _media_of(person)


def _held_in(customer):
    versions = list(Customer.history.filter(id=customer.pk).order_by("history_date", "history_id"))
    for name, category in Customer.PersonalData.personal.items():
        label = str(Customer._meta.get_field(name).verbose_name)
        for value, since, until in reversed(_spans(versions, name)):
            if value not in NOTHING:
                yield Held(category, name, label, shown(name, value), str(customer), since, until)


def _spans(versions, name):
    """``[value, since, until]`` of one field through the versions of a row, oldest first."""
    spans = []
    for version in versions:
        value, day = getattr(version, name), timezone.localdate(version.history_date)
        if not spans or spans[-1][0] != value:
            if spans:
                spans[-1][2] = day
            spans.append([value, day, None])
    return spans


def _records_of(customer, category):
    """The records of one kind, numbered as they came, so that values of one are seen to belong together."""
    model, names = RECORDS[category]
    versions = {}
    for version in model.history.filter(customer_id=customer.pk).order_by("history_date", "history_id"):
        versions.setdefault(version.id, []).append(version)
    present, former = [], []
    for number, (_key, told) in enumerate(sorted(versions.items()), 1):
        last = told[-1]
        gone = timezone.localdate(last.history_date) if last.history_type == "-" else None
        for name in names:
            label = _("%(record)s %(number)s, %(value)s") % {
                "record": model._meta.verbose_name, "number": number, "value": model._meta.get_field(name).verbose_name
            }  # fmt: skip
            for value, since, until in _spans([each for each in told if each.history_type != "-"], name):
                if value not in NOTHING:
                    held = Held(
                        category, f"{model._meta.model_name}.{name}", label, _record_value(model, name, value),
                        str(customer), since, until or gone,
                    )  # fmt: skip
                    (former if held.until else present).append(held)
    yield from present
    yield from sorted(former, key=lambda held: held.until, reverse=True)


def _record_value(model, name, value):
    if model is PaymentMethod and name == "kind":
        return str(PaymentMethod.Kind(value).label)
    if isinstance(value, list):
        return pgettext("list", ", ").join(value)
    return timezone.localdate(value).isoformat() if isinstance(value, dt.datetime) else shown(name, value)


def _media_of(customer):
    for number, media in enumerate(Media.objects.filter(customer=customer).select_related("file").order_by("pk"), 1):
        record = _("%(record)s %(number)s") % {"record": media.get_kind_display(), "number": number}
        since = timezone.localdate(media.created_at)
        size = f"{media.width} × {media.height} px" if media.width and media.height else ""
        said = pgettext("list", ", ").join(filter(None, (media.file.media_type, filesizeformat(media.file.size), size)))
        yield Held(Category.MEDIA, "media.file", record, said, str(customer), since)
        if media.title:
            label = f"{record}{pgettext('list', ', ')}{Media._meta.get_field('title').verbose_name}"
            yield Held(Category.MEDIA, "media.title", label, media.title, str(customer), since)


def shown(name, value):
    """A value as text: a code in words, a date as it is written everywhere."""
    if name == "sex" and value in Sex.values:
        return str(Sex(value).label)
    return value.isoformat() if isinstance(value, dt.date) else str(value)
