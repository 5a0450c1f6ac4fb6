"""What we answer: proposed by one person, approved by another."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services.jobs import enqueue
from audit.services.trail import record
from requests_desk.exceptions import DecisionIncomplete, FourEyes
from requests_desk.models import Decision, Held, Outcome, Status, grounds_for, rules_of
from requests_desk.models.decision import OFFERED_OUTCOMES

from .steps import Step, demand, lock, move


@transaction.atomic
def propose(request, *, outcome, ground="", reason="", by):
    """Propose an outcome. A refusal needs one ground of the kind's own article and its reason in words (Article 36)."""
    request = lock(request)
    demand(request, Step.PROPOSE, by=by)
    refusal = outcome == Outcome.REFUSED
    reason = reason.strip()
    fault = None
    if outcome not in OFFERED_OUTCOMES or outcome not in rules_of(request.kind).outcomes:
        fault = _("%(number)s: this outcome is not offered.")
    elif outcome == Outcome.FULL and request.held != Held.MATCHED:
        fault = _("%(number)s: nothing is held, so nothing can be disclosed. Propose “Nothing is held”.")
    elif outcome == Outcome.NOT_HELD and request.held != Held.NOT_HELD:
        fault = _("%(number)s: a customer was found, so “Nothing is held” would be untrue.")
    elif refusal and not (ground and reason):
        fault = _("%(number)s: a refusal needs its ground and the reason in words.")
    elif not refusal and ground:
        fault = _("%(number)s: only a refusal has a ground.")
    elif refusal and ground not in grounds_for(request.kind, outcome):
        fault = _("%(number)s: this ground belongs to another kind of request.")
    if fault:
        raise DecisionIncomplete(fault % {"number": request})
    decision = Decision.objects.create(
        request=request, outcome=outcome, ground=ground, reason=reason or None, proposed_by=by
    )
    move(request, Status.PROPOSED)
    request.save()
    record("decision.proposed", subject=request, person=request.customer, by=by, outcome=outcome, ground=ground)
    return decision


@transaction.atomic
def approve(request, *, by):
    """Approve what somebody else proposed; a worker then makes the answer."""
    request = lock(request)
    decision = request.decisions.select_for_update().filter(state=Decision.State.PROPOSED).first()
    if decision and decision.proposed_by_id == by.pk:
        raise FourEyes(request)
    demand(request, Step.APPROVE, by=by)
    decision.state, decision.approved_at, decision.approved_by = Decision.State.APPROVED, timezone.now(), by
    decision.save()
    move(request, Status.APPROVED)
    request.save()
    record(
        "decision.approved", subject=request, person=request.customer, by=by, outcome=decision.outcome,
        ground=decision.ground,
    )  # fmt: skip
    enqueue("requests_desk.build_package", subject=request, by=by, request=request.pk)
    return decision


@transaction.atomic
def send_back(request, *, remark, by):
    """Send a proposal back with a remark; the request is in progress again."""
    request = lock(request)
    demand(request, Step.SEND_BACK, by=by)
    if not remark.strip():
        raise DecisionIncomplete(_("%(number)s: please write why it is sent back.") % {"number": request})
    decision = request.decisions.select_for_update().get(state=Decision.State.PROPOSED)
    decision.state, decision.remark = Decision.State.SENT_BACK, remark.strip()
    decision.sent_back_at, decision.sent_back_by = timezone.now(), by
    decision.save()
    move(request, Status.IN_PROGRESS)
    request.save()
    record("decision.sent_back", subject=request, person=request.customer, by=by, outcome=decision.outcome)
    return decision


def standing(request):
    """The decision that stands: proposed or approved, or ``None``."""
    return request.decisions.filter(state__in=[Decision.State.PROPOSED, Decision.State.APPROVED]).first()
