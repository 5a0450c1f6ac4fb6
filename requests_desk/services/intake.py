"""How a request comes into being."""

from django.db import transaction
from django.utils import timezone

from audit.services import office, outbox
from audit.services.trail import record
from requests_desk.models import CLOCK_DAYS, FEE_KINDS, DataRequest, Fee, rules_of
from requests_desk.models.fee import PAY_WITHIN_DAYS

from .examination import begin_when_due
from .finding import note_mailbox, note_tokens
from .steps import add_days


@transaction.atomic
def receive(values, *, language, draft_number=None, arrived_on=None, by):
    """Make the request, its fee, its clock, its entry and the mail with the link to its page; all or nothing.

    ``values`` are fields of :class:`DataRequest`. The fee is what the office asks on the day of arrival. The clock of
    fourteen days runs from the day of arrival in Japan.
    """
    arrived_on = arrived_on or timezone.localdate()
    request = DataRequest.objects.create(
        **values, language=language, draft_number=draft_number, arrived_on=arrived_on,
        due_on=add_days(arrived_on, CLOCK_DAYS), created_by=by,
    )  # fmt: skip
    if request.kind in FEE_KINDS:
        Fee.objects.create(
            request=request, amount=office.current().disclosure_fee, pay_by=add_days(arrived_on, PAY_WITHIN_DAYS)
        )
    note_mailbox(request)
    note_tokens(request)
    record("request.received", subject=request, by=by, kind=request.kind, due=request.due_on, who=request.who)
    outbox.post("requests_desk.status_link", subject=request, by=by, language=language)
    return request if rules_of(request.kind).needs_identity else begin_when_due(request, by=by)
