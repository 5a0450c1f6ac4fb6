"""A change of the key under which values are sealed. What a killed run leaves is a matter of the drill K1, too."""

import base64
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from contextlib import suppress

import psycopg
import pytest
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import isolate_apps
from django.utils import timezone
from encrypted_model_fields import fields as library
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Actor, Entry, Job
from customers import fields, storage
from customers.exceptions import OtherKeys, RotationUnderWay, WrongKey
from customers.models import Canary, Customer, KeyRotation, SealedFile, SearchTerm
from customers.services import canary, corrections, files, rotation
from customers.services.keys import Keyring, fingerprint
from customers.services.resealing import MAY_CHANGE, SealedTable, reseal_page, reseal_rows, sealed_tables
from customers.tasks import rotate_keys
from tests.factories.audit import StaffFactory
from tests.factories.customers import make_customer, make_erased_customer
from tests.factories.requests_desk import At, a_draft
from tests.served import environment

OLD = django_settings.FIELD_ENCRYPTION_KEY[0]
NEW, STRANGE = Fernet.generate_key().decode(), Fernet.generate_key().decode()
Outcome = KeyRotation.Outcome


@pytest.fixture
def under(settings, monkeypatch):
    """Begins this process anew, as it were, with other keys: ``under(NEW, OLD)``."""

    def under(*keys):
        settings.FIELD_ENCRYPTION_KEY = list(keys)
        monkeypatch.setattr(library, "CRYPTER", MultiFernet(map(Fernet, keys)))

    return under


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(rotation, "PAGE", 2)
    monkeypatch.setattr(rotation, "SAVED_EVERY", 0)


def rotate(**options):
    by = Actor.system()
    return rotation.run(rotation.begin(by=by), by=by, **options)


def words(number, key=None):
    """So many search words, sealed under what this process has in front."""
    return SearchTerm.objects.bulk_create(
        SearchTerm(text=f"山田 {n}", actor=Actor.system(), session="s", valid_until=timezone.now())
        for n in range(number)
    )


def raw(sql, *given):
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall() if cursor.description else None


def everything():
    """What is read in every sealed column of every table, by row."""
    found = {}
    for label in sealed_tables():
        model = apps.get_model(label)
        names = [field.name for field in model._meta.local_fields if isinstance(field, fields.SealedMixin)]
        found[label] = sorted(model._base_manager.values_list("pk", *names))
    return found


def keys_in_use():
    """How many values lie under which key, counted by opening each one."""
    fernets, found = {key: Fernet(key) for key in (OLD, NEW, STRANGE)}, Counter()
    for label, table in sealed_tables().items():
        last = table.next_page(None, 10_000)
        for _key, values in table.rows(None, last) if last else []:
            for value in filter(None, values):
                found[next((key for key, fernet in fernets.items() if opens(fernet, value)), label)] += 1
    return found


def opens(fernet, value):
    with suppress(InvalidToken):
        return fernet.extract_timestamp(value.encode()) > 0
    return False


# One value


@given(text=st.text(max_size=300), moment=st.integers(0, 2**40), old=st.integers(1, 2))
def test_a_value_under_any_old_key_is_the_same_under_the_newest_with_its_moment(text, moment, old):
    ring = Keyring([NEW, OLD, STRANGE])
    token = Fernet([NEW, OLD, STRANGE][old]).encrypt_at_time(text.encode("utf-8", "surrogatepass"), moment).decode()

    position, renewed = ring.renew(token)

    assert position == old
    assert Fernet(NEW).decrypt(renewed).decode("utf-8", "surrogatepass") == text
    assert Fernet(NEW).extract_timestamp(renewed) == moment
    assert ring.renew(renewed) == (0, None)


def said(token):
    """The bytes that a token stands for, or the token where it stands for none."""
    try:
        return base64.urlsafe_b64decode(token)
    except ValueError:
        return token


@given(text=st.text(max_size=200) | st.from_regex(r"\AgAAAA[A-Za-z0-9_=-]{0,200}\Z"), cut=st.integers(0, 99))
def test_what_opens_under_no_key_is_left(text, cut):
    ring = Keyring([NEW, OLD])
    token = Fernet(OLD).encrypt(b"customer.name\0x").decode()
    turned = token[:cut] + ("A" if token[cut] != "A" else "B") + token[cut + 1 :]

    assert ring.renew(text) == (None, None)
    assert ring.renew(token[:cut]) == (None, None)
    if said(turned) != said(token):  # of the sign before the == a few bits are read by nobody
        assert ring.renew(turned) == (None, None)
    assert ring.renew(Fernet(STRANGE).encrypt(b"x").decode()) == (None, None)


def test_a_fingerprint_names_a_key_and_shows_nothing_of_it():
    assert fingerprint(OLD) == fingerprint(OLD) != fingerprint(NEW)
    assert len(fingerprint(OLD)) == 8
    assert fingerprint(OLD) not in OLD.lower()


# All tables


FILLED = {
    "customers.canary", "customers.customer", "customers.historicalcustomer", "customers.sealedfile",
    "customers.searchterm", "requests_desk.datarequest", "requests_desk.decision", "requests_desk.draft",
    "requests_desk.historicaldatarequest", "requests_desk.historicaldecision",
}  # fmt: skip


@pytest.fixture
def an_office(db, tmp_path, settings):
    """A customer with history, an erased one, a case with all that hangs on it, a draft, search words."""
    settings.FILES_FOLDER = tmp_path
    customer = make_customer(name="髙﨑 花子", email="hanako@example.jp", birth_date="1985-04-03")
    corrections.correct(customer, changes={"nickname": "はな"}, reason="NOTICE", by=Actor.system())
    make_erased_customer(name="消去 太郎")
    At.approved(customer)
    At.document_sent()
    a_draft()
    words(3)
    return customer


def test_every_value_of_every_table_and_history_is_under_the_new_key_and_reads_as_before(an_office, under):
    before, in_use = everything(), keys_in_use()
    assert set(in_use) == {OLD}
    assert {label for label, rows in before.items() if rows} >= FILLED
    under(NEW, OLD)

    done = rotate()

    assert keys_in_use() == {NEW: in_use[OLD]}
    assert done.outcome == Outcome.CLEAN
    assert done.under() == {fingerprint(NEW): in_use[OLD], fingerprint(OLD): 0}
    assert (done.resealed, done.passes) == (in_use[OLD], 2)
    under(NEW)
    assert everything() == before  # nothing lost, and no row of history more


def test_files_stay_as_they_lie_and_open(an_office, under):
    sealed_file = SealedFile.objects.filter(key__isnull=False).first()
    content, lies = files.read(sealed_file), storage.path_of(sealed_file.place).read_bytes()
    under(NEW, OLD)

    rotate()

    under(NEW)
    assert storage.path_of(sealed_file.place).read_bytes() == lies
    assert files.read(SealedFile.objects.get(pk=sealed_file.pk)) == content


def test_from_then_on_no_process_starts_that_knows_the_old_key_alone(db, under):
    under(NEW, OLD)
    rotate()

    canary.check()
    under(NEW)
    canary.check()
    under(OLD)
    with pytest.raises(WrongKey):
        canary.check()


def test_the_canary_is_first(db):
    assert list(sealed_tables())[0] == Canary._meta.label_lower


def test_a_value_of_another_column_stays_as_refused_as_it_was(db, under):
    customer = make_customer(name="甲", nickname="乙")
    raw("UPDATE customers_customer SET name = nickname WHERE id = %s", customer.pk)
    under(NEW, OLD)

    assert rotate().outcome == Outcome.CLEAN

    with pytest.raises(fields.DecryptionError):
        Customer.objects.get(pk=customer.pk)


KNOWN_TRIGGERS = {
    ("requests_desk_datarequest", "kind_and_number_never_change"),  # lets all else pass
    ("requests_desk_datarequest", "search_waits_for_the_fee"),  # lets a row pass that is as it was
    ("requests_desk_decision", "decision_is_one_of_its_kind"),  # only where outcome, ground or request is written
    ("requests_desk_datarequest", "ended_request_leaves_the_index"),  # only where the status is written
    ("customers_customer", "customer_aliases_make_no_chain"),  # only where the alias is written
    ("customers_customer", "customer_held_again"),  # takes back what blanked says of categories that are held
    ("customers_customer", "customer_updates_are_counted"),  # counts before and after, which are the same
    ("customers_event", "event_is_append_only"),  # asks for a setting: MAY_CHANGE
}


def test_no_trigger_on_a_sealed_table_is_unknown_to_the_rotation(db):
    tables = [apps.get_model(label)._meta.db_table for label in sealed_tables()]
    found = raw(
        "SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " WHERE NOT tgisinternal AND tgtype & 16 > 0 AND relname = ANY(%s)",
        tables,
    )  # fmt: skip

    assert set(found) <= KNOWN_TRIGGERS, "show that the rotation passes it, then name it here"


# Keys of several columns, and rows that a trigger keeps from being changed

GUARDED = """
CREATE TABLE rotated_event (at timestamptz, line uuid, data text, PRIMARY KEY (at, line)) PARTITION BY RANGE (at);
CREATE TABLE rotated_event_old PARTITION OF rotated_event FOR VALUES FROM (MINVALUE) TO ('2026-05-01');
CREATE TABLE rotated_event_new PARTITION OF rotated_event FOR VALUES FROM ('2026-05-01') TO (MAXVALUE);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('office.may_change_events', true), '') <> 'on' THEN
        RAISE EXCEPTION 'refused' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rotated_event_is_append_only BEFORE UPDATE ON rotated_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


@pytest.fixture
def guarded(db):
    with isolate_apps("customers"):

        class Event(models.Model):
            pk = models.CompositePrimaryKey("at", "line")
            at = models.DateTimeField()
            line = models.UUIDField()
            data = fields.SealedJSONField(context="rotated_event.data", null=True)

            class Meta:
                app_label = "customers"
                db_table = "rotated_event"

            def __str__(self):
                return str(self.line)

    raw(GUARDED)
    return Event


def test_partitioned_rows_with_keys_of_two_columns_are_paged_and_changed_where_a_trigger_asks(guarded, under):
    same = timezone.now()
    moments = [same, same, same, *(same - timezone.timedelta(days=300) * n for n in range(4))]
    guarded.objects.bulk_create(
        guarded(at=moment, line=uuid.uuid4(), data={"n": n} if n else None) for n, moment in enumerate(moments)
    )
    table, after, seen, resealed = SealedTable(guarded), None, 0, 0
    assert MAY_CHANGE[table.label] == ["office.may_change_events"]
    with pytest.raises(IntegrityError), transaction.atomic():
        raw("UPDATE rotated_event SET data = ''")
    under(NEW, OLD)

    while upto := table.next_page(after, 2):
        page = reseal_rows(table, after, upto)
        after, seen, resealed = upto, seen + page.rows, resealed + page.resealed

    assert (seen, resealed, table.count()) == (7, 6, 7)
    assert reseal_rows(table, None, after).under == {fingerprint(NEW): 6}
    under(NEW)
    assert sorted(row.data["n"] for row in guarded.objects.filter(data__isnull=False)) == [1, 2, 3, 4, 5, 6]


# What others do meanwhile


def test_a_value_written_meanwhile_is_not_replaced(db, under):
    term = words(1)[0]
    under(NEW, OLD)
    table = SealedTable(SearchTerm)
    ((key, old),) = table.rows(None, [str(term.pk)])
    SearchTerm.objects.filter(pk=term.pk).update(text="佐藤")

    assert table.replace([(key, old, [Keyring([NEW, OLD]).renew(old[0])[1]])]) == set()
    assert SearchTerm.objects.get(pk=term.pk).text == "佐藤"


def test_pages_hold_as_many_rows_as_they_may_in_the_order_of_numbers(db):
    first = words(25)[0].pk
    table, ends = SealedTable(SearchTerm), []

    while page := table.next_page([str(ends[-1])] if ends else None, 10):
        ends.append(int(page[0]))

    assert [end - first + 1 for end in ends] == [10, 20, 25]


def test_a_row_that_was_removed_meanwhile_stays_removed(db, under):
    term = words(1)[0]
    table = SealedTable(SearchTerm)
    ((key, old),) = table.rows(None, [str(term.pk)])
    term.delete()

    assert table.replace([(key, old, old)]) == set()
    assert not SearchTerm.objects.exists()


def server():
    options = connection.get_connection_params()
    for only_for_django in ("context", "cursor_factory", "prepare_threshold"):
        options.pop(only_for_django, None)
    return options


def test_a_row_that_somebody_holds_is_passed_over_without_waiting_and_found_again(committed, under):
    held, free = words(2)
    under(NEW, OLD)

    with psycopg.connect(**server()) as other:
        other.execute("SELECT 1 FROM customers_searchterm WHERE id = %s FOR UPDATE", [held.pk])
        begun = time.monotonic()
        page = reseal_page("customers.searchterm", None, [str(free.pk)])
        waited = time.monotonic() - begun

    assert waited < 5
    assert (page.found, page.resealed) == (2, 1)
    assert page.under == {fingerprint(NEW): 1, fingerprint(OLD): 1}
    assert rotate().under() == {fingerprint(NEW): keys_in_use()[NEW], fingerprint(OLD): 0}


def test_two_processes_at_the_same_rows_do_no_harm(committed, under):
    terms = words(300)
    under(NEW, OLD)
    pages, ready = [], threading.Barrier(2)

    def reseal():
        ready.wait()
        pages.append(reseal_page("customers.searchterm", None, [str(terms[-1].pk)]))
        connection.close()

    threads = [threading.Thread(target=reseal) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(page.resealed for page in pages) == 300
    under(NEW)
    assert [term.text for term in SearchTerm.objects.order_by("pk")] == [f"山田 {n}" for n in range(300)]


def test_a_second_run_is_told_that_one_is_under_way_for_as_long_as_it_lives(committed, under):
    under(NEW, OLD)
    of_keys = rotation.begin(by=Actor.system())

    with psycopg.connect(**server()) as other:
        other.execute("SELECT pg_advisory_lock(%s, 2)", [rotation.LOCK])
        with pytest.raises(RotationUnderWay):
            rotation.run(of_keys, by=Actor.system())
        with pytest.raises(RotationUnderWay):
            rotation.start(by=Actor.system())
        assert rotation.under_way() == of_keys
    while rotation.is_under_way():  # the server notices a moment later that the other is gone
        time.sleep(0.01)

    assert rotation.run(of_keys, by=Actor.system()).outcome == Outcome.CLEAN


def test_what_is_written_under_the_old_key_behind_a_pass_is_found_by_the_next(db, under, small_pages):
    words(10)
    under(NEW, OLD)
    written = []

    def write_once(done, total):
        if not written:  # the canary's table is done by now
            written.append(fields.seal("canary.sealed", canary.SAID))
            token = Fernet(OLD).encrypt(f"canary.sealed\0{canary.SAID}".encode()).decode()
            raw("UPDATE customers_canary SET sealed = %s", token)

    done = rotate(progress=write_once)

    assert (done.outcome, done.passes) == (Outcome.CLEAN, 3)
    assert set(keys_in_use()) == {NEW}


def test_a_copy_of_an_old_value_in_a_transaction_that_is_long_open_is_waited_for(committed, under):
    (term,) = words(1)
    under(NEW, OLD)
    copy = (
        "INSERT INTO customers_searchterm (number, text, actor_id, session, valid_until)"
        " SELECT 'copy', text, actor_id, session, valid_until FROM customers_searchterm WHERE id = %s"
    )
    done = []

    def carry_out():
        done.append(rotate())
        connection.close()

    with psycopg.connect(**server()) as other:
        other.execute(copy, [term.pk])
        running = threading.Thread(target=carry_out)
        running.start()
        while KeyRotation.objects.filter(passes=2).count() == 0:
            time.sleep(0.01)
        running.join(0.5)
        assert not done
    running.join()

    assert (done[0].outcome, done[0].passes) == (Outcome.CLEAN, 3)
    assert set(keys_in_use()) == {NEW}


def test_somebody_who_never_stops_is_named_as_what_he_is(db, under, monkeypatch):
    monkeypatch.setattr(rotation, "PASSES", 3)
    under(NEW, OLD)
    token = Fernet(OLD).encrypt(f"canary.sealed\0{canary.SAID}".encode()).decode()

    done = rotate(progress=lambda done, total: raw("UPDATE customers_canary SET sealed = %s", token))

    assert (done.outcome, done.passes, done.found > 0) == (Outcome.REMAINS, 3, True)
    monkeypatch.setattr(rotation, "PASSES", 1)
    with pytest.raises(CommandError):
        call_command("rotate_keys", processes=1, verbosity=0)


# From the beginning to the end


def test_an_interrupted_run_goes_on_where_it_stopped(db, under, small_pages):
    words(20)
    under(NEW, OLD)
    seen = []

    def stop(done, total):
        seen.append(done)
        if done > 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(progress=stop)
    stopped = KeyRotation.objects.get()
    assert (stopped.table, stopped.done, stopped.finished_at) == ("customers.searchterm", seen[-1], None)
    assert keys_in_use()[OLD] > 0

    again = []
    done = rotate(progress=lambda done, total: again.append(done))

    assert done == stopped
    assert again[0] == seen[-1] + 2
    assert (done.outcome, done.resealed, set(keys_in_use())) == (Outcome.CLEAN, 21, {NEW})


def test_a_value_that_opens_under_no_key_is_counted_named_and_left(db, under):
    terms = words(3)
    token = Fernet(STRANGE).encrypt(b"search_term.text\0x").decode()
    for term, left in zip(terms, [token, 'broken "text\\'], strict=False):
        raw("UPDATE customers_searchterm SET text = %s WHERE id = %s", left, term.pk)
    under(NEW, OLD)

    done = rotate()

    assert done.outcome == Outcome.CLEAN
    assert done.under()[""] == 2
    assert done.unopened == [["customers.searchterm", "text", [str(term.pk)]] for term in terms[:2]]
    kept = raw("SELECT text FROM customers_searchterm WHERE id = ANY(%s) ORDER BY id", [term.pk for term in terms[:2]])
    assert [text for (text,) in kept] == [token, 'broken "text\\']


def test_where_nothing_is_to_be_done_no_row_is_touched(db, under):
    words(3)
    before = raw("SELECT id, xmin::text, ctid::text FROM customers_searchterm ORDER BY id")

    done = rotate()

    assert (done.outcome, done.passes, done.resealed, done.found) == (Outcome.CLEAN, 1, 0, 0)
    assert raw("SELECT id, xmin::text, ctid::text FROM customers_searchterm ORDER BY id") == before
    assert done.under() == {fingerprint(OLD): 4}


def test_a_newer_key_ends_the_rotation_to_an_older_one(db, under):
    under(NEW, OLD)
    first = rotation.begin(by=Actor.system())
    under(STRANGE, NEW, OLD)

    with pytest.raises(OtherKeys):
        rotation.run(first, by=Actor.system())
    second = rotation.begin(by=Actor.system())

    first.refresh_from_db()
    assert (first.outcome, second.newest) == (Outcome.REPLACED, fingerprint(STRANGE))
    assert rotation.begin(by=Actor.system()) == second
    assert rotation.run(second, by=Actor.system()).outcome == Outcome.CLEAN
    assert set(keys_in_use()) == {STRANGE}


def test_the_trail_has_the_beginning_each_table_and_the_end_and_no_key(db, under):
    under(NEW, OLD)

    done = rotate()

    entries = list(Entry.objects.filter(subject=f"customers.keyrotation:{done}").order_by("id"))
    assert [(entry.action, entry.details.get("table"), entry.details.get("turn")) for entry in entries] == [
        ("rotation.started", None, None),
        ("rotation.table_done", "customers.canary", 1),
        ("rotation.table_done", "customers.canary", 2),
        ("rotation.finished", None, 2),
    ]
    assert entries[-1].details == {
        "ended": "CLEAN", "turn": 2, "resealed": 1, "newest": 1, "older": 0, "unopened": 0,
    }  # fmt: skip
    assert not [key for key in (OLD, NEW) if key in str([entry.details for entry in entries])]


def test_a_worker_carries_it_out(db, under):
    words(2)
    under(NEW, OLD)
    of_keys = rotation.start(by=Actor.system())
    job = Job.objects.get(name="customers.rotate_keys")
    with pytest.raises(RotationUnderWay):
        rotation.start(by=Actor.system())

    rotate_keys(job_id=job.pk)
    rotate_keys(job_id=job.pk)

    job.refresh_from_db()
    of_keys.refresh_from_db()
    assert (job.state, job.report) == (Job.State.DONE, {"rotation": str(of_keys)})
    assert (of_keys.outcome, of_keys.job_number) == (Outcome.CLEAN, str(job.number))


def test_the_command_uses_several_processes_tells_the_counts_and_says_when_the_old_key_may_go(committed):
    words(1500)

    def run(*keys, command=("rotate_keys", "--processes", "2")):
        given = {**environment(database=committed), "FIELD_ENCRYPTION_KEY": ",".join(keys), "PATH": ""}
        return subprocess.run(
            [sys.executable, "manage.py", *command], env=given, capture_output=True, text=True, check=False, timeout=120
        )

    said = run(NEW, OLD)

    assert said.returncode == 0, said.stderr
    assert f"鍵 {fingerprint(NEW)}（最新）：1,501 件" in said.stdout
    assert f"鍵 {fingerprint(OLD)}（旧）：0 件" in said.stdout
    assert "古い鍵を FIELD_ENCRYPTION_KEY から外せます。" in said.stdout
    assert not [key for key in (OLD, NEW) if key in said.stdout + said.stderr]
    refused = run(OLD, command=("check",))
    assert refused.returncode != 0
    assert "FIELD_ENCRYPTION_KEY" in refused.stderr
    assert run(NEW, command=("check",)).returncode == 0


# The pages

LIST = "/admin/customers/keyrotation/"


@pytest.fixture
def desk(client, db):
    staff = StaffFactory.with_roles("privacy_officer")
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(of_keys, desk, language="ja"):
    desk.cookies["django_language"] = language
    return desk.get(f"{LIST}{of_keys.pk}/change/")


def test_it_is_begun_on_a_page_that_shows_fingerprints_and_wants_a_confirmation(desk, under):
    under(NEW, OLD)

    page = desk.get(f"{LIST}start/")
    refused = desk.post(f"{LIST}start/", {})
    assert not KeyRotation.objects.exists()
    begun = desk.post(f"{LIST}start/", {"restarted": "on"}, follow=True)

    assert fingerprint(NEW) in page.text
    assert fingerprint(OLD) in page.text
    assert not [key for key in (OLD, NEW) if key in page.text + refused.text + begun.text]
    assert refused.context["form"].errors.keys() == {"restarted"}
    of_keys = KeyRotation.objects.get()
    assert begun.redirect_chain == [(f"{LIST}{of_keys.pk}/change/", 302)]
    assert str(of_keys) in desk.get(f"{LIST}start/").text  # and not a second time
    assert "すでに進んでいます" in desk.get(f"{LIST}start/").text


def waiting(under):
    under(NEW, OLD)
    return rotation.start(by=Actor.system())


def interrupted(under):
    words(3)
    under(NEW, OLD)
    with pytest.raises(KeyboardInterrupt):
        rotate(progress=lambda done, total: (_ for _ in ()).throw(KeyboardInterrupt))
    KeyRotation.objects.update(total=50_000, done=20_000, speed=100)
    return KeyRotation.objects.get()


def clean(under):
    under(NEW, OLD)
    return rotate()


def with_unopened(under):
    raw("UPDATE customers_searchterm SET text = 'x' WHERE id = %s", words(1)[0].pk)
    return clean(under)


def one_key(under):
    return rotate()


def remaining(under):
    of_keys = rotation.begin(by=Actor.system())
    KeyRotation.objects.update(outcome="REMAINS", finished_at=timezone.now(), finished_by=Actor.system())
    return of_keys


def replaced(under):
    under(NEW, OLD)
    first = rotation.begin(by=Actor.system())
    under(STRANGE, NEW)
    rotation.begin(by=Actor.system())
    return first


STATES = [
    (waiting, "順番を待っています", "It waits for a worker", True),
    (interrupted, "中断されています", "It was interrupted", True),
    (clean, "古い鍵を FIELD_ENCRYPTION_KEY から外せます", "The old keys may be removed", False),
    (with_unopened, "どの鍵でも開かない値です", "They open under none of the keys", False),
    (one_key, "鍵は1つだけでした", "There was one key only", False),
    (remaining, "古い鍵は外さないでください", "Do not remove it", False),
    (replaced, "より新しい鍵の変更が引き継ぎました", "A newer rotation", False),
]


@pytest.mark.parametrize(("state", "japanese", "english", "goes_on"), STATES, ids=[row[0].__name__ for row in STATES])
def test_the_page_says_how_it_stands_in_both_languages(desk, under, state, japanese, english, goes_on):
    of_keys = state(under)

    in_japanese, in_english = (page_of(of_keys, desk, language) for language in ("ja", "en"))

    assert japanese in in_japanese.text
    assert english in in_english.text
    assert in_japanese.has_header("Refresh") == goes_on
    removable = "may be removed" in in_english.text
    assert removable == (state in (clean, with_unopened))
    if state is with_unopened:
        assert "customers.searchterm" in in_japanese.text
    if state is interrupted:
        assert "about 5 minutes" in in_english.text
    assert str(of_keys) in desk.get(LIST).text


def test_an_auditor_sees_it_and_begins_nothing(client, db):
    client.force_login(StaffFactory.with_roles("auditor"), backend="django.contrib.auth.backends.ModelBackend")
    of_keys = rotation.begin(by=Actor.system())

    assert page_of(of_keys, client).status_code == 200
    assert client.post(f"{LIST}start/", {"restarted": "on"}).status_code == 403
    assert not Job.objects.exists()
