"""Customers for tests: the smallest valid row, made by the service that makes them, so that they can be found."""

import datetime as dt
import itertools

from audit.models import Actor
from customers.models import CookieIdentifier, Customer, Device, ExternalAccount, PaymentMethod
from customers.services import changes, holdings
from customers.services.erasure import erase
from customers.services.registration import register

_numbers = itertools.count(1)


def make_customer(number=None, *, by=None, **values):
    """A registered customer. Values are as :mod:`customers.reading` gives them."""
    values = {"name": "見本 花子", **values}
    customer = register(number or f"T{next(_numbers):07d}", by=by or Actor.system(), **values)
    holdings.recount(customer)
    return customer


def make_erased_customer(number=None, *, by=None, **values):
    customer = make_customer(number, by=by, **values)
    return erase(customer, by=by or Actor.system())


def newest_customer():
    return Customer.objects.order_by("-pk").first()


def make_full_customer(number=None, *, by=None, **values):
    """A customer of whom all that staff can enter by hand is held: own values, and one row of each kind."""
    by = by or Actor.system()
    customer = make_customer(number, by=by, **{**FULL, **values})
    for model, row in ROWS_OF_ONE:
        changes.add(customer, model, values=row, reason="NOTICE", by=by)
    return customer


FULL = {
    "name": "髙橋　花子", "kana": "タカハシ ハナコ", "nickname": "はなちゃん", "pen_name": "花影",
    "birth_date": dt.date(1985, 4, 3), "sex": "FEMALE", "occupation": "鍼灸師",
    "work_history": "2009年 青葉工業株式会社", "education": "2007年 白樺大学 卒業", "email": "hanako@example.com",
    "telephone": "090-1234-5678", "postcode": "194-0013", "address": "東京都町田市原町田1-2-3",
}  # fmt: skip
ROWS_OF_ONE = [
    (PaymentMethod, {"kind": "CARD", "brand": "VISA", "last_four": "4242", "expiry": "2028-11"}),
    (PaymentMethod, {"kind": "BANK", "bank": "若葉銀行", "branch": "本店", "last_four": "7788"}),
    (PaymentMethod, {"kind": "E_MONEY", "service": "PayPay"}),
    (
        ExternalAccount,
        {
            "service": "X", "account": "x-151957781", "authorised": ["プロフィール", "画像一覧"],
            "authorised_on": dt.date(2024, 5, 1),
        },
    ),
    (CookieIdentifier, {"value": "GA1.2.351187627.732270489"}),
    (Device, {"system": "Windows 11", "kind": "スマートフォン", "identifier": "13aa0ac7-b00f-439f"}),
]  # fmt: skip
