"""The blind index: customers are found by keyed tokens of their values, and the database holds no readable one.

A token is the first eight bytes of an HMAC-SHA256 under a key derived from ``SEARCH_INDEX_KEY`` for its kind. Names
(with reading, nickname and pen name) give tokens of one, two and three signs, so that a part of one sign is found too;
mail and telephone give one token of the whole, the telephone another of its last four digits.

Where each token asked for is one that a value has as a whole, tokens decide (:attr:`Query.is_exact`): in an index of a
million customers the chance that any two of all its grams share eight bytes is below one in a million. The parts of a
name longer than three signs are asked for by pieces, which only narrow down: there opened values decide.
"""

import functools
import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from django.conf import settings

from .folding import digits, fold

__all__ = [
    "Query",
    "digits",
    "fingerprint",
    "fold",
    "mail_tokens",
    "name_tokens",
    "query_tokens",
    "telephone_tokens",
    "tokens_of",
]

NAME, MAIL, TELEPHONE, LAST_FOUR = "name", "mail", "telephone", "last four"
NAME_COLUMNS = ("name", "kana", "nickname", "pen_name")
LONGEST = 3
TOKENS_ASKED = 6  # of a long query; the opened values decide
_ORDINARY = re.compile("0(?!0|10)[0-9]{9,10}")  # of Japan, as dialled there (010 leads abroad): no need to parse it


@dataclass(frozen=True)
class Query:
    """What was asked: customers that have all ``tokens`` and, unless ``is_exact``, for whom ``matches`` is true."""

    kind: str
    tokens: frozenset
    parts: tuple

    @property
    def is_exact(self):
        """Whether who has all tokens is who was asked for: no value needs to be opened."""
        if self.kind != NAME:
            return True
        return len(self.tokens) <= TOKENS_ASKED and all(len(part) <= LONGEST for part in self.parts)

    @property
    def columns(self):
        """The columns of names, the likeliest to hold what was asked first."""
        is_kana = all("ぁ" <= sign <= "ゖ" for part in self.parts for sign in part)
        return ("kana", "name", "nickname", "pen_name") if is_kana else NAME_COLUMNS

    def missing(self, parts, name):
        """Those of ``parts`` that this opened name does not hold."""
        folded = fold(name or "") if parts else ""
        return [part for part in parts if part not in folded]

    def matches(self, customer):
        """Whether the opened values hold what was asked."""
        if self.kind == NAME:
            names = [fold(getattr(customer, column) or "") for column in NAME_COLUMNS]
            return bool(self.parts) and all(any(part in name for name in names) for part in self.parts)
        if self.kind == MAIL:
            return mail_key(customer.email or "") == self.parts[0]
        key = telephone_key(customer.telephone or "")
        return key.endswith(self.parts[0]) if self.kind == LAST_FOUR else key == self.parts[0]


def tokens_of(values):
    """All tokens of a customer, from a mapping of its columns (those missing or empty give none)."""
    return (
        name_tokens(*(values.get(column) for column in NAME_COLUMNS))
        | mail_tokens(values.get("email"))
        | telephone_tokens(values.get("telephone"))
    )


def query_tokens(text):
    """What a person typed into the one search field, as a :class:`Query`.

    With an ``@`` it is a whole address; four digits are the end of a telephone number and more a whole one; anything
    else is parts of names, all of which must be found. Without tokens it finds nobody.
    """
    if "@" in unicodedata.normalize("NFKC", text):
        key = mail_key(text)
        return Query(MAIL, frozenset([_token(MAIL, key)]), (key,))
    number = digits(text)
    if number and len(number) == 4:
        return Query(LAST_FOUR, frozenset([_token(LAST_FOUR, number)]), (number,))
    if number and len(number) >= 9:
        key = telephone_key(text)
        return Query(TELEPHONE, frozenset([_token(TELEPHONE, key)]), (key,))
    parts = tuple(part for part in map(fold, text.split()) if part)
    tokens = set()
    for part in parts:
        length = min(len(part), LONGEST)  # the longest grams are the rarest, and hold the shorter ones
        tokens.update(_gram_token(part[at : at + length]) for at in range(len(part) - length + 1))
    return Query(NAME, frozenset(tokens), parts)


def name_tokens(*names):
    grams = set()
    for name in names:
        if name:
            folded = fold(name)
            for length in range(1, LONGEST + 1):
                grams.update(folded[at : at + length] for at in range(len(folded) - length + 1))
    return {_gram_token(gram) for gram in grams}


def mail_tokens(address):
    return {_token(MAIL, mail_key(address))} if address else set()


def telephone_tokens(number):
    key = telephone_key(number) if number else ""
    return {_token(TELEPHONE, key), _token(LAST_FOUR, key[-4:])} if key else set()


def mail_key(address):
    """An address as it is compared: widths and case folded, no space around."""
    return unicodedata.normalize("NFKC", address).strip().casefold()


@functools.lru_cache(maxsize=1024)
def telephone_key(number):
    """A number as it is compared: E.164 where it is one of Japan (or has a country), its digits otherwise."""
    plain = digits(number)
    if plain and _ORDINARY.fullmatch(plain):
        return f"+81{plain[1:]}"
    if plain is None:
        plain = "".join(sign for sign in unicodedata.normalize("NFKC", number) if sign.isascii() and sign.isdigit())
    try:
        return phonenumbers.format_number(phonenumbers.parse(plain, "JP"), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        return plain


@functools.cache
def _keyed(kind):
    """An HMAC under the key of one kind, to be copied: the key is hashed once, not for every token."""
    secret = bytes.fromhex(settings.SEARCH_INDEX_KEY)
    key = hmac.digest(secret, b"customers.search." + kind.encode(), hashlib.sha256)
    return hmac.new(key, digestmod=hashlib.sha256)


def _token(kind, text):
    keyed = _keyed(kind).copy()
    keyed.update(text.encode("utf-8", "replace"))
    return int.from_bytes(keyed.digest()[:8], "big", signed=True)


def fingerprint(kind, *parts):
    """A keyed token of a record that is no name: a means of payment, an account, a cookie, a device.

    Equal records of one ``kind`` (``"cookie"``) have equal ones: widths are folded, space around is dropped, and
    ``None`` is as good as empty. A signed whole number of 64 bits.
    """
    folded = (unicodedata.normalize("NFKC", part or "").strip() for part in parts)
    return _token(f"record {kind}", "\x1f".join(folded))


@functools.lru_cache(maxsize=65_536)
def _gram_token(gram):
    """Grams come again and again in an import; whole values are not kept."""
    return _token(NAME, gram)
