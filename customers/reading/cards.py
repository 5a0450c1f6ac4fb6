"""Card numbers: what looks like a whole one is kept nowhere, whatever stands around it."""

import re
import unicodedata

from .numbers import DASHES, fold_digits
from .reasons import Unreadable

FEWEST, MOST = 13, 19
_BETWEEN = re.escape(DASHES) + r"\s./・,_"
_DIGITS = re.compile(rf"[0-9](?:[{_BETWEEN}]{{0,3}}[0-9])*")
_EXPIRY = re.compile(r"(?P<year>20[0-9]{2})[-/.年]?(?P<month>0?[1-9]|1[0-2])月?")
_EXPIRY_OF_CARD = re.compile(r"(?P<month>0?[1-9]|1[0-2])[-/.](?P<year>(?:20)?[0-9]{2})")


def refuse_card_number(text):
    """Give the text back; raise :class:`Unreadable` where 13 to 19 digits in it pass the test of card numbers.

    Widths are folded; hyphens, spaces and the like between groups of digits do not hide a number, nor do groups before
    and after it.
    """
    for found in _DIGITS.finditer(unicodedata.normalize("NFKC", text)):
        groups = re.findall("[0-9]+", found[0])
        for first in range(len(groups)):
            number = ""
            for group in groups[first:]:
                number += group
                if FEWEST <= len(number) <= MOST and _passes(number):
                    raise Unreadable("card_whole_number")
    return text


def _passes(digits):
    """The test of Luhn, by which a typing error in a card number shows."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return len(set(digits)) > 1 and sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def read_expiry(text):
    """``2027-04``, ``2027年4月``, ``04/27`` as it is stamped on a card -> ``"2027-04"``; empty -> ``""``."""
    folded = fold_digits(text)
    if not folded:
        return ""
    found = _EXPIRY.fullmatch(folded) or _EXPIRY_OF_CARD.fullmatch(folded)
    if not found:
        raise Unreadable("expiry_unreadable")
    return f"{int(found['year']) % 100 + 2000}-{int(found['month']):02}"
