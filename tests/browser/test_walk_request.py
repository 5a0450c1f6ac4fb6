"""One disclosure request from the start page to the closed case, with the office's real processes."""

import datetime as dt
import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone
from PIL import Image, ImageDraw
from pypdf import PdfReader

from audit.models import Entry, Link
from audit.services.trail import reference
from customers.models import OneTimeCode, OneTimeLink
from requests_desk.models import DataRequest, Package, Status
from requests_desk.models.package import GRACE
from tests.browser.people import CODE, GO, LINK, PRESS, Clerk, Somebody, Watch, mail_to, wait_until
from tests.factories.customers import make_customer
from tests.factories.requests_desk import At

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("limits_anew")]

NAME, KANA, MAIL, TELEPHONE = "髙橋 﨑子", "たかはし さきこ", "sakiko@example.test", "090-1234-5678"
ADDRESS, BUILDING = "東京都町田市本町田2918-1", "オークテラスK102"
OF_THE_PERSON = ["髙橋", "﨑子", "たかはし", "タカハシ", "sakiko", "1234-5678", "12345678", "本町田", "オークテラス"]
PAGES = [
    ("kind", {}, "id_kind_0"),
    ("who", {}, "id_who_0"),
    ("name", {"name": NAME, "kana": KANA}, None),
    ("contact", {"email": MAIL, "telephone": TELEPHONE}, None),
    ("address", {"postcode": "194-0032", "address": ADDRESS, "building": BUILDING}, None),
    ("birth", {"birth_date_year": "昭和60", "birth_date_month": "4", "birth_date_day": "3"}, None),
    ("about", {}, "id_method_0"),
]
KNOWN = (
    f"intake verifier handler approver {NAME} {KANA} {MAIL} {ADDRESS} {BUILDING} "
    "昭和 JPEG HEIC Office Ant Ltd. info@office-ant.co.jp"
)
STEPS = [
    "request.received", "identity.uploaded", "fee.received", "identity.verified", "request.begun", "request.matched",
    "decision.proposed", "decision.approved", "answer.offered", "answer.collected",
    "answer.collected_again", "identity.purged", "request.closed",
]  # fmt: skip


def a_licence():
    image = Image.new("RGB", (1600, 1000), "#dde6f0")
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 60, 1540, 940), outline="#335577", width=12)
    draw.ellipse((1100, 250, 1450, 700), fill="#99aabb")
    content = io.BytesIO()
    image.save(content, "JPEG")
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


@pytest.fixture
def held(committed):
    """The customer who asks, and another of the same family name."""
    make_customer("A0000002", name="髙橋 一郎", kana="たかはし いちろう")
    return make_customer(
        "A0000001", name=NAME, kana=KANA, nickname="さっちゃん", birth_date=dt.date(1985, 4, 3), email=MAIL,
        telephone=TELEPHONE, postcode="194-0032", address=ADDRESS + BUILDING,
    )  # fmt: skip


def fill(person, texts, choice):
    for name, text in texts.items():
        person.page.fill(f"#id_{name}", text)
    if choice:
        person.page.click(f"label[for={choice}]")


def ask(customer, sink):
    """From the home page to the receipt, only by what the pages offer. Returns the request."""
    customer.go("/").press("main a.button").press("main a.button[href='/request/kind/']")
    for step, texts, choice in PAGES:
        assert customer.page.url.endswith(f"/request/{step}/")
        fill(customer, texts, choice)
        customer.press(GO)
    customer.press(GO)
    customer.page.fill("#id_code", mail_to(sink, MAIL, CODE))
    customer.press(GO)
    return DataRequest.objects.get()


@pytest.mark.parametrize(
    ("scripts", "language"), [(True, "ja"), (False, "en")], ids=["with scripts", "without scripts, in English"]
)
def test_a_request_from_the_start_page_to_the_closed_case(
    chromium, web, worker, smtp_sink, held, scripts, language, tmp_path
):
    watch = Watch(web.url)
    options = {"scripts": scripts, "language": language}
    customer = Somebody(chromium, watch, **options)
    intake, verifier, handler, approver = (
        Clerk(chromium, watch, *roles, **options)
        for roles in (["intake"], ["verifier"], ["handler", "approver"], ["approver"])
    )

    # the person asks, and sends the picture
    case = ask(customer, smtp_sink)
    number = str(case)
    assert number in customer.words
    customer.go(mail_to(smtp_sink, MAIL, LINK))
    assert number in customer.words
    customer.press(".box.now a.button")
    customer.page.set_input_files("#id_photo", a_licence())
    customer.press(PRESS)
    customer.press("main .notice a")

    # no search before the fee, and the search words stand nowhere
    handler.open_case(number)
    assert not handler.can("match")
    assert handler.why_not("match")
    intake.go("/admin/requests_desk/datarequest/")
    intake.page.fill("#search-words", "髙橋")
    intake.press("form.search button").press(f"#rows a:text-is('{number}')")
    intake.begin("receive-fee")
    intake.confirm()
    assert not intake.can("receive-fee")

    # the document beside the request
    verifier.open_case(number)
    verifier.begin("verify")
    verifier.press("#document form.reveal button")
    assert NAME in verifier.words
    assert verifier.page.eval_on_selector("#document img", "image => image.complete && image.naturalWidth > 300")
    verifier.page.check("input[name=document_type][value=LICENCE]")
    verifier.page.check("input[name=matched_items][value=NAME]")
    verifier.page.check("input[name=matched_items][value=BIRTH]")
    verifier.confirm()
    assert not verifier.can("verify")

    # search, proposal, and another person's approval
    handler.open_case(number)
    handler.begin("match")
    handler.press("#compare form.reveal button, #compared form.reveal button")
    handler.page.check(f"input[name=customer][value={held.number}]")
    handler.confirm()
    handler.begin("propose")
    handler.page.check("input[name=outcome][value=FULL]")
    handler.confirm()
    assert not handler.can("approve")
    assert handler.why_not("approve")
    approver.open_case(number)
    approver.begin("approve")
    before = len(smtp_sink.mails)
    approver.confirm()

    # the answer, once
    customer.go(mail_to(smtp_sink, MAIL, LINK, after=before))
    with customer.page.expect_download() as begun:
        customer.page.click(PRESS)
    file = tmp_path / begun.value.suggested_filename
    begun.value.save_as(file)
    with zipfile.ZipFile(file) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with customer.page.expect_download() as begun_again:  # the page still shows the button
        customer.page.click(PRESS)
    assert Path(begun_again.value.path()).read_bytes() == file.read_bytes()
    past = {name: F(name) - GRACE for name in ("collected_at", "last_collected_at")}
    Package.objects.filter(request=case).update(**past)
    customer.press(PRESS)
    assert customer.page.url.startswith(f"{web.url}/status/")
    assert not customer.count("form[action$='/answer/'] button")
    refusal = customer.words
    handler.open_case(number)
    handler.begin("close")
    handler.confirm()
    customer.page.reload()
    customer.see()
    for someone in (customer, intake, verifier, handler, approver):
        someone.close()

    # what is left of it
    case.refresh_from_db()
    assert case.status == Status.CLOSED
    assert ("You have downloaded the file" if language == "en" else "もう一度ファイルが必要なとき") in refusal
    document = case.documents.get()
    assert document.file is None
    assert document.purged_at
    texts = [
        "".join(page.extract_text() for page in PdfReader(io.BytesIO(files[name])).pages)
        for name in files if name.endswith(".pdf")
    ]  # fmt: skip
    data = json.loads(files["3-your-data.json"])
    values = {held["value"] for section in data["sections"] for held in section["values"]}
    assert {NAME, KANA, MAIL, TELEPHONE, "1985-04-03"} <= values
    assert len(texts) == 2
    assert all(value in texts[1] for value in (MAIL, TELEPHONE, "さっちゃん"))
    assert list(actions_of(case)) == STEPS
    wait_until(lambda: Link.objects.count() == Entry.objects.count())
    call_command("verify_audit", verbosity=0)
    assert watch.naming(OF_THE_PERSON) == []
    assert watch.faults == []
    assert {word for word in watch.left_over if word not in KNOWN and not word.isupper()} == set()


def actions_of(case):
    """What was done, without who looked at what."""
    entries = Entry.objects.filter(subject=reference(case)).exclude(action="values.shown")
    return entries.order_by("pk").values_list("action", flat=True)


def test_impatient_fingers_make_one_request_and_lose_nothing(chromium, web, worker, smtp_sink):
    """Each button pressed twice, each page refreshed, back and forward again, a code too late, a link used up."""
    customer = Somebody(chromium, Watch(web.url), name="impatient")
    page = customer.page
    customer.go("/request/kind/")
    for step, texts, choice in PAGES:
        fill(customer, texts, choice)
        customer.press(GO, twice=True)
        after = page.url
        page.go_back()
        page.wait_for_url(f"**/request/{step}/")
        page.reload()
        assert all(page.input_value(f"#id_{name}") == text for name, text in texts.items())
        assert choice is None or page.is_checked(f"#{choice}")
        page.go_forward()
        page.wait_for_url(after)
    page.reload()
    customer.press(GO, twice=True)
    code = mail_to(smtp_sink, MAIL, CODE)

    OneTimeCode.objects.update(valid_until=timezone.now())
    page.fill("#id_code", code)
    customer.press(GO)
    too_late, title = customer.words, page.title()
    page.reload()
    assert page.input_value("#id_code") == code
    before = len(smtp_sink.mails)
    customer.press("button[name=again]")
    anew = customer.words
    page.fill("#id_code", mail_to(smtp_sink, MAIL, CODE, after=before))
    customer.press(GO, twice=True)
    page.wait_for_url("**/status/**")
    case = DataRequest.objects.get()
    page.go_back()
    page.reload()
    page.wait_for_url("**/status/**")
    known_already = customer.words
    customer.press("main a.button[href$='/photo/']")
    page.set_input_files("#id_photo", a_licence())
    customer.press(PRESS, twice=True)
    page.reload()
    photo = customer.words
    customer.go(mail_to(smtp_sink, MAIL, LINK))
    address = page.url
    OneTimeLink.objects.update(valid_until=timezone.now())
    customer.go(address)

    assert "30分" in too_late
    assert title.startswith("エラー：")
    assert "新しい番号を送りました" in anew
    assert "30分が過ぎました" in too_late
    assert "30分が過ぎました" not in anew
    assert "この請求は受付済みです" in known_already
    assert str(case) in known_already
    assert case.fee.amount == 1000
    assert "写真を受け取りました" in photo
    assert case.documents.kept().count() == 1
    assert "受付番号" in customer.words
    assert str(case) not in customer.words
    customer.close()


def test_a_button_of_the_desk_pressed_twice_or_again_from_the_page_before_does_it_once(chromium, web):
    case = At.document_sent()
    clerk = Clerk(chromium, Watch(web.url), "intake", scripts=False)
    clerk.open_case(str(case))
    clerk.begin("receive-fee")
    clerk.page.dblclick("form.desk-form .act-row button")  # the answer shown is that to either press
    wait_until(lambda: "fee.received" in actions_of(case))
    clerk.page.wait_for_timeout(1000)
    clerk.page.wait_for_load_state()
    said = clerk.words
    clerk.go(f"/admin/requests_desk/datarequest/{case.pk}/receive-fee/")
    again = clerk.words
    clerk.close()

    assert str(case) in said
    assert "今はできません" in again
    assert list(actions_of(case)).count("fee.received") == 1


def test_a_download_pressed_twice_is_not_lost(chromium, web, worker, smtp_sink, held):
    """Two presses make two posts, of which the browser drops the first: the file can be had again at once."""
    case = At.ready(held, email=MAIL)
    customer = Somebody(chromium, Watch(web.url), name="impatient")
    address = mail_to(smtp_sink, MAIL, LINK)
    customer.go(address)
    customer.page.dblclick(PRESS)
    wait_until(lambda: list(actions_of(case)).count("answer.collected") == 1)
    customer.page.wait_for_timeout(2000)  # whatever the browser makes of the first press
    customer.go(address)
    with customer.page.expect_download() as begun:
        customer.page.click(PRESS)

    assert zipfile.is_zipfile(begun.value.path())
    customer.close()
