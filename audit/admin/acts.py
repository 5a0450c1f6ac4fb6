"""Acts of the trail in words. Each app names its own: ``name_acts({"request.received": _("Request received")})``."""

import datetime as dt
import re
from functools import cache

from django.apps import apps
from django.utils import formats
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from audit.models import Access

ACTS, DETAILS, VALUES = {}, {}, {}
WORK, MAILS = {}, {}
REFERENCE = re.compile(r"[a-z_]+\.[a-z_]+:")
DIGEST = re.compile(r"[0-9a-f]{64}")
DIGEST_SHOWN = 12


def name_acts(acts, details=None, values=None):
    """Say how actions read on a timeline, and keys of details, and codes: ``values={"outcome": Outcome}``."""
    ACTS.update(acts)
    DETAILS.update(details or {})
    for key, choices in (values or {}).items():
        VALUES.setdefault(key, {}).update(getattr(choices, "choices", None) or choices)


def name_work(work=None, mails=None):
    """Say how jobs and mails of an app read: ``name_work({"consent.deliver_notices": _("Notices")}, {...})``."""
    WORK.update(work or {})
    MAILS.update(mails or {})


def work_in_words(name):
    return WORK.get(name, name)


def mail_in_words(kind):
    return MAILS.get(kind, kind)


def reference_in_words(name):
    """A reference of the trail as staff say it: 「請求 7K3M-…」 for ``requests_desk.datarequest:7K3M-…``."""
    label, _colon, number = name.partition(":")
    try:
        return f"{apps.get_model(label)._meta.verbose_name} {VALUES.get(label, {}).get(number, number)}"
    except (LookupError, ValueError):  # a model of the past
        return name


def in_plain_words(action):
    return ACTS.get(action, action)


def actor_in_words(label):
    """Who acted: staff by their user name, the system and the requester in the language of the page."""
    return {"system": _("System"), "requester": _("Requester")}.get(label.lower(), label)


def details_in_words(details, about=""):
    """References, codes and counts of an entry, one after the other.

    ``about`` is the reference of what the entry is about: fields are called as its model calls them.
    """
    if not details:
        return ""
    return format_html_join(
        "", "{}", [(_pair(key, value, about),) for key, value in details.items() if value not in ("", [])]
    )


def _pair(key, value, about):
    values = value if isinstance(value, list) else [value]
    words = [_value(key, each, about) for each in values]
    return format_html(
        '<div class="detail"><span>{}</span> {}</div> ',
        DETAILS.get(key, key),
        format_html_join(pgettext("desk", ", "), "{}", [(each,) for each in words]),
    )


def _value(key, value, about):
    if isinstance(value, str) and DIGEST.fullmatch(value):
        return _digest(value)
    if key == "fields":
        label = about.partition(":")[0]
        return _own_field_words(label).get(value) or _field_words().get(value) or VALUES.get(key, {}).get(value, value)
    if isinstance(value, str) and len(value) == 10 and value[4:5] == "-":
        try:
            return formats.date_format(dt.date.fromisoformat(value), "DATE_FORMAT")
        except ValueError:
            return value
    if isinstance(value, str) and REFERENCE.match(value):
        return reference_in_words(value)
    if key == "work":
        return work_in_words(value)
    if key == "kind" and value in MAILS:
        return mail_in_words(value)
    return VALUES.get(key, {}).get(value, value)


def _digest(value):
    """Enough of a digest to tell it from others, and the whole of it where somebody opens it to compare."""
    return format_html(
        '<details class="digest"><summary><code>{}…</code> <span class="visually-hidden">{}</span></summary>'
        "<code>{}</code></details>",
        value[:DIGEST_SHOWN], _("Show all signs"), value,
    )  # fmt: skip


@cache
def _own_field_words(label):
    """What the fields of one model are called; nothing where there is no such model (any more)."""
    try:
        return {field.name: field.verbose_name for field in apps.get_model(label)._meta.concrete_fields}
    except (LookupError, ValueError):
        return {}


@cache
def _field_words():
    """What the sealed fields of all models are called."""
    return {
        name: model._meta.get_field(name).verbose_name
        for model in apps.get_models()
        for name in getattr(getattr(model, "PersonalData", None), "personal", {})
    }


name_acts(
    {"values.shown": _("Values were shown")},
    {"fields": _("values"), "reason": _("reason"), "case": _("case")},
    {"reason": Access.Reason},
)
