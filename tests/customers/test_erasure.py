"""Nothing of a full customer is left: all tables are read as whoever steals a dump would read them."""

import datetime as dt
import json
import uuid
from collections import Counter

import pytest
from django.apps import apps
from django.db import connection

from audit.models import Actor, Entry
from customers import search
from customers.models import (
    CookieIdentifier,
    Customer,
    Device,
    Event,
    ExternalAccount,
    Media,
    PaymentMethod,
    SealedFile,
    SearchToken,
    StrayEvent,
)
from customers.services import belongings, files, holdings
from customers.services.corrections import correct, correct_record
from customers.services.erasure import erase
from tests.factories.customers import make_customer

AT = dt.datetime(2026, 5, 3, 12, tzinfo=dt.UTC)
VALUES = {
    "name": "消田 去子", "kana": "キエタ サリコ", "nickname": "さりちゃん", "pen_name": "去年今年",
    "birth_date": dt.date(1985, 4, 3), "age": "41", "sex": "FEMALE", "occupation": "医師", "work_history": "町田病院",
    "education": "町田大学", "email": "sariko@example.com", "telephone": "090-1234-5678", "postcode": "194-0013",
    "address": "東京都町田市原町田1-1",
}  # fmt: skip
RECORDS = [
    (PaymentMethod, {"kind": "CARD", "brand": "Visa", "last_four": "1234", "expiry": "2029-05"}),
    (ExternalAccount, {"service": "LINE", "account": "line-1", "authorised": ["プロフィール"]}),
    (CookieIdentifier, {"value": "GA1.2.3.4"}),
    (Device, {"system": "iOS 19.1", "kind": "スマートフォン", "identifier": "d-1"}),
]
OLD_COOKIE = "GA1.2.old"


@pytest.fixture(autouse=True)
def folders(tmp_path, settings):
    settings.FILES_FOLDER = tmp_path / "files"


def give_everything(customer):
    """Records, a former cookie, a photo, events, and events of unknown persons that may be this one's."""
    by = Actor.system()
    belongings.keep([(customer.pk, belongings.ready(model, values)) for model, values in RECORDS], by=by)
    belongings.keep([(customer.pk, belongings.ready(CookieIdentifier, {"value": OLD_COOKIE}))], by=by)
    customer.cookies.get(fingerprint=search.fingerprint("cookie", OLD_COOKIE)).delete()
    correct_record(customer.payment_methods.get(), changes={"last_four": "9999"}, reason="NOTICE", by=by)
    photo, small = (files.seal(b"x" * 10, name="消田.jpg", media_type="image/jpeg", by=by) for _each in range(2))
    Media.objects.create(
        customer=customer, kind="PHOTO", file=photo, thumbnail=small, title="旅行", width=1, height=1, created_by=by
    )
    files.seal(b"y", name="消田.pdf", media_type="application/pdf", by=by, persons=[customer])
    with connection.cursor() as cursor:
        cursor.execute("SELECT customers_event_month(%s)", [AT])
    Event.objects.create(at=AT, line=uuid.uuid4(), customer=customer, kind="LOCATION", data={"lat": 35.5})
    for kind, value in [
        ("customer number", customer.number), ("cookie", "GA1.2.3.4"), ("cookie", OLD_COOKIE), ("device", "d-1")
    ]:  # fmt: skip
        StrayEvent.objects.create(at=AT, kind="SITE_VISIT", data={"page": "/"}, token=search.fingerprint(kind, value))
    holdings.recount(customer)


def sealed_and_tokens():
    """Every ciphertext, and every token and fingerprint that stands in any table, but for the sealed canary."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - {"customers_canary"}
    found = set()
    with connection.cursor() as cursor:
        for table in sorted(tables):
            cursor.execute(f"SELECT row_to_json(t)::text FROM {connection.ops.quote_name(table)} t")
            for (text,) in cursor.fetchall():
                for column, value in json.loads(text).items():
                    sealed = isinstance(value, str) and value.startswith("gAAAA")
                    if sealed or (value and column in ("fingerprint", "token")):
                        found.add((table, column, value))
    return found


@pytest.mark.django_db
def test_nothing_of_a_full_customer_is_left_in_any_table(django_capture_on_commit_callbacks, tmp_path):
    other = make_customer("C9", name="残田 留子")
    others = sealed_and_tokens()
    by = Actor.system()
    customer = make_customer("C1", **VALUES)
    give_everything(customer)
    correct(customer, changes={"name": "元田 去子"}, reason="NOTICE", by=by)
    alias = make_customer("C2", **VALUES)
    give_everything(alias)
    Customer.objects.filter(pk=alias.pk).update(merged_into=customer)
    assert len({table for table, _column, _value in sealed_and_tokens() - others}) >= 13
    assert len(list(tmp_path.rglob("*"))) > 6

    with django_capture_on_commit_callbacks(execute=True):
        erase(customer, by=by)

    left = {each for each in sealed_and_tokens() - others if each[0] not in ("customers_customer",)}
    blank = {each for each in left if each[0] == "customers_historicalcustomer"}
    assert left == blank  # the empty texts of a tombstone and its history are sealed as well
    for row in [*Customer.objects.exclude(pk=other.pk), *Customer.history.exclude(id=other.pk)]:
        assert {getattr(row, name) for name in Customer.PersonalData.personal} == {"", None}
        assert row.held == 0
    for model in (*belongings.CATEGORIES, Media, Event, StrayEvent):
        assert not model.objects.exists(), model
    assert not any(model.history.exists() for model in belongings.CATEGORIES)
    assert set(SearchToken.objects.values_list("customer_id", flat=True)) == {other.pk}
    assert SealedFile.objects.filter(purged_at__isnull=True).count() == 0
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    removed = Counter()
    for entry in Entry.objects.filter(action="customer.erased"):
        removed.update({name: count for name, count in entry.details.items() if name.endswith("_removed")})
    assert removed == {"events_removed": 10, "records_removed": 8, "files_removed": 6}
    assert holdings.counts()[0] == 1


@pytest.mark.django_db
def test_events_of_others_and_of_the_unknown_stay():
    customer, other = make_customer("C1"), make_customer("C2")
    give_everything(other)
    StrayEvent.objects.create(at=AT, kind="SITE_VISIT", data={}, token=search.fingerprint("cookie", "of nobody"))

    erase(customer, by=Actor.system())

    assert (Event.objects.count(), StrayEvent.objects.count(), Media.objects.count()) == (1, 5, 1)
    assert holdings.recount(other) == Customer.objects.get(pk=other.pk).held > 0


@pytest.mark.django_db
def test_what_an_erased_alias_held_no_longer_counts_for_the_record_that_stays():
    customer, alias = make_customer("C1"), make_customer("C2", email="a@example.com")
    Customer.objects.filter(pk=alias.pk).update(merged_into=customer)
    with_mail = holdings.recount(customer)

    erase(alias, by=Actor.system())

    customer.refresh_from_db()
    assert customer.held == with_mail - holdings.Category.EMAIL.bit


@pytest.mark.django_db
def test_a_photo_in_which_nobody_else_is_goes_and_a_file_of_two_stays():
    customer, other, by = make_customer("C1"), make_customer("C2"), Actor.system()
    both = files.seal(b"x", name="list.csv", media_type="text/csv", by=by, persons=[customer, other])

    erase(customer, by=by)

    both.refresh_from_db()
    assert not both.is_purged
    assert [person.number for person in both.persons.all()] == ["C2"]
