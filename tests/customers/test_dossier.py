import datetime as dt

import pytest
import time_machine
from django.utils import translation

from audit.models import Actor
from customers.categories import Category
from customers.dossier import held_on
from customers.models import Customer
from customers.services.corrections import correct
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
