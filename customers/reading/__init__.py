"""What people type -> the value that is kept, or a refusal in words that say how to mend it.

Used by the import and by the forms, so that both accept the same. Every ``read_x(text)`` returns the value to keep or
raises :class:`Unreadable`; an empty text is refused only where the docstring says so, and is ``""`` (``None`` for a
date) elsewhere. Names, readings, telephones and addresses are kept as typed; the search key folds them.
"""

from .cards import has_card_number, read_expiry, refuse_card_number
from .dates import read_date, read_date_parts
from .mail import near_miss, read_email
from .numbers import (
    DASHES,
    fold_digits,
    read_address,
    read_age,
    read_last_four,
    read_postcode,
    read_sex,
    read_telephone,
)
from .payments import read_account_last_four, read_payment_means, read_payment_text
from .reasons import REASONS, Unreadable
from .text import NAME_LIMIT, read_items, read_kana, read_name, read_number, read_other_name, read_text

__all__ = [
    "DASHES",
    "NAME_LIMIT",
    "REASONS",
    "Unreadable",
    "fold_digits",
    "has_card_number",
    "near_miss",
    "read_account_last_four",
    "read_address",
    "read_age",
    "read_date",
    "read_date_parts",
    "read_email",
    "read_expiry",
    "read_kana",
    "read_last_four",
    "read_name",
    "read_number",
    "read_other_name",
    "read_items",
    "read_payment_means",
    "read_payment_text",
    "read_postcode",
    "read_sex",
    "read_telephone",
    "read_text",
    "refuse_card_number",
]
