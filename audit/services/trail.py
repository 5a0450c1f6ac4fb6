"""Nothing happens without its entry: services call :func:`record` in the transaction of their act."""

import datetime as dt
import hashlib
import hmac
import json
import os
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from audit.exceptions import OfficeError
from audit.models.trail import microseconds

INSERT = (
    "INSERT INTO audit_entry (at, action, actor_id, actor_label, subject, person, details, nonce, mac)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s) RETURNING id"
)
BATCH = 1000


class Written(NamedTuple):
    """What :func:`record` wrote: the columns of an :class:`audit.models.Entry`, without what a model costs to make."""

    pk: int
    at: dt.datetime
    action: str
    actor_id: int
    actor_label: str
    subject: str
    person: str
    details: dict
    nonce: bytes
    mac: bytes

    def __str__(self):
        return f"#{self.pk}"


class NotForTheTrail(OfficeError, TypeError):
    """A detail is of a kind that does not come back from the database as it was written."""


def reference(thing):
    """How the trail names a row: ``app.model:number``. A string is taken as it is, ``None`` as nothing."""
    if thing is None:
        return ""
    if isinstance(thing, str):
        return thing
    return f"{thing._meta.label_lower}:{thing}"


def canonical(value):
    """``value`` as one line of JSON that is the same before and after PostgreSQL's ``jsonb``."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


@lru_cache(maxsize=8)
def _key(secret, use):
    return hmac.digest(bytes.fromhex(secret), use.encode(), hashlib.sha256)


def key(use):
    """The key for one use (``entry``, ``link``, ``seal``), derived from ``AUDIT_KEY``."""
    return _key(settings.AUDIT_KEY, use)


def mac_of(at, action, actor_id, actor_label, subject, person, details, nonce):
    """An entry's MAC over all that it says, ``details`` as canonical JSON. Its link covers number and transaction."""
    said = (
        f"{microseconds(at)}|{actor_id}|{len(action)}|{action}{len(actor_label)}|{actor_label}"
        f"{len(subject)}|{subject}{len(person)}|{person}{details}"
    ).encode("utf-8", "surrogatepass")
    return hmac.digest(key("entry"), said + nonce, "sha256")


def record(action, *, subject, by, person=None, **details):
    """Write one entry in the transaction of the act, and return what it says.

    ``action`` is ``noun.verb``; ``subject`` and ``person`` are model rows (or references). ``details`` are JSON values:
    references, field names, codes, counts; dates and choices become text, and a float is refused. Raises
    ``TransactionManagementError`` outside a transaction; whatever it raises, the act must fail with it.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An audit entry belongs in the transaction of its act.")
    at, nonce, actor_label = timezone.now(), os.urandom(16), by.label
    subject, person, details = reference(subject), reference(person), _plain(details)
    said = canonical(details)
    mac = mac_of(at, action, by.pk, actor_label, subject, person, said, nonce)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [at, action, by.pk, actor_label, subject, person, said, nonce, mac])
        (number,) = cursor.fetchone()
    return Written(number, at, action, by.pk, actor_label, subject, person, details, nonce, mac)


def record_batch(action, *, subject, by, references, **details):
    """One entry for one act on up to 1,000 rows: their count, and a digest by which the list can be proved later.

    ``references`` are references or rows, in any order. More than 1,000 raise ``ValueError``: write a batch each.
    """
    names = sorted(reference(each) for each in references)
    if len(names) > BATCH:
        raise ValueError(f"{len(names)} references in one entry; at most {BATCH}.")
    return record(action, subject=subject, by=by, count=len(names), digest=digest_of(names), **details)


def digest_of(names):
    """The digest that :func:`record_batch` keeps of a list of references."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


def _plain(value):
    """``value`` in the types that survive a round trip; raises on those that do not."""
    if value is None or value is True or value is False or type(value) in (int, str):
        return value
    if isinstance(value, str):  # choices
        return str.__str__(value)
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, float | bytes):
        raise NotForTheTrail(f"{type(value).__name__} in an audit entry")
    if isinstance(value, int):
        return int(value)
    return reference(value) if hasattr(value, "_meta") else str(value)
