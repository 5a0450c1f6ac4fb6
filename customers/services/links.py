"""Links that open one thing for some days: shown by GET, consumed by POST, hashed at rest."""

import datetime as dt
import hashlib
import secrets

from django.db import transaction
from django.utils import timezone

from customers.exceptions import LinkExpired, LinkUnknown, LinkUsed
from customers.models import OneTimeLink


@transaction.atomic
def issue(subject, *, purpose, days):
    """A new token (43 characters, safe in a URL) that leads to ``subject`` (a row). Only its digest is kept."""
    token = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(
        digest=_digest(token), purpose=purpose, subject_kind=subject._meta.label_lower, subject_id=subject.pk,
        valid_until=timezone.now() + dt.timedelta(days=days),
    )  # fmt: skip
    return token


def find(token, purpose):
    """The primary key of what the link leads to. Changes nothing, so that a scanner may open it as often as it likes.

    Raises ``LinkUnknown``, ``LinkExpired`` or ``LinkUsed``.
    """
    return _find(OneTimeLink.objects, token, purpose).subject_id


@transaction.atomic
def consume(token, purpose):
    """As :func:`find`, once: two at the same time are one and a ``LinkUsed``."""
    link = _find(OneTimeLink.objects.select_for_update(), token, purpose)
    link.is_used = True
    link.save(update_fields=["is_used"])
    return link.subject_id


@transaction.atomic
def revoke(subject, *, purpose):
    """No link to the subject for this purpose opens any longer. Returns how many that were."""
    links = OneTimeLink.objects.filter(
        subject_kind=subject._meta.label_lower, subject_id=subject.pk, purpose=purpose, is_used=False
    )
    return links.update(is_used=True)


@transaction.atomic
def revoke_all(subject):
    """No link to the subject opens any longer, whatever for: they went to a mailbox that is theirs no more."""
    links = OneTimeLink.objects.filter(subject_kind=subject._meta.label_lower, subject_id=subject.pk, is_used=False)
    return links.update(is_used=True)


def sweep():
    """Remove links that are over since a month: until then they say why they do not open."""
    return OneTimeLink.objects.filter(valid_until__lt=timezone.now() - dt.timedelta(days=30)).delete()[0]


def _find(links, token, purpose):
    link = links.filter(digest=_digest(token), purpose=purpose).first()
    if link is None:
        raise LinkUnknown
    if link.is_used:
        raise LinkUsed
    if link.valid_until <= timezone.now():
        raise LinkExpired
    return link


def _digest(token):
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
