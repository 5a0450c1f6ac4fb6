"""The columns of the file: their Japanese headers, and which value of which record each is read into."""

import unicodedata
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import NamedTuple

from customers import reading
from customers.models import CookieIdentifier, Customer, Device, ExternalAccount, PaymentMethod


class Column(NamedTuple):
    """``name`` is a value of ``model``; ``read(text)`` gives it, or raises :class:`customers.reading.Unreadable`."""

    model: type
    name: str
    read: callable


_words = partial(reading.read_text, limit=100)
_long = partial(reading.read_text, limit=2000, multiline=True)
_identifier = partial(reading.read_text, limit=255)

COLUMNS = {
    "顧客番号": Column(Customer, "number", reading.read_number),
    "氏名": Column(Customer, "name", reading.read_name),
    "フリガナ": Column(Customer, "kana", reading.read_kana),
    "ニックネーム": Column(Customer, "nickname", reading.read_other_name),
    "ペンネーム": Column(Customer, "pen_name", reading.read_other_name),
    "生年月日": Column(Customer, "birth_date", reading.read_date),
    "年齢": Column(Customer, "age", reading.read_age),
    "性別": Column(Customer, "sex", reading.read_sex),
    "職業": Column(Customer, "occupation", partial(reading.read_text, limit=200)),
    "職歴": Column(Customer, "work_history", _long),
    "学歴": Column(Customer, "education", _long),
    "メールアドレス": Column(Customer, "email", reading.read_email),
    "電話番号": Column(Customer, "telephone", reading.read_telephone),
    "郵便番号": Column(Customer, "postcode", reading.read_postcode),
    "住所": Column(Customer, "address", reading.read_address),
    "支払方法": Column(PaymentMethod, "kind", reading.read_payment_means),
    "カード会社": Column(PaymentMethod, "brand", partial(reading.read_payment_text, limit=60)),
    "カード下4桁": Column(PaymentMethod, "card_last_four", reading.read_last_four),
    "銀行名": Column(PaymentMethod, "bank", reading.read_payment_text),
    "支店名": Column(PaymentMethod, "branch", reading.read_payment_text),
    "口座番号下4桁": Column(PaymentMethod, "account_last_four", reading.read_account_last_four),
    "電子マネー": Column(PaymentMethod, "service", reading.read_payment_text),
    "外部サービス": Column(ExternalAccount, "service", _words),
    "外部ID": Column(ExternalAccount, "account", _identifier),
    "連携許可項目": Column(ExternalAccount, "authorised", reading.read_items),
    "クッキーID": Column(CookieIdentifier, "value", _identifier),
    "OS": Column(Device, "system", _words),
    "端末種別": Column(Device, "kind", _words),
    "端末ID": Column(Device, "identifier", _identifier),
    "登録日": Column(Customer, "registered_on", reading.read_date),
    "退会日": Column(Customer, "left_on", reading.read_date),
    "有効期限": Column(PaymentMethod, "expiry", reading.read_expiry),
}
HEADERS = tuple(COLUMNS)
OPTIONAL = ("退会日", "有効期限")  # most files do not have them, and nobody need be told
REQUIRED = ("顧客番号", "氏名")
HEADER_OF = {(column.model, column.name): header for header, column in COLUMNS.items()}


def fold_header(text):
    return unicodedata.normalize("NFKC", text).strip().strip("\ufeff")


_FOLDED = {fold_header(header): header for header in HEADERS}


@dataclass
class Header:
    """What the first line says. ``refusal`` is a code and a column; ``notes`` are pairs of both."""

    columns: list = field(default_factory=list)  # header or None (unknown, or nothing) by position
    unnamed: set = field(default_factory=set)  # positions whose header is empty
    refusal: tuple | None = None
    notes: list = field(default_factory=list)

    @cached_property
    def known(self):
        """``(position, header, Column)`` of the columns that are read."""
        return [(place, header, COLUMNS[header]) for place, header in enumerate(self.columns) if header]


def read_header(cells):
    """Match the first line with what we know. Unknown headers are named by position: they may be somebody's data."""
    header = Header(columns=[_FOLDED.get(fold_header(cell)) for cell in cells])
    header.unnamed = {position for position, cell in enumerate(cells) if not cell.strip()}
    known = [column for column in header.columns if column]
    if not known:
        header.refusal = ("header_none", "")
    elif twice := next((column for column in known if known.count(column) > 1), None):
        header.refusal = ("header_twice", twice)
    elif missing := next((column for column in REQUIRED if column not in known), None):
        header.refusal = ("header_required", missing)
    for position, column in enumerate(header.columns):
        if column is None and position not in header.unnamed:
            header.notes.append(("header_unknown", f"#{position + 1}"))
    header.notes += [("header_missing", each) for each in HEADERS if each not in known and each not in OPTIONAL]
    return header
