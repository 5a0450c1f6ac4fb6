"""Gives committed entries their place and their link of the chain, and seals the chain's head.

One sequencer works at a time. An entry is taken when its transaction is below the oldest one that is still under way,
since then nothing with a lower number can still appear; so links follow ``(transaction, id)`` and nothing is left out.
"""

import datetime as dt
import fcntl
import hashlib
import hmac
import os
import struct
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from audit.models import Link, Seal
from audit.models.trail import microseconds

from .trail import key

LOCK = 0x0A0A_0001
BATCH = 20_000
SEAL_AFTER = dt.timedelta(minutes=5)
SEAL_EVERY = 1000
START = bytes(32)  # what the first link and the first seal follow
FILE = "seals.log"
# PostgreSQL's binary COPY: a head, then for each row the number of columns, and each column's length and value.
COPY_HEAD, COPY_ROW, COPY_END = b"PGCOPY\n\xff\r\n\0" + bytes(8), struct.Struct(">hiqiqi32s"), b"\xff\xff"
LINK = struct.Struct(">32sqqQ")

LAST = """
    SELECT link.position, link.hash, entry.transaction, entry.id
    FROM audit_link link LEFT JOIN audit_entry entry ON entry.id = link.entry_id
    ORDER BY link.position DESC LIMIT 1
"""
NEXT = """
    SELECT entry.id, entry.transaction::text, entry.mac FROM audit_entry entry
    WHERE (entry.transaction, entry.id) > (%s::text::xid8, %s)
      AND entry.transaction < pg_snapshot_xmin(pg_current_snapshot())
      AND NOT EXISTS (SELECT FROM audit_link link WHERE link.entry_id = entry.id)
    ORDER BY entry.transaction, entry.id LIMIT %s
"""
# After a restore the server counts its transactions from the beginning again, while the old entries keep their high
# numbers; and at the very beginning there is no link. The whole table is then searched, until a link is of this server.
NEXT_AFTER_RESTORE = """
    SELECT entry.id, entry.transaction::text, entry.mac FROM audit_entry entry
    WHERE NOT EXISTS (SELECT FROM audit_link link WHERE link.entry_id = entry.id)
      AND (entry.transaction < pg_snapshot_xmin(pg_current_snapshot())
           OR entry.transaction >= pg_snapshot_xmax(pg_current_snapshot()))
    ORDER BY entry.transaction < pg_snapshot_xmin(pg_current_snapshot()), entry.transaction, entry.id LIMIT %s
"""


@dataclass(frozen=True)
class SealLine:
    """A seal as one line of the file outside: position, hash, time in microseconds, MAC."""

    position: int
    hash: bytes
    sealed_at: int
    mac: bytes

    @classmethod
    def read(cls, line):
        """Raises ``ValueError`` for anything but a whole line."""
        position, hash_, sealed_at, mac = line.split()
        return cls(int(position), bytes.fromhex(hash_), int(sealed_at), bytes.fromhex(mac))


def link_hash(previous, position, entry_id, transaction_id, mac):
    """What a link says: the one before it, its place, and the entry that stands there. No other key writes it."""
    return hmac.digest(key("link"), LINK.pack(previous, position, entry_id, transaction_id) + mac, "sha256")


def seal_mac(previous, position, hash_, sealed_at):
    """A seal's MAC, over the seal before it as well; ``sealed_at`` in microseconds."""
    return hmac.digest(key("seal"), b"%b|%d|%b|%d" % (previous, position, hash_, sealed_at), hashlib.sha256)


def sequence(*, wait=False):
    """Link every entry that is committed for good, then seal if it is time. Returns how many were linked.

    Where another sequencer is at work it returns 0 at once, or waits for its turn.
    """
    linked = 0
    while True:
        batch = _link_batch(wait)
        linked += batch
        if batch < BATCH:
            break
    seal_if_due(wait=wait)
    return linked


@transaction.atomic
def _link_batch(wait):
    with connection.cursor() as cursor:
        if not _is_alone(cursor, wait):
            return 0
        cursor.execute(LAST)
        position, previous, last_transaction, last_id = cursor.fetchone() or (0, START, None, None)
        if _is_of_this_server(cursor, last_transaction):
            cursor.execute(NEXT, [str(last_transaction), last_id, BATCH])
        else:
            cursor.execute(NEXT_AFTER_RESTORE, [BATCH])
        rows, previous = [], bytes(previous)
        for entry_id, transaction_id, mac in cursor.fetchall():
            position += 1
            previous = link_hash(previous, position, entry_id, int(transaction_id), bytes(mac))
            rows.append(COPY_ROW.pack(3, 8, position, 8, entry_id, 32, previous))
        if rows:
            with cursor.copy("COPY audit_link (position, entry_id, hash) FROM STDIN (FORMAT BINARY)") as copy:
                copy.write(b"".join([COPY_HEAD, *rows, COPY_END]))
        return len(rows)


def _is_of_this_server(cursor, transaction_id):
    if transaction_id is None:
        return False
    cursor.execute("SELECT %s::text::xid8 < pg_snapshot_xmax(pg_current_snapshot())", [str(transaction_id)])
    return cursor.fetchone()[0]


def seal_if_due(*, now=None, force=False, wait=False):
    """Seal the chain's head when 1,000 links or five minutes have passed, and bring the file outside up to date."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            if not _is_alone(cursor, wait):
                return None
        seal = _seal(now or timezone.now(), force=force)
    _write_outside()
    return seal


def _seal(now, *, force):
    last = Seal.objects.order_by("-position").first()
    head = Link.objects.order_by("-position").first()
    since = last.position if last else 0
    if head is None or head.position <= since:
        return None
    waited = last is None or now - last.sealed_at >= SEAL_AFTER
    if not (force or waited or head.position - since >= SEAL_EVERY):
        return None
    hash_, previous = bytes(head.hash), bytes(last.mac) if last else START
    return Seal.objects.create(
        position=head.position, hash=hash_, sealed_at=now,
        mac=seal_mac(previous, head.position, hash_, microseconds(now)),
    )  # fmt: skip


def outside_file():
    """Where the seals stand outside the database."""
    return Path(settings.SEALS_FOLDER) / FILE


def outside_lines():
    """The lines of the file outside in their order, as text; nothing where there is no file yet."""
    path = outside_file()
    if path.exists():
        with path.open(encoding="ascii", errors="replace") as lines:
            yield from (line.rstrip("\n") for line in lines)


def _write_outside():
    """Append the committed seals that the file does not have yet. A crash in between is made good by the next run."""
    path = outside_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        known, previous = _end_of(file)
        lines = []
        for seal in Seal.objects.filter(position__gt=known).order_by("position").iterator():
            line = SealLine.read(seal.line)
            if not hmac.compare_digest(line.mac, seal_mac(previous, line.position, line.hash, line.sealed_at)):
                break  # not ours: it must not stand outside; verify_audit names it
            lines.append(f"{seal.line}\n")
            previous = line.mac
        if lines:
            file.write("".join(lines).encode())
            file.flush()
            os.fsync(file.fileno())


def _end_of(file):
    """Position and MAC of the last whole line; a line cut by a crash is ended first, and written anew after it."""
    size = file.seek(0, os.SEEK_END)
    if not size:
        return 0, START
    file.seek(max(0, size - 4096))
    tail = file.read()
    if not tail.endswith(b"\n"):
        keep = size - len(tail) + tail.rfind(b"\n") + 1
        file.truncate(keep)
        tail = tail[: tail.rfind(b"\n") + 1]
    for line in reversed(tail.decode("ascii", "replace").splitlines()):
        try:
            last = SealLine.read(line)
        except ValueError:
            continue
        return last.position, last.mac
    return 0, START


def _is_alone(cursor, wait):
    if wait:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        return True
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
    return cursor.fetchone()[0]


def behind():
    """How many entries wait for their link: for the health check. Cheap while the sequencer keeps up."""
    with connection.cursor() as cursor:
        cursor.execute(LAST)
        _position, _hash, last_transaction, last_id = cursor.fetchone() or (0, START, None, None)
        cursor.execute(
            "SELECT count(*) FROM audit_entry entry WHERE (entry.transaction, entry.id) > (%s::text::xid8, %s)",
            [str(last_transaction or 0), last_id or 0],
        )
        return cursor.fetchone()[0]
