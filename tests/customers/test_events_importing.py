"""The import of events: whose each one is, faults by line and key, once and only once whatever happens."""

import csv
import datetime as dt
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models import Actor, Entry
from customers import search
from customers.categories import Category, of_number
from customers.importing import events as events_import
from customers.importing import run_events
from customers.importing.events_reading import line_of, read_line
from customers.importing.events_words import EVENT_REASONS, place_words, words_for
from customers.importing.files import Chunks
from customers.importing.report import lines_of, write_csv
from customers.models import Customer, Event, EventKind, Import, StrayEvent
from customers.services.erasure import erase
from customers.services.tying import adopt, make_months
from tests.factories.customers import make_customer
from tests.factories.events import an_event, imported, make_cookie, make_device, written

COUNTS = ("created", "unchanged", "apart", "faulty")


def counts(of_import):
    found = {name: getattr(of_import, name) for name in COUNTS}
    assert of_import.lines == sum(found.values())
    return {name: count for name, count in found.items() if count}


def places_of(of_import):
    return list(of_import.faults.order_by("line", "id").values_list("line", "column", "code"))


def join(alias, survivor):
    Customer.objects.filter(pk=alias.pk).update(merged_into=survivor)


# What is kept


@pytest.mark.django_db
def test_an_event_is_kept_with_its_person_kind_and_time_and_all_else_sealed():
    customer = make_customer("C1")

    of_import = imported(
        an_event(
            "C1",
            kind="input",
            at="2026-04-03T09:30:00+09:00",
            field="検索",
            text="机\n椅子",
            ratio=0.5,
            on=True,
            no=None,
        )
    )

    event = Event.objects.get()
    assert counts(of_import) == {"created": 1}
    assert (event.customer, event.kind, event.at) == (
        customer, EventKind.SITE_INPUT, dt.datetime(2026, 4, 3, 0, 30, tzinfo=dt.UTC)
    )  # fmt: skip
    assert event.data == {"field": "検索", "text": "机\n椅子", "ratio": 0.5, "on": True, "no": None}
    with connection.cursor() as cursor:
        cursor.execute("SELECT event::text FROM customers_event AS event")
        assert "検索" not in cursor.fetchone()[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("source", "kind", "category"),
    [
        ("site", "visit", Category.SITE_USE),
        ("site", "input", Category.SITE_USE),
        ("site", "purchase", Category.SITE_USE),
        ("app", "launch", Category.APP_USE),
        ("app", "input", Category.APP_USE),
        ("app", "purchase", Category.APP_USE),
        ("site", "location", Category.LOCATION),
        ("app", "location", Category.LOCATION),
    ],
)
def test_source_and_kind_make_the_category_which_the_customer_then_holds(source, kind, category):
    customer = make_customer("C1")

    imported(an_event("C1", source=source, kind=kind))

    customer.refresh_from_db()
    assert EventKind(Event.objects.get().kind).category == category
    assert set(of_number(customer.held)) & set(Category.__members__.values()) >= {category}
    if category == Category.LOCATION:
        assert Event.objects.get().data["source"] == source


@pytest.mark.django_db
def test_the_same_line_is_kept_once_in_whatever_order_its_keys_stand():
    make_customer("C1")
    event = an_event("C1", page="/", seconds=3)

    of_import = imported(event, dict(reversed(event.items())), "", event | {"seconds": 4})

    assert counts(of_import) == {"created": 2, "unchanged": 1}
    assert counts(imported(event)) == {"unchanged": 1}
    assert Event.objects.count() == 2


@pytest.mark.django_db
def test_each_batch_has_its_entry_and_no_entry_says_a_value():
    make_customer("C1")

    of_import = imported(an_event("C1", text="秘密の語"), an_event(cookie="somebody"))

    kept = Entry.objects.get(action="event.kept")
    assert (kept.subject, kept.details["count"]) == (f"customers.import:{of_import}", 1)
    assert Entry.objects.get(action="event.kept_apart").details["count"] == 1
    assert Entry.objects.get(action="import.finished").details["kept"] == 1
    assert not [entry for entry in Entry.objects.all() if "秘密" in json.dumps(entry.details, ensure_ascii=False)]


# Whose it is


@pytest.mark.django_db
def test_a_cookie_or_a_device_ties_an_event_to_the_customer_who_has_it():
    make_cookie(customer := make_customer("C1"), "abc-123")
    make_device(other := make_customer("C2"), "IDFA 9", system="iOS")

    of_import = imported(
        an_event(cookie=" ａｂｃ-123 ", page="/"), an_event(source="app", device="IDFA 9", kind="launch")
    )

    assert counts(of_import) == {"created": 2}
    assert Event.objects.get(kind="SITE_VISIT").customer == customer
    assert Event.objects.get(kind="SITE_VISIT").data == {"cookie": " ａｂｃ-123 ", "page": "/"}
    assert Event.objects.get(kind="APP_LAUNCH").customer == other


@pytest.mark.django_db
def test_a_number_decides_alone_and_is_never_replaced_by_a_cookie():
    make_cookie(make_customer("C1"), "abc")
    second = make_customer("C2")

    of_import = imported(an_event("C2", cookie="abc"), an_event("C3", cookie="abc"))

    assert counts(of_import) == {"created": 1, "apart": 1}
    assert Event.objects.get().customer == second
    assert StrayEvent.objects.get().token == search.fingerprint("customer number", "C3")
    assert StrayEvent.objects.get().data["customer"] == "C3"


@pytest.mark.django_db
def test_a_cookie_of_two_customers_is_not_guessed():
    first, second = make_customer("C1"), make_customer("C2")
    make_cookie(first, "shared"), make_cookie(second, "shared"), make_device(second, "her phone")

    of_import = imported(
        an_event(cookie="shared"), an_event(cookie="unknown", device="her phone"), an_event(cookie="shared", device="x")
    )

    assert counts(of_import) == {"created": 1, "apart": 2}
    assert Event.objects.get().customer == second


@pytest.mark.django_db
def test_a_cookie_of_two_records_of_one_person_is_the_first_records():
    first, second = make_customer("C1"), make_customer("C2")
    make_cookie(first, "ours"), make_cookie(second, "ours"), make_cookie(second, "mine")
    join(second, first)

    imported(an_event(cookie="ours"), an_event(cookie="mine"), an_event("C2", page="/c2"))

    first.refresh_from_db()
    assert Event.objects.filter(customer=first).count() == 1
    assert Event.objects.filter(customer=second).count() == 2
    assert Category.SITE_USE in of_number(first.held)


@pytest.mark.django_db
def test_an_event_of_an_erased_customer_is_refused():
    erase(make_customer("C1"), by=Actor.system())

    of_import = imported(an_event("C1"), an_event("C2"))

    assert places_of(of_import) == [(1, "customer", "number_erased")]
    assert counts(of_import) == {"faulty": 1, "apart": 1}
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_events_of_nobody_known_are_kept_apart_once():
    events = [an_event(cookie="who"), an_event(device="what"), an_event("C9")]

    assert counts(imported(*events)) == {"apart": 3}
    assert counts(imported(*events)) == {"unchanged": 3}
    assert set(StrayEvent.objects.values_list("token", flat=True)) == {
        search.fingerprint("cookie", "who"), search.fingerprint("device", "what"),
        search.fingerprint("customer number", "C9"),
    }  # fmt: skip


@pytest.mark.django_db
def test_an_event_that_was_tied_is_not_kept_apart_when_its_cookie_is_gone():
    cookie = make_cookie(make_customer("C1"), "abc")
    imported(an_event(cookie="abc"))
    cookie.delete()

    assert counts(imported(an_event(cookie="abc"))) == {"unchanged": 1}


# Who became known


@pytest.mark.django_db
def test_events_kept_apart_are_tied_once_their_person_is_known():
    imported(an_event("C1", page="/1"), an_event(cookie="abc"), an_event(device="d"), an_event(cookie="nobody"))
    assert adopt(by=Actor.system()) == 0
    customer = make_customer("C1")
    make_cookie(customer, "abc"), make_device(customer, "d")

    assert adopt(by=Actor.system()) == 3
    assert adopt(by=Actor.system()) == 0

    customer.refresh_from_db()
    assert Event.objects.filter(customer=customer).count() == 3
    assert {"page": "/1"} in [event.data for event in Event.objects.all()]
    assert StrayEvent.objects.get().data["cookie"] == "nobody"
    assert Category.SITE_USE in of_number(customer.held)
    assert [entry.details["count"] for entry in Entry.objects.filter(action="event.adopted")] == [1, 1, 1]


@pytest.mark.django_db
def test_after_an_import_only_those_recorded_since_are_looked_at():
    imported(an_event("C1"), an_event("C2"))
    make_customer("C1")
    Customer.objects.update(created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    since = dt.datetime.now(dt.UTC)
    second = make_customer("C2")

    assert adopt(by=Actor.system(), since=since) == 1
    assert Event.objects.get().customer == second


@pytest.mark.django_db
def test_nobody_is_guessed_later_either_and_a_merge_settles_it():
    first, second = make_customer("C1"), make_customer("C2")
    make_cookie(first, "shared"), make_cookie(second, "shared")
    imported(an_event(cookie="shared"))
    assert adopt(by=Actor.system()) == 0

    join(second, first)

    assert adopt(by=Actor.system()) == 1
    assert Event.objects.get().customer == first


@pytest.mark.django_db
def test_what_was_imported_again_before_it_was_adopted_is_held_once():
    imported(an_event(cookie="abc"))
    make_cookie(make_customer("C1"), "abc")
    imported(an_event(cookie="abc"))

    adopt(by=Actor.system())

    assert Event.objects.count() == 1
    assert not StrayEvent.objects.exists()


# What is left out

GOOD = an_event("C1")


def bare(text):
    """The good event with ``text`` in place of one of its keys."""
    return '{"customer": "C1", "source": "site", "kind": "visit", "at": "2026-04-03T09:30:00+09:00", ' + text + "}"


FAULTS = [
    ("nothing but words", "", "event_not_json"),
    ('{"customer": "C1"', "", "event_not_json"),
    ("17", "", "event_not_object"),
    ("[1, 2]", "", "event_not_object"),
    ('{"a": ' + "[" * 6000 + "]" * 6000 + "}", "", "event_nested"),
    ("{" + " " * 20_000 + "}", "", "event_long"),
    (b'{"customer": "\xff"}', "", "damaged"),
    (bare('"page": "\\ud800"'), "page", "damaged"),
    (bare('"page": "a\\u0007b"'), "page", "control_character"),
    (bare('"page": "a\\u202eb"'), "page", "bidi"),
    (bare('"pa\\u200bge": "x"'), "#5", "zero_width"),
    (bare('"tanaka@example.com": "a\\u0000"'), "#5", "control_character"),
    (bare('"page": "%s"' % ("x" * 4001)), "page", "too_long"),
    (bare('"%s": 1' % ("k" * 61)), "#5", "event_key"),
    (bare(", ".join(f'"k{each}": 1' for each in range(37))), "", "event_many_keys"),
    (bare('"page": {"a": 1}'), "page", "event_nested"),
    (bare('"pages": ["a"]'), "#5", "event_nested"),
    (bare('"page": 1, "page": 2'), "page", "event_key_twice"),
    (bare('"田中": 1, "田中": 2'), "#6", "event_key_twice"),
    (bare('"seconds": NaN'), "seconds", "event_number"),
    (bare('"seconds": -Infinity'), "seconds", "event_number"),
    (bare('"seconds": 1e999'), "seconds", "event_number"),
    (bare('"seconds": 99999999999999999999'), "seconds", "event_number"),
    (bare('"seconds": ' + "9" * 5000), "", "event_number"),
    (GOOD | {"source": "shop"}, "source", "event_source"),
    (GOOD | {"source": None}, "source", "event_source"),
    (GOOD | {"source": ["site"]}, "source", "event_nested"),
    (GOOD | {"kind": "click"}, "kind", "event_kind"),
    (GOOD | {"kind": 1}, "kind", "event_kind"),
    (GOOD | {"kind": "launch"}, "kind", "event_kind_of_source"),
    (GOOD | {"at": ""}, "at", "event_at_none"),
    ({key: value for key, value in GOOD.items() if key != "at"}, "at", "event_at_none"),
    (GOOD | {"at": "yesterday"}, "at", "event_at"),
    (GOOD | {"at": 1775175000}, "at", "event_at"),
    (GOOD | {"at": "2026-02-30T00:00:00Z"}, "at", "event_at"),
    (GOOD | {"at": "2026-04-03T09:30:00"}, "at", "event_at_zone"),
    (GOOD | {"at": "2026-04-03"}, "at", "event_at_zone"),
    (GOOD | {"at": "1999-12-31T23:59:59Z"}, "at", "event_at_old"),
    (GOOD | {"at": "0001-01-01T00:00:00+14:00"}, "at", "event_at_old"),
    (GOOD | {"at": "9999-12-31T23:59:59-14:00"}, "at", "event_at_future"),
    (GOOD | {"customer": 17}, "customer", "event_identifier"),
    (GOOD | {"customer": "C 1"}, "customer", "number_characters"),
    (an_event(cookie="x" * 256), "cookie", "too_long"),
    (an_event(cookie=True), "cookie", "event_identifier"),
    (an_event(), "", "event_person_none"),
    (an_event(cookie=" ", device=None), "", "event_person_none"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("line", "key", "code"), FAULTS)
def test_a_line_that_cannot_be_kept_is_named_by_line_key_and_reason_and_spoils_no_other(line, key, code):
    make_customer("C1")

    of_import = imported(GOOD, line, GOOD | {"page": "/other"})

    assert places_of(of_import) == [(2, key, code)]
    assert counts(of_import) == {"created": 2, "faulty": 1}


@pytest.mark.django_db
def test_every_fault_of_a_line_is_said():
    of_import = imported({"source": "x", "at": "now", "page": [1], "seconds": 1})

    assert places_of(of_import) == [
        (1, "page", "event_nested"),
        (1, "source", "event_source"),
        (1, "at", "event_at"),
        (1, "", "event_person_none"),
    ]
    assert of_import.faulty == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "events_file_empty"),
        (b"\xef\xbb\xbf\r\n \n", "events_file_empty"),
        (json.dumps([GOOD]).encode(), "events_file_array"),
        ("顧客番号,氏名\nC1,山田太郎\n".encode(), "events_file_other"),
        (json.dumps(GOOD).encode("utf-16"), "events_file_not_text"),
        (json.dumps(GOOD).encode("utf-16-le"), "events_file_not_text"),
        (b"\x1f\x8b\x08\x00", "events_file_not_text"),
        (b"PK\x03\x04\x14", "events_file_not_text"),
    ],
)
def test_a_file_that_is_none_of_events_is_refused_whole(content, code):
    of_import = imported(content=content)

    assert of_import.refusal == code
    assert places_of(of_import) == [(1, "", code)]
    assert of_import.finished_at
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_a_mark_at_the_beginning_other_line_ends_and_blank_lines_do_no_harm():
    make_customer("C1")
    content = b"\xef\xbb\xbf\n" + written(GOOD, GOOD | {"page": "/2"}).replace(b"\n", b"\r\n") + b"\r\n  \n{"

    of_import = imported(content=content)

    assert counts(of_import) == {"created": 2, "faulty": 1}
    assert places_of(of_import) == [(6, "", "event_not_json")]


def test_a_line_without_end_takes_no_memory():
    endless = [b"{" * 65_536] * 400

    found = list(events_import.lines(io.BufferedReader(Chunks([*endless, b"\n{}\n"]))))

    assert found == [(1, None), (2, b"{}")]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("code", EVENT_REASONS)
def test_every_reason_has_words_in_both_languages(code, language):
    with translation.override(language):
        reason, remedy = map(str, words_for(code))

    assert reason.endswith("。" if language == "ja" else ".")
    assert remedy.endswith("。" if language == "ja" else ".")
    assert max(map(len, (reason + remedy).split("。"))) <= (60 if language == "ja" else 200)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from([*GOOD, "cookie", "device", "x"]), JSON, max_size=8))
def test_whatever_a_line_says_it_is_an_event_or_a_fault_in_words(said):
    read = read_line(1, json.dumps(GOOD | said).encode())

    assert bool(read.faults) != bool(read.event)
    assert all(words_for(code) for _key, code in read.faults)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_an_event_or_a_fault(raw):
    read = read_line(1, raw)

    assert bool(read.faults) != bool(read.event)


def test_the_digest_of_a_line_tells_lines_apart():
    assert line_of(GOOD) == line_of(dict(reversed(GOOD.items())))
    assert len({line_of(GOOD), line_of(GOOD | {"page": "/"}), line_of(GOOD | {"page": None})}) == 3


# The report


@pytest.mark.django_db
def test_the_report_names_keys_and_holds_no_value():
    of_import = imported(an_event(cookie="=cmd|' /C calc'!A0", page=["secret"]), '{"tanaka@example.com": [1]}')
    target = io.BytesIO()

    with translation.override("en"):
        rows = list(lines_of(of_import))
    write_csv(of_import, target)

    assert rows[0][:2] == ["Line", "Key"]
    assert ["1", "page"] in [row[:2] for row in rows]
    assert ["2", "key 1"] in [row[:2] for row in rows]
    assert not [word for word in ("secret", "tanaka", "cmd") if word in target.getvalue().decode()]


@pytest.mark.django_db
def test_the_command_says_what_came_of_it(tmp_path, capsys):
    make_customer("C1")
    file, report = tmp_path / "events.jsonl", tmp_path / "report.csv"
    file.write_bytes(written(GOOD, an_event(cookie="x"), GOOD | {"at": "2026-04-03T09:30"}))

    with translation.override("ja"):
        call_command("import_events", file, report=report)
        words = [place_words("at", of_events=True), str(words_for("event_at_zone")[0])]

    out, err = capsys.readouterr()
    assert all(word in out for word in words)
    assert "3" in err
    listed = list(csv.reader(io.StringIO(report.read_text("utf-8-sig"))))
    assert [row[0] for row in listed[1:]] == ["3"]


@pytest.mark.django_db
def test_the_command_refuses_a_file_in_words(tmp_path):
    file = tmp_path / "events.jsonl"
    with pytest.raises(CommandError):
        call_command("import_events", file, verbosity=0)
    file.write_bytes("顧客番号,氏名\n".encode())
    with pytest.raises(CommandError):
        call_command("import_events", file, verbosity=0)


@pytest.mark.django_db
def test_sample_events_are_the_same_for_the_same_seed_and_can_be_imported(tmp_path):
    for number in range(1, 21):
        make_customer(f"C{number}")
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"

    for file in (first, second):
        call_command("make_sample_events", count=300, seed=5, file=file, verbosity=0)
    call_command("import_events", first, verbosity=0)

    assert first.read_bytes() == second.read_bytes()
    assert Event.objects.count() == 300
    assert not Import.objects.get().faulty


# Interruptions


def many(count):
    months = [f"20{year:02}-{month:02}-03T09:30:00+09:00" for year in range(20, 26) for month in range(1, 13)]
    return [
        an_event(f"C{number % 7}", page=f"/{number}", at=months[number * 7 // 25 % len(months)])
        for number in range(count)
    ]


def people():
    return [make_customer(f"C{number}") for number in range(7)]


@pytest.mark.django_db
def test_a_run_goes_on_where_it_stopped(monkeypatch):
    monkeypatch.setattr("customers.importing.events.BATCH", 10)
    people()
    content, by = written(*many(25), "broken", *many(40)[25:]), Actor.system()
    of_import = Import.objects.create(kind=Import.Kind.EVENTS, created_by=by)

    class Killed(BaseException):
        pass

    def kill_at_20(done, _total):
        if done == 20:
            raise Killed

    with pytest.raises(Killed):
        run_events(of_import, lambda: Chunks([content]), by=by, progress=kill_at_20)
    told = []
    again = Import.objects.get(pk=of_import.pk)
    run_events(again, lambda: Chunks([content]), by=by, progress=lambda *numbers: told.append(numbers))

    again.refresh_from_db()
    assert told == [(30, 41), (40, 41), (41, 41)]
    assert counts(again) == {"created": 40, "faulty": 1}
    assert places_of(again) == [(26, "", "event_not_json")]
    assert run_events(again, lambda: Chunks([content]), by=by).pk == again.pk


def test_runs_at_once_keep_every_event_once(committed, monkeypatch):
    monkeypatch.setattr("customers.importing.events.BATCH", 20)
    people()
    events, by, finished = many(300), Actor.system(), []

    def work(order):
        try:
            finished.append(imported(*order, by=by))
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=work, args=[order]) for order in (events, events[::-1], events[::2] + events[1::2])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(finished) == 3
    assert sum(each.created for each in finished) == Event.objects.count() == 300
    assert Customer.objects.filter(held__gte=Category.SITE_USE.bit).count() == 7


def test_two_that_make_the_same_months_at_once_wait_for_each_other(committed):
    """A second session must see what the first made while it waited."""
    problems = []
    start = threading.Barrier(4)

    def work():
        try:
            for year in range(2001, 2011):
                start.wait()
                make_months([dt.datetime(year, month, 3, tzinfo=dt.UTC) for month in range(1, 13)])
        except Exception as problem:
            problems.append(problem)
            start.abort()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []


def test_a_month_is_made_while_somebody_reads_and_writes_events(committed):
    customer = people()[0]
    imported(an_event(customer))
    done = threading.Event()

    def work():
        try:
            make_months([dt.datetime(2011, 1, 1, tzinfo=dt.UTC)])
            done.set()
        finally:
            connections.close_all()

    with transaction.atomic():
        list(Event.objects.all())
        imported(an_event(customer, page="/other", cookie="x"))
        thread = threading.Thread(target=work)
        thread.start()
        assert done.wait(20), "it waits for the reader"
    thread.join()


def test_an_erasure_beside_an_import_leaves_nothing(committed, monkeypatch):
    monkeypatch.setattr("customers.importing.events.BATCH", 5)
    customer, by, done = people()[0], Actor.system(), []

    def work():
        try:
            done.append(imported(*many(400), by=by))
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive() and not Event.objects.filter(customer=customer).exists():
        time.sleep(0.005)
    erase(customer, by=by)
    thread.join()

    assert done[0].faults.filter(code="number_erased").exists()
    assert done[0].created + done[0].faulty == 400
    assert not Event.objects.filter(customer=customer).exists()


def test_a_run_that_is_killed_and_started_again_ends_with_the_same_events(committed, tmp_path):
    people()
    file = tmp_path / "events.jsonl"
    file.write_bytes(written(*many(3000)))
    program = textwrap.dedent(
        f"""
        import django
        django.setup()
        from django.db import connection
        connection.settings_dict["NAME"] = {connection.settings_dict["NAME"]!r}
        from customers.importing import events
        events.BATCH = 50
        from django.core.management import call_command
        call_command("import_events", {str(file)!r}, verbosity=0)
        """
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test", "PYTHONPATH": os.getcwd()}
    process = subprocess.Popen([sys.executable, "-c", program], env=environment)
    while process.poll() is None and not Event.objects.exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    killed = Import.objects.get()
    assert 0 < Event.objects.count() == killed.created < 3000

    run_events(killed, lambda: io.FileIO(file), by=Actor.system())
    call_command("import_events", file, verbosity=0)

    assert Event.objects.count() == 3000
    assert (killed.created, killed.lines) == (3000, 3000)
