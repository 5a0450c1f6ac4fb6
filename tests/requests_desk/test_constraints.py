"""What the database refuses, also by raw SQL."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit.models import Actor
from requests_desk.models import FEE_KINDS, DataRequest, Decision, Fee, Ground, Held, Kind, Outcome
from requests_desk.services import decisions
from tests.factories.requests_desk import At, a_request, staff_actor

pytestmark = pytest.mark.django_db
FREE = [kind for kind in Kind if kind not in FEE_KINDS]


def run(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused(sql, *values):
    with pytest.raises(IntegrityError) as said:
        run(sql, *values)
    return str(said.value)


def bare(kind):
    """A request without a fee, past every service."""
    return DataRequest.objects.create(
        kind=kind, name="x", email="x@example.test", arrived_on=timezone.localdate(),
        due_on=timezone.localdate() + dt.timedelta(days=14), created_by=Actor.system(),
    )  # fmt: skip


@pytest.mark.parametrize("kind", FREE)
def test_no_fee_is_charged_on_a_free_kind(kind):
    request = bare(kind)

    said = refused(
        "INSERT INTO requests_desk_fee (request_id, amount, state, pay_by, method) VALUES (%s, 1000, 'DUE', now(), '')",
        request.pk,
    )

    assert "on disclosure and on nothing else" in said


@pytest.mark.parametrize("kind", FEE_KINDS)
def test_a_disclosure_request_cannot_be_without_its_fee(kind):
    bare(kind)

    assert "from the moment of receipt" in refused("SELECT 1")
    run("DELETE FROM requests_desk_datarequest")  # else the test's own end would be refused


@pytest.mark.parametrize("kind", Kind)
def test_the_service_charges_exactly_the_kinds_of_the_policy(kind):
    request = a_request(kind=kind)

    assert Fee.objects.filter(request=request).exists() == (kind in FEE_KINDS)


def test_a_kind_is_not_changed_to_lose_or_gain_a_fee():
    request = a_request()

    assert "never change" in refused("UPDATE requests_desk_datarequest SET kind = 'INQUIRY' WHERE id = %s", request.pk)


def test_a_fee_is_neither_removed_nor_moved_nor_changed():
    request = a_request()

    assert "settled" in refused("DELETE FROM requests_desk_fee WHERE request_id = %s", request.pk)
    assert "settled" in refused("UPDATE requests_desk_fee SET amount = 1 WHERE request_id = %s", request.pk)


def test_a_fee_is_more_than_nothing():
    request = bare(Kind.DISCLOSURE)

    with pytest.raises(IntegrityError, match="fee_is_more_than_nothing"), transaction.atomic():
        Fee.objects.create(request=request, amount=0, pay_by=timezone.localdate())
    DataRequest.objects.all().delete()


def test_nothing_is_searched_before_the_fee_was_received():
    request = a_request()

    said = refused(
        "UPDATE requests_desk_datarequest SET held = 'NOT_HELD', matched_at = now(), matched_by_id = %s WHERE id = %s",
        Actor.system().pk, request.pk,
    )  # fmt: skip

    assert "Nothing is searched before" in said


def test_nothing_is_decided_before_the_fee_was_received():
    request = a_request()

    with pytest.raises(IntegrityError, match="Nothing is decided before"), transaction.atomic():
        Decision.objects.create(request=request, outcome=Outcome.NOT_HELD, proposed_by=Actor.system())


def test_nobody_approves_what_they_proposed():
    request = At.proposed()
    decision = decisions.standing(request)

    said = refused(
        "UPDATE requests_desk_decision SET state = 'APPROVED', approved_at = now(), approved_by_id = proposed_by_id"
        " WHERE id = %s",
        decision.pk,
    )

    assert "decision_is_approved_by_another_than_proposed_it" in said


@pytest.mark.parametrize(
    ("outcome", "ground"), [(Outcome.REFUSED, ""), (Outcome.FULL, Ground.HARM), (Outcome.NOT_HELD, Ground.HARM)]
)
def test_a_ground_stands_exactly_where_something_is_refused(outcome, ground):
    request = At.none_held()

    with pytest.raises(IntegrityError, match="decision_has_a_ground_exactly"), transaction.atomic():
        Decision.objects.create(
            request=request, outcome=outcome, ground=ground, reason="x", proposed_by=staff_actor("handler")
        )


def test_a_request_has_one_decision_that_stands():
    request = At.proposed()

    with pytest.raises(IntegrityError, match="decision_that_stands_is_one_per_request"), transaction.atomic():
        Decision.objects.create(request=request, outcome=Outcome.NOT_HELD, proposed_by=staff_actor("handler"))


def test_a_request_is_closed_exactly_when_its_status_is_final():
    request = a_request()

    assert "closed_exactly_when_final" in refused(
        "UPDATE requests_desk_datarequest SET status = 'CLOSED', identity = 'VERIFIED' WHERE id = %s", request.pk
    )


def test_nothing_goes_past_receipt_without_a_verified_person():
    request = a_request()

    assert "of_a_verified_person" in refused(
        "UPDATE requests_desk_datarequest SET status = 'IN_PROGRESS' WHERE id = %s", request.pk
    )


def test_a_request_has_a_customer_exactly_when_matched():
    request = At.paid()
    request.held, request.matched_at, request.matched_by = Held.MATCHED, timezone.now(), Actor.system()

    with pytest.raises(IntegrityError, match="customer_exactly_when_matched"), transaction.atomic():
        request.save()


def test_a_number_is_in_groups_of_four_without_lookalikes():
    request = a_request()

    assert all(len(group) == 4 for group in request.reference.split("-"))
    assert not set(request.reference) & set("01OI")


def test_a_number_with_lookalikes_is_refused():
    with pytest.raises(IntegrityError, match="groups_of_four"), transaction.atomic():
        DataRequest.objects.create(
            reference="AAAA-AAAA-AAA0", kind=Kind.INQUIRY, name="x", email="x@example.test",
            arrived_on=timezone.localdate(), due_on=timezone.localdate() + dt.timedelta(days=14),
            created_by=Actor.system(),
        )  # fmt: skip


FIVE_MINUTES = "package_is_collected_again_only_within_five_minutes"


@pytest.mark.parametrize("moved", ["interval '5 minutes'", "interval '1 day'", "interval '-1 second'", "NULL"])
def test_no_answer_is_collected_again_outside_its_five_minutes(moved):
    package = At.just_collected().package

    assert FIVE_MINUTES in refused(
        f"UPDATE requests_desk_package SET last_collected_at = collected_at + {moved} WHERE id = %s", package.pk
    )


def test_an_answer_that_was_not_collected_was_not_collected_last():
    package = At.ready().package

    assert FIVE_MINUTES in refused(
        "UPDATE requests_desk_package SET last_collected_at = offered_at WHERE id = %s", package.pk
    )
