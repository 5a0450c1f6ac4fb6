"""What a request costs and whether it was paid. The outcome of the request has no say in it."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services.trail import record
from requests_desk.exceptions import FeeWrong
from requests_desk.models import Fee

from .examination import begin_when_due
from .steps import Step, demand, lock


@transaction.atomic
def receive(request, *, amount, received_on, method=Fee.Method.TRANSFER, by):
    """Record that the fee came in, on the day that the bank names. The search may begin."""
    request = lock(request)
    demand(request, Step.RECEIVE_FEE, by=by)
    fee = Fee.objects.select_for_update().get(request=request)
    if amount != fee.amount:
        raise FeeWrong(
            _("%(number)s: %(due)s yen are due, not %(paid)s yen.")
            % {"number": request, "due": f"{fee.amount:,}", "paid": f"{amount:,}"}
        )
    if not request.arrived_on <= received_on <= timezone.localdate():
        raise FeeWrong(
            _("%(number)s: the day of payment lies between the arrival of the request and today.") % {"number": request}
        )
    fee.state, fee.method, fee.received_on = Fee.State.RECEIVED, method, received_on
    fee.settled_at, fee.settled_by = timezone.now(), by
    fee.save()
    record("fee.received", subject=request, by=by, amount=fee.amount, on=received_on, method=method)
    return begin_when_due(request, by=by)


def release(request, *, by):
    """A request that ends unpaid: its fee is asked for no longer. What was paid stays paid."""
    fee = Fee.objects.select_for_update().filter(request=request, state=Fee.State.DUE).first()
    if fee:
        fee.state, fee.settled_at, fee.settled_by = Fee.State.LAPSED, timezone.now(), by
        fee.save()
        record("fee.lapsed", subject=request, by=by, amount=fee.amount)
