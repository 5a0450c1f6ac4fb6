"""The whole table of Articles 27 to 29: every basis x place x consent x suspension, and what shows the basis.

The table is written out by hand, not computed: it is what a reader of the law would expect.
"""

import datetime as dt
import itertools

import pytest
from django.utils import translation

from consent.bases import Basis, ConsentState, Place, Recording, Refusal, answer, kept_until, wants_a_record

STATUTORY = ["LAW", "LIFE", "HEALTH", "STATE", "RESULTS", "JOINT_RESEARCH", "RESEARCH"]  # Article 27(1)(i) to (vii)
EXCEPTIONS = ["ENTRUSTMENT", "SUCCESSION", "JOINT_USE"]  # Article 27(5)
SHOWN = {"has_paper": True, "has_contract": True, "is_announced": True}

#          consent:      none                   other items      withdrawn    given later    whole
BY_CONSENT = {
    "HOME":       ["NO_CONSENT",          "OTHER_ITEMS", "WITHDRAWN", "GIVEN_LATER", None],
    "EQUIVALENT": ["NO_CONSENT",          "OTHER_ITEMS", "WITHDRAWN", "GIVEN_LATER", None],
    "MEASURES":   ["NO_CONSENT",          "OTHER_ITEMS", "WITHDRAWN", "GIVEN_LATER", None],
    "OFFSHORE":   ["NO_OFFSHORE_CONSENT", "OTHER_ITEMS", "WITHDRAWN", "GIVEN_LATER", None],
}  # fmt: skip
BY_EXCEPTION = {
    "HOME":       [None, None, None, None, None],
    "EQUIVALENT": [None, None, None, None, None],
    "MEASURES":   [None, None, None, None, None],
    "OFFSHORE":   ["EXCEPTION_ENDS_ABROAD"] * 4 + [None],
}  # fmt: skip
TABLE = {
    "CONSENT": BY_CONSENT,
    **{basis: {place: [None] * 5 for place in BY_CONSENT} for basis in STATUTORY},
    **dict.fromkeys(EXCEPTIONS, BY_EXCEPTION),
}
CASES = [
    (basis, place, consent, is_suspended)
    for basis, place, consent, is_suspended in itertools.product(Basis, Place, ConsentState, [False, True])
]


@pytest.mark.parametrize(("basis", "place", "consent", "is_suspended"), CASES)
def test_a_provision_is_permitted_or_refused_as_the_law_says(basis, place, consent, is_suspended):
    expected = "SUSPENDED" if is_suspended else TABLE[basis][place][list(ConsentState).index(consent)]

    found = answer(basis, place, consent, is_suspended=is_suspended, **SHOWN)

    assert found.refusal == expected
    assert found.is_permitted == (expected is None)


@pytest.mark.parametrize("place", Place)
@pytest.mark.parametrize("consent", ConsentState)
@pytest.mark.parametrize(
    ("bases", "missing", "refusal"),
    [
        (STATUTORY, "has_paper", Refusal.NO_PAPER),
        (["ENTRUSTMENT", "SUCCESSION"], "has_contract", Refusal.NO_CONTRACT),
        (["JOINT_USE"], "is_announced", Refusal.NOT_ANNOUNCED),
    ],
)
def test_a_basis_that_nothing_shows_permits_nothing(bases, missing, refusal, consent, place):
    for basis in bases:
        found = answer(Basis(basis), place, consent, is_suspended=False, **{**SHOWN, missing: False})

        assert found.refusal == refusal


@pytest.mark.parametrize("refusal", Refusal)
@pytest.mark.parametrize(("language", "stop", "article"), [("en", ". ", "(Article"), ("ja", "。", "（法第")])
def test_a_refusal_names_its_article_and_the_way_to_make_it_lawful(refusal, language, stop, article):
    with translation.override(language):
        rule, *way = str(refusal.label).rstrip("。").split(stop)

    assert article in rule
    assert len(way) == 1


def test_there_is_no_opt_out():
    assert not [basis for basis in Basis if "27(2)" in basis.label or "OPT" in basis]


# what Article 29 wants recorded: (what the basis is at home, abroad on the strength of a consent)
RECORDS = {
    "CONSENT": (True, True),
    **dict.fromkeys(STATUTORY, (False, False)),
    **dict.fromkeys(EXCEPTIONS, (False, True)),
}


@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize("place", Place)
def test_a_record_is_made_where_article_29_wants_one(basis, place):
    found = answer(basis, place, ConsentState.WHOLE, is_suspended=False, **SHOWN)

    wanted = wants_a_record(basis, place, rests_on_consent=found.rests_on_consent)

    assert wanted == RECORDS[basis][place == Place.OFFSHORE]


@pytest.mark.parametrize("place", Place)
def test_only_state_bodies_of_japan_are_left_out_of_the_record(place):
    wanted = wants_a_record(Basis.CONSENT, place, rests_on_consent=True, is_state_body=True)

    assert wanted == (place != Place.HOME)


@pytest.mark.parametrize(
    ("recording", "made_on", "last_provided_on", "last_day"),
    [
        ("EACH", "2026-11-26", "2026-11-20", "2029-11-26"),  # three years from the making
        ("EACH", "2026-11-26", "2027-11-20", "2029-11-26"),
        ("BULK", "2026-11-26", "2026-12-31", "2029-12-31"),  # three years from the last provision
        ("DOCUMENT", "2026-11-26", "2026-12-01", "2027-12-01"),  # one year from the last provision
        ("EACH", "2028-02-29", "2028-02-29", "2031-02-28"),
        ("EACH", "2025-02-28", "2025-02-28", "2028-02-29"),  # with the month, not a day before its end
        ("DOCUMENT", "2027-02-28", "2027-02-28", "2028-02-29"),
        ("BULK", "2026-01-01", "2026-12-30", "2029-12-30"),
    ],
)
def test_the_last_day_of_a_record_goes_by_the_way_of_recording(recording, made_on, last_provided_on, last_day):
    found = kept_until(
        Recording(recording),
        made_on=dt.date.fromisoformat(made_on),
        last_provided_on=dt.date.fromisoformat(last_provided_on),
    )

    assert found.isoformat() == last_day
