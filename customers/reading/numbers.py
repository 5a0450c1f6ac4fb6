"""Telephone numbers, postcodes, ages, last digits, and the words of short lists."""

import re
import unicodedata

import phonenumbers

from .reasons import Unreadable
from .text import read_text, refuse_hostile

SEX_WORDS = {
    "FEMALE": ("女性", "女", "f", "female", "woman"),
    "MALE": ("男性", "男", "m", "male", "man"),
    "OTHER": ("その他", "other", "x"),
    "UNSAID": ("回答しない", "無回答", "未回答", "答えない", "prefer not to say", "unsaid"),
}
SEXES = {word: code for code, words in SEX_WORDS.items() for word in words}

DASHES = "-‐‑‒–—―−ーｰ－﹣﹘⁃➖─━〜～~"  # what people type for a hyphen; NFKC folds few of them
_TO_HYPHEN = dict.fromkeys(map(ord, DASHES), "-")


def fold_digits(text):
    """Half-width, with every dash a hyphen and no white space: what numbers, postcodes and codes are read from."""
    if text.isascii():
        return "".join(text.split()).replace("~", "-")
    folded = unicodedata.normalize("NFKC", text.translate(_TO_HYPHEN)).translate(_TO_HYPHEN)
    return "".join(folded.split())


def read_telephone(text):
    """A telephone number with any hyphens, brackets, spaces, +81, width; kept as typed."""
    refuse_hostile(text, 10_000)
    number = fold_digits(text)
    if not number:
        return ""
    if not re.fullmatch(r"[0-9+()\[\]./-]*", number, re.ASCII):
        raise Unreadable("telephone_letters")
    bare = re.sub(r"[^0-9+]", "", re.sub(r"^(\+81)[-.]*\(0\)", r"\1", number))
    if len(text.strip()) > 40 or "+" in bare[1:]:
        raise Unreadable("telephone_digits")
    if bare.startswith("+81"):
        bare = "0" + bare[3:].lstrip("0")
    if bare.startswith("+"):
        try:
            possible = phonenumbers.is_possible_number(phonenumbers.parse(bare))
        except phonenumbers.NumberParseException:
            possible = False
    elif not bare.startswith("0"):
        raise Unreadable("telephone_no_zero" if len(bare) in (9, 10) else "telephone_digits")
    else:
        possible = len(bare) in (10, 11)
    if not possible:
        raise Unreadable("telephone_digits")
    return text.strip()


def read_postcode(text):
    """Seven digits in any form -> ``194-0013``."""
    digits = fold_digits(text).replace("〒", "").replace("-", "")
    if not digits:
        return ""
    if not re.fullmatch(r"[0-9]{7}", digits):
        raise Unreadable("postcode_digits")
    return f"{digits[:3]}-{digits[3:]}"


def read_address(text):
    """An address as typed; it may have line breaks."""
    return read_text(text, limit=500, multiline=True)


def read_age(text):
    """``83``, ``８３歳`` -> ``"83"``."""
    digits = fold_digits(text).removesuffix("歳").removesuffix("才")
    if not digits:
        return ""
    if not re.fullmatch(r"[0-9]{1,3}", digits) or int(digits) > 130:
        raise Unreadable("age_unreadable")
    return str(int(digits))


def read_sex(text):
    """A word or letter for the sex -> its code (``FEMALE``, ``MALE``, ``OTHER``, ``UNSAID``)."""
    word = unicodedata.normalize("NFKC", text).strip()
    if not word or word in SEX_WORDS:
        return word
    try:
        return SEXES[word.lower()]
    except KeyError:
        raise Unreadable("sex_unknown") from None


def read_last_four(text, *, whole="card_whole_number"):
    """The last four digits of a card or account; a whole number is refused by a name of its own."""
    digits = fold_digits(text).replace("-", "")
    if not digits:
        return ""
    if not re.fullmatch(r"[0-9]{4}", digits):
        long = re.fullmatch(r"[0-9]{7,19}", digits)
        raise Unreadable(whole if long else "last_four")
    return digits
