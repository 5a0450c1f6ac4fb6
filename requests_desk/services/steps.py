"""What may be done with a request now, and if not, why and what lifts it.

:func:`may` is pure: the admin, the status page and every service ask it, so that what is offered is what is accepted.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from requests_desk.exceptions import StepNotAllowed
from requests_desk.models import DataRequest, Fee, Held, Identity, Kind, Package, Status, rules_of


class Step(models.TextChoices):
    UPLOAD = "UPLOAD", _("Send a picture of an identity document")
    RECEIVE_FEE = "RECEIVE_FEE", _("Record the payment")
    VERIFY = "VERIFY", _("Confirm identity")
    REFUSE_DOCUMENT = "REFUSE_DOCUMENT", _("Ask for another document")
    MATCH = "MATCH", _("Search and match to a customer")
    PROPOSE = "PROPOSE", _("Propose a decision")
    APPROVE = "APPROVE", _("Approve the decision")
    SEND_BACK = "SEND_BACK", _("Send the proposal back")
    BUILD = "BUILD", _("Make the answer")
    COLLECT = "COLLECT", _("Collect the answer")
    OFFER_AGAIN = "OFFER_AGAIN", _("Offer the answer again")
    CLOSE = "CLOSE", _("Close the request")
    WITHDRAW = "WITHDRAW", _("Withdraw the request")
    LAPSE = "LAPSE", _("Let the request lapse")
    ASSIGN = "ASSIGN", _("Assign")


@dataclass(frozen=True)
class Allowed:
    def __bool__(self):
        return True


@dataclass(frozen=True)
class NotNow:
    """Why a step is not possible now, and the step (where there is one) after which it is."""

    reason: str
    lifts: Step | None = None

    def __bool__(self):
        return False


@dataclass(frozen=True)
class Facts:
    """All that :func:`may` looks at."""

    status: Status
    fee: Fee.State | None = None
    fee_is_late: bool = False
    identity: Identity = Identity.AWAITED
    held: Held = Held.UNKNOWN
    package: Package.State | None = None
    own_proposal: bool = False
    just_collected: bool = False
    kind: Kind = Kind.DISCLOSURE

    @property
    def is_paid(self):
        return self.fee in (None, Fee.State.RECEIVED)

    @property
    def is_known(self):
        """Whether it is confirmed who asks, as far as this kind needs it."""
        return self.identity == Identity.VERIFIED or not rules_of(self.kind).needs_identity


def facts_of(request, *, by=None, today=None):
    """The facts of ``request`` as they stand in the database, as seen by ``by`` (who may have proposed)."""
    fee = getattr(request, "fee", None)
    package = getattr(request, "package", None)
    own = by is not None and request.decisions.filter(state="PROPOSED", proposed_by=by).exists()
    return Facts(
        status=Status(request.status),
        fee=Fee.State(fee.state) if fee else None,
        fee_is_late=bool(fee and fee.state == Fee.State.DUE and fee.pay_by < (today or timezone.localdate())),
        identity=Identity(request.identity),
        held=Held(request.held),
        package=state_of(package, today) if package else None,
        own_proposal=own,
        just_collected=bool(package and package.again_until and timezone.now() < package.again_until),
        kind=Kind(request.kind),
    )


def state_of(package, today=None):
    """The state of a package on this day: one that was not collected in time has expired, marked or not."""
    late = package.offered_until < (today or timezone.localdate())
    if package.state == Package.State.OFFERED and late:
        return Package.State.EXPIRED
    return Package.State(package.state)


OVER = _("The request is closed.")
UNPAID = _("The fee has not been received yet.")
UNVERIFIED = _("The identity has not been confirmed yet.")
NO_DOCUMENT = _("This kind of request needs no identity document.")
NO_SEARCH = _("This kind of request needs no search.")
NOT_BEGUN = _("The examination has not begun yet.")
UNSEARCHED = _("We have not searched yet for what is held.")
NO_PROPOSAL = _("No decision has been proposed yet.")
IN_APPROVAL = _("A proposed decision waits for approval.")
DECIDED = _("The decision has already been approved.")
IN_PREPARATION = _("The answer is being made.")
ANSWERED = _("The answer is ready to collect.")


def _not_after_decision(facts):
    """Whether anything of the examination can still change."""
    return {
        Status.PROPOSED: NotNow(IN_APPROVAL, Step.SEND_BACK),
        Status.APPROVED: NotNow(DECIDED),
        Status.READY: NotNow(DECIDED),
    }.get(facts.status, Allowed())


def _upload(facts):
    if not rules_of(facts.kind).needs_identity:
        return NotNow(NO_DOCUMENT)
    if facts.identity == Identity.VERIFIED:
        return NotNow(_("The identity is already confirmed. No document is needed."))
    return _not_after_decision(facts)


def _receive_fee(facts):
    if facts.fee is None:
        return NotNow(_("This kind of request costs nothing."))
    if facts.fee == Fee.State.DUE:
        return Allowed()
    if facts.fee == Fee.State.RECEIVED:
        return NotNow(_("The fee has already been received."))
    return NotNow(_("The fee is no longer asked for."))


def _check_document(facts):
    if not rules_of(facts.kind).needs_identity:
        return NotNow(NO_DOCUMENT)
    if facts.identity == Identity.VERIFIED:
        return NotNow(_("The identity is already confirmed."))
    if facts.identity == Identity.ASKED_AGAIN:
        return NotNow(_("Another document was asked for and has not come yet."), Step.UPLOAD)
    if facts.identity == Identity.AWAITED:
        return NotNow(_("No document has come yet."), Step.UPLOAD)
    return Allowed()


def _match(facts):
    if not rules_of(facts.kind).needs_search:
        return NotNow(NO_SEARCH)
    if not facts.is_paid:
        return NotNow(UNPAID, Step.RECEIVE_FEE)
    return _not_after_decision(facts)


def _propose(facts):
    if not (still := _not_after_decision(facts)):
        return still
    if not facts.is_paid:
        return NotNow(UNPAID, Step.RECEIVE_FEE)
    if not rules_of(facts.kind).needs_identity and facts.status == Status.RECEIVED:
        return NotNow(NOT_BEGUN)
    if not facts.is_known or facts.status == Status.RECEIVED:
        return NotNow(UNVERIFIED, Step.VERIFY)
    if facts.held == Held.UNKNOWN and rules_of(facts.kind).needs_search:
        return NotNow(UNSEARCHED, Step.MATCH)
    return Allowed()


def _judge(facts):
    if facts.status == Status.PROPOSED:
        return Allowed()
    if facts.status in (Status.APPROVED, Status.READY):
        return NotNow(DECIDED)
    return NotNow(NO_PROPOSAL, Step.PROPOSE)


def _approve(facts):
    if facts.status == Status.PROPOSED and facts.own_proposal:
        return NotNow(_("You proposed this decision. Somebody else must approve it."))
    return _judge(facts)


def _build(facts):
    if facts.status == Status.APPROVED:
        return Allowed()
    if facts.status == Status.READY:
        return NotNow(ANSWERED, Step.OFFER_AGAIN)
    return NotNow(_("No decision has been approved yet."), Step.APPROVE)


def _not_ready(facts):
    if facts.status == Status.APPROVED:
        return NotNow(IN_PREPARATION, Step.BUILD)
    return NotNow(_("No decision has been approved yet."), Step.APPROVE)


def _collect(facts):
    if facts.status != Status.READY:
        return _not_ready(facts)
    if facts.package == Package.State.COLLECTED and not facts.just_collected:
        return NotNow(_("The file has already been collected."), Step.OFFER_AGAIN)
    if facts.package == Package.State.EXPIRED:
        return NotNow(_("The time to collect the file is over."), Step.OFFER_AGAIN)
    return Allowed()


def _offer_again(facts):
    if facts.status != Status.READY:
        return _not_ready(facts)
    if facts.package == Package.State.OFFERED:
        return NotNow(_("The file can still be collected."), Step.COLLECT)
    return Allowed()


def _close(facts):
    if facts.status != Status.READY:
        return _not_ready(facts)
    if facts.package == Package.State.OFFERED:
        return NotNow(_("The answer has not been collected yet."), Step.COLLECT)
    return Allowed()


def _withdraw(facts):
    if facts.status in (Status.APPROVED, Status.READY):
        return NotNow(DECIDED)
    return Allowed()


def _lapse(facts):
    if facts.fee != Fee.State.DUE or facts.status != Status.RECEIVED:
        return NotNow(_("Only a request whose fee was not paid lapses."))
    if not facts.fee_is_late:
        return NotNow(_("The time to pay is not over yet."))
    return Allowed()


RULES = {
    Step.UPLOAD: _upload,
    Step.RECEIVE_FEE: _receive_fee,
    Step.VERIFY: _check_document,
    Step.REFUSE_DOCUMENT: _check_document,
    Step.MATCH: _match,
    Step.PROPOSE: _propose,
    Step.APPROVE: _approve,
    Step.SEND_BACK: _judge,
    Step.BUILD: _build,
    Step.COLLECT: _collect,
    Step.OFFER_AGAIN: _offer_again,
    Step.CLOSE: _close,
    Step.WITHDRAW: _withdraw,
    Step.LAPSE: _lapse,
    Step.ASSIGN: lambda facts: Allowed(),
}


def may(facts, step):
    """``Allowed()`` or ``NotNow(reason, lifts)``, by ``facts`` alone. Permissions are asked elsewhere."""
    if facts.status.is_final:
        return NotNow(OVER)
    return RULES[step](facts)


def lock(request):
    """The row as it stands now, held until the end of the transaction."""
    return DataRequest.objects.select_for_update().get(pk=request.pk)


def demand(request, step, *, by=None):
    """Raise :class:`StepNotAllowed` where ``step`` is not possible on a locked ``request``."""
    answer = may(facts_of(request, by=by), step)
    if not answer:
        raise StepNotAllowed(request, answer)


def move(request, status):
    """Set the status along :data:`MOVES`; the caller saves. A move off the map is a fault of ours, not of staff."""
    if status not in Status(request.status).next:
        raise ValueError(f"{request.status} does not lead to {status}.")
    request.status = status


def add_days(day, days):
    return day + dt.timedelta(days=days)
