"""Customers with something of every category, as old as a test of retention needs them."""

import datetime as dt
import uuid

from django.db import connection
from django.utils import timezone

from audit.models import Actor
from customers.models import (
    CookieIdentifier,
    Customer,
    Device,
    Event,
    EventKind,
    ExternalAccount,
    Media,
    PaymentMethod,
    StrayEvent,
)
from customers.services import files, holdings
from requests_desk.services import retention

from .customers import make_customer

COLUMNS = {
    "name": "見本 花子", "kana": "みほん はなこ", "nickname": "はな", "pen_name": "花野", "age": "41", "sex": "FEMALE",
    "birth_date": dt.date(1985, 4, 3), "email": "hanako@example.test", "telephone": "090-0000-0001",
    "postcode": "194-0013", "address": "東京都町田市原町田0-0-0",
}  # fmt: skip
CAREER = {"occupation": "会計士", "work_history": "見本商会に十年", "education": "見本大学"}


def at(day):
    """Noon in Tokyo of a day."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


def a_customer(number=None, *, left_on=None, **values):
    """A registered customer with columns of their own, whose registration may have ended."""
    customer = make_customer(number, **(values or COLUMNS), registered_on=dt.date(2010, 1, 1))
    changes = {} if values else CAREER
    Customer.objects.filter(pk=customer.pk).update(left_on=left_on, **changes)
    if changes:
        Customer.history.filter(id=customer.pk).update(**changes)
    customer.refresh_from_db()
    holdings.recount(customer)
    return customer


def a_whole_file(number=None, *, left_on=None, day=dt.date(2015, 6, 1)):
    """A customer with something of all fifteen categories, recorded on ``day``."""
    customer = a_customer(number, left_on=left_on)
    for model in holdings.ROWS.values():
        a_row(model, customer, day)
    for kind in EventKind:
        an_event(customer, kind, day)
    holdings.recount(customer)
    return customer


def a_row(model, customer, day, word="見本"):
    """One row of a customer, recorded on a day."""
    values = {
        PaymentMethod: {"kind": "CARD", "brand": word, "last_four": "0001"},
        ExternalAccount: {"service": word, "account": "hanako"},
        CookieIdentifier: {"value": word},
        Device: {"system": word},
    }.get(model)
    if values is None:
        return a_picture_of(customer, day)
    row = model(customer=customer, created_at=at(day), created_by=Actor.system(), **values)
    row.fingerprint = row.identify()
    row.save()
    return row


def a_picture_of(customer, day):
    kept = [
        files.seal(b"content", name="a.jpg", media_type="image/jpeg", by=Actor.system(), persons=[customer])
        for _size in range(2)
    ]
    return Media.objects.create(
        customer=customer, kind="PHOTO", file=kept[0], thumbnail=kept[1], title="海", width=1, height=1,
        created_at=at(day), created_by=Actor.system(),
    )  # fmt: skip


def an_event(customer, kind, day):
    _month_of(day)
    return Event.objects.create(at=at(day), line=uuid.uuid4(), customer=customer, kind=kind, data={"page": "/sample/"})


def a_stray_event(kind, day):
    return StrayEvent.objects.create(at=at(day), kind=kind, data={"cookie": "x"}, token=1)


def _month_of(day):
    with connection.cursor() as cursor:
        cursor.execute("SELECT customers_event_month(%s)", [at(day)])


def a_rule(category, months=12, counted_from="LEFT", **statute):
    return retention.decide(category, months=months, counted_from=counted_from, by=Actor.system(), **statute)


def let_go():
    """A whole nightly run, carried out at once."""
    this = retention.run(by=Actor.system())
    return retention.carry_out(this, by=Actor.system())


def looked():
    return retention.carry_out(retention.look(by=Actor.system()), by=Actor.system())
