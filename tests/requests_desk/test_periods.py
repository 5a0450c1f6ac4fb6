"""The rule of retention in one place: what becomes of what, as a table."""

import datetime as dt
import itertools
from dataclasses import dataclass

import pytest

from customers.categories import Category
from requests_desk.models import CountedFrom
from requests_desk.services.periods import PROPOSALS, Verdict, cutoff, offered, verdict, why_not

TODAY = dt.date(2026, 11, 25)


@dataclass(frozen=True)
class Rule:
    months: int = 12
    statute_months: int = 0


@pytest.mark.parametrize(
    ("rule", "today", "last"),
    [
        (Rule(12), "2026-11-25", "2025-11-24"),
        (Rule(1), "2026-03-01", "2026-01-31"),
        (Rule(1), "2026-03-28", "2026-02-27"),
        (Rule(1), "2026-03-29", "2026-02-27"),
        (Rule(1), "2026-03-31", "2026-02-27"),
        (Rule(1), "2026-04-01", "2026-02-28"),
        (Rule(12), "2028-02-29", "2027-02-27"),
        (Rule(12), "2028-03-01", "2027-02-28"),
        (Rule(24), "2026-02-28", "2024-02-27"),
        (Rule(24), "2026-03-01", "2024-02-29"),
        (Rule(84), "2026-11-25", "2019-11-24"),
        (Rule(12, statute_months=84), "2026-11-25", "2019-11-24"),  # the database refuses such a rule; so does this
    ],
)
def test_the_last_day_that_is_past(rule, today, last):
    assert cutoff(rule, dt.date.fromisoformat(today)) == dt.date.fromisoformat(last)


RULES = [None, Rule(1), Rule(12), Rule(84, 84), Rule(12, 84)]
AGES = [
    None,
    *[TODAY - dt.timedelta(days=days) for days in (-1, 0, 1, 29, 30, 31, 364, 365, 366, 2555, 2557, 2558, 9000)],
]


@pytest.mark.parametrize(
    ("rule", "begins_on", "is_held", "is_asked"), list(itertools.product(RULES, AGES, [False, True], [False, True]))
)
def test_what_becomes_of_a_thing(rule, begins_on, is_held, is_asked):
    found = verdict(rule, begins_on, TODAY, is_held=is_held, is_asked=is_asked)

    if rule is None:
        expected = Verdict.NO_RULE
    elif begins_on is None:
        expected = Verdict.NOT_BEGUN
    elif begins_on > cutoff(rule, TODAY):
        expected = Verdict.IN_TIME
    elif is_held:
        expected = Verdict.HELD
    else:
        expected = Verdict.ASKED if is_asked else Verdict.PAST
    assert found == expected


@pytest.mark.parametrize("begins_on", AGES[1:])
def test_nothing_that_a_statute_keeps_goes_early(begins_on):
    rule = Rule(months=12, statute_months=84)

    if verdict(rule, begins_on, TODAY) == Verdict.PAST:
        assert begins_on < dt.date(TODAY.year - 7, TODAY.month, TODAY.day)


@pytest.mark.parametrize(("category", "counted_from"), list(itertools.product(Category, CountedFrom)))
def test_from_what_each_category_can_be_counted_and_why_not_from_another(category, counted_from):
    possible = {
        CountedFrom.LEFT: set(Category),
        CountedFrom.RECORDED: {
            Category.PAYMENT, Category.EXTERNAL_ID, Category.COOKIE, Category.DEVICE, Category.MEDIA,
        },
        CountedFrom.EVENT: {Category.SITE_USE, Category.APP_USE, Category.LOCATION},
    }[counted_from]  # fmt: skip

    assert (counted_from in offered(category)) == (category in possible)
    assert bool(why_not(category, counted_from)) == (category not in possible)


@pytest.mark.parametrize("category", Category)
def test_every_category_has_a_proposal_that_could_be_decided(category):
    proposal = PROPOSALS[category]

    assert proposal.counted_from in offered(category)
    assert proposal.why
    assert proposal.months >= max(1, proposal.statute_months)
    assert bool(proposal.statute) == bool(proposal.statute_months)
