"""Names, readings and plain text; hostile characters are refused, all others kept as typed."""

import re
import unicodedata

from .reasons import Unreadable

_HOSTILE = {
    "damaged": "\ud800-\udfff\ufffd\ufffe\uffff",
    "control_character": "\x00-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb",
    "bidi": "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069",
    "zero_width": "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\U0001bca0-\U0001bca3\U000e0000-\U000e007f",
}
_ANY_HOSTILE = re.compile("[" + "".join(_HOSTILE.values()) + "]")
_EACH_HOSTILE = {code: re.compile(f"[{characters}]") for code, characters in _HOSTILE.items()}
_BREAKS = str.maketrans("", "", "\r\n\t")
_BETWEEN_ITEMS = re.compile("[;；]")
NAME_LIMIT = 200


def refuse_hostile(text, limit):
    if _ANY_HOSTILE.search(text):
        raise Unreadable(next(code for code, pattern in _EACH_HOSTILE.items() if pattern.search(text)))
    if len(text) > limit:
        raise Unreadable("too_long")


def read_text(text, *, limit=500, multiline=False):
    """Any text without invisible characters; line breaks and tabs only where ``multiline``."""
    if not text:
        return ""
    refuse_hostile(text.translate(_BREAKS) if multiline else text, limit)
    return text if text.strip() else ""


def read_items(text, *, limit=500):
    """A list with semicolons between its items of either width -> each item once, in its order."""
    read_text(text, limit=limit)
    return list(dict.fromkeys(item for item in map(str.strip, _BETWEEN_ITEMS.split(text)) if item))


def read_name(text):
    """A name, kept byte for byte: rare kanji, variation selectors and foreign names too. Empty is refused."""
    refuse_hostile(text, NAME_LIMIT)
    if not text.strip():
        raise Unreadable("name_empty")
    return text


def read_other_name(text):
    """A nickname or pen name: as a name, but it may be empty."""
    return read_name(text) if text.strip() else ""


_KANJI = re.compile(
    "[\u2e80-\u2fdf\u3005\u3007\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def read_kana(text):
    """The reading of a name: hiragana, katakana of both widths, also Latin; kanji and digits are refused."""
    refuse_hostile(text, NAME_LIMIT)
    if _KANJI.search(text) or any(unicodedata.category(character) in ("Nd", "No", "Nl") for character in text):
        raise Unreadable("kana_other")
    return text if text.strip() else ""


def read_number(text):
    """A customer number: letters, digits, hyphen, underscore. Empty is refused."""
    number = unicodedata.normalize("NFKC", text).strip()
    if not number:
        raise Unreadable("number_empty")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", number):
        raise Unreadable("number_characters")
    return number
