import hmac
import unicodedata
from types import SimpleNamespace

import phonenumbers
import pytest
from django.conf import settings as conf
from hypothesis import given, settings
from hypothesis import strategies as st

from customers import search
from customers.search.kanji import GROUPS

ALIKE = [
    ("髙橋", "高橋"), ("﨑本", "崎本"), ("嵜本", "崎本"), ("渡邊", "渡辺"), ("渡邉", "渡辺"), ("渡邊󠄀", "渡辺"),
    ("渡邉󠄂", "渡辺"), ("齋藤", "斉藤"), ("齊藤", "斉藤"), ("斎藤", "斉藤"), ("澤田", "沢田"), ("濱田", "浜田"),
    ("濵田", "浜田"), ("廣瀬", "広瀬"), ("廣瀨", "広瀬"), ("國枝", "国枝"), ("𠮷野", "吉野"), ("櫻井", "桜井"),
    ("惠子", "恵子"), ("眞一", "真一"), ("龍", "竜"), ("嶋田", "島田"), ("嶌田", "島田"), ("桒原", "桑原"),
    ("栁田", "柳田"), ("神󠄀", "神"), ("\ufa19", "神"), ("\ufa1b山", "福山"), ("德川", "徳川"), ("彌生", "弥生"),
    ("曾根", "曽根"), ("佐々木", "佐佐木"), ("野々村", "野野村"), ("圡", "圡"), ("冨田", "富田"), ("舘野", "館野"),
    ("萬田", "万田"), ("壽", "寿"), ("禮子", "礼子"), ("ワタナベ", "わたなべ"), ("ﾜﾀﾅﾍﾞ", "わたなべ"),
    ("ガギグ", "ｶﾞｷﾞｸﾞ"), ("か\u3099", "が"), ("キョウコ", "きようこ"), ("ｷｮｳｺ", "キヨウコ"), ("ジョージ", "ジョジ"),
    ("ｼﾞｮｰｼﾞ", "じょうじ".replace("う", "")), ("ヲ", "お"), ("ヂ", "じ"), ("ミヅキ", "みずき"), ("いすゞ", "いすず"),
    ("一ノ瀬", "一の瀬"), ("三ヶ島", "三ケ島"), ("山田　太郎", "山田太郎"), ("山田 太郎", "山田太郎"),
    ("ヤマダ・タロウ", "ヤマダタロウ"), ("Ｓｍｉｔｈ", "smith"), ("SMITH", "Smith"), ("Müller", "muller"),
    ("MÜLLER", "müller"), ("Łódź", "lodz"), ("Søren", "soren"), ("Straße", "STRASSE"), ("O’Brien", "OBrien"),
    ("O'Brien", "obrien"), ("Jean-Luc", "jeanluc"), ("Jean‐Luc", "Jean Luc"), ("Nguyễn", "nguyen"), ("Æsir", "aesir"),
    ("İpek", "ipek"), ("山\u200b田", "山田"), ("\u202e山田", "山田"),
]  # fmt: skip
APART = [
    ("か", "が"), ("は", "ば"), ("は", "ぱ"), ("山田", "山本"), ("高", "低"), ("嬢", "娘"), ("花", "華"), ("棋", "碁"),
    ("a", "b"), ("田中", "中田"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_forms_that_people_write_for_each_other_are_one(one, other):
    assert search.fold(one) == search.fold(other)
    assert search.tokens_of({"name": one}) == search.tokens_of({"name": other})


@pytest.mark.parametrize(("one", "other"), APART)
def test_names_that_differ_stay_apart(one, other):
    assert search.fold(one) != search.fold(other)


def test_no_kanji_stands_in_two_groups_and_each_group_has_two_forms():
    groups = GROUPS.split()
    signs = "".join(groups)

    assert len(groups) > 500
    assert len(signs) == len(set(signs))
    assert all(len(group) > 1 for group in groups)
    assert all(unicodedata.name(sign).startswith("CJK") for sign in signs)


@given(st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_folding_takes_any_text_and_settles(text):
    folded = search.fold(text)

    assert search.fold(folded) == folded
    assert all(sign.isalnum() for sign in folded)


def customer(**values):
    return SimpleNamespace(
        **{"name": "", "kana": "", "nickname": "", "pen_name": "", "email": "", "telephone": "", **values}
    )


def finds(text, **values):
    """Whether a customer of these values is a candidate and stands the opened comparison: as the database would."""
    query = search.query_tokens(text)
    candidate = bool(query.tokens) and query.tokens <= search.tokens_of(values)
    return candidate and query.matches(customer(**values))


@given(st.text(alphabet="山田太郎髙渡邊ﾀﾅｶたなかABc ", min_size=1, max_size=12), st.data())
@settings(max_examples=300, deadline=None)
def test_every_part_of_a_name_finds_it(name, data):
    folded = search.fold(name)
    if folded:
        start = data.draw(st.integers(0, len(folded) - 1))
        end = data.draw(st.integers(start + 1, len(folded)))

        assert finds(folded[start:end], name=name)


PERSON = {
    "name": "渡邊　健太", "kana": "ワタナベ ケンタ", "nickname": "けんちゃん", "pen_name": "K. Nabe",
    "email": "Kenta.W@Example.JP", "telephone": "090-1234-5678",
}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "渡", "辺", "渡邉", "渡辺健太", "健太", "太", "わたなべ", "ﾜﾀﾅﾍﾞ", "けんた", "ナベケ", "ケンチャン", "nabe",
        "k nabe", "渡辺 健太", "健太 渡辺", "渡辺　けんた", "kenta.w@example.jp", "ＫＥＮＴＡ．Ｗ＠example.jp",
        " kenta.w@example.jp ", "5678", "５６７８", "09012345678", "090-1234-5678", "０９０ー１２３４ー５６７８",
        "+81 90 1234 5678", "(090) 1234-5678", "+819012345678",
    ],
)  # fmt: skip
def test_a_person_is_found_by(text):
    assert finds(text, **PERSON)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "・", "ー", "渡部", "山", "健太郎", "わたべ", "kenta", "kenta.w@example", "w@example.jp", "1234",
        "0901234567", "09012345679", "%", "_", "渡辺 健二", "\ud83d", "\0", "x" * 5_000,
    ],
)  # fmt: skip
def test_a_person_is_not_found_by(text):
    assert not finds(text, **PERSON)


def test_opened_values_decide_where_tokens_only_meet_by_chance():
    scattered = {"name": "たなか", "kana": "なかた"}

    query = search.query_tokens("たなかた")

    assert query.tokens <= search.tokens_of(scattered)
    assert not query.matches(customer(**scattered))


def test_each_kind_has_a_key_of_its_own():
    same = "5678"

    tokens = [search._token(kind, same) for kind in (search.NAME, search.MAIL, search.TELEPHONE, search.LAST_FOUR)]

    assert len(set(tokens)) == 4


def test_tokens_depend_on_the_key(settings):
    before = search.tokens_of(PERSON)
    settings.SEARCH_INDEX_KEY = "ab" * 32
    search._keyed.cache_clear(), search._gram_token.cache_clear()

    after = search.tokens_of(PERSON)

    search._keyed.cache_clear(), search._gram_token.cache_clear()
    assert not before & after


def test_tokens_fit_the_column():
    tokens = search.tokens_of(PERSON)

    assert all(-(2**63) <= token < 2**63 for token in tokens)
    assert any(token < 0 for token in tokens)
    assert tokens == search.tokens_of(PERSON)


@pytest.mark.parametrize(
    "values", [{}, {"name": None}, {"name": "", "email": "", "telephone": ""}, {"telephone": "none"}]
)
def test_nothing_gives_no_tokens(values):
    assert search.tokens_of(values) == set()


def test_a_long_name_keeps_to_its_length():
    assert len(search.tokens_of({"name": "長い名前" * 50})) < 20
    assert len(search.tokens_of({"name": "".join(map(chr, range(0x4E00, 0x4E00 + 200)))})) <= 3 * 200


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("090-1234-5678", "+819012345678"), ("０９０（１２３４）５６７８", "+819012345678"),
        ("03−8201−1574", "+81382011574"), ("0382011574", "+81382011574"), ("+81 3-8201-1574", "+81382011574"),
        ("+1 650 253 0000", "+16502530000"), ("", ""), ("no digits", ""),
    ],
)  # fmt: skip
def test_a_telephone_is_one_however_it_is_typed(typed, kept):
    assert search.telephone_key(typed) == kept


@settings(max_examples=500)
@given(st.from_regex(r"\A0[0-9]{8,10}\Z"))
def test_a_number_of_japan_gets_the_key_that_parsing_would_give_it(number):
    try:
        parsed = phonenumbers.format_number(phonenumbers.parse(number, "JP"), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        parsed = number

    assert search.telephone_key(number) == parsed


@given(st.text())
def test_a_token_is_the_beginning_of_an_hmac(text):
    key = hmac.digest(bytes.fromhex(conf.SEARCH_INDEX_KEY), b"customers.search.mail", "sha256")
    digest = hmac.digest(key, text.encode(), "sha256")

    assert search._token(search.MAIL, text) == int.from_bytes(digest[:8], "big", signed=True)
