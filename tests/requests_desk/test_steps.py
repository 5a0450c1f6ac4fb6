"""The whole table state x step, on the pure function; against rules written down a second time, in another form."""

import itertools

import pytest

from requests_desk.models import FINAL, MOVES, Fee, Held, Identity, Kind, Package, Status
from requests_desk.services.steps import Allowed, Facts, NotNow, Step, may

FEES = [None, *Fee.State]
PACKAGES = [None, *Package.State]
BEFORE_DECISION = {Status.RECEIVED, Status.IN_PROGRESS}
EVERY = [
    Facts(*each)
    for each in itertools.product(
        Status, FEES, [False, True], Identity, Held, PACKAGES, [False, True], [False, True], Kind
    )
]
ALLOWED_WHEN = {
    Step.UPLOAD: lambda f: f.status in BEFORE_DECISION and f.identity != Identity.VERIFIED and f.kind != Kind.INQUIRY,
    Step.VERIFY: lambda f: f.identity == Identity.TO_CHECK and f.kind != Kind.INQUIRY,
    Step.REFUSE_DOCUMENT: lambda f: f.identity == Identity.TO_CHECK and f.kind != Kind.INQUIRY,
    Step.RECEIVE_FEE: lambda f: f.fee == Fee.State.DUE,
    Step.MATCH: lambda f: (
        f.status in BEFORE_DECISION and f.fee in (None, Fee.State.RECEIVED) and f.kind != Kind.INQUIRY
    ),
    Step.PROPOSE: lambda f: (
        f.status == Status.IN_PROGRESS
        and f.fee in (None, Fee.State.RECEIVED)
        and (f.kind == Kind.INQUIRY or (f.identity == Identity.VERIFIED and f.held != Held.UNKNOWN))
    ),
    Step.APPROVE: lambda f: f.status == Status.PROPOSED and not f.own_proposal,
    Step.SEND_BACK: lambda f: f.status == Status.PROPOSED,
    Step.BUILD: lambda f: f.status == Status.APPROVED,
    Step.COLLECT: lambda f: (
        f.status == Status.READY
        and (f.package in (None, Package.State.OFFERED) or (f.package == Package.State.COLLECTED and f.just_collected))
    ),
    Step.OFFER_AGAIN: lambda f: f.status == Status.READY and f.package != Package.State.OFFERED,
    Step.CLOSE: lambda f: f.status == Status.READY and f.package != Package.State.OFFERED,
    Step.WITHDRAW: lambda f: f.status in BEFORE_DECISION | {Status.PROPOSED},
    Step.LAPSE: lambda f: f.status == Status.RECEIVED and f.fee == Fee.State.DUE and f.fee_is_late,
    Step.ASSIGN: lambda f: True,
}


@pytest.mark.parametrize("step", Step)
def test_a_step_is_allowed_exactly_when_its_rule_says_so(step):
    assert len(EVERY) == 8 * 6 * 2 * 4 * 3 * 4 * 2 * 2 * 8

    for facts in EVERY:
        expected = facts.status not in FINAL and ALLOWED_WHEN[step](facts)
        assert bool(may(facts, step)) == expected, facts


@pytest.mark.parametrize("step", Step)
def test_what_is_not_allowed_has_a_reason_and_what_lifts_it_is_another_step(step):
    for facts in EVERY:
        answer = may(facts, step)
        if isinstance(answer, Allowed):
            continue
        assert isinstance(answer, NotNow)
        assert str(answer.reason).endswith(("。", "."))
        assert answer.lifts != step


LEADS_TO = {
    Step.PROPOSE: Status.PROPOSED,
    Step.APPROVE: Status.APPROVED,
    Step.SEND_BACK: Status.IN_PROGRESS,
    Step.BUILD: Status.READY,
    Step.CLOSE: Status.CLOSED,
    Step.WITHDRAW: Status.WITHDRAWN,
    Step.LAPSE: Status.LAPSED,
}


@pytest.mark.parametrize(("step", "after"), LEADS_TO.items())
def test_an_allowed_step_never_leaves_the_map(step, after):
    for facts in EVERY:
        if may(facts, step):
            assert after in MOVES[facts.status], facts


def test_every_status_can_be_reached_and_every_open_one_can_be_left():
    reached = {Status.RECEIVED}
    for _round in Status:
        reached |= {after for status in reached for after in MOVES[status]}

    assert reached == set(Status)
    assert [status for status in Status if not MOVES[status]] == FINAL
    assert FINAL == [Status.CLOSED, Status.WITHDRAWN, Status.LAPSED]


@pytest.mark.parametrize("facts", [Facts(status) for status in FINAL])
def test_nothing_is_done_with_a_request_that_is_over(facts):
    assert not any(may(facts, step) for step in Step)
