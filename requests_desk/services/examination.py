"""When the examination of a request begins."""

from audit.services.trail import record
from requests_desk.models import Status

from .steps import facts_of, move


def begin_when_due(request, *, by):
    """Begin the examination of a locked request once it is paid for and the person known, as its kind needs."""
    request.refresh_from_db()
    facts = facts_of(request)
    if facts.status == Status.RECEIVED and facts.is_paid and facts.is_known:
        move(request, Status.IN_PROGRESS)
        request.save()
        record("request.begun", subject=request, person=request.customer, by=by)
    return request
