"""The columns of the file: their Japanese headers, how each is read, and whether it is kept yet."""

import unicodedata
from dataclasses import dataclass, field

from customers import reading


def _line(text):
    return reading.read_text(text, limit=500)


KEPT = {
    "顧客番号": ("number", reading.read_number),
    "氏名": ("name", reading.read_name),
    "フリガナ": ("kana", reading.read_kana),
    "ニックネーム": ("nickname", reading.read_other_name),
    "ペンネーム": ("pen_name", reading.read_other_name),
    "生年月日": ("birth_date", reading.read_date),
    "年齢": ("age", reading.read_age),
    "性別": ("sex", reading.read_sex),
    "メールアドレス": ("email", reading.read_email),
    "電話番号": ("telephone", reading.read_telephone),
    "郵便番号": ("postcode", reading.read_postcode),
    "住所": ("address", reading.read_address),
    "登録日": ("registered_on", reading.read_date),
}
CHECKED = {  # the other categories: read and checked, not kept yet
    "職業": _line,
    "職歴": _line,
    "学歴": _line,
    "支払方法": reading.read_payment_means,
    "カード会社": _line,
    "カード下4桁": reading.read_last_four,
    "銀行名": _line,
    "支店名": _line,
    "口座番号下4桁": reading.read_account_last_four,
    "電子マネー": _line,
    "外部サービス": _line,
    "外部ID": _line,
    "連携許可項目": _line,
    "クッキーID": _line,
    "OS": _line,
    "端末種別": _line,
    "端末ID": _line,
}
HEADERS = (*KEPT, *CHECKED)
REQUIRED = ("顧客番号", "氏名")
OF_FIELD = {name: header for header, (name, _read) in KEPT.items()}


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
        elif column in CHECKED:
            header.notes.append(("not_kept_yet", column))
    header.notes += [("header_missing", column) for column in HEADERS if column not in known]
    return header
