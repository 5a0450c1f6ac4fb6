"""The statute as a table: what each kind needs and how it may end; the database keeps the same one."""

import datetime as dt
import itertools

import pytest
from django.db import IntegrityError, transaction

from requests_desk.exceptions import DecisionIncomplete, StepNotAllowed
from requests_desk.models import FEE_KINDS, Decision, Fee, Ground, Kind, Outcome, Status, grounds_for, rules_of
from requests_desk.services import decisions, matching
from tests.factories.requests_desk import At, a_request, pay, staff_actor, verify

ARTICLE = {
    Kind.PURPOSE: ["32-2"], Kind.DISCLOSURE: ["33-2"], Kind.PROVISION_RECORDS: ["33-5"], Kind.CORRECTION: ["34-2"],
    Kind.SUSPENSION: ["35-2", "35-6"], Kind.CESSATION: ["35-4", "35-6"], Kind.ABROAD: ["28-3"], Kind.INQUIRY: [],
}  # fmt: skip
KINDS = pytest.mark.parametrize("kind", Kind)


@KINDS
def test_article_38_only_disclosures_cost_the_fee(kind):
    assert rules_of(kind).costs_the_fee == (kind in (Kind.DISCLOSURE, Kind.PROVISION_RECORDS)) == (kind in FEE_KINDS)


@KINDS
def test_only_an_inquiry_needs_neither_identity_nor_search(kind):
    rules = rules_of(kind)

    assert rules.needs_identity == rules.needs_search == (kind != Kind.INQUIRY)


@KINDS
def test_only_an_inquiry_is_answered_and_only_article_35_knows_substitute_measures(kind):
    outcomes = rules_of(kind).outcomes

    assert (outcomes == (Outcome.ANSWERED,)) == (kind == Kind.INQUIRY)
    assert (Outcome.SUBSTITUTE in outcomes) == (kind in (Kind.SUSPENSION, Kind.CESSATION))


@KINDS
def test_articles_32_to_36_each_kind_is_refused_on_all_grounds_of_its_own_article_alone(kind):
    own = [ground for ground in Ground if any(ground.startswith(article) for article in ARTICLE[kind])]

    assert sorted(rules_of(kind).grounds) == sorted(own)


@KINDS
def test_a_ground_stands_with_a_refusal_or_a_substitute_measure_and_never_with_both(kind):
    refused, substituted = set(grounds_for(kind, Outcome.REFUSED)), set(grounds_for(kind, Outcome.SUBSTITUTE))

    assert refused | substituted == set(rules_of(kind).grounds)
    assert not refused & substituted
    assert not any(grounds_for(kind, each) for each in (Outcome.FULL, Outcome.NOT_HELD, Outcome.ANSWERED))


def a_decision(request, outcome, ground, by):
    needs_ground = outcome in (Outcome.REFUSED, Outcome.PARTIAL, Outcome.SUBSTITUTE)
    return Decision(
        request=request, outcome=outcome, ground=ground, reason="x" if needs_ground else None, proposed_by=by,
        promised_on=dt.date(2030, 1, 1) if outcome == Outcome.SUBSTITUTE else None,
    )  # fmt: skip


@pytest.mark.django_db
@KINDS
def test_the_database_accepts_exactly_the_decisions_of_the_table(kind):
    request, by = a_request(kind=kind), staff_actor("handler")
    if kind in FEE_KINDS:
        pay(request)
    for outcome, ground in itertools.product(Outcome, ["", *Ground]):
        grounds = grounds_for(kind, outcome) or [""]
        expected = outcome in rules_of(kind).outcomes and ground in grounds
        try:
            with transaction.atomic():
                a_decision(request, outcome, ground, by).save()
                accepted = True
                transaction.set_rollback(True)
        except IntegrityError:
            accepted = False
        assert accepted == expected, (outcome, ground)


@pytest.mark.django_db
def test_a_substitute_measure_promises_a_day_and_nothing_else_does():
    request, by = a_request(kind=Kind.SUSPENSION), staff_actor("handler")
    without = a_decision(request, Outcome.SUBSTITUTE, Ground.HARM_DIFFICULT, by)
    without.promised_on = None

    with pytest.raises(IntegrityError, match="promises_a_day_exactly"), transaction.atomic():
        without.save()


@pytest.mark.django_db
def test_a_ground_of_another_article_is_refused_by_the_service_in_words():
    request = At.verified(kind=Kind.CORRECTION)
    matching.none_held(request, by=staff_actor("handler"))

    with pytest.raises(DecisionIncomplete, match="別の種別の請求"):
        decisions.propose(
            request, outcome=Outcome.REFUSED, ground=Ground.HARM, reason="x", by=staff_actor("handler")
        )  # fmt: skip
    assert decisions.propose(
        request, outcome=Outcome.REFUSED, ground=Ground.NO_ERROR, reason="x", by=staff_actor("handler")
    )


@pytest.mark.django_db
def test_an_inquiry_begins_on_arrival_and_is_never_searched():
    request = a_request(kind=Kind.INQUIRY)

    assert request.status == Status.IN_PROGRESS
    assert not Fee.objects.filter(request=request).exists()
    with pytest.raises(StepNotAllowed, match="検索は要りません"):
        matching.none_held(request, by=staff_actor("handler"))


@pytest.mark.django_db
def test_a_free_kind_begins_once_the_person_is_confirmed():
    request = At.document_sent(kind=Kind.CESSATION)
    assert request.status == Status.RECEIVED

    verify(request)

    request.refresh_from_db()
    assert request.status == Status.IN_PROGRESS
