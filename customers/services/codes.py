"""Six digits by mail: how a person proves that a mailbox is theirs, without a link.

A subject is any row (or reference). Its last two codes count, for thirty minutes and three tries each, once.
"""

import datetime as dt
import hashlib
import hmac
import re
import secrets
import unicodedata

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.services.trail import reference
from customers.exceptions import CodeExpired, CodeSpent, CodeWrong
from customers.models import OneTimeCode

VALID_FOR = dt.timedelta(minutes=30)
TRIES = 3
LIVE_CODES = 2
SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−ーｰ─・.,、]")


@transaction.atomic
def issue(subject):
    """A new code as six digits, to be mailed at once: only its digest is kept."""
    subject = reference(subject)
    kept = list(OneTimeCode.objects.select_for_update().filter(subject=subject).order_by("-pk"))
    OneTimeCode.objects.filter(pk__in=[code.pk for code in kept[LIVE_CODES - 1 :]]).delete()
    digits = f"{secrets.randbelow(10**6):06}"
    salt = secrets.token_bytes(16)
    OneTimeCode.objects.create(
        subject=subject, salt=salt, digest=_digest(salt, subject, digits), tries_left=TRIES,
        valid_until=timezone.now() + VALID_FOR,
    )  # fmt: skip
    return digits


@transaction.atomic(durable=True)
def _try(subject, typed, *, spend):
    """Compare and count in a transaction of its own: a wrong try stays counted whatever the caller rolls back."""
    codes = list(OneTimeCode.objects.select_for_update().filter(subject=subject).order_by("pk"))
    living = [code for code in codes if not code.is_used and code.valid_until > timezone.now()]
    if not living:
        return CodeSpent() if any(code.is_used for code in codes) else CodeExpired()
    open_codes = [code for code in living if code.tries_left]
    if not open_codes:
        return CodeSpent()
    # every code is compared, so that time tells nothing of which one was near
    matches = [hmac.compare_digest(bytes(code.digest), _digest(code.salt, subject, typed)) for code in open_codes]
    if any(matches):
        if spend:
            OneTimeCode.objects.filter(subject=subject).update(is_used=True)
        return None
    for code in open_codes:
        code.tries_left -= 1
        code.save(update_fields=["tries_left"])
    tries_left = max(code.tries_left for code in open_codes)
    return CodeWrong(tries_left) if tries_left else CodeSpent()


def check(subject, typed, *, spend=True):
    """Return when ``typed`` is a code of the subject; raise ``CodeWrong``, ``CodeExpired`` or ``CodeSpent`` otherwise.

    To be called outside a transaction (a ``RuntimeError`` says so), since wrong tries must stay counted. A right code
    is spent with all others of its subject. Who wants that in the transaction of what the code permits says
    ``spend=False`` here and calls :func:`spend` there.
    """
    error = _try(reference(subject), digits_of(typed), spend=spend)
    if error:
        raise error


@transaction.atomic
def spend(subject):
    """No code of the subject counts any longer. Raises ``CodeSpent`` where that was so before."""
    if not OneTimeCode.objects.filter(subject=reference(subject), is_used=False).update(is_used=True):
        raise CodeSpent


def forget(subject):
    """Remove the codes of a subject that is no more. Returns how many."""
    return OneTimeCode.objects.filter(subject=reference(subject)).delete()[0]


def digits_of(typed):
    """What a person typed without widths, spaces and hyphens."""
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", typed or ""))[:20]


def sweep():
    """Remove codes that are over since a day."""
    return OneTimeCode.objects.filter(valid_until__lt=timezone.now() - dt.timedelta(days=1)).delete()[0]


def _digest(salt, subject, digits):
    key = hmac.digest(bytes.fromhex(settings.SEARCH_INDEX_KEY), b"customers.codes", hashlib.sha256)
    said = b"\0".join([bytes(salt), subject.encode(), digits.encode("utf-8", "replace")])
    return hmac.digest(key, said, hashlib.sha256)
