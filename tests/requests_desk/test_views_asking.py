"""The public form: what it accepts, how it says no, and that nothing typed is lost."""

import datetime as dt
import html
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_desk.models import DataRequest, Draft
from requests_desk.services import drafts
from tests.journeys.visitor import ANSWERS, Visitor, code_from_mail, deliver, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("limits_anew")]


def typed_into(page, name):
    """What a text control of the page holds."""
    found = re.search(rf'name="{name}"[^>]*?value="([^"]*)"', page.text)
    return html.unescape(found[1])


def errors_at_top(page):
    return re.findall(r'<li><a href="#(\w+)">([^<]+)</a></li>', page.text)


def test_the_start_page_states_cost_time_and_papers_before_the_first_question():
    page = words(Visitor().get(reverse("requests_desk:start")))

    for fact in ("1件につき1,000円", "14日以内", "運転免許証", "マイナンバーカードの表面", "請求を始める"):
        assert fact in page


@pytest.mark.parametrize(
    ("step", "values", "control", "said"),
    [
        ("kind", {}, "id_kind_0", "どの請求をするかを選んでください。"),
        ("kind", {"kind": "EVERYTHING"}, "id_kind_0", "どの請求をするかを選んでください。"),
        ("who", {}, "id_who_0", "どなたが請求するかを選んでください。"),
        ("name", {"name": " 　"}, "id_name", "お名前を入力してください。"),
        ("name", {"name": "見本\x00花子"}, "id_name", "目に見えない文字が入っています"),
        ("name", {"name": "見本\u202e花子"}, "id_name", "目に見えない文字が入っています"),
        ("name", {"name": "見本\u200b花子"}, "id_name", "目に見えない文字が入っています"),
        ("name", {"name": "見本\ud800花子"}, "id_name", "壊れた文字が入っています"),
        ("name", {"name": "寿" * 201}, "id_name", "文字数が多すぎます"),
        ("name", {"name": "見本 花子", "kana": "見本"}, "id_kana", "漢字か数字"),
        ("contact", {"email": ""}, "id_email", "メールアドレスを入力してください。"),
        ("contact", {"email": "hanako.example.com"}, "id_email", "「@」がありません"),
        ("contact", {"email": "hanako@example"}, "id_email", "「@」のあとが足りません"),
        ("contact", {"email": "hanako@example.com", "telephone": "電話なし"}, "id_telephone", "数字で入力"),
        ("contact", {"email": "hanako@example.com", "telephone": "090-123"}, "id_telephone", "けた数"),
        ("address", {"address": ""}, "id_address", "番地まで入力してください"),
        ("address", {"address": "町田市1", "postcode": "123"}, "id_postcode", "7けた"),
        ("birth", {}, "id_birth_date_year", "生年月日を入力してください。"),
        ("birth", {"birth_date_year": "1985"}, "id_birth_date_year", "年、月、日をすべて"),
        (
            "birth",
            {"birth_date_year": "2023", "birth_date_month": "2", "birth_date_day": "29"},
            "id_birth_date_year",
            "暦にない日付",
        ),
        (
            "birth",
            {"birth_date_year": "平成31", "birth_date_month": "5", "birth_date_day": "1"},
            "id_birth_date_year",
            "平成は31年4月30日まで",
        ),
        (
            "birth",
            {"birth_date_year": "2999", "birth_date_month": "1", "birth_date_day": "1"},
            "id_birth_date_year",
            "まだ来ていない",
        ),
        ("about", {"about": "x" * 2001, "method": "ELECTRONIC"}, "id_about", "文字数が多すぎます"),
        ("about", {"about": "all"}, "id_method_0", "回答の受け取り方を選んでください。"),
    ],
)
def test_a_wrong_answer_is_said_at_the_top_and_at_the_field_in_the_same_words(step, values, control, said):
    visitor = Visitor()
    visitor.answer("kind")

    page = visitor.answer(step, values)

    assert page.status_code == 200
    assert page.request["PATH_INFO"] == reverse("requests_desk:question", args=[step])
    assert re.search(r"<title>エラー：", page.text)
    assert '<h2 id="summary-title" tabindex="-1" autofocus>1か所をたしかめてください</h2>' in page.text
    ((where, sentence),) = errors_at_top(page)
    assert where == control
    assert said in sentence
    assert f'id="{control}"' in page.text
    assert (
        f'class="error-text" id="{page.context["form"][next(iter(page.context["form"].errors))].auto_id}' in page.text
    )
    assert page.text.count(sentence) == 2


@pytest.mark.parametrize(
    ("step", "values"),
    [
        ("name", {"name": "𠮷田 葛󠄀城﨑髙", "kana": "ﾖｼﾀﾞ カツラギ"}),
        ("name", {"name": "Björk", "kana": ""}),
        ("name", {"name": "寿限無" * 60, "kana": "じゅげむ"}),
        ("contact", {"email": "hanako＠example．com", "telephone": "＋81 90ー1234‐5678"}),
        ("contact", {"email": "abc..d.@docomo.ne.jp", "telephone": "(042) 000-0000"}),
        ("address", {"postcode": "１９４ー００３２", "address": "東京都町田市本町田２９１８ー１", "building": ""}),
        ("birth", {"birth_date_year": "S60", "birth_date_month": "04", "birth_date_day": "３日"}),
        ("birth", {"birth_date_year": "令和元", "birth_date_month": "5月", "birth_date_day": "1"}),
        ("about", {"about": "一行目\r\n二行目 <b>&amp;</b>", "method": "ELECTRONIC"}),
    ],
)
def test_what_people_type_is_accepted_and_shown_again_as_typed(step, values):
    visitor = Visitor()
    visitor.answer("kind")

    next_page = visitor.answer(step, values)
    back = visitor.page(step)

    assert next_page.request["PATH_INFO"] != reverse("requests_desk:question", args=[step])
    assert not errors_at_top(back)
    form = back.context["form"]
    for name, value in values.items():
        assert form.data[name] == value
        assert html.escape(value.replace("\r\n", "\n"), quote=False).split("\n")[0] in html.unescape(back.text) or (
            f'value="{value}"' in back.text
        )


def test_a_wrong_answer_stays_on_its_page_after_back_and_refresh():
    visitor = Visitor()
    visitor.answer("kind")
    visitor.answer("name", {"name": "見本 花子", "kana": "漢字"})

    for _refresh in range(2):
        page = visitor.page("name")
        assert typed_into(page, "name") == "見本 花子"
        assert typed_into(page, "kana") == "漢字"
        assert errors_at_top(page)


def test_every_post_of_a_page_is_answered_by_a_redirect():
    visitor = Visitor()
    visitor.answer("kind")

    right = visitor.post(reverse("requests_desk:question", args=["name"]), ANSWERS["name"])
    wrong = visitor.post(reverse("requests_desk:question", args=["name"]), {"name": ""})

    assert (right.status_code, wrong.status_code) == (302, 302)


def test_a_slip_in_the_mail_address_is_asked_back_and_not_refused():
    visitor = Visitor()
    visitor.answer("kind")

    asked = visitor.answer("contact", {"email": "taro@gmail.co", "telephone": "090-0000-0000"})
    fixed = visitor.answer("contact", {"email": "taro@gmail.co"}, mail="fix")
    kept = visitor.answer("contact", {"email": "taro@docomo.jp"})
    kept = visitor.answer("contact", {"email": "taro@docomo.jp"}, mail="keep")

    assert "taro@gmail.com" in asked.text
    assert not errors_at_top(asked)
    assert typed_into(asked, "telephone") == "090-0000-0000"
    assert fixed.request["PATH_INFO"] == reverse("requests_desk:question", args=["address"])
    assert kept.request["PATH_INFO"] == reverse("requests_desk:question", args=["address"])
    assert Draft.objects.get().answers["contact"]["email"] == "taro@docomo.jp"


def test_the_postcode_fills_the_address_and_never_overwrites_it():
    visitor = Visitor()
    visitor.answer("kind")

    filled = visitor.answer("address", {"postcode": "１９４００３２"}, fill="address")
    kept = visitor.answer("address", {"postcode": "1000001", "address": "大阪市1-1", "building": "B"}, fill="address")
    unknown = visitor.answer("address", {"postcode": "0000000"}, fill="address")

    assert typed_into(filled, "address") == "東京都町田市本町田"
    assert typed_into(kept, "address") == "大阪市1-1"
    assert typed_into(kept, "building") == "B"
    assert "千代田区千代田" in kept.text
    assert "見つかりませんでした" in unknown.text
    for page in (filled, kept, unknown):
        assert page.request["PATH_INFO"] == reverse("requests_desk:question", args=["address"])


def test_a_change_from_the_check_page_returns_to_it():
    visitor = Visitor()
    check = visitor.answer_all()

    page = visitor.page("name", **{"return": "check"})
    wrong = visitor.answer("name", {"name": ""}, query="?return=check")
    right = visitor.answer("name", {"name": "別名"}, query="?return=check")

    assert reverse("requests_desk:question", args=["name"]) + "?return=check" in check.text
    assert "保存して確認へ戻る" in page.text
    assert wrong.request["QUERY_STRING"] == "return=check"
    assert right.request["PATH_INFO"] == reverse("requests_desk:check")
    assert "別名" in right.text


def test_untouched_options_say_so_and_missing_answers_stop_the_sending():
    visitor = Visitor()
    check = visitor.answer_all(about={"about": ""})
    assert "未入力" in check.text

    visitor.answer("birth", {})
    page = visitor.send()

    assert "まだ答えていないところがあります" in page.text
    assert re.search(r"<title>エラー：", page.text)
    assert deliver() == []


def test_what_the_form_does_not_take_yet_is_told_how_to_ask_by_mail():
    visitor = Visitor()

    pages = [
        visitor.answer("kind", {"kind": "CORRECTION"}),
        visitor.answer("who", {"who": "AGENT"}),
        visitor.answer("about", {"about": "", "method": "PAPER"}),
    ]

    for page in pages:
        assert "メールでお受けします" in page.text
        assert "info@office-ant.co.jp" in page.text
    assert ["手数料はかかりません" in page.text for page in pages] == [True, False, False]
    assert drafts.missing(Draft.objects.get())[:2] == ["kind", "who"]


def test_the_code_can_be_sent_again_and_the_address_changed():
    visitor = Visitor()
    visitor.answer_all()
    visitor.send()
    code_from_mail()
    again = visitor.post(reverse("requests_desk:code"), {"again": "1"}, follow=True)
    second = code_from_mail()
    assert "新しい番号を送りました" in again.text

    visitor.answer("contact", {"email": "new@example.com"}, query="?return=code")
    page = visitor.type_code(second)
    visitor.send()
    receipt = visitor.type_code(code_from_mail())

    assert DataRequest.objects.count() == 1
    assert errors_at_top(page)
    assert "請求を受け付けました" in receipt.text
    assert DataRequest.objects.get().email == "new@example.com"


@pytest.mark.parametrize(("tries", "old_code_counts"), [(1, True), (3, False)])
def test_a_new_code_is_asked_for_on_a_clean_page(tries, old_code_counts):
    visitor = Visitor()
    visitor.answer_all()
    visitor.send()
    code_from_mail()
    for _time in range(tries):
        visitor.type_code("12")
        visitor.type_code("000000")

    again = visitor.post(reverse("requests_desk:code"), {"again": "1"}, follow=True)

    assert not errors_at_top(again)
    assert 'value="000000"' not in again.text
    assert ("前の番号も使えます" in again.text) is old_code_counts


@pytest.mark.parametrize("typed", ["", "12", "１２３４５", "abcdef", "0", "000000\x00", "9" * 10_000])
def test_a_wrong_code_is_said_at_the_field_and_kept(typed):
    visitor = Visitor()
    visitor.answer_all()
    visitor.send()

    page = visitor.type_code(typed)

    assert page.status_code == 200
    assert errors_at_top(page)
    assert DataRequest.objects.count() == 0


def test_a_code_is_accepted_in_full_width_with_spaces():
    visitor = Visitor()
    visitor.answer_all()
    visitor.send()
    code = code_from_mail().translate(str.maketrans("0123456789", "０１２３４５６７８９"))

    page = visitor.type_code(f" {code[:3]} ー{code[3:]}")

    assert "請求を受け付けました" in page.text


def test_the_fourth_try_of_a_code_is_spent(limits_anew):
    visitor = Visitor()
    visitor.answer_all()
    visitor.send()
    right = code_from_mail()
    wrong = "000000" if right != "000000" else "111111"

    for _try in range(3):
        visitor.type_code(wrong)
    page = visitor.type_code(right)

    assert errors_at_top(page)
    assert DataRequest.objects.count() == 0


def test_an_expired_code_is_said_and_a_new_one_can_be_sent(time_machine):
    visitor = Visitor()
    visitor.answer_all()
    visitor.send()
    code = code_from_mail()

    time_machine.move_to(timezone.now() + dt.timedelta(minutes=31))
    page = visitor.type_code(code)

    assert "番号" in errors_at_top(page)[0][1]
    assert "新しい番号を送る" in page.text
    assert DataRequest.objects.count() == 0


def test_a_draft_that_is_over_is_said_and_what_was_typed_last_is_kept(time_machine):
    visitor = Visitor()
    visitor.answer_all()

    time_machine.move_to(timezone.now() + dt.timedelta(hours=25))
    opened = visitor.page("birth")
    posted = visitor.answer("name", {"name": "今入力した名前"})
    name = visitor.page("name")

    assert "入力の途中の内容が見つかりませんでした" in opened.text
    assert "前に入力した内容は、もう残っていません" in posted.text
    assert typed_into(name, "name") == "今入力した名前"


def test_an_interrupted_request_can_be_continued_on_the_same_phone():
    visitor = Visitor()
    for step in ("kind", "who", "name"):
        visitor.answer(step)

    page = visitor.get(reverse("requests_desk:start"))

    assert "続きから入力する" in page.text
    assert reverse("requests_desk:question", args=["contact"]) in page.text


def test_a_new_request_after_the_first_begins_empty():
    visitor = Visitor()
    visitor.make_request()

    start = visitor.get(reverse("requests_desk:start"))
    first = visitor.post(reverse("requests_desk:start"), follow=True)

    assert "前回の請求は受付済みです" in start.text
    assert first.request["PATH_INFO"] == reverse("requests_desk:question", args=["kind"])
    assert "checked" not in first.text


def test_the_language_can_be_switched_on_a_page_without_losing_what_was_typed():
    visitor = Visitor()
    visitor.answer("kind")

    english = visitor.answer("name", {"name": "見本 花子", "kana": "漢字"}, switch_language="en")
    page = visitor.answer("name", {"name": "見本 花子", "kana": "漢字"})

    assert english.request["PATH_INFO"] == reverse("requests_desk:question", args=["name"])
    assert '<html lang="en">' in english.text
    assert typed_into(english, "kana") == "漢字"
    assert not errors_at_top(english)
    assert errors_at_top(page)[0][1].startswith("The reading contains")


def test_the_mails_of_a_request_are_in_the_language_of_the_pages():
    visitor = Visitor()
    visitor.answer_all()
    visitor.post(reverse("language"), {"language": "en", "next": "/request/check/"})
    visitor.send()

    (message,) = deliver()

    assert "six digits" in message.body


def test_a_forged_or_late_post_shows_the_form_again_with_what_was_typed():
    visitor = Visitor(enforce_csrf_checks=True)

    page = visitor.post(reverse("requests_desk:question", args=["name"]), {"name": "見本 花子", "kana": ""})

    assert page.status_code == 403
    assert "もう一度ボタンを押してください" in page.text
    assert typed_into(page, "name") == "見本 花子"
    assert 'name="csrfmiddlewaretoken"' in page.text
    assert Draft.objects.count() == 0


def test_pages_of_a_request_are_kept_by_no_cache_and_no_search_engine():
    visitor = Visitor()
    page = visitor.answer("kind")

    assert "no-store" in page["Cache-Control"]
    assert "noindex" in page["X-Robots-Tag"]
    cookie = visitor.cookies["draft"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/request/"


HOSTILE_POSTS = {
    "nothing": ({}, None),
    "ten megabytes": ({"name": "x" * 10_000_000}, None),
    "1,001 fields": ({f"field{number}": "x" for number in range(1001)}, None),
    "json": ("{}", "application/json"),
    "no content type": (b"\xff\xfe\x00", "application/octet-stream"),
    "broken multipart": (b"--x\r\nContent-Disposition: form-data; na", "multipart/form-data; boundary=x"),
    "multipart without boundary": (b"abc", "multipart/form-data"),
    "unknown charset": (b"name=x", "application/x-www-form-urlencoded; charset=klingon"),
    "utf-16": (b"name=x", "application/x-www-form-urlencoded; charset=utf-16"),
    "bad bytes": (b"name=%ff%fe%00%ed%a0%80", "application/x-www-form-urlencoded"),
    "a file for a text": (
        b'--x\r\nContent-Disposition: form-data; name="name"; filename="a"\r\n\r\nabc\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
    ),
}


@pytest.mark.parametrize("case", HOSTILE_POSTS)
@pytest.mark.parametrize("path", ["/request/name/", "/request/check/", "/request/code/", "/status/", "/status/lost/"])
def test_a_hostile_post_gets_a_polite_page_and_loses_nothing(path, case):
    visitor = Visitor(raise_request_exception=False)
    visitor.answer("kind")
    visitor.answer("name")
    data, kind = HOSTILE_POSTS[case]

    page = visitor.generic("POST", path, data, content_type=kind) if kind else visitor.post(path, data)
    if page.status_code == 302:
        page = visitor.get(page["Location"], follow=True)

    assert page.status_code < 500
    assert "<h1" in page.text
    if path not in ("/request/check/", "/request/code/"):  # these lead elsewhere before they read
        assert page.status_code == {"ten megabytes": 413, "1,001 fields": 400}.get(case, page.status_code)
    kept = Draft.objects.get().answers["name"]
    if not (path == "/request/name/" and page.status_code == 200):
        assert kept["name"] == ANSWERS["name"]["name"]


@pytest.mark.parametrize(
    "path", ["/request/nowhere/", "/request/%00/", "/request/name/x/", "/request/by-mail/disclosure/", "/%ff%fe/"]
)
def test_an_unknown_address_gets_our_own_page(path):
    page = Client(raise_request_exception=False).get(path)

    assert page.status_code in (400, 404)
    assert "<h1" in page.text


def test_many_codes_for_one_mailbox_are_paused_and_nothing_is_lost():
    visitor = Visitor()
    visitor.answer_all()

    pages = [visitor.send() for _each in range(7)]

    assert pages[-1].status_code == 429
    assert int(pages[-1]["Retry-After"]) > 0
    assert "少し時間をおいて" in pages[-1].text
    assert visitor.get(reverse("requests_desk:check")).status_code == 200
