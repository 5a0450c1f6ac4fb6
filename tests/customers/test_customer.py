import pytest
from django.db import IntegrityError, transaction

from audit.models import Actor, Entry
from customers.exceptions import CustomerErased, NothingToCorrect, NumberTaken
from customers.models import CorrectionReason, Customer, SearchToken
from customers.services.corrections import correct, note_bounce
from customers.services.erasure import erase
from customers.services.registration import register, register_batch
from tests.factories.customers import make_customer, make_erased_customer

pytestmark = pytest.mark.django_db


def found(text):
    return [str(customer) for customer in Customer.objects.search(text)]


@pytest.fixture
def hanako():
    return make_customer(
        "C0000007",
        name="髙橋　花子",
        kana="タカハシ ハナコ",
        nickname="ハナちゃん",
        pen_name="長谷川さゆり",
        email="hanako.t@example.com",
        telephone="+81-90-1234-5678",
    )


@pytest.mark.parametrize(
    "text",
    [
        "髙橋",
        "高橋",
        "橋",
        "花子",
        "髙橋花子",
        "高橋 花子",
        "タカハシ",
        "たかはし",
        "ﾀｶﾊｼ",
        "はなこ",
        "ハナちゃん",
        "はなちゃん",
        "長谷川",
        "さゆり",
        "hanako.t@example.com",
        "HANAKO.T@EXAMPLE.COM",
        "ｈａｎａｋｏ.t@example.com",
        "090-1234-5678",
        "09012345678",
        "０９０１２３４５６７８",
        "+81 90 1234 5678",
        "5678",
        "C0000007",
        "c0000007",
        " C0000007 ",
    ],
)
def test_a_customer_is_found_by(hanako, text):
    assert found(text) == ["C0000007"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "鈴木",
        "花子髙橋",
        "hanako.t@example.co",
        "1234",
        "090-1234-5679",
        "C000000",
        "%",
        "\0",
        "\ud800",
        "子 佐",
    ],
)
def test_a_customer_is_not_found_by(hanako, text):
    assert found(text) == []


def test_search_gives_the_newest_first_and_can_be_narrowed_and_sliced():
    people = [make_customer(name=f"佐藤 {number}郎") for number in range(5)]
    erase(people[4], by=Actor.system())

    everyone = Customer.objects.search("佐藤")

    assert list(everyone) == people[3::-1]
    assert everyone[:2] == people[3:1:-1]
    assert everyone[0] == people[3]
    assert list(everyone.filter(pk__lt=people[2].pk)) == [people[1], people[0]]


def test_a_collision_of_tokens_is_invisible(hanako):
    other = make_customer(name="鈴木 一郎")
    SearchToken.objects.bulk_create(
        SearchToken(token=token, customer=other) for token in hanako.tokens() - other.tokens()
    )

    assert found("髙橋") == ["C0000007"]
    assert list(Customer.objects.search("高橋")[:1]) == [hanako]


def test_the_first_page_of_a_search_is_cheap(django_assert_max_num_queries):
    for number in range(70):
        make_customer(name=f"田中 {number}")

    with django_assert_max_num_queries(3):
        assert len(Customer.objects.search("田中")[:20]) == 20


def test_a_number_is_taken_once_and_for_ever():
    make_customer("C1")
    make_erased_customer("C2")

    for number in ("C1", "C2"):
        with pytest.raises(NumberTaken):
            register(number, by=Actor.system(), name="別人")


def test_registering_writes_history_tokens_and_one_entry():
    customer = make_customer("C1", name="田中 太郎", email="t@example.com")

    assert customer.has_email
    assert Customer.history.get(id=customer.pk).name == "田中 太郎"
    assert SearchToken.objects.filter(customer=customer).count() == len(customer.tokens()) > 5
    assert Entry.objects.get(action="customer.registered").subject == "customers.customer:C1"


def test_a_batch_is_one_entry_and_all_or_nothing():
    make_customer("C2")
    by = Actor.system()

    with pytest.raises(NumberTaken), transaction.atomic():
        register_batch([{"number": "C1", "name": "甲"}, {"number": "C2", "name": "乙"}], by=by)
    register_batch([{"number": "C3", "name": "甲"}, {"number": "C4", "name": "乙"}], by=by)

    assert set(Customer.objects.values_list("number", flat=True)) == {"C2", "C3", "C4"}
    assert Entry.objects.latest("id").details["count"] == 2


def test_a_correction_keeps_before_and_after_sealed_and_moves_the_tokens(hanako):
    by = Actor.system()
    note_bounce(hanako, by=by)

    correct(
        hanako,
        changes={"name": "鈴木　花子", "email": "new@example.com", "kana": hanako.kana},
        reason=CorrectionReason.NOTICE,
        by=by,
    )

    hanako.refresh_from_db()
    assert hanako.mail_bounced_at is None
    assert [row.name for row in hanako.history.order_by("history_id")] == ["髙橋　花子", "髙橋　花子", "鈴木　花子"]
    assert (found("髙橋"), found("鈴木"), found("new@example.com")) == ([], ["C0000007"], ["C0000007"])
    entry = Entry.objects.latest("id")
    assert entry.details == {"fields": ["email", "name"], "reason": "NOTICE"}
    assert set(SearchToken.objects.filter(customer=hanako).values_list("token", flat=True)) == hanako.tokens()


def test_a_correction_that_changes_nothing_is_said(hanako):
    with pytest.raises(NothingToCorrect):
        correct(hanako, changes={"name": hanako.name}, reason="MISTAKE", by=Actor.system())


def test_a_correction_of_a_value_that_does_not_exist_is_a_mistake_of_ours(hanako):
    with pytest.raises(TypeError):
        correct(hanako, changes={"number": "C9"}, reason="MISTAKE", by=Actor.system())


def test_erasure_leaves_a_tombstone_and_nothing_else(hanako):
    by = Actor.system()
    correct(hanako, changes={"name": "鈴木　花子"}, reason="MISTAKE", by=by)
    alias = make_customer("C8", name="髙橋 花子")
    Customer.objects.filter(pk=alias.pk).update(merged_into=hanako)

    erase(hanako, by=by)

    for customer in Customer.objects.all():
        assert customer.is_erased
        rows = [customer, *customer.history.all()]
        assert {getattr(row, name) for row in rows for name in Customer.PersonalData.personal} == {"", None}
    assert not SearchToken.objects.exists()
    assert found("花子") == []
    for act in (lambda: erase(hanako, by=by), lambda: correct(hanako, changes={"name": "甲"}, reason="MISTAKE", by=by)):
        with pytest.raises(CustomerErased):
            act()


def test_who_can_be_reached_by_mail():
    by = Actor.system()
    reachable = make_customer(email="a@example.com")
    make_customer()
    note_bounce(make_customer(email="b@example.com"), by=by)
    make_erased_customer(email="c@example.com")
    alias = make_customer(email="d@example.com")
    Customer.objects.filter(pk=alias.pk).update(merged_into=reachable)

    assert list(Customer.objects.with_email()) == [reachable]
    assert Customer.objects.living().count() == 3


def test_no_customer_is_the_alias_of_itself():
    customer = make_customer()

    with pytest.raises(IntegrityError), transaction.atomic():
        Customer.objects.filter(pk=customer.pk).update(merged_into=customer)


def test_a_customer_is_called_by_number_alone(hanako):
    assert str(hanako) == "C0000007"
    assert "花子" not in repr(hanako)
