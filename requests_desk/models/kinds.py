"""What each kind of request needs, how it may end and on which grounds: the statute as data.

The database keeps the same table (migration 0030); a test compares the two pair by pair.
"""

from dataclasses import dataclass

from .decision import Ground, Outcome
from .request import Kind

ENDS = (Outcome.FULL, Outcome.PARTIAL, Outcome.REFUSED, Outcome.NOT_HELD)
DIFFICULT = (Ground.SUSPENSION_DIFFICULT, Ground.CESSATION_DIFFICULT, Ground.HARM_DIFFICULT)


@dataclass(frozen=True)
class Rules:
    """What a kind needs before its decision, and what the decision may say."""

    article: str
    outcomes: tuple[Outcome, ...] = ENDS
    grounds: tuple[Ground, ...] = ()
    costs_the_fee: bool = False
    needs_identity: bool = True
    needs_search: bool = True


# Records whose existence must stay unknown (Order, Article 11) are no ground: naming it would tell of them.
OF_KIND = {
    Kind.PURPOSE: Rules("32(2)", grounds=(Ground.PURPOSE_CLEAR, Ground.PURPOSE_EXEMPT)),
    Kind.DISCLOSURE: Rules("33(1)", grounds=(Ground.HARM, Ground.IMPEDIMENT, Ground.OTHER_LAW), costs_the_fee=True),
    Kind.PROVISION_RECORDS: Rules(
        "33(5)", grounds=(Ground.RECORD_HARM, Ground.RECORD_IMPEDIMENT, Ground.RECORD_OTHER_LAW), costs_the_fee=True
    ),
    Kind.CORRECTION: Rules("34(1)", grounds=(Ground.NO_ERROR, Ground.OTHER_PROCEDURE, Ground.NOT_NECESSARY)),
    Kind.SUSPENSION: Rules(
        "35(1), (5)",
        outcomes=(*ENDS, Outcome.SUBSTITUTE),
        grounds=(
            Ground.SUSPENSION_UNFOUNDED, Ground.SUSPENSION_BEYOND, Ground.SUSPENSION_DIFFICULT,
            Ground.HARM_UNFOUNDED, Ground.HARM_BEYOND, Ground.HARM_DIFFICULT,
        ),
    ),
    Kind.CESSATION: Rules(
        "35(3), (5)",
        outcomes=(*ENDS, Outcome.SUBSTITUTE),
        grounds=(
            Ground.CESSATION_UNFOUNDED, Ground.CESSATION_DIFFICULT,
            Ground.HARM_UNFOUNDED, Ground.HARM_BEYOND, Ground.HARM_DIFFICULT,
        ),
    ),
    Kind.ABROAD: Rules("28(3)", grounds=(Ground.ABROAD_IMPEDIMENT,)),
    Kind.INQUIRY: Rules("", outcomes=(Outcome.ANSWERED,), needs_identity=False, needs_search=False),
}  # fmt: skip


def rules_of(kind):
    return OF_KIND[Kind(kind)]


def grounds_for(kind, outcome):
    """The grounds that this outcome of this kind may name: a substitute measure has those of its own."""
    rules = rules_of(kind)
    if outcome not in rules.outcomes:
        return ()
    if outcome == Outcome.SUBSTITUTE:
        return tuple(ground for ground in rules.grounds if ground in DIFFICULT)
    if outcome in (Outcome.REFUSED, Outcome.PARTIAL):
        return tuple(ground for ground in rules.grounds if ground not in DIFFICULT)
    return ()
