"""A visitor with a real browser who opens every public page of a request, in every state that a page has."""

import io
import re

from django.core import mail
from PIL import Image

from audit.services import outbox

LONG_NAME = "寿限無寿限無五劫の擦り切れ海砂利水魚の水行末雲来末風来末" * 4
NEXT = "button[name=go]"
PRESS = "main form:not(.language) button"


def code_from_mail():
    before = len(mail.outbox)
    outbox.deliver_due()
    (message,) = [each for each in mail.outbox[before:] if re.search(r"^\d{6}$", each.body, re.M)]
    return re.search(r"^\d{6}$", message.body, re.M)[0]


def photo(size=(1200, 800)):
    content = io.BytesIO()
    Image.new("RGB", size, "#aaccee").save(content, "JPEG")
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


def walk(page, url, look=lambda name: None):
    """Open every page; ``look`` is called with the name of each state. Returns the address of the request's page."""

    def see(path, name):
        page.goto(url + path)
        look(name)

    def press(name, button=NEXT):
        with page.expect_navigation():
            page.click(button)
        look(name)

    for path, name in [
        ("/", "home"), ("/accessibility/", "accessibility"), ("/policy/history/", "policy history"),
        ("/nowhere/", "not found"), ("/status/x/", "dead link"), ("/status/", "find"), ("/status/lost/", "lost"),
        ("/request/", "start"), ("/request/kind/", "kind"),
    ]:  # fmt: skip
        see(path, name)
    press("kind with error")
    page.click("label[for=id_kind_1]")
    press("by mail")
    page.goto(url + "/request/kind/")
    page.click("label[for=id_kind_0]")
    press("who")
    page.click("label[for=id_who_0]")
    press("name")
    page.fill("#id_kana", "漢字")
    press("name with errors")
    page.fill("#id_name", LONG_NAME)
    page.fill("#id_kana", "じゅげむ")
    press("contact")
    page.fill("#id_email", "taro@gmail.co")
    press("contact asked back")
    press("address", "button[value=fix]")
    page.fill("#id_postcode", "1940032")
    press("address filled", "button[name=fill]")
    page.fill("#id_address", "東京都町田市本町田2918-1")
    press("birth")
    page.fill("#id_birth_date_year", "平成64")
    press("birth with error")
    page.fill("#id_birth_date_year", "昭和60")
    page.fill("#id_birth_date_month", "4")
    page.fill("#id_birth_date_day", "3")
    press("about")
    page.click("label[for=id_method_0]")
    press("check")
    press("code")
    page.fill("#id_code", "12")
    press("code with error")
    page.fill("#id_code", code_from_mail())
    press("receipt")
    address = page.url.split("?")[0]
    see(address.removeprefix(url) + "photo/", "photo")
    press("photo with error", PRESS)
    page.set_input_files("#id_photo", photo())
    press("photo sent", PRESS)
    see(address.removeprefix(url), "status")
    see(address.removeprefix(url) + "withdraw/", "withdraw")
    press("withdraw with error", PRESS)
    see("/request/", "start after sending")
    return address
