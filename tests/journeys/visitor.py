"""Somebody who fills in the public form, page by page, with the test client and mails that really leave the outbox."""

import re
from urllib.parse import urlencode

from django.core import mail
from django.test import Client
from django.urls import reverse

from audit.services import outbox

ANSWERS = {
    "kind": {"kind": "DISCLOSURE"},
    "who": {"who": "PERSON"},
    "name": {"name": "髙橋 﨑子", "kana": "たかはし さきこ"},
    "contact": {"email": "sakiko@example.com", "telephone": "０９０ー１２３４ー５６７８"},
    "address": {"postcode": "194-0032", "address": "東京都町田市本町田2918-1", "building": "オークテラスK102"},
    "birth": {"birth_date_year": "昭和60", "birth_date_month": "４月", "birth_date_day": "3"},
    "about": {"about": "", "method": "ELECTRONIC"},
}


class Visitor(Client):
    """A browser that follows redirects and keeps cookies."""

    def page(self, step, **query):
        return self.get(reverse("requests_desk:question", args=[step]), query, follow=True)

    def answer(self, step, values=None, *, query="", **more):
        address = reverse("requests_desk:question", args=[step]) + query
        return self.press(address, {**(ANSWERS[step] if values is None else values), **more})

    def press(self, address, values):
        """Post as a browser's form does, also what is no text at all, and follow."""
        body = urlencode(values, errors="surrogatepass")
        return self.post(address, body, content_type="application/x-www-form-urlencoded", follow=True)

    def answer_all(self, **changed):
        """Answer the seven pages; the check page comes back."""
        for step in ANSWERS:
            page = self.answer(step, {**ANSWERS[step], **changed.get(step, {})})
        return page

    def send(self):
        return self.post(reverse("requests_desk:check"), follow=True)

    def type_code(self, code, **more):
        return self.post(reverse("requests_desk:code"), {"code": code, **more}, follow=True)

    def make_request(self, **changed):
        """The whole form; the receipt comes back."""
        self.answer_all(**changed)
        self.send()
        return self.type_code(code_from_mail())


def deliver():
    """Send what waits in the outbox and return the mails that left, the newest last."""
    before = len(mail.outbox)
    outbox.deliver_due()
    return mail.outbox[before:]


def code_from_mail():
    (message,) = deliver()
    return re.search(r"^\d{6}$", message.body, re.M)[0]


def link_from_mail(message):
    return re.search(r"http://testserver(/status/\S+)", message.body)[1]


def words(page):
    """The text of a page without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text)).strip()
