"""Card numbers, refused wherever a whole one stands; the month until which a card is valid."""

import datetime as dt
import re
import unicodedata

from .numbers import DASHES, fold_digits
from .reasons import Unreadable

SHORTEST, LONGEST = 13, 19  # digits of a card number
_THIRTEEN_DIGITS = re.compile(r"(?:\d[\W_]*){12}\d")
_RUN = re.compile(r"\d(?:[\W_]*\d)*")
_EXPIRY = re.compile(
    r"(?P<year>20[0-9]{2})[-/.年]?(?P<month>[0-9]{1,2})月?|(?P<first>[0-9]{1,2})[-/.](?P<last>[0-9]{2}|20[0-9]{2})"
)
_AS_HYPHENS = dict.fromkeys(map(ord, DASHES), "-")  # the long mark of kana too, which counts as a letter
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def has_card_number(text):
    """Whether 13 to 19 digits that pass the test of card numbers stand in ``text``, alone or within more digits.

    Digits of any width and script count; whatever is neither letter nor digit may stand between them.
    """
    folded = unicodedata.normalize("NFKC", text.translate(_AS_HYPHENS))
    if not _THIRTEEN_DIGITS.search(folded):
        return False
    runs = ([unicodedata.decimal(sign) for sign in found[0] if sign.isdecimal()] for found in _RUN.finditer(folded))
    return any(
        _passes(run[start : start + length])
        for run in runs
        for length in range(SHORTEST, LONGEST + 1)
        for start in range(len(run) - length + 1)
    )


def _passes(digits):
    """The test of Luhn: from the right, every second digit doubled, the sum a multiple of ten. Zeros alone fail."""
    total = sum(digits[-1::-2]) + sum(_DOUBLED[digit] for digit in digits[-2::-2])
    return total % 10 == 0 and any(digits)


def refuse_card_number(text):
    """Give the text back; raise :class:`Unreadable` where a whole card number stands in it."""
    if has_card_number(text):
        raise Unreadable("card_number_inside")
    return text


def read_expiry(text):
    """The month until which a card is valid -> ``2027-05``: 05/27, 5/2027, 2027-05, 2027年5月, of any width."""
    typed = fold_digits(text)
    if not typed:
        return ""
    refuse_card_number(typed)
    found = _EXPIRY.fullmatch(typed)
    if not found:
        raise Unreadable("expiry_unreadable")
    year, month = int(found["year"] or found["last"]), int(found["month"] or found["first"])
    try:
        return f"{dt.date(year if year > 99 else 2000 + year, month, 1):%Y-%m}"
    except ValueError:
        raise Unreadable("expiry_unreadable") from None
