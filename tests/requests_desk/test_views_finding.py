"""The way back to a request, which tells a stranger nothing."""

import re

import pytest
from django.core import signing
from django.urls import reverse

from tests.factories.requests_desk import a_request
from tests.journeys.visitor import Visitor, code_from_mail, deliver, link_from_mail, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("limits_anew")]
FIND, CODE, LOST = (reverse(f"requests_desk:{name}") for name in ("find", "find_code", "lost"))


def without_number(page):
    return re.sub(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}|value=\"[^\"]*\"", "", page.text)


@pytest.mark.parametrize("typed", [str.lower, lambda number: number.replace("-", " "), lambda number: f" {number} "])
def test_number_and_code_lead_to_the_page_of_the_request(typed):
    request = a_request()
    deliver()
    visitor = Visitor()

    asked = visitor.post(FIND, {"reference": typed(str(request))}, follow=True)
    page = visitor.post(CODE, {"code": code_from_mail()}, follow=True)

    assert asked.request["PATH_INFO"] == CODE
    assert str(request) in page.text
    assert re.match(r"/status/[\w-]{43}/", page.request["PATH_INFO"])


def test_a_stranger_learns_nothing_from_a_number():
    request = a_request()
    deliver()
    known, unknown = Visitor(), Visitor()

    pages = [
        [
            visitor.post(FIND, {"reference": number}, follow=True),
            visitor.post(CODE, {"code": "000000"}, follow=True),
        ]
        for visitor, number in [(known, str(request)), (unknown, "2222-3333-4444")]
    ]

    for one, other in zip(*pages, strict=True):
        assert one.status_code == other.status_code
        assert without_number(one) == without_number(other)
    assert len(deliver()) == 1


def test_links_are_mailed_to_who_lost_the_number_and_the_page_says_the_same_to_all():
    request = a_request(email="Hanako@example.test")
    deliver()

    known = Visitor().post(LOST, {"email": "hanako＠EXAMPLE.test"}, follow=True)
    (message,) = deliver()
    unknown = Visitor().post(LOST, {"email": "nobody@example.test"}, follow=True)

    assert words(known) == words(unknown)
    assert deliver() == []
    assert message.to == ["Hanako@example.test"]
    assert str(request) in Visitor().get(link_from_mail(message)).text


@pytest.mark.parametrize(
    ("address", "values", "said"),
    [
        (FIND, {"reference": ""}, "受付番号を入力してください"),
        (FIND, {"reference": "0O1I-0000-0000"}, "12文字の英数字"),
        (FIND, {"reference": "x" * 100_000}, "12文字の英数字"),
        (FIND, {"reference": "\x00"}, "12文字の英数字|受付番号を入力"),
        (LOST, {"email": ""}, "メールアドレスを入力してください"),
        (LOST, {"email": "hanako"}, "「@」がありません"),
    ],
)
def test_what_cannot_be_read_is_said_at_the_field_and_kept(address, values, said):
    page = Visitor().post(address, values)

    assert page.status_code == 422
    ((_control, sentence),) = re.findall(r'<li><a href="#(\w+)">([^<]+)</a></li>', page.text)
    assert re.search(said, sentence)
    assert "<title>エラー：" in page.text


def test_the_page_for_the_code_opens_only_after_a_number():
    stranger, forger = Visitor(), Visitor()
    forger.cookies["find"] = signing.dumps("2222-3333-4444", salt="another")

    assert stranger.get(CODE).status_code == 302
    assert forger.get(CODE).status_code == 302


def test_a_mailbox_gets_few_mails_in_an_hour():
    a_request(email="hanako@example.test")
    deliver()

    pages = [Visitor().post(LOST, {"email": "hanako@example.test"}) for _each in range(5)]

    assert [page.status_code for page in pages] == [302, 302, 302, 429, 429]
    assert len(deliver()) == 3
