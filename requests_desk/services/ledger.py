"""The ledger of erasures outside the database, beside the seals: which customer numbers were erased, and on which day.

A backup knows nothing of what was erased after it. This file does, and :mod:`requests_desk.services.replaying` reads it
after a restore. A line holds numbers and days, never a value of a person, and a MAC, so that nobody else writes one.
"""

import fcntl
import hashlib
import hmac
import json
import os
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from audit.services.trail import canonical, key
from customers.models import Customer
from customers.services.blanking import family
from requests_desk.exceptions import LedgerDamaged
from requests_desk.models import Erasure

FILE = "erasures.log"
SIGNS = {"erasure", "customers", "on", "reason", "request", "kept", "mac"}


def outside_file():
    """Where the ledger stands outside the database."""
    return Path(settings.SEALS_FOLDER) / FILE


def write():
    """Append the committed erasures that the file does not have yet. Returns how many; twice does nothing."""
    path = outside_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        content = file.read()
        known = {line["erasure"] for line in _lines(content)}
        new = Erasure.objects.done().exclude(number__in=known).select_related("request").order_by("pk")
        lines = [_line(erasure) for erasure in new]
        if lines:
            torn = content and not content.endswith(b"\n")
            file.write((b"\n" if torn else b"") + "".join(lines).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
    return len(lines)


def read():
    """The lines in their order as dictionaries. Raises :class:`LedgerDamaged` for one that is not ours."""
    path = outside_file()
    return _lines(path.read_bytes()) if path.exists() else []


def missing():
    """The lines of the file that were not done in this database: erased after the backup that was restored.

    Whom the backup does not know either is not missed.
    """
    known = set(Erasure.objects.done().values_list("number", flat=True))
    lines = [line for line in read() if line["erasure"] not in known]
    numbers = {number for line in lines for number in line["customers"]}
    rows = Customer.objects.filter(number__in=numbers, erased_at__isnull=True)
    living = set(rows.values_list("number", flat=True))
    return [line for line in lines if living & set(line["customers"])]


def _lines(content):
    """A last line without its end is one that a crash tore: the next writing puts it anew."""
    *whole, last = content.split(b"\n")
    found = [_read(number, text) for number, text in enumerate(whole, 1) if text]
    return [each for each in found if each]


def _read(number, text):
    try:
        line = json.loads(text)
    except ValueError:
        if b'"mac"' not in text:
            return None  # torn
        raise LedgerDamaged(number) from None
    if not isinstance(line, dict) or set(line) != SIGNS or not isinstance(line["mac"], str):
        raise LedgerDamaged(number)
    if not hmac.compare_digest(line["mac"].encode(), _mac(line).encode()):
        raise LedgerDamaged(number)
    return line


def _line(erasure):
    people = Customer.objects.filter(pk__in=family([erasure.customer_id]))
    line = {
        "erasure": erasure.number, "customers": sorted(people.values_list("number", flat=True)),
        "on": timezone.localdate(erasure.decided_at).isoformat(), "kept": erasure.kept, "reason": erasure.reason,
        "request": str(erasure.request or ""),
    }  # fmt: skip
    return json.dumps(line | {"mac": _mac(line)}, sort_keys=True) + "\n"


def _mac(line):
    said = canonical({name: value for name, value in line.items() if name != "mac"})
    return hmac.new(key("erasure"), said.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
