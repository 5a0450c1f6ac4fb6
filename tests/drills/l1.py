"""L1: thirteen kinds of tampering with a trail of 1,000 entries, each done to many rows. All must show, by their place.

Each is done as the superuser, past the triggers, in a transaction that is taken back after ``verify`` has spoken.
"""

import hashlib
import random
import time
from collections import Counter

from django.db import connection, transaction

from audit.models import Actor
from audit.services import sequencer
from audit.services.trail import record
from audit.services.verification import verify

from .world import world

QUICK = True
ENTRIES, SEALED_EVERY = 1000, 20
TRAIL = ENTRIES + SEALED_EVERY  # the rows tampered with, and one more seal after them
COLUMNS = {
    "at": "at - interval '1 day'", "action": "action || 'x'", "actor_id": "actor_id + 1", "actor_label": "'somebody'",
    "subject": "subject || '0'", "person": "'customers.customer:C1'", "details": "'{}'",
    "nonce": "sha256(nonce)", "mac": "sha256(mac)", "transaction": "'3'",
}  # fmt: skip


def run(size):
    with world(size):
        entries = write()
        places = range(1, ENTRIES + 1) if size == "full" else sorted(random.sample(range(1, ENTRIES + 1), 12))
        become_superuser()
        outside = sequencer.outside_file().read_bytes()
        assert next(verify(), None) is None, "the trail is not whole before anybody touched it"
        tried, shown, named, missed = Counter(), Counter(), Counter(), []
        for kind in KINDS:
            begun = time.monotonic()
            for place in places:
                fault = tamper(kind, place, entries)
                sequencer.outside_file().write_bytes(outside)
                tried[kind.__name__] += 1
                shown[kind.__name__] += fault is not None
                if fault and is_named(kind, fault, place, entries):
                    named[kind.__name__] += 1
                else:
                    missed.append(f"{kind.__name__} at {place}: {fault}")
            name = kind.__name__
            print(f"    {name:<34}{tried[name]:>6}{shown[name]:>6} shown{named[name]:>6} named"
                  f"{time.monotonic() - begun:>8.1f} s", flush=True)  # fmt: skip
        whole_again = next(verify(), None) is None
        for line in missed[:10]:
            print(f"    MISSED {line}")
        total = sum(tried.values())
        counts = {
            "kinds": len(KINDS), "entries in the trail": TRAIL, "tampered with": total, "shown": sum(shown.values()),
            "first bad entry named": sum(named.values()), "whole again afterwards": whole_again,
        }  # fmt: skip
        return {"counts": counts, "met": total == sum(shown.values()) == sum(named.values()) and whole_again}


def write():
    """The entries, sealed every twenty; their numbers in the order of the chain."""
    for number in range(TRAIL):
        with transaction.atomic():
            record("drill.done", subject=f"drill:{number}", by=Actor.system(), number=number, fields=["name", "email"])
        if (number + 1) % SEALED_EVERY == 0:
            sequencer.sequence()
            sequencer.seal_if_due(force=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry_id FROM audit_link ORDER BY position")
        return [None, *(entry_id for (entry_id,) in cursor.fetchall())]


def become_superuser():
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolsuper AND rolcanlogin ORDER BY oid LIMIT 1")
        (name,) = cursor.fetchone()
    connection.close()
    connection.settings_dict["USER"] = name
    connection.settings_dict["OPTIONS"].pop("user", None)


def tamper(kind, place, entries):
    """The first fault that verify names after this was done; then everything is as before."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            kind(cursor, place, entries)
        fault = next(verify(), None)
        transaction.set_rollback(True)
    return fault


def is_named(kind, fault, place, entries):
    if kind in (insert_forged, insert_copy):
        return fault.entry_id is not None and fault.entry_id not in entries
    if kind in (edit_seal, remove_seal):
        return fault.position == seal_after(place)
    if kind is rebuild_with_our_own_sequencer:
        return fault.position == seal_after(place) - SEALED_EVERY + 1
    if kind in (swap_entries, reorder_links):
        return fault.position == min(place, other(place))
    if kind in (remove_entry_and_link, cut_tail):
        return fault.position == place
    return fault.position == place and fault.entry_id == entries[place]


def seal_after(place):
    return -(-place // SEALED_EVERY) * SEALED_EVERY


def other(place):
    return place + 7 if place <= ENTRIES - 7 else place - 7


def edit_entry(cursor, place, entries):
    column = list(COLUMNS)[place % len(COLUMNS)]
    cursor.execute(f"UPDATE audit_entry SET {column} = {COLUMNS[column]} WHERE id = %s", [entries[place]])


def remove_entry(cursor, place, entries):
    cursor.execute("DELETE FROM audit_entry WHERE id = %s", [entries[place]])


def remove_entry_and_link(cursor, place, entries):
    remove_entry(cursor, place, entries)
    cursor.execute("DELETE FROM audit_link WHERE position = %s", [place])


def insert_forged(cursor, place, entries):
    cursor.execute(
        "INSERT INTO audit_entry (at, action, actor_id, actor_label, subject, person, details, nonce, mac, transaction)"
        " SELECT at, action, actor_id, 'somebody', subject, person, details, nonce, sha256(mac), transaction"
        " FROM audit_entry WHERE id = %s",
        [entries[place]],
    )


def insert_copy(cursor, place, entries):
    cursor.execute(
        "INSERT INTO audit_entry (at, action, actor_id, actor_label, subject, person, details, nonce, mac, transaction)"
        " SELECT at, action, actor_id, actor_label, subject, person, details, nonce, mac, transaction"
        " FROM audit_entry WHERE id = %s",
        [entries[place]],
    )


def swap_entries(cursor, place, entries):
    one, two = entries[place], entries[other(place)]
    cursor.execute("UPDATE audit_entry SET id = -id WHERE id IN (%s, %s)", [one, two])
    cursor.execute("UPDATE audit_entry SET id = CASE id WHEN %s THEN %s ELSE %s END WHERE id < 0", [-one, two, one])


def reorder_links(cursor, place, entries):
    one, two = place, other(place)
    cursor.execute("UPDATE audit_link SET position = -position WHERE position IN (%s, %s)", [one, two])
    cursor.execute(
        "UPDATE audit_link SET position = CASE position WHEN %s THEN %s ELSE %s END WHERE position < 0",
        [-one, two, one],
    )


def edit_link(cursor, place, entries):
    cursor.execute("UPDATE audit_link SET hash = sha256(hash) WHERE position = %s", [place])


def edit_seal(cursor, place, entries):
    cursor.execute("UPDATE audit_seal SET hash = sha256(hash) WHERE position = %s", [seal_after(place)])


def remove_seal(cursor, place, entries):
    cursor.execute("DELETE FROM audit_seal WHERE position = %s", [seal_after(place)])


def cut_tail(cursor, place, entries):
    cursor.execute(
        "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_link WHERE position >= %s)", [place]
    )
    cursor.execute("DELETE FROM audit_link WHERE position >= %s", [place])
    cursor.execute("DELETE FROM audit_seal WHERE position >= %s", [place])


def rebuild_without_the_key(cursor, place, entries):
    """Change an entry, then every MAC, link and seal from there on, as well as one can without the key."""
    cursor.execute("UPDATE audit_entry SET subject = 'other' WHERE id = %s", [entries[place]])
    cursor.execute("SELECT hash FROM audit_link WHERE position = %s", [place - 1])
    found = cursor.fetchone()
    previous = bytes(found[0]) if found else bytes(32)
    rows = []
    for position in range(place, TRAIL + 1):
        mac = hashlib.sha256(b"%d" % entries[position]).digest()
        previous = hashlib.sha256(previous + mac).digest()
        rows.append((position, entries[position], mac, previous))
    columns = [list(column) for column in zip(*rows, strict=True)]
    cursor.execute("CREATE TEMPORARY TABLE forged (position bigint, entry_id bigint, mac bytea, hash bytea) "
                   "ON COMMIT DROP")  # fmt: skip
    cursor.execute(
        "INSERT INTO forged SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[], %s::bytea[])", columns
    )
    cursor.execute("UPDATE audit_entry SET mac = forged.mac FROM forged WHERE forged.entry_id = audit_entry.id")
    cursor.execute("UPDATE audit_link SET hash = forged.hash FROM forged WHERE forged.position = audit_link.position")
    cursor.execute("UPDATE audit_seal SET hash = forged.hash, mac = sha256(audit_seal.mac) FROM forged"
                   " WHERE forged.position = audit_seal.position")  # fmt: skip


def rebuild_with_our_own_sequencer(cursor, place, entries):
    """Take an entry out and all links and seals from there on: the sequencer, who has the key, fills them in anew."""
    remove_entry(cursor, place, entries)
    cursor.execute("DELETE FROM audit_link WHERE position >= %s", [place])
    cursor.execute("DELETE FROM audit_seal WHERE position >= %s", [place])


KINDS = [
    edit_entry, remove_entry, remove_entry_and_link, insert_forged, insert_copy, swap_entries, reorder_links, edit_link,
    edit_seal, remove_seal, cut_tail, rebuild_without_the_key, rebuild_with_our_own_sequencer,
]  # fmt: skip
