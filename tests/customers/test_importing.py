"""The import, on files made here: the same twenty faults as in the office's sample, and files that are broken."""

import csv
import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models import Actor, Entry
from customers.importing import files, run, words_for
from customers.importing.columns import HEADERS
from customers.importing.files import Chunks, rows
from customers.importing.report import lines_of, workbook, write_csv
from customers.importing.words import FILE_REASONS
from customers.management.sample import people
from customers.models import CookieIdentifier, Customer, Import, ImportFault, SearchToken
from customers.services import belongings, holdings
from customers.services.corrections import correct
from customers.services.erasure import erase
from tests.factories.customers import make_customer

FAULTS = [
    ("メールアドレス", "tanaka@", "email_no_domain"),
    ("生年月日", "2026-02-30", "date_impossible"),
    ("生年月日", "2091-01-01", "date_future"),
    ("氏名", "", "name_empty"),
    ("氏名", "田中\x07太郎", "control_character"),
    ("カード下4桁", "4111111111111111", "card_whole_number"),
    ("郵便番号", "194003", "postcode_digits"),
    ("電話番号", "090-ABCD-1234", "telephone_letters"),
    ("氏名", "田中\u202e郎太", "bidi"),
    ("顧客番号", "S0000001", "number_twice"),
]


def written(people, headers=HEADERS, encoding="utf-8-sig", newline="\n"):
    text = io.StringIO()
    writer = csv.DictWriter(text, headers, restval="", extrasaction="ignore", lineterminator=newline)
    writer.writeheader()
    writer.writerows(people)
    return text.getvalue().encode(encoding)


def faulty_file(count=220, every=10):
    """``count`` people, of whom each ``every``-th has one of the ten faults in turn; and the places of the faults."""
    listed, places = [], []
    for number, person in enumerate(people(count, seed=7), 1):
        if number % every == 0 and len(places) < 20:
            column, value, code = FAULTS[len(places) % 10]
            person = {**person, column: value}
            places.append((number + 1, column, code))
        listed.append(person)
    return written(listed), places


def imported(content, *, update=False, by=None):
    by = by or Actor.system()
    of_import = Import.objects.create(update=update, created_by=by)
    pieces = content if isinstance(content, list) else [content]
    return run(of_import, lambda: Chunks(pieces), by=by)


def places_of(of_import, kind=ImportFault.Kind.FAULT):
    return list(of_import.faults.filter(kind=kind).order_by("line", "id").values_list("line", "column", "code"))


def person(number="C1", name="山田太郎", **more):
    return {"顧客番号": number, "氏名": name, **more}


def counts(of_import):
    names = ("lines", "created", "unchanged", "filled", "corrected", "differing", "faulty")
    found = {name: getattr(of_import, name) for name in names}
    assert found["lines"] == sum(found.values()) - found["lines"]
    return {name: count for name, count in found.items() if count and name != "lines"}


@pytest.mark.django_db
def test_good_rows_are_kept_and_each_fault_is_named_by_line_column_and_reason():
    content, places = faulty_file()

    first = imported(content)

    assert places_of(first) == places
    assert counts(first) == {"created": 200, "faulty": 20}
    assert Customer.objects.count() == Customer.history.count() == 200
    batch = Entry.objects.get(action="customer.registered")
    assert batch.details["count"] == 200
    assert batch.subject == f"customers.import:{first.number}"


@pytest.mark.django_db
def test_a_second_run_makes_nothing_and_names_the_same_faults():
    content, places = faulty_file()
    imported(content)
    tokens = SearchToken.objects.count()

    second = imported(content)

    assert counts(second) == {"unchanged": 200, "faulty": 20}
    assert places_of(second) == places
    assert Customer.history.count() == 200
    assert SearchToken.objects.count() == tokens


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_and_line_ends(encoding, newline):
    of_import = imported(
        written([person(), person("C2", "", 住所="東京都\n町田市")], encoding=encoding, newline=newline)
    )

    assert places_of(of_import) == [(3, "氏名", "name_empty")]
    assert Customer.objects.get().name == "山田太郎"
    assert of_import.encoding == encoding.removesuffix("-sig")


@pytest.mark.django_db
def test_pieces_of_any_size_are_one_file():
    content = written([person(), person("C2", "髙橋　花子")])

    of_import = imported([content[at : at + 1] for at in range(len(content))])

    assert counts(of_import) == {"created": 2}


@pytest.mark.django_db
def test_columns_may_stand_in_any_order_and_width():
    headers = ["メールアドレス", "氏名", "ﾌﾘｶﾞﾅ", "ＯＳ", "顧客番号"]
    cells = ["taro@example.com", "山田太郎", "ヤマダ タロウ", "macOS 26", "C1"]

    of_import = imported(f"{','.join(headers)}\n{','.join(cells)}\n".encode())

    customer = Customer.objects.get()
    assert (customer.number, customer.name, customer.kana, customer.email) == (
        "C1",
        "山田太郎",
        "ヤマダ タロウ",
        "taro@example.com",
    )
    notes = places_of(of_import, ImportFault.Kind.NOTE)
    assert customer.devices.get().system == "macOS 26"
    assert (1, "住所", "header_missing") in notes
    assert not {"OS", "退会日", "有効期限"} & {column for _line, column, _code in notes}


@pytest.mark.django_db
def test_an_unknown_column_is_named_by_its_place_and_never_by_its_words():
    of_import = imported("顧客番号,氏名,tanaka@example.com\nC1,山田太郎,x\n".encode())

    assert (1, "#3", "header_unknown") in places_of(of_import, ImportFault.Kind.NOTE)
    assert counts(of_import) == {"created": 1}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "code", "column"),
    [
        (b"", "file_empty", ""),
        (b"\xef\xbb\xbf\r\n\r\n", "file_empty", ""),
        (written([]), "file_no_rows", ""),
        (written([person()], encoding="utf-16"), "file_utf16", ""),
        (written([person()], encoding="utf-16-le"), "file_utf16", ""),
        (b"PK\x03\x04\x14\x00\x06\x00", "file_workbook", ""),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "file_workbook", ""),
        (b"\x81\x0d\n\xff\xff", "file_encoding", ""),
        (written([person()]).replace(b",", b"\t"), "file_delimiter", ""),
        (written([person()]).replace(b",", b";"), "file_delimiter", ""),
        (b"a,b,c\n1,2,3\n", "header_none", ""),
        ("C1,山田太郎,ヤマダ\n".encode(), "header_none", ""),
        ("顧客番号,フリガナ\nC1,ヤマダ\n".encode(), "header_required", "氏名"),
        ("氏名,フリガナ\n山田,ヤマダ\n".encode(), "header_required", "顧客番号"),
        ("顧客番号,氏名,氏名\nC1,山田,山田\n".encode(), "header_twice", "氏名"),
        ('"顧客番号,氏名\nC1,山田\n'.encode(), "header_none", ""),
        (b"\0" * 5000, "file_workbook", ""),
        ("顧客番号,氏名\nC1,".encode() + b"a" * 400_000, "file_line", ""),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(content, code, column):
    of_import = imported(content)

    assert places_of(of_import) == [(1, column, code)]
    assert of_import.refusal == code
    assert not Customer.objects.exists()
    assert Entry.objects.filter(action="import.finished").count() == 1


@pytest.mark.django_db
def test_rows_that_do_not_fit_are_left_out_alone():
    text = textwrap.dedent(
        """\
        顧客番号,氏名,住所
        C1,山田太郎,町田市

        C2,鈴木一郎
        C3,佐藤花子,町田市,余り
        C4,"田中 次郎,町田市
        C5,高橋三郎,町田市
        C6,"伊藤"四郎",町田市
        C7,"渡辺 五郎","町田市
        原町田"
        C8,山本\0六郎,町田市
        C9,中村七郎,町田市,,
        ,小林八郎,町田市
        C 1,加藤九郎,町田市
        ,,
        C10,吉田十郎,町田市
        """
    )

    of_import = imported(text.encode())

    assert places_of(of_import) == [
        (4, "", "cells_few"),
        (5, "", "cells_many"),
        (6, "", "quote_unclosed"),
        (8, "", "quote_unclosed"),
        (11, "氏名", "control_character"),
        (13, "顧客番号", "number_empty"),
        (14, "顧客番号", "number_characters"),
    ]
    assert set(Customer.objects.values_list("number", flat=True)) == {"C1", "C5", "C7", "C9", "C10"}
    assert Customer.objects.get(number="C7").address == "町田市\n原町田"


@pytest.mark.django_db
def test_an_open_quotation_mark_costs_one_row_however_long_the_file_is():
    people = [person(f"C{number}") for number in range(1, 301)]
    content = written(people).replace(b"C50,", b'"C50,')

    of_import = imported(content)

    assert places_of(of_import) == [(51, "", "quote_unclosed")]
    assert counts(of_import) == {"created": 299, "faulty": 1}


@pytest.mark.django_db
def test_bytes_of_another_encoding_spoil_their_row_alone():
    content = written([person(), person("C2", "鈴木"), person("C3", "佐藤")]).replace(
        "鈴木".encode(), "鈴木".encode("cp932")
    )

    of_import = imported(content)

    assert places_of(of_import) == [(3, "氏名", "damaged")]
    assert counts(of_import) == {"created": 2, "faulty": 1}


@pytest.mark.django_db
def test_a_value_that_differs_is_reported_and_applied_only_when_asked():
    by = Actor.system()
    imported(written([person("C1", 住所="町田市", メールアドレス="a@example.com"), person("C2")]))
    newer = written([person("C1", 住所="相模原市", メールアドレス="b@example.com"), person("C2")])

    left = imported(newer)
    assert counts(left) == {"differing": 1, "unchanged": 1}
    assert places_of(left, ImportFault.Kind.DIFFERENCE) == [(2, "メールアドレス", "differs"), (2, "住所", "differs")]
    assert Customer.objects.get(number="C1").address == "町田市"

    applied = imported(newer, update=True, by=by)
    assert counts(applied) == {"corrected": 1, "unchanged": 1}
    customer = Customer.objects.get(number="C1")
    assert (customer.address, customer.email) == ("相模原市", "b@example.com")
    assert Entry.objects.get(action="customer.corrected").details == {
        "fields": ["address", "email"],
        "reason": "IMPORT",
    }
    assert counts(imported(newer, update=True)) == {"unchanged": 2}


@pytest.mark.django_db
def test_a_column_that_is_not_in_the_file_changes_nothing():
    customer = make_customer("C1", name="山田太郎", address="町田市")
    correct(
        customer,
        changes={"kana": "ヤマダ"},
        reason="MISTAKE",
        by=Actor.system(),
    )

    assert counts(imported("顧客番号,氏名\nC1,山田太郎\n".encode(), update=True)) == {"unchanged": 1}


WHOLE = {
    "職業": "医師", "職歴": "2009年 町田病院", "学歴": "町田大学 卒業", "支払方法": "クレジットカード",
    "カード会社": "Visa", "カード下4桁": "0123", "有効期限": "05/29", "外部サービス": "LINE", "外部ID": "line-1",
    "連携許可項目": "プロフィール;メールアドレス", "クッキーID": "GA1.2.3", "OS": "iOS 19.1",
    "端末種別": "スマートフォン", "端末ID": "d-1",
}  # fmt: skip
NEW = {
    "職業": "教員", "支払方法": "銀行口座", "銀行名": "横浜銀行", "支店名": "町田支店", "口座番号下4桁": "9876",
    "外部サービス": "LINE", "外部ID": "line-2", "クッキーID": "GA1.9.9", "OS": "iOS 20", "端末種別": "スマートフォン",
    "端末ID": "d-1",
}  # fmt: skip


def records():
    """What belongs to anybody, as values."""
    return {
        model.__name__: [
            {name: value for name in belongings.VALUES[model] if (value := getattr(record, name)) is not None}
            for record in model.objects.order_by("pk")
        ]
        for model in belongings.CATEGORIES
    }


@pytest.mark.django_db
def test_all_categories_of_a_file_are_kept():
    of_import = imported(written([person(**WHOLE, 登録日="2024-01-01", 退会日="2025-01-01")]))

    customer = Customer.objects.get()
    assert (customer.occupation, customer.work_history, customer.education) == (
        "医師", "2009年 町田病院", "町田大学 卒業"
    )  # fmt: skip
    assert str(customer.left_on) == "2025-01-01"
    assert records() == {
        "PaymentMethod": [{"kind": "CARD", "brand": "Visa", "last_four": "0123", "expiry": "2029-05"}],
        "ExternalAccount": [{"service": "LINE", "account": "line-1", "authorised": ["プロフィール", "メールアドレス"]}],
        "CookieIdentifier": [{"value": "GA1.2.3"}],
        "Device": [{"system": "iOS 19.1", "kind": "スマートフォン", "identifier": "d-1"}],
    }
    assert of_import.kept == {"COOKIE": 1, "DEVICE": 1, "EXTERNAL_ID": 1, "PAYMENT": 1}
    assert holdings.recount(customer) == Customer.objects.get().held


@pytest.mark.django_db
def test_the_same_file_fills_in_what_was_never_held_and_doubles_nothing():
    imported(written([person("C1"), person("C2")]))
    whole = written([person("C1", **WHOLE), person("C2", **WHOLE)])

    second, filled = imported(whole), records()
    third = imported(whole)

    assert (counts(second), counts(third)) == ({"filled": 2}, {"unchanged": 2})
    assert places_of(second, ImportFault.Kind.DIFFERENCE) == []
    assert [len(found) for found in filled.values()] == [2, 2, 2, 2]
    assert records() == filled
    assert third.kept == {}
    customer = Customer.objects.get(number="C1")
    assert (customer.occupation, holdings.recount(customer)) == ("医師", Customer.objects.get(number="C1").held)


@pytest.mark.django_db
def test_records_that_differ_are_reported_and_applied_only_when_asked():
    imported(written([person(**WHOLE)]))
    before, newer = records(), written([person(**NEW)], headers=[*person(), *NEW])

    left = imported(newer)

    assert records() == before
    assert counts(left) == {"differing": 1}
    assert [column for _line, column, _code in places_of(left, ImportFault.Kind.DIFFERENCE)] == [
        "支払方法", "外部ID", "クッキーID", "OS", "職業",
    ]  # fmt: skip

    assert counts(imported(newer, update=True)) == {"corrected": 1}
    after = records()
    assert after["PaymentMethod"] == [*before["PaymentMethod"], {
        "kind": "BANK", "bank": "横浜銀行", "branch": "町田支店", "last_four": "9876"
    }]  # fmt: skip
    assert [account["account"] for account in after["ExternalAccount"]] == ["line-2"]
    assert [cookie["value"] for cookie in after["CookieIdentifier"]] == ["GA1.2.3", "GA1.9.9"]
    assert [device["system"] for device in after["Device"]] == ["iOS 20"]
    assert Customer.objects.get().occupation == "教員"
    assert counts(imported(newer, update=True)) == {"unchanged": 1}


@pytest.mark.django_db
def test_what_was_taken_away_does_not_come_back_with_an_old_file():
    imported(written([person(**WHOLE)]))
    customer = Customer.objects.get()
    customer.cookies.get().delete()
    correct(customer, changes={"occupation": ""}, reason="ASKED", by=Actor.system())

    again = imported(written([person(**WHOLE)]))

    assert not CookieIdentifier.objects.exists()
    assert [column for _line, column, _code in places_of(again, ImportFault.Kind.DIFFERENCE)] == [
        "クッキーID", "職業"
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_date_of_expiry_may_be_learned_later():
    imported(written([person(**{**WHOLE, "有効期限": ""})]))

    assert counts(imported(written([person(**WHOLE)]))) == {"filled": 1}
    assert counts(imported(written([person(**{**WHOLE, "有効期限": "06/30"})]))) == {"differing": 1}
    assert records()["PaymentMethod"][0]["expiry"] == "2029-05"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"支払方法": "銀行口座", "カード下4桁": "1234"}, "カード下4桁", "payment_other_kind"),
        ({"支払方法": "電子マネー", "銀行名": "横浜銀行"}, "銀行名", "payment_other_kind"),
        ({"支払方法": "銀行口座", "銀行名": "横浜銀行", "有効期限": "05/29"}, "有効期限", "payment_other_kind"),
        ({"支払方法": "銀行口座", "支店名": "町田支店"}, "銀行名", "bank_missing"),
        ({"支払方法": "銀行口座", "口座番号下4桁": "1234"}, "銀行名", "bank_missing"),
        ({"カード会社": "Visa"}, "支払方法", "payment_missing"),
        ({"支払方法": "現金"}, "支払方法", "payment_unknown"),
        ({"支払方法": "クレジットカード", "カード会社": "4111 1111 1111 1111"}, "カード会社", "card_number_inside"),
        ({"支払方法": "クレジットカード", "カード下4桁": "4111111111111111"}, "カード下4桁", "card_whole_number"),
        ({"支払方法": "クレジットカード", "有効期限": "13/29"}, "有効期限", "expiry_unreadable"),
        ({"外部ID": "line-1"}, "外部サービス", "service_missing"),
        ({"連携許可項目": "プロフィール"}, "外部サービス", "service_missing"),
        ({"登録日": "2024-05-01", "退会日": "2024-04-30"}, "退会日", "left_too_early"),
        ({"OS": "iOS\u202e"}, "OS", "bidi"),
    ],
)
def test_cells_that_contradict_each_other_leave_the_row_out(cells, column, code):
    of_import = imported(written([person(**cells), person("C2")]))

    assert places_of(of_import) == [(2, column, code)]
    assert counts(of_import) == {"created": 1, "faulty": 1}


@pytest.mark.django_db
def test_a_day_of_leaving_before_the_registration_that_is_held_leaves_the_row_out():
    imported(written([person(登録日="2024-05-01")]))

    later = imported(written([person(退会日="2024-04-30")], headers=["顧客番号", "氏名", "退会日"]), update=True)

    assert places_of(later) == [(2, "退会日", "left_too_early")]


@pytest.mark.django_db
@pytest.mark.parametrize("update", [False, True])
def test_the_number_of_an_erased_customer_never_comes_back(update):
    erase(make_customer("C1"), by=Actor.system())

    of_import = imported(written([person("C1", "山田太郎"), person("C2")]), update=update)

    assert places_of(of_import) == [(2, "顧客番号", "number_erased")]
    assert Customer.objects.get(number="C1").name == ""


@pytest.mark.django_db
def test_a_run_goes_on_where_it_stopped(monkeypatch):
    content, places = faulty_file(60, every=5)
    monkeypatch.setattr("customers.importing.running.BATCH", 10)
    by = Actor.system()
    of_import = Import.objects.create(created_by=by)

    class Killed(BaseException):
        pass

    def kill_at_20(done, total):
        if done == 20:
            raise Killed

    with pytest.raises(Killed):
        run(of_import, lambda: Chunks([content]), by=by, progress=kill_at_20)
    told = []
    again = Import.objects.get(pk=of_import.pk)
    run(again, lambda: Chunks([content]), by=by, progress=lambda done, total: told.append((done, total)))

    again.refresh_from_db()
    assert told[0] == (30, 60)
    assert counts(again) == {"created": 48, "faulty": 12}
    assert places_of(again) == places[:12]
    assert run(again, lambda: Chunks([content]), by=by).pk == again.pk


def test_two_imports_at_once_make_every_customer_once(committed, monkeypatch):
    monkeypatch.setattr("customers.importing.running.BATCH", 20)
    content, _places = faulty_file(200)
    by = Actor.system()
    finished = []

    def work():
        try:
            finished.append(imported(content, by=by))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _each in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(finished) == 3
    assert sum(of_import.created for of_import in finished) == Customer.objects.count() == 180
    assert SearchToken.objects.count() == sum(len(customer.tokens()) for customer in Customer.objects.all())


def test_a_run_that_is_killed_and_started_again_ends_with_the_same_rows(committed, tmp_path):
    content, _places = faulty_file(600, every=30)
    file = tmp_path / "customers.csv"
    file.write_bytes(content)
    database = connection.settings_dict["NAME"]
    program = textwrap.dedent(
        f"""
        import sys, django
        from django.conf import settings
        django.setup()
        from django.db import connection
        connection.settings_dict["NAME"] = {database!r}
        from customers.importing import running
        running.BATCH = 50
        from django.core.management import call_command
        call_command("import_customers", {str(file)!r}, verbosity=0)
        """
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test", "PYTHONPATH": os.getcwd()}
    process = subprocess.Popen([sys.executable, "-c", program], env=environment)
    while process.poll() is None and not Customer.objects.exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 0 < Customer.objects.count() < 580

    call_command("import_customers", file, verbosity=0)

    assert Customer.objects.count() == Customer.history.count() == 580
    assert SearchToken.objects.count() == sum(len(customer.tokens()) for customer in Customer.objects.all())


@pytest.mark.django_db
def test_the_command_says_what_came_of_it(tmp_path, capsys):
    content, places = faulty_file()
    file, report = tmp_path / "customers.csv", tmp_path / "report.csv"
    file.write_bytes(content)

    with translation.override("ja"):
        call_command("import_customers", file, report=report)

    out, err = capsys.readouterr()
    for line, column, code in places:
        reason, remedy = words_for(code)
        assert column in out
        assert str(line) in out
    assert "220" in err
    listed = list(csv.reader(io.StringIO(report.read_text("utf-8-sig"))))
    assert [row[0] for row in listed[1:] if row[0] != "1"] == [str(line) for line, _column, _code in places]


@pytest.mark.django_db
def test_the_command_refuses_a_file_in_words(tmp_path):
    file = tmp_path / "customers.csv"
    with pytest.raises(CommandError):
        call_command("import_customers", file, verbosity=0)
    file.write_bytes(b"PK\x03\x04")
    with pytest.raises(CommandError):
        call_command("import_customers", file, verbosity=0)


@pytest.mark.django_db
def test_no_cell_of_a_report_is_a_formula_or_a_value_of_a_person():
    content = "顧客番号,氏名,メールアドレス,=1+1,@x\nC1,=HYPERLINK(1),tanaka@,1,1\n".encode()
    of_import = imported(content)
    target = io.BytesIO()
    write_csv(of_import, target)

    cells = [cell for line in lines_of(of_import) for cell in line]
    assert not [
        cell for cell in cells if cell.startswith(("=", "+", "-", "@")) or "HYPERLINK" in cell or cell == "tanaka@"
    ]
    assert b"HYPERLINK" not in target.getvalue()
    workbook(of_import).close()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("code", FILE_REASONS)
def test_every_reason_has_words_in_both_languages(code, language):
    with translation.override(language):
        reason, remedy = map(str, words_for(code))

    assert reason.endswith("。" if language == "ja" else ".")
    assert remedy.endswith("。" if language == "ja" else ".")


def test_rows_are_counted_from_the_line_in_which_they_begin():
    text = io.StringIO('a,b\n"1\n2",3\n\n\n4,5\n', newline="")

    assert list(rows(text)) == [(1, ["a", "b"]), (2, ["1\n2", "3"]), (6, ["4", "5"])]


def test_memory_stays_flat_whatever_the_size():
    head = written([person()])
    big = [head, *(b"C%d,x%s\n" % (number, b"," * 29) for number in range(200_000))]
    _encoding, text = files.text_of(Chunks(big), lambda line: "氏名" in line)

    assert sum(1 for _row in rows(text)) == 200_002


def test_samples_are_the_same_for_the_same_seed():
    assert list(people(50, seed=3)) == list(people(50, seed=3)) != list(people(50, seed=4))


def test_samples_have_the_skew_of_japanese_names():
    names = [person["フリガナ"].split()[0] for person in people(3000, seed=1)]

    assert 60 < names.count("サトウ") < 240
    assert names.count("サトウ") > names.count("ハヤシ")
    assert all(
        person["メールアドレス"].endswith(("@example.com", "@example.net", "@example.org", "@example.jp", ""))
        for person in people(200, seed=1)
    )


@pytest.mark.django_db
def test_samples_are_made_once(capsys):
    call_command("make_sample_customers", count=120, seed=5, verbosity=0)
    call_command("make_sample_customers", count=120, seed=5)

    assert Customer.objects.count() == 120
    assert Customer.objects.search("S0000001").count() == 1


@pytest.mark.django_db
def test_a_sample_file_can_be_imported(tmp_path):
    file = tmp_path / "sample.csv"
    call_command("make_sample_customers", count=30, csv=file, verbosity=0)

    call_command("import_customers", file, verbosity=0)

    assert Customer.objects.count() == 30


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from('a",\r\n \0氏'), max_size=200))
def test_rows_come_out_of_any_text_in_the_order_of_their_lines(text):
    lines = [line for line, _cells in rows(io.StringIO(text, newline=""))]

    assert lines == sorted(set(lines))
    assert all(1 <= line <= len(text.splitlines()) + 1 for line in lines)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", "顧客番号,氏名\n".encode(), "顧客番号,氏名\n".encode("cp932")]))
def test_any_bytes_are_read_or_refused_by_name(content, head):
    try:
        _encoding, text = files.text_of(Chunks([head + content]), lambda line: "氏名" in line)
        list(rows(text))
    except files.FileRefused as refused:
        assert refused.code in FILE_REASONS  # noqa: PT017 most are read
