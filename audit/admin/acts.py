"""Acts of the trail in words. Each app names its own: ``name_acts({"request.received": _("Request received")})``."""

from django.utils.translation import gettext_lazy as _

ACTS = {}
DETAILS = {}


def name_acts(words, details=None):
    """Say how actions (and keys of details) read on a timeline."""
    ACTS.update(words)
    DETAILS.update(details or {})


def in_plain_words(action):
    return ACTS.get(action, action)


def details_in_words(details):
    """References, codes and counts of an entry on one line."""
    return "、".join(
        f"{DETAILS.get(key, key)}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for key, value in details.items()
    )


name_acts(
    {"values.shown": _("Values were shown")},
    {"fields": _("fields"), "reason": _("reason"), "case": _("case")},
)
