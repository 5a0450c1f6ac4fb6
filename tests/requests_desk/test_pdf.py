"""Letters and statements: escaped, searchable, tagged, with the number on each page, fetching nothing."""

import csv
import datetime as dt
import http.server
import io
import json
import threading

import pytest
from django.utils import timezone, translation
from pypdf import PdfReader

from audit.services import office
from customers.categories import Category
from customers.dossier import Held
from customers.services.events import stream_of
from requests_desk import dossier, pdf
from requests_desk.models import Decision, Outcome
from tests.factories.customers import make_customer
from tests.factories.events import make_events
from tests.factories.requests_desk import At, a_request

pytestmark = pytest.mark.django_db
NAME = "髙﨑 𠮷之助ヴィルヘルム・アレクサンダー・フォン・シュヴァルツェンベルク＝ホーエンローエ"


def text_of(content):
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def a_letter(request, outcome=Outcome.FULL, **values):
    decision = Decision(request=request, outcome=outcome, approved_at=timezone.now(), **values)
    return pdf.letter(request, decision, office.current())


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_letter_with_a_long_name_and_rare_kanji_fits_a_page(language):
    request = a_request(language=language, name=NAME, about="2024年の春ごろの登録の内容")

    content = a_letter(request)

    pages = PdfReader(io.BytesIO(content)).pages
    assert len(pages) == 1
    assert NAME.replace(" ", "") in text_of(content)
    assert str(request) in pages[0].extract_text()


def test_hostile_text_is_drawn_as_text_and_nothing_is_fetched():
    asked = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_port}"
        hostile = f'<img src="{here}/a"><link rel=stylesheet href={here}/b>{{{{ office.email }}}}'
        content = a_letter(a_request(about=hostile, name=f'"><script src={here}/c>'))
        raw = pdf.to_pdf(
            f'<html lang=ja><title>x</title><img alt="" src="{here}/d"><img alt="" src="file:///etc/hostname">'
            f'<link rel=attachment href="file:///etc/passwd"><p style="background: url({here}/e)">x</p></html>',
            sheet=pdf.SHEET,
        )
        server.shutdown()

    assert asked == []
    assert "<imgsrc=" in text_of(content)
    assert "{{office.email}}" in text_of(content)
    assert b"root:" not in raw
    assert not PdfReader(io.BytesIO(raw)).attachments


def test_the_statement_lists_the_fifteen_categories_in_the_policys_order():
    customer = make_customer(name="髙﨑 𠮷之助", email="t@example.test")
    request = At.matched(customer)

    held = dossier.gather(customer, request)
    content = pdf.statement(request, held, office.current())

    reader = PdfReader(io.BytesIO(content))
    text = text_of(content)
    assert [section.code for section in held.sections] == Category.values
    assert held.count == 2
    assert "髙﨑𠮷之助" in text
    assert "この種類のデータは保有していません。" in text
    assert str(request) in text
    assert reader.metadata.title == "あなたについて保有している個人データ"
    assert reader.trailer["/Root"]["/Lang"] == "ja"
    assert len(reader.outline) >= 1


def test_former_values_and_other_requests_are_in_the_dossier():
    customer = make_customer(name="見本 花子")
    first = At.closed(customer)

    held = dossier.gather(customer, At.matched(customer))

    assert [asked.number for asked in held.requests][0] == str(first)
    assert {given.field for given in held.requests[0].given} >= {"name", "email", "address", "birth_date"}
    assert held.requests[0].fee_yen == 1000


def test_a_statement_with_five_hundred_values_is_made():
    day = dt.date(2024, 4, 1)
    values = tuple(Held(Category.NAME, "name", "氏名", f"見本 {number}", "C0000001", day, day) for number in range(500))
    request = a_request()
    with translation.override("ja"):
        sections = tuple(
            dossier.Section(each.value, str(each.label), values if each == Category.NAME else ()) for each in Category
        )
    held = dossier.Dossier(str(request), "C0000001", day, day, "ja", sections, ())

    reader = PdfReader(io.BytesIO(pdf.statement(request, held, office.current())))

    assert len(reader.pages) > 10
    assert all(str(request) in page.extract_text() for page in reader.pages)


def fits(value, schema):
    """Whether ``value`` is of ``schema``: the few words of JSON Schema that ours uses."""
    kinds = {
        "object": dict, "array": list, "string": str, "integer": int, "number": int | float, "boolean": bool,
        "null": type(None),
    }  # fmt: skip
    if "const" in schema:
        return value == schema["const"]
    if "enum" in schema:
        return value in schema["enum"]
    wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not isinstance(value, tuple(kinds[kind] for kind in wanted)):
        return False
    if isinstance(value, dict) and "properties" not in schema:
        return all(fits(each, schema["additionalProperties"]) for each in value.values())
    if isinstance(value, dict):
        return set(value) == set(schema["required"]) and all(
            fits(value[name], schema["properties"][name]) for name in value
        )
    return all(fits(each, schema["items"]) for each in value) if isinstance(value, list) else True


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_json_is_of_the_published_schema(language):
    customer = make_customer(name="見本 花子", email="t@example.test", birth_date=dt.date(1985, 4, 3))
    make_events(customer, 3, page="/", seconds=1.5, seen=True, note=None)
    request = At.matched(customer, language=language)
    held = dossier.gather(customer, request)

    said = json.loads(b"".join(dossier.as_json(held, stream_of(customer))))
    nothing = json.loads(b"".join(dossier.as_json(held)))

    assert said["schema_version"] == dossier.SCHEMA_VERSION
    assert [event["data"]["page"] for event in said["events"]] == ["/"] * 3
    assert said["sections"][11]["events"][0]["count"] == 3
    assert nothing["events"] == []
    assert fits(said, dossier.SCHEMA)
    assert fits(nothing, dossier.SCHEMA)
    assert not fits({**said, "events": [{**said["events"][0], "data": {"nested": []}}]}, dossier.SCHEMA)


def test_the_statement_sums_events_up_by_kind_and_month():
    customer = make_customer(name="見本 花子")
    make_events(customer, 40, since=dt.datetime(2026, 3, 31, 14, tzinfo=dt.UTC))  # 23:00 in Japan
    make_events(customer, 2, source="app", kind="location", lat=35.5, lon=139.4)
    request = At.matched(customer)

    content = pdf.statement(request, dossier.gather(customer, request), office.current())

    text = text_of(content)
    assert "ページの閲覧2026年3月12026年3月31日23:002026年3月31日23:00" in text
    assert "ページの閲覧2026年4月392026年4月1日00:002026年4月2日14:00" in text
    assert "位置情報2026年4月2" in text
    assert "4-your-data.csv" in text
    assert text.count("この種類のデータは保有していません。") == 12


def test_the_table_has_every_value_and_event_and_no_cell_begins_a_formula():
    customer = make_customer(name="=1+1", telephone="+81 90 0000 0001")
    make_events(customer, 1200, text="-x")
    request = At.matched(customer)
    held = dossier.gather(customer, request)
    table = dossier.Table(held)

    passed = list(table.passing(stream_of(customer)))
    content = b"".join(table.pieces())

    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(passed) == 1200
    assert [row[0] for row in rows].count("サイトでの行動履歴") == 1200
    assert ["氏名（ニックネーム、ペンネーム）", "氏名", "'=1+1", str(customer)] in [row[:4] for row in rows]
    assert json.loads(rows[-1][2])["text"] == "-x"
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
