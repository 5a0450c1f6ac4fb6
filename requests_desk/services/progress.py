"""How a request moves from arrival to its end. One function per decision."""

from django.db import transaction
from django.utils import timezone

from audit.services.trail import record
from requests_desk.models import Decision, Status

from . import fees, identity
from .steps import Step, demand, lock, move


@transaction.atomic
def assign(request, *, to, by):
    """Give the request to a member of staff, or to nobody."""
    request = lock(request)
    demand(request, Step.ASSIGN, by=by)
    request.assigned_to = to
    request.save()
    record("request.assigned", subject=request, by=by, to=to.username if to else "")
    return request


@transaction.atomic
def close(request, *, by):
    """End an answered request. The identity document is purged in the same transaction."""
    return _end(request, Step.CLOSE, Status.CLOSED, by=by)


@transaction.atomic
def withdraw(request, *, by):
    """End a request that the requester no longer wants. A fee that was paid is kept, one that is due lapses."""
    return _end(request, Step.WITHDRAW, Status.WITHDRAWN, by=by)


@transaction.atomic
def lapse(request, *, by):
    """End a request whose fee was not paid in time."""
    return _end(request, Step.LAPSE, Status.LAPSED, by=by)


def _end(request, step, status, *, by):
    request = lock(request)
    demand(request, step, by=by)
    previous = request.status
    move(request, status)
    request.closed_at, request.closed_by = timezone.now(), by
    request.save()
    for proposal in request.decisions.select_for_update().filter(state=Decision.State.PROPOSED):
        proposal.state = Decision.State.DROPPED
        proposal.save()
    fees.release(request, by=by)
    identity.purge_all(request, by=by)
    record(
        f"request.{status.lower()}", subject=request, person=request.customer, by=by, previous=previous, status=status
    )
    return request
