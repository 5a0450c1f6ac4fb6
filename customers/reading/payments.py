"""What is said of means of payment."""

import unicodedata

from .cards import refuse_card_number
from .numbers import read_last_four
from .reasons import Unreadable
from .text import read_text

MEANS = {"クレジットカード": "CARD", "銀行口座": "BANK", "電子マネー": "E_MONEY"}


def read_payment_text(text, *, limit=100):
    """A name of a bank, a branch, a brand or a service, in which no card number stands."""
    return refuse_card_number(read_text(text, limit=limit))


def read_payment_means(text):
    """One of the three means of payment -> its code; empty -> ``""``."""
    word = unicodedata.normalize("NFKC", text).strip()
    if word and word not in MEANS:
        raise Unreadable("payment_unknown")
    return MEANS.get(word, "")


def read_account_last_four(text):
    return read_last_four(text, whole="account_whole_number")
