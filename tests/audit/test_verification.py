"""The trail shows where it was tampered with."""

import hashlib
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from audit.models import Actor, Entry, Link, Seal
from audit.services import sequencer
from audit.services.trail import record, record_batch
from audit.services.verification import verify


def write(count, start=0):
    for number in range(start, start + count):
        with transaction.atomic():
            record("test.done", subject=f"test:{number}", by=Actor.system(), number=number, words=["é", "漢字"])


def tamper(sql, *parameters):
    """As somebody could who rules the server: the triggers are out of the way."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
        cursor.execute("ALTER TABLE audit_link DISABLE TRIGGER ALL")
        cursor.execute("ALTER TABLE audit_seal DISABLE TRIGGER ALL")
        cursor.execute(sql, parameters)


@pytest.fixture
def trail(committed):
    """Forty entries, sealed at 20 and at 40."""
    write(20)
    sequencer.sequence()
    write(20, 20)
    sequencer.sequence()
    sequencer.seal_if_due(force=True)
    return list(Link.objects.order_by("position").values_list("entry_id", flat=True))


def first():
    return next(verify(), None)


def test_a_trail_that_nobody_touched_is_whole(trail):
    write(3)
    out = io.StringIO()

    call_command("verify_audit", stdout=out)

    assert "43" in out.getvalue()
    assert list(Seal.objects.values_list("position", flat=True)) == [20, 40]
    assert sequencer.outside_file().read_text().count("\n") == 2


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "at + interval '1 microsecond'"),
        ("action", "'test.undone'"),
        ("actor_id", "actor_id + 1"),
        ("actor_label", "'other'"),
        ("subject", "'test:99'"),
        ("person", "'customers.customer:1'"),
        ("details", "details || '{\"number\": 1.0}'"),
        ("nonce", "decode(repeat('00', 16), 'hex')"),
        ("mac", "decode(repeat('00', 32), 'hex')"),
        ("transaction", "(transaction::text::bigint - 1)::text::xid8"),
        ("id", "id + 1000000"),
    ],
)
def test_every_column_of_an_entry_is_covered(trail, column, value):
    tamper(f"UPDATE audit_entry SET {column} = {value} WHERE id = %s", trail[9])

    fault = first()

    assert fault.position == 10
    assert fault.entry_id == trail[9]


def test_a_removed_entry_is_named(trail):
    tamper("DELETE FROM audit_entry WHERE id = %s", trail[9])

    assert (first().kind, first().position, first().entry_id) == ("missing", 10, trail[9])


def test_an_entry_removed_with_its_link_leaves_a_gap(trail):
    tamper("DELETE FROM audit_entry WHERE id = %s", trail[9])
    tamper("DELETE FROM audit_link WHERE position = 10")

    assert (first().kind, first().position) == ("gap", 10)


def test_a_removed_link_is_shown(trail):
    tamper("DELETE FROM audit_link WHERE position = 10")

    assert (first().kind, first().position) == ("gap", 10)


def test_swapped_entries_are_named(trail):
    tamper(
        "UPDATE audit_entry SET id = CASE id WHEN %s THEN -1 ELSE -2 END WHERE id IN (%s, %s)",
        trail[9], trail[9], trail[14],
    )  # fmt: skip
    tamper("UPDATE audit_entry SET id = CASE id WHEN -1 THEN %s ELSE %s END WHERE id < 0", trail[14], trail[9])

    assert (first().position, first().entry_id) == (10, trail[9])


def test_reordered_links_are_named(trail):
    tamper("UPDATE audit_link SET entry_id = -entry_id WHERE position IN (10, 15)")
    tamper("UPDATE audit_link SET entry_id = %s WHERE position = 10", trail[14])
    tamper("UPDATE audit_link SET entry_id = %s WHERE position = 15", trail[9])

    assert first().position == 10


def test_an_edited_link_is_named(trail):
    tamper("UPDATE audit_link SET hash = decode(repeat('00', 32), 'hex') WHERE position = 10")

    assert (first().kind, first().position, first().entry_id) == ("link", 10, trail[9])


@pytest.mark.parametrize("transaction_id", ["transaction", "pg_current_xact_id()", "'999999999'::xid8"])
def test_a_copied_entry_is_named(trail, transaction_id):
    tamper(
        "INSERT INTO audit_entry (at, action, actor_id, actor_label, subject, person, details, nonce, mac, transaction)"
        " SELECT at, action, actor_id, actor_label, subject, person, details, nonce, mac, " + transaction_id + " "
        "FROM audit_entry WHERE id = %s",
        trail[9],
    )

    assert first().entry_id == Entry.objects.latest("id").pk


def test_a_forged_entry_is_named(trail):
    tamper(
        "INSERT INTO audit_entry (at, action, actor_id, actor_label, subject, person, details, nonce, mac)"
        " VALUES (now(), 'test.done', 1, 'system', 'x', '', '{}', decode(repeat('00', 16), 'hex'),"
        " decode(repeat('00', 32), 'hex'))"
    )

    assert (first().kind, first().position) == ("changed", 41)


def test_a_cut_tail_shows_against_the_seal_outside(trail):
    tamper("DELETE FROM audit_entry WHERE id >= %s", trail[29])
    tamper("DELETE FROM audit_link WHERE position >= 30")
    tamper("DELETE FROM audit_seal WHERE position >= 30")

    assert (first().kind, first().position) == ("cut", 30)


def test_a_cut_tail_that_our_own_sequencer_filled_again_shows(trail):
    tamper("DELETE FROM audit_entry WHERE id >= %s", trail[29])
    tamper("DELETE FROM audit_link WHERE position >= 30")
    tamper("DELETE FROM audit_seal WHERE position >= 30")
    write(30, 100)

    assert (first().kind, first().position) == ("rebuilt", 21)


def test_a_chain_without_an_entry_that_our_own_sequencer_built_anew_shows(trail):
    tamper("DELETE FROM audit_entry WHERE id = %s", trail[9])
    tamper("DELETE FROM audit_link")
    tamper("DELETE FROM audit_seal")

    assert (first().kind, first().position) == ("rebuilt", 1)


def test_a_whole_rebuild_without_the_key_shows(trail):
    tamper("UPDATE audit_entry SET subject = 'other' WHERE id = %s", trail[9])
    previous = bytes(32)
    for link, entry in zip(Link.objects.order_by("position"), Entry.objects.order_by("id"), strict=True):
        mac = hashlib.sha256(repr(entry.subject).encode()).digest()
        previous = hashlib.sha256(previous + mac).digest()
        tamper("UPDATE audit_entry SET mac = %s WHERE id = %s", mac, entry.pk)
        tamper("UPDATE audit_link SET hash = %s WHERE position = %s", previous, link.position)

    assert (first().position, first().entry_id) == (1, trail[0])


def test_an_edited_seal_is_named(trail):
    tamper("UPDATE audit_seal SET hash = decode(repeat('00', 32), 'hex') WHERE position = 20")

    assert (first().kind, first().position) == ("seal", 20)


def test_a_removed_seal_shows_against_the_file_outside(trail):
    tamper("DELETE FROM audit_seal WHERE position = 40")

    assert (first().kind, first().position) == ("seal", 40)


def test_an_edited_line_outside_shows(trail):
    path = sequencer.outside_file()
    path.write_text(path.read_text().replace("20 ", "19 ", 1))

    assert first().kind == "seal"


def test_a_line_cut_by_a_crash_is_written_anew(trail):
    path = sequencer.outside_file()
    whole = path.read_text()
    path.write_text(whole[:-30])

    assert first() is None
    assert path.read_text() == whole


def test_single_lines_from_the_daily_mails_show_a_cut_tail_when_the_file_outside_is_gone(trail, tmp_path):
    mailed = tmp_path / "mailed"
    mailed.write_text(f"{Seal.objects.get(position=40).line}\n")
    call_command("verify_audit", seals=mailed, stdout=io.StringIO())

    tamper("DELETE FROM audit_entry WHERE id >= %s", trail[29])
    tamper("DELETE FROM audit_link WHERE position >= 30")
    tamper("DELETE FROM audit_seal WHERE position >= 30")
    sequencer.outside_file().unlink()
    assert first() is None

    with pytest.raises(CommandError):
        call_command("verify_audit", seals=mailed, stdout=io.StringIO())


def test_the_command_ends_with_1_and_names_the_first_bad_entry(trail):
    tamper("UPDATE audit_entry SET subject = 'other' WHERE id IN (%s, %s)", trail[9], trail[19])

    with pytest.raises(CommandError, match=f"#{trail[9]}") as error:
        call_command("verify_audit", stdout=io.StringIO())

    assert error.value.returncode == 1


@pytest.mark.parametrize("table", ["audit_entry", "audit_link", "audit_seal", "audit_access"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = {column}",
        "UPDATE {table} SET {column} = {column} WHERE false",
        "DELETE FROM {table}",
        "TRUNCATE {table} CASCADE",
        "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({column}) DO UPDATE SET {column} = EXCLUDED.{column}",
    ],
)
@pytest.mark.django_db
def test_rows_of_the_trail_are_only_ever_added(table, statement):
    column = "position" if table == "audit_link" else "id"

    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table=table, column=column))


def test_an_entry_of_a_transaction_still_under_way_waits_and_nothing_is_left_out(committed):
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT pg_current_xact_id()")
        write(5)
        assert sequencer.sequence() == 0

        cursor.execute("COMMIT")
    other.close()

    assert sequencer.sequence() == 5
    assert sequencer.sequence() == 0


def test_one_sequencer_works_at_a_time(committed):
    write(5)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [sequencer.LOCK])
        assert sequencer.sequence() == 0
        cursor.execute("ROLLBACK")
    other.close()

    assert sequencer.sequence() == 5


def test_after_a_restore_on_a_younger_server_new_entries_are_linked(trail):
    tamper("DELETE FROM audit_seal")
    sequencer.outside_file().unlink()
    tamper("DELETE FROM audit_link")
    tamper("UPDATE audit_entry SET transaction = (transaction::text::bigint + 1000000000)::text::xid8")
    assert sequencer.sequence() == 40

    write(3, 200)
    assert sequencer.sequence() == 3
    write(3, 300)
    assert sequencer.sequence() == 3

    assert first() is None


@pytest.mark.django_db
def test_details_come_back_from_the_database_as_they_were_written():
    entry = record(
        "test.done", subject="x", by=Actor.system(), z=1, a={"b": [True, None, "漢字\n\"'\\", 2**70], "": {}}, e=""
    )

    read = Entry.objects.get(pk=entry.pk)

    assert read.details == entry.details
    assert bytes(read.mac) == entry.mac


@pytest.mark.django_db
@pytest.mark.parametrize("value", [0.1, b"x", [{"a": 1.5}]])
def test_a_detail_that_would_not_come_back_the_same_is_refused(value):
    with pytest.raises(TypeError):
        record("test.done", subject="x", by=Actor.system(), value=value)


@pytest.mark.django_db
def test_a_batch_is_one_entry_with_a_count_and_a_digest():
    entry = record_batch("test.done", subject="x", by=Actor.system(), references=[f"c:{n}" for n in range(1000)])

    assert entry.details["count"] == 1000
    assert len(entry.details["digest"]) == 64
    with pytest.raises(ValueError, match="1001"):
        record_batch("test.done", subject="x", by=Actor.system(), references=["c"] * 1001)


def test_an_entry_outside_a_transaction_is_refused(committed):
    with pytest.raises(transaction.TransactionManagementError):
        record("test.done", subject="x", by=Actor.system())
