"""The request's own page: one box, timeline, photo, answer, withdrawal."""

import datetime as dt
import io
import re

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from audit.models import Actor, Office
from requests_desk.mail import status_token
from requests_desk.models import IdentityDocument
from requests_desk.services import identity
from tests.factories.requests_desk import a_request, at
from tests.journeys.visitor import deliver, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("limits_anew")]


def picture(kind="JPEG", size=(800, 500)):
    content = io.BytesIO()
    Image.new("RGB", size, "#dde6f0").save(content, kind)
    return content.getvalue()


def page_of(request, name="status"):
    return reverse(f"requests_desk:{name}", args=[status_token(request)])


def send(client, address, content, name="photo.jpg"):
    return client.post(address, {"photo": SimpleUploadedFile(name, content)}, follow=True)


def test_opening_the_link_as_often_as_a_scanner_likes_changes_nothing(client):
    request = a_request()
    address = page_of(request)

    for _each in range(3):
        for name in ("", "photo/", "withdraw/", "answer/"):
            assert client.get(address + name, follow=True).status_code == 200
            assert client.head(address + name).status_code in (200, 302)

    request.refresh_from_db()
    assert request.status == "RECEIVED"


def test_the_page_is_private(client):
    page = client.get(page_of(a_request()))

    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]
    assert "noindex" in page["X-Robots-Tag"]
    assert page.cookies.get("csrftoken") is None


def test_one_box_says_what_we_ask_now(client):
    Office.objects.update(bank_account_ja="見本銀行 普通 1234567")
    request = a_request()

    page = words(client.get(page_of(request)))

    assert page.count("いま、お願いしたいこと") == 1
    assert "本人確認書類の写真を送る" in page
    assert "手数料を払う" in page
    assert str(request) in page
    assert request.name not in page


@pytest.mark.parametrize("token", ["x", "%00", "a" * 3000, "あ", "..%2f", "%ff"])
def test_an_unknown_link_says_how_to_get_another(token):
    page = Client(raise_request_exception=False).get(f"/status/{token}/")

    assert page.status_code in (400, 404)
    assert "<h1" in page.text


def test_a_link_that_is_over_says_how_to_get_another(client, time_machine):
    address = page_of(a_request())

    time_machine.move_to("2031-01-01T00:00:00+09:00")
    page = client.get(address)

    assert page.status_code == 404
    assert reverse("requests_desk:find") in page.text
    assert reverse("requests_desk:lost") in page.text


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photo_is_taken_and_can_be_chosen_anew(client, kind):
    request = a_request()
    address = page_of(request, "photo")

    page = send(client, address, picture(kind), "山田太郎.jpg")
    again = send(client, address, picture(size=(900, 600)))

    assert "写真を受け取りました" in page.text
    assert "800×500" in page.text
    assert "写真を選び直す" in page.text
    assert "900×600" in again.text
    assert [document.state for document in request.documents.all()] == ["REPLACED", "TO_CHECK"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "写真を選んでから"),
        (b"", "写真を選んでから|中身がありません"),
        (b"GIF89a not a photo at all", "写真"),
        (b"\xff\xd8\xff\xe0 cut off", "写真"),
        (b"x" * (10 * 1024 * 1024 + 1), "10.0MB|10MB"),
    ],
)
def test_a_file_that_does_not_do_is_said_at_the_field(client, content, said):
    request = a_request()
    address = page_of(request, "photo")

    page = client.post(address) if content is None else send(client, address, content)

    assert page.status_code == 422
    assert re.search("<title>エラー：", page.text)
    ((control, sentence),) = re.findall(r'<li><a href="#(\w+)">([^<]+)</a></li>', page.text)
    assert control == "id_photo"
    assert re.search(said, sentence)
    assert IdentityDocument.objects.count() == 0


def test_the_photo_page_holds_nothing_but_the_file_field(client):
    page = client.get(page_of(a_request(), "photo"))
    main = page.text.split("<main")[1].split("</main>")[0]

    (control,) = re.findall(r"<(?:input|textarea|select)[^>]*>", main)
    assert 'type="file"' in control
    assert 'accept="image/jpeg,image/png"' in control
    assert "capture" not in main
    assert "site/mask-ja" in main
    assert "顔写真のある書類がないとき" in main


def test_a_photo_that_is_not_needed_any_more_is_not_asked_for(client):
    request = a_request()
    identity.upload(request, picture(), by=Actor.requester())
    request = at("READY")

    page = client.get(page_of(request, "photo"))
    refused = send(client, page_of(request, "photo"), picture())

    assert 'type="file"' not in page.text
    assert refused.status_code == 422


def test_the_answer_is_downloaded_once_and_can_be_offered_again(client):
    request = at("READY")
    address = page_of(request)
    page = client.get(address)
    assert "回答をダウンロードする" in page.text

    first = client.post(f"{address}answer/")
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=5)):
        second = client.post(f"{address}answer/", follow=True)
    again = client.post(f"{address}answer/again/", follow=True)

    assert first["Content-Disposition"].startswith(f'attachment; filename="{request}')
    assert "no-store" in first["Cache-Control"]
    assert len(first.content) > 1000
    assert "Content-Disposition" not in second
    assert "もう一度ダウンロードできるように" in second.text
    assert "回答をダウンロードする" in again.text
    assert any("/status/" in message.body for message in deliver())


def test_a_second_press_gets_the_same_file_again(client):
    address = page_of(at("READY"))
    first = client.post(f"{address}answer/")

    page = client.get(address)
    second = client.post(f"{address}answer/")

    assert "もう一度ダウンロードできます" in page.text
    assert "回答をダウンロードする" in page.text
    assert second["Content-Disposition"] == first["Content-Disposition"]
    assert second.content == first.content


def test_nobody_takes_the_file_without_end(client):
    address = page_of(at("READY"))

    codes = [client.post(f"{address}answer/").status_code for _press in range(21)]

    assert codes == [200] * 20 + [429]


def test_a_withdrawal_says_what_becomes_of_the_fee_and_asks_first(client):
    request = a_request()
    address = page_of(request, "withdraw")

    asked = client.get(address)
    nothing = client.post(address, {})
    no = client.post(address, {"sure": "no"}, follow=True)
    yes = client.post(address, {"sure": "yes"}, follow=True)
    back = client.get(address, follow=True)

    assert "手数料のお支払いはいりません" in asked.text
    assert "元には戻せません" in asked.text
    assert nothing.status_code == 422
    assert "取り下げました" not in words(no)
    assert "請求を取り下げました" in yes.text
    request.refresh_from_db()
    assert request.status == "WITHDRAWN"
    assert 'name="sure"' not in back.text


@pytest.mark.parametrize("status", ["RECEIVED", "IN_PROGRESS", "PROPOSED", "APPROVED", "READY", "CLOSED", "WITHDRAWN"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_shows_one_box_and_no_value_of_the_person_at_every_state(client, status, language):
    request = at(status)
    client.cookies["django_language"] = language

    page = client.get(page_of(request))

    assert page.status_code == 200
    assert len(re.findall(r'<section class="box', page.text)) == 1
    for value in (request.name, request.email, request.telephone, request.address):
        assert value not in page.text
