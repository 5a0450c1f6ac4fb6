"""How long a category may be kept: what can be decided, what is proposed, and which day is past. Asks nothing.

Article 22: what is no longer needed is erased without delay, unless a statute keeps it.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.calendar import last_day_of, latest_past
from customers.categories import Category
from customers.services.holdings import EVENTS, ROWS
from requests_desk.models import CountedFrom

LONGEST = 1200  # months


def offered(category):
    """From what the time of a category can be counted, the natural one first."""
    if category in EVENTS:
        return [CountedFrom.EVENT, CountedFrom.LEFT]
    if category in ROWS:
        return [CountedFrom.LEFT, CountedFrom.RECORDED]
    return [CountedFrom.LEFT]


def why_not(category, counted_from):
    """Why the time of a category cannot be counted from there; nothing where it can."""
    if counted_from in offered(category):
        return ""
    if counted_from == CountedFrom.EVENT:
        return _("Only events have a time of their own.")
    if category in EVENTS:
        return _("What counts is when an event happened, not when its file was read.")
    return _("This is needed as long as the registration lasts, so its time begins when the registration ends.")


def cutoff(rule, today):
    """The last day that is past under ``rule``: what begins to be counted on it, or before, goes."""
    return latest_past(today, max(rule.months, rule.statute_months))


class Verdict(models.TextChoices):
    """What becomes of one thing under retention."""

    NO_RULE = "NO_RULE", "kept: nothing is decided"
    NOT_BEGUN = "NOT_BEGUN", "kept: its time has not begun"
    IN_TIME = "IN_TIME", "kept: its time is not over"
    HELD = "HELD", "kept by a hold"
    ASKED = "ASKED", "kept by an open request"
    PAST = "PAST", "blanked"


def verdict(rule, begins_on, today, *, is_held=False, is_asked=False):
    """What becomes of a thing whose time begins on ``begins_on`` (or has not begun). The rule in one place.

    What the database is asked must agree with it; a test compares the two.
    """
    if rule is None:
        return Verdict.NO_RULE
    if begins_on is None:
        return Verdict.NOT_BEGUN
    if last_day_of(begins_on, max(rule.months, rule.statute_months)) >= today:
        return Verdict.IN_TIME
    if is_held:
        return Verdict.HELD
    return Verdict.ASKED if is_asked else Verdict.PAST


@dataclass(frozen=True)
class Proposal:
    """A starting point for who decides. It binds nobody, and is no rule before it is decided."""

    months: int
    counted_from: CountedFrom
    why: str
    statute: str = ""
    statute_months: int = 0


_LEFT, _RECORDED, _EVENT = CountedFrom.LEFT, CountedFrom.RECORDED, CountedFrom.EVENT
_CLAIMS = _("Ordinary claims lapse after five years (Civil Code, Article 166).")
_NO_USE = _("After the registration has ended there is rarely a use for it. A year leaves room for questions.")
_PATTERNS = _("Older behaviour says little, and is not needed for analysis.")
PROPOSALS = {
    Category.NAME: Proposal(60, _LEFT, _CLAIMS),
    Category.BIRTH: Proposal(12, _LEFT, _NO_USE),
    Category.SEX: Proposal(12, _LEFT, _NO_USE),
    Category.CAREER: Proposal(12, _LEFT, _NO_USE),
    Category.EMAIL: Proposal(12, _LEFT, _NO_USE),
    Category.TELEPHONE: Proposal(12, _LEFT, _NO_USE),
    Category.ADDRESS: Proposal(60, _LEFT, _CLAIMS),
    Category.PAYMENT: Proposal(
        84, _LEFT, _("Books and records of transactions are kept for about seven years. Have this confirmed first."),
        _("Tax law, records of transactions (to be confirmed)"), 84,
    ),
    Category.EXTERNAL_ID: Proposal(12, _LEFT, _NO_USE),
    Category.COOKIE: Proposal(24, _RECORDED, _PATTERNS),
    Category.DEVICE: Proposal(24, _RECORDED, _PATTERNS),
    Category.SITE_USE: Proposal(24, _EVENT, _PATTERNS),
    Category.APP_USE: Proposal(24, _EVENT, _PATTERNS),
    Category.LOCATION: Proposal(6, _EVENT, _("Where somebody was is soon of no use, and tells much.")),
    Category.MEDIA: Proposal(12, _LEFT, _NO_USE),
}  # fmt: skip
