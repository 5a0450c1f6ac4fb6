"""A person asks for disclosure, from the start page to the page of the request."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.models import Actor
from requests_desk.models import DataRequest, Outcome
from requests_desk.services import decisions, fulfilment, matching, progress
from tests.factories.requests_desk import a_picture, pay, staff_actor, verify
from tests.journeys.visitor import ANSWERS, Visitor, code_from_mail, deliver, link_from_mail, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("limits_anew")]


def test_a_request_is_made_in_ten_pages_and_its_page_is_the_receipt():
    visitor = Visitor()

    start = visitor.get(reverse("requests_desk:start"))
    check = visitor.answer_all()
    code_page = visitor.send()
    receipt = visitor.type_code(code_from_mail())

    assert "1,000円" in start.text
    assert "まだ送られていません" in check.text
    assert "1985年（昭和60年）4月3日" in check.text
    assert "手数料1,000円を確認して請求を送る" in check.text
    assert "sakiko@example.com" in code_page.text
    request = DataRequest.objects.get()
    assert str(request) in receipt.text
    assert "請求を受け付けました" in receipt.text
    assert (request.name, request.telephone) == (ANSWERS["name"]["name"], ANSWERS["contact"]["telephone"])
    assert request.fee.amount == 1000
    (message,) = deliver()
    assert visitor.get(link_from_mail(message)).status_code == 200


def test_the_code_mail_has_no_link_and_no_value_of_the_person():
    visitor = Visitor()
    visitor.answer_all()
    visitor.send()

    (message,) = deliver()

    assert "http" not in message.body
    assert ANSWERS["name"]["name"] not in message.subject + message.body


def test_after_sending_back_and_a_second_press_lead_to_the_receipt():
    visitor = Visitor()
    receipt = visitor.make_request()

    again = visitor.type_code("123456")
    back = visitor.page("name")
    check = visitor.get(reverse("requests_desk:check"), follow=True)

    for page in (again, back, check):
        assert "この請求は受付済みです" in page.text
        assert words(receipt).split("受付番号")[1][:20] in words(page)
    assert DataRequest.objects.count() == 1


def test_the_whole_way_from_the_first_page_to_the_closed_request():
    visitor = Visitor()
    visitor.make_request()
    request = DataRequest.objects.get()
    address = link_from_mail(deliver()[-1])

    photo = SimpleUploadedFile("photo.jpg", a_picture())
    sent = visitor.post(f"{address}photo/", {"photo": photo}, follow=True)
    verify(request)
    pay(request)
    waiting = visitor.get(address)
    matching.none_held(request, by=staff_actor("handler"))
    decisions.propose(request, outcome=Outcome.NOT_HELD, ground="", reason="", by=staff_actor("handler"))
    decisions.approve(request, by=staff_actor("approver"))
    fulfilment.make(request, by=Actor.system())
    address = link_from_mail(deliver()[-1])
    ready = visitor.get(address)
    answer = visitor.post(f"{address}answer/")
    progress.close(request, by=staff_actor("handler"))
    closed = visitor.get(address)

    assert "写真を受け取りました" in sent.text
    assert "本人確認書類の写真を送る" not in words(waiting)
    assert "回答をダウンロードする" in ready.text
    assert answer.content.startswith(b"%PDF")
    assert "回答をダウンロードする" not in closed.text
    assert str(request) in closed.text
    assert not request.documents.kept().exists()
