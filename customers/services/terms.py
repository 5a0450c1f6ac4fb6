"""Words that staff search for are kept sealed for a while, so that URLs and logs hold a number instead."""

import datetime as dt
import hashlib

from django.db import transaction
from django.utils import timezone

from customers.models import SearchTerm

VALID_FOR = dt.timedelta(hours=8)  # as long as a session of staff may last


@transaction.atomic
def keep(text, *, session_key, by):
    """The number under which ``text`` can be found again by the same actor in the same session."""
    term = SearchTerm.objects.create(
        text=text[:200], actor=by, session=_digest(session_key), valid_until=timezone.now() + VALID_FOR
    )
    return term.number


def find(number, *, session_key, by):
    """The words, or ``None``: unknown, over, or somebody else's."""
    term = SearchTerm.objects.filter(
        number=number.replace("\0", "")[:24], actor=by, session=_digest(session_key), valid_until__gt=timezone.now()
    ).first()
    return term and term.text


def sweep():
    """Remove what is over."""
    return SearchTerm.objects.filter(valid_until__lt=timezone.now()).delete()[0]


def _digest(session_key):
    return hashlib.sha256(b"search terms of " + (session_key or "").encode()).hexdigest()
