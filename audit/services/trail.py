"""Nothing happens without its entry: services call :func:`record` in the transaction of their act."""

import hashlib
import hmac
import json

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.models import Entry


def reference(thing):
    """How the trail names a row: ``app.model:number``. A string is taken as it is, ``None`` as nothing."""
    if thing is None:
        return ""
    if isinstance(thing, str):
        return thing
    return f"{thing._meta.label_lower}:{thing}"


def mac_of(entry):
    """The entry's MAC under ``AUDIT_KEY``, over everything that it says."""
    said = json.dumps(
        [
            entry.at.isoformat(), entry.action, entry.actor_id, entry.actor_label, entry.subject, entry.person,
            entry.details,
        ],
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    )  # fmt: skip
    return hmac.digest(bytes.fromhex(settings.AUDIT_KEY), said.encode(), hashlib.sha256)


def record(action, *, subject, by, person=None, **details):
    """Write one entry in the transaction of the act.

    ``action`` is ``noun.verb``; ``subject`` and ``person`` are model rows (or references). ``details`` are JSON values:
    references, field names, codes, counts. Raises ``TransactionManagementError`` outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("An audit entry belongs in the transaction of its act.")
    entry = Entry(
        at=timezone.now(),
        action=action,
        actor_id=by.pk,
        actor_label=str(by),
        subject=reference(subject),
        person=reference(person),
        details={
            key: str(value) if not isinstance(value, int | list | dict | bool) else value
            for key, value in details.items()
        },
    )
    entry.mac = mac_of(entry)
    entry.save(force_insert=True)
    return entry
