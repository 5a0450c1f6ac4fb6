"""Is this the database of these keys? Asked at the start of every process, before anything is read or written."""

import hashlib
import hmac

from django.conf import settings
from django.db import ProgrammingError, transaction

from customers.exceptions import DecryptionError, WrongKey
from customers.models import Canary

SAID = "the keys are those of this database"


def check():
    """Return when all three keys are those under which the database was made; raise ``WrongKey`` naming the settings.

    One query. Before the table was made there is nothing to protect, and nothing is said. A canary that is gone is a
    wrong key too: it lies in every database of ours.
    """
    try:
        with transaction.atomic():  # so that a missing table does not spoil the caller's transaction
            canary = Canary.objects.filter(pk=1).first()
    except DecryptionError:
        raise WrongKey("FIELD_ENCRYPTION_KEY") from None
    except ProgrammingError:
        return
    if canary is None or canary.sealed != SAID:
        raise WrongKey("FIELD_ENCRYPTION_KEY")
    wrong = [
        name
        for name, kept in [("SEARCH_INDEX_KEY", canary.search_check), ("AUDIT_KEY", canary.audit_check)]
        if not hmac.compare_digest(_check_value(name), kept)
    ]
    if wrong:
        raise WrongKey(*wrong)


def values():
    """What the canary of a database under the present keys says."""
    return {
        "sealed": SAID,
        "search_check": _check_value("SEARCH_INDEX_KEY"),
        "audit_check": _check_value("AUDIT_KEY"),
    }


def _check_value(name):
    try:
        key = bytes.fromhex(getattr(settings, name))
    except ValueError:
        raise WrongKey(name) from None
    return hmac.digest(key, b"canary of " + name.encode(), hashlib.sha256).hex()
