"""Proves the trail, or names the first entry at which it was tampered with. Reads in pages, so memory stays flat."""

import hmac
import json
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from audit.models import Link, Seal

from .sequencer import START, SealLine, link_hash, outside_lines, seal_mac, sequence
from .trail import canonical, mac_of

PAGE = 5000
ROWS = """
    SELECT link.position, link.entry_id, link.hash, entry.id, entry.at, entry.action, entry.actor_id,
    entry.actor_label, entry.subject, entry.person, entry.details::text, entry.nonce, entry.mac,
    entry.transaction::text FROM audit_link link LEFT JOIN audit_entry entry ON entry.id = link.entry_id WHERE
    link.position > %s ORDER BY link.position LIMIT %s
"""
OLDEST_AT_WORK = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"
UNLINKED = """
    SELECT entry.id FROM audit_entry entry
    WHERE NOT EXISTS (SELECT FROM audit_link link WHERE link.entry_id = entry.id)
      AND (entry.transaction < %s::text::xid8 OR entry.transaction >= pg_snapshot_xmax(pg_current_snapshot()))
    ORDER BY entry.id LIMIT 1000
"""
COPIES = """
    SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY mac ORDER BY id) AS copy FROM audit_entry) numbered
    WHERE copy > 1 ORDER BY id LIMIT 1000
"""


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was written: where (either may be unknown), and in which words."""

    position: int | None
    entry_id: int | None
    kind: str
    words: str

    def __str__(self):
        place = _("position %(position)s") % {"position": self.position} if self.position else _("no position")
        entry = _("entry %(entry)s") % {"entry": f"#{self.entry_id}"} if self.entry_id else _("no entry")
        return f"{entry}, {place}: {self.words}"


def verify(*, tick=None, lines=None):
    """Yield every :class:`Fault` in the order of the chain; nothing at all when the trail is whole.

    Links what waits for its link first. ``tick(done, total)`` is called after each page. ``lines`` is a copy of the
    file of seals from elsewhere (an iterable of text), instead of the one in ``SEALS_FOLDER``; it may leave seals out,
    as the daily mails do.
    """
    ((oldest_at_work,),) = _all(OLDEST_AT_WORK)
    sequence(wait=True)
    own = lines is None
    copies = {entry_id for (entry_id,) in _all(COPIES)}
    database = _Seals(_lines_of_database())
    outside = _Seals(_lines_of_file(outside_lines() if own else lines), complete=own)
    head, position, previous = (Link.objects.order_by("-position").first() or Link(position=0)).position, 0, START
    while rows := _all(ROWS, [position, PAGE]):
        for row in rows:
            if row[0] > head:
                break
            yield from _faults_of_row(row, position, previous, copies)
            position, previous = row[0], bytes(row[2])
            yield from _faults_of_seals(position, previous, database, outside)
        if tick:
            tick(min(position, head), head)
        if rows[-1][0] >= head:
            break
    yield from _faults_of_the_tail(head, database, outside)
    for (entry_id,) in _all(UNLINKED, [oldest_at_work]):
        words = _("it stands outside the chain: it was added by hand, or its link was removed")
        yield Fault(None, entry_id, "unlinked", words)


def _faults_of_row(row, position, previous, copies):
    place, entry_id, hash_, found, *said, mac, transaction_id = row
    if place != position + 1:
        words = _("links are missing from here to position %(end)s") % {"end": place - 1}
        yield Fault(position + 1, None, "gap", words)
    if found is None:
        yield Fault(place, entry_id, "missing", _("the entry was removed"))
        return
    mac = bytes(mac)
    if not _is_ours(said, mac):
        yield Fault(place, entry_id, "changed", _("the entry was changed, or was not written by this office"))
    elif entry_id in copies:
        yield Fault(place, entry_id, "copy", _("the entry is a copy of another"))
    if not hmac.compare_digest(bytes(hash_), link_hash(previous, place, entry_id, int(transaction_id), mac)):
        words = _("its link does not fit: an entry or link was changed, moved or put in")
        yield Fault(place, entry_id, "link", words)


def _is_ours(said, mac):
    at, action, actor_id, actor_label, subject, person, details, nonce = said
    try:
        details = canonical(json.loads(details))
        wanted = mac_of(at, action, actor_id, actor_label, subject, person, details, bytes(nonce))
    except (ValueError, TypeError, AttributeError):  # nothing that record() could have written
        return False
    return hmac.compare_digest(mac, wanted)


def _faults_of_seals(position, hash_, database, outside):
    for seals, name in ((database, _("the seal in the database")), (outside, _("the seal outside"))):
        for line, is_ours, after in seals.up_to(position):
            if not is_ours:
                words = _("%(seal)s was changed, or one before it was removed") % {"seal": name}
                yield Fault(line.position, None, "seal", words)
            elif line.position == position and not hmac.compare_digest(line.hash, hash_):
                words = _("%(seal)s at position %(end)s does not fit: the chain was rebuilt from here or later")
                yield Fault(after + 1, None, "rebuilt", words % {"seal": name, "end": position})
    if outside.position == position and database.position != position:
        yield Fault(position, None, "seal", _("its seal stands outside but not in the database: it was removed"))


def _faults_of_the_tail(head, database, outside):
    for seals, name in ((database, _("the seal in the database")), (outside, _("the seal outside"))):
        for line, is_ours, _after in seals.up_to(None):
            if is_ours and Link.objects.filter(position=line.position, hash=line.hash).exists():
                continue  # sealed while we were reading
            if is_ours:
                words = _("%(seal)s says that there were %(count)s entries: the end was cut off")
                yield Fault(head + 1, None, "cut", words % {"seal": name, "count": line.position})
            else:
                yield Fault(line.position, None, "seal", _("%(seal)s was changed") % {"seal": name})


class _Seals:
    """Seals of one place in their order, each with whether it is ours and the position of the one before.

    Where some are left out, their MACs (each over the one before) cannot be checked: their hashes still must fit.
    """

    def __init__(self, lines, *, complete=True):
        self.complete = complete
        self.lines, self.position, self.mac = iter(lines), 0, START
        self.next = next(self.lines, None)

    def up_to(self, position):
        while self.next and (position is None or self.next.position <= position):
            line, after = self.next, self.position
            wanted = seal_mac(self.mac, line.position, line.hash, line.sealed_at)
            fits = hmac.compare_digest(line.mac, wanted) if self.complete else bool(line.mac)
            is_ours = fits and line.position > after
            self.position, self.mac, self.next = line.position, line.mac, next(self.lines, None)
            yield line, is_ours, after


def _lines_of_database():
    position = -(1 << 62)
    while page := list(Seal.objects.filter(position__gt=position).order_by("position")[:PAGE]):
        yield from (SealLine.read(seal.line) for seal in page)
        position = page[-1].position


def _lines_of_file(lines):
    position = 0
    for line in lines:
        try:
            seal = SealLine.read(line)
        except ValueError:
            seal = SealLine(position + 1, b"", 0, b"")  # not a seal: shown as one that is not ours
        position = seal.position
        yield seal


def _all(sql, parameters=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
