import pytest
from django.db import IntegrityError, transaction
from encrypted_model_fields import fields as library

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
def opened(monkeypatch):
    """The sealed texts that were opened since, in order."""
    found, open_it = [], library.decrypt_str
    monkeypatch.setattr(library, "decrypt_str", lambda sealed: found.append(sealed) or open_it(sealed))
    return found


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


def test_pieces_of_a_long_name_that_only_meet_by_chance_are_invisible():
    make_customer("C1", name="たなか", kana="なかた")
    make_customer("C2", name="田中", kana="たなかた ひろし")
    make_customer("C3", name="たなか", kana="なかた")

    assert found("たなかた") == ["C2"]
    assert [str(customer) for customer in Customer.objects.search("たなかた")[:1]] == ["C2"]


def test_parts_of_a_search_may_stand_in_different_names():
    make_customer("C1", name="渡邊 健太", kana="ワタナベ ケンタ", pen_name="長谷川さゆり")

    for text in ("渡辺健太 わたなべけ", "わたなべけ 渡辺健太", "長谷川さゆ 渡辺健太", "さゆり わたなべ 健"):
        assert found(text) == ["C1"], text
    assert found("渡辺健太 長谷川さゆみ") == []


def test_a_number_is_found_beside_those_whose_name_or_telephone_is_the_same():
    make_customer("1234", name="甲")
    make_customer("C2", telephone="090-0000-1234")
    make_customer("SATO", name="乙")
    make_customer("C4", name="Sato", nickname="Sa")

    assert found("1234") == ["C2", "1234"]
    assert found("sato") == ["C4", "SATO"]
    assert found("Sa") == ["C4"]


@pytest.mark.parametrize(
    ("text", "most"),
    [("橋", 0), ("髙橋", 0), ("さゆり 花子", 0), ("hanako.t@example.com", 0), ("090-1234-5678", 0), ("5678", 0),
     ("C0000007", 1), ("髙橋花子", 1), ("たかはし", 1), ("長谷川さゆり", 4)],
)  # fmt: skip
def test_a_search_opens_names_only_for_parts_longer_than_three_signs(hanako, text, most, opened):
    rows = Customer.objects.search(text).only("number")[:50]

    assert [str(customer) for customer in rows] == ["C0000007"]
    assert len(opened) == most


@pytest.mark.parametrize("text", ["田中", "たなか", "田中 太", "090-0000-0001", "0001", "t@example.com"])
def test_the_first_page_of_a_search_is_one_query(text, django_assert_num_queries):
    for number in range(60):
        make_customer(name=f"田中 太郎{number}", kana="タナカ", telephone="090-0000-0001", email="t@example.com")

    with django_assert_num_queries(1):
        assert len(Customer.objects.search(text)[:50]) == 50


def test_a_search_of_a_long_part_reads_on_until_its_page_is_full(django_assert_max_num_queries):
    for number in range(130):
        make_customer(name="田中 太郎" if number % 4 else "田中 太 中太郎")

    with django_assert_max_num_queries(4):
        assert len(Customer.objects.search("田中太郎")[:60]) == 60


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


@pytest.mark.django_db
@pytest.mark.parametrize(("words", "found"), [("見本", 2), ("見本花子", 2), ("hana@example.test", 2), ("誰か", 0)])
def test_keys_are_those_of_the_rows_that_a_search_finds_first(words, found):
    for number in range(3):
        make_customer(f"K{number}", name="見本　花子", email="hana@example.test")

    keys = Customer.objects.search(words).first_keys(2)

    assert keys == [customer.pk for customer in Customer.objects.search(words)[:2]]
    assert len(keys) == found
