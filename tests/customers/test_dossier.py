import datetime as dt

import pytest
import time_machine
from django.utils import translation

from audit.models import Actor
from customers.categories import Category
from customers.dossier import held_on
from customers.models import CookieIdentifier, Customer, Device, ExternalAccount, Media, PaymentMethod
from customers.services import belongings, files
from customers.services.corrections import correct, correct_record
from customers.services.erasure import erase
from tests.factories.customers import make_customer

pytestmark = pytest.mark.django_db


def test_what_is_held_comes_in_the_order_of_the_policy_with_former_values_after_present_ones():
    with time_machine.travel(dt.datetime(2026, 11, 1, 3, tzinfo=dt.UTC)):
        customer = make_customer(
            "C1", name="田中 花子", email="h@example.com", sex="FEMALE", birth_date=dt.date(1985, 4, 3)
        )
    with time_machine.travel(dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC)):
        correct(customer, changes={"name": "鈴木 花子"}, reason="NOTICE", by=Actor.system())

    with translation.override("ja"):
        held = list(held_on(customer))

    assert [(each.category, each.value) for each in held] == [
        (Category.NAME, "鈴木 花子"),
        (Category.NAME, "田中 花子"),
        (Category.BIRTH, "1985-04-03"),
        (Category.SEX, "女性"),
        (Category.EMAIL, "h@example.com"),
    ]
    assert (held[0].since, held[0].until) == (dt.date(2026, 11, 20), None)
    assert (held[1].since, held[1].until) == (dt.date(2026, 11, 1), dt.date(2026, 11, 20))
    assert {each.label for each in held} == {"氏名", "生年月日", "性別", "メールアドレス"}


def test_a_second_record_of_the_person_is_told_too():
    customer, alias = make_customer("C1", name="田中"), make_customer("C2", name="田中", telephone="03-1111-2222")
    Customer.objects.filter(pk=alias.pk).update(merged_into=customer)

    assert [(each.record, each.value) for each in held_on(customer)] == [
        ("C1", "田中"),
        ("C2", "田中"),
        ("C2", "03-1111-2222"),
    ]


def test_nothing_is_held_on_an_erased_customer():
    customer = make_customer()

    assert list(held_on(erase(customer, by=Actor.system()))) == []


def test_records_that_belong_to_the_person_come_whole_with_former_ones_last():
    by = Actor.system()
    with time_machine.travel(dt.datetime(2026, 11, 1, 3, tzinfo=dt.UTC)):
        customer = make_customer("C1", name="田中", occupation="医師")
        records = [
            (PaymentMethod, {"kind": "CARD", "brand": "Visa", "last_four": "1234"}),
            (ExternalAccount, {"service": "LINE", "account": "l-1", "authorised": ["プロフィール", "メール"]}),
            (CookieIdentifier, {"value": "GA1.2"}),
            (CookieIdentifier, {"value": "GA1.3"}),
            (Device, {"system": "iOS 19.1"}),
        ]
        belongings.keep([(customer.pk, belongings.ready(model, values)) for model, values in records], by=by)
    with time_machine.travel(dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC)):
        correct_record(customer.payment_methods.get(), changes={"last_four": "9999"}, reason="NOTICE", by=by)
        customer.cookies.get(fingerprint=belongings.fingerprint_of(CookieIdentifier, {"value": "GA1.2"})).delete()

    with translation.override("ja"):
        held = list(held_on(customer))

    day, later = dt.date(2026, 11, 1), dt.date(2026, 11, 20)
    assert [(each.category, each.field, each.value, each.since, each.until) for each in held] == [
        (Category.NAME, "name", "田中", day, None),
        (Category.CAREER, "occupation", "医師", day, None),
        (Category.PAYMENT, "paymentmethod.kind", "クレジットカード", day, None),
        (Category.PAYMENT, "paymentmethod.brand", "Visa", day, None),
        (Category.PAYMENT, "paymentmethod.last_four", "9999", later, None),
        (Category.PAYMENT, "paymentmethod.last_four", "1234", day, later),
        (Category.EXTERNAL_ID, "externalaccount.service", "LINE", day, None),
        (Category.EXTERNAL_ID, "externalaccount.account", "l-1", day, None),
        (Category.EXTERNAL_ID, "externalaccount.authorised", "プロフィール、メール", day, None),
        (Category.COOKIE, "cookieidentifier.value", "GA1.3", day, None),
        (Category.COOKIE, "cookieidentifier.value", "GA1.2", day, later),
        (Category.DEVICE, "device.system", "iOS 19.1", day, None),
    ]
    assert "1：" in next(each.label for each in held if each.field == "paymentmethod.brand")


def test_a_photo_is_told_by_what_it_is_and_never_by_its_content(settings, tmp_path):
    settings.FILES_FOLDER = tmp_path
    customer, by = make_customer(name="田中"), Actor.system()
    photo, small = (files.seal(b"secret", name="a.jpg", media_type="image/jpeg", by=by) for _each in range(2))
    Media.objects.create(
        customer=customer, kind="PHOTO", file=photo, thumbnail=small, title="旅行", width=4, height=3, created_by=by
    )

    told = [each for each in held_on(customer) if each.category == Category.MEDIA]

    assert [each.field for each in told] == ["media.file", "media.title"]
    assert "image/jpeg" in told[0].value
    assert "4 × 3 px" in told[0].value
    assert told[1].value == "旅行"
