"""What the requester is shown: one box with what we ask of them now, and the steps with their dates."""

import datetime as dt
from dataclasses import dataclass, field

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from audit.services import office
from requests_desk.models import DataRequest, Decision, Fee, Identity, IdentityCheck, IdentityDocument, Package, Status

from .steps import Allowed, NotNow, Step, facts_of, may


class Place(models.TextChoices):
    DONE = "DONE", pgettext_lazy("step", "done")
    NOW = "NOW", gettext_lazy("now")
    TO_COME = "TO_COME", pgettext_lazy("step", "to come")


@dataclass(frozen=True)
class Task:
    """One thing that we ask for. ``step`` is what the page offers a button for, or ``None`` (a payment)."""

    title: str
    sentences: tuple
    step: Step | None = None
    facts: tuple = ()


@dataclass(frozen=True)
class Box:
    title: str
    tasks: tuple = ()
    sentences: tuple = ()


@dataclass(frozen=True)
class Line:
    """One step of the timeline: what, where it stands, and its day (done: when; otherwise by when, or ``None``)."""

    title: str
    place: Place
    day: dt.date | None = None


@dataclass(frozen=True)
class StatusView:
    request: DataRequest
    box: Box
    lines: tuple
    fee: Fee | None
    document: IdentityDocument | None
    package: Package | None
    steps: dict = field(default_factory=dict)

    def may(self, step) -> Allowed | NotNow:
        return self.steps[step]

    @property
    def can_upload(self):
        return bool(self.steps[Step.UPLOAD])

    @property
    def can_collect(self):
        return bool(self.steps[Step.COLLECT])

    @property
    def can_ask_again(self):
        return bool(self.steps[Step.OFFER_AGAIN])

    @property
    def can_withdraw(self):
        return bool(self.steps[Step.WITHDRAW])


def view_of(request):
    """The :class:`StatusView` of a request, worded in the language of the page."""
    request = DataRequest.objects.select_related("fee", "package").get(pk=request.pk)
    facts = facts_of(request)
    steps = {step: may(facts, step) for step in Step}
    return StatusView(
        request=request,
        box=_box(request, facts, steps),
        lines=tuple(_lines(request, facts)),
        fee=getattr(request, "fee", None),
        document=request.documents.filter(state=IdentityDocument.State.TO_CHECK).last(),
        package=getattr(request, "package", None),
        steps=steps,
    )


def _box(request, facts, steps):
    if facts.status.is_final:
        return Box(_("This request is finished."), sentences=(_finished(request, facts),))
    tasks = tuple(_tasks(request, facts, steps))
    if facts.package == Package.State.COLLECTED:
        return Box(_("There is nothing for you to do now."), tasks)
    if tasks:
        return Box(_("What we ask of you now"), tasks)
    if facts.status == Status.APPROVED:
        sentence = _("We are preparing the answer. We will write to you by mail when it is ready.")
    elif facts.identity == Identity.TO_CHECK:
        sentence = _("We are checking your document. We will write to you by mail if we need anything.")
    else:
        sentence = _("We are examining your request. We will answer by %(day)s.") % {"day": _day(request.due_on)}
    return Box(_("There is nothing for you to do now."), sentences=(sentence,))


def _finished(request, facts):
    day = {"day": _day(timezone.localdate(request.closed_at))}
    if facts.status == Status.WITHDRAWN:
        return _("You withdrew the request on %(day)s.") % day
    if facts.status == Status.LAPSED:
        return _("The fee was not paid in time, so the request ended on %(day)s.") % day
    return _("We answered, and closed the request on %(day)s.") % day


def _tasks(request, facts, steps):
    if facts.identity == Identity.AWAITED and steps[Step.UPLOAD]:
        yield Task(
            _("Send a picture of an identity document"),
            (
                _("We check that nobody else asks in your name."),
                _("A driver's licence, the front of a My Number card, a passport or a residence card will do."),
            ),
            Step.UPLOAD,
        )
    if facts.identity == Identity.ASKED_AGAIN and steps[Step.UPLOAD]:
        check = request.checks.filter(result=IdentityCheck.Result.REFUSED).last()
        yield Task(
            _("Send a picture of your document once more"),
            (
                _("We could not confirm your identity with the picture that you sent."),
                str(check.get_reason_display()) if check else "",
            ),
            Step.UPLOAD,
        )
    if facts.fee == Fee.State.DUE:
        yield _payment(request)
    if steps[Step.COLLECT] and facts.package == Package.State.COLLECTED:
        yield Task(
            _("If the file did not arrive"),
            (
                _("You have downloaded the file."),
                _("You can download it again until %(time)s. After that you can ask for it again on this page.")
                % {"time": date_format(timezone.localtime(request.package.again_until), "TIME_FORMAT")},
            ),
            Step.COLLECT,
        )
    elif steps[Step.COLLECT]:
        yield Task(
            _("Collect the answer"),
            (
                _("You can download the file once. If it does not arrive, you can do so again for five minutes."),
                _("Please download it by %(day)s.") % {"day": _day(request.package.offered_until)},
            ),
            Step.COLLECT,
        )
    elif steps[Step.OFFER_AGAIN]:
        yield _again(facts)


def _payment(request):
    facts = office.current()
    said = (
        _("We begin to search when the fee has come in."),
        _("The fee is the same whether or not we disclose anything."),
    )
    amount = (_("Amount"), _("%(yen)s yen") % {"yen": f"{request.fee.amount:,}"})
    reference = (_("Reference"), payment_reference(request))
    if not facts.bank_account:
        return Task(
            _("Ask us for the account for the fee"),
            (
                *said,
                _("Our account does not stand on this page yet, so you cannot pay now."),
                _("Please write to %(mail)s and name your receipt number. We answer with the account.")
                % {"mail": facts.email},
            ),
            facts=(amount, reference),
        )
    return Task(
        _("Pay the fee"),
        (*said, _("Please put the reference before your name in the transfer.")),
        facts=(
            amount,
            (_("Account to transfer to"), facts.bank_account),
            reference,
            (_("Please pay by"), _day(request.fee.pay_by)),
        ),
    )


def _again(facts):
    if facts.package == Package.State.COLLECTED:
        said = _("You have downloaded the file. If it did not work, you can ask for it again.")
    else:
        said = _("The time to download the file is over. You can ask for it again.")
    return Task(
        _("If you need the file again"), (said, _("We send a new link to your mail address.")), Step.OFFER_AGAIN
    )


def payment_reference(request):
    """What a bank takes in the field of the sender's name: capitals and digits."""
    return str(request).replace("-", "")


def _lines(request, facts):
    check = request.checks.filter(result=IdentityCheck.Result.VERIFIED).first()
    decision = request.decisions.filter(state=Decision.State.APPROVED).first()
    fee, package = getattr(request, "fee", None), getattr(request, "package", None)
    open_ = not facts.status.is_final
    yield Line(_("We received your request"), Place.DONE, request.arrived_on)
    if check or open_:
        yield _line(_("Identity check"), check and check.checked_at, open_)
    if fee and (fee.received_on or open_):
        late = None if fee.received_on else fee.pay_by
        place = Place.DONE if fee.received_on else Place.NOW
        yield Line(_("Receipt of the fee"), place, fee.received_on or late)
    if decision or open_:
        begun = facts.status not in (Status.RECEIVED,)
        yield _line(_("Search and decision"), decision and decision.approved_at, begun, by=request.due_on)
    if package or open_:
        yield _line(_("Making of the answer"), package and package.offered_at, facts.status == Status.APPROVED)
    if (package and package.collected_at) or open_:
        yield _line(
            _("Collection of the answer"), package and package.collected_at, facts.status == Status.READY,
            by=package and package.offered_until,
        )  # fmt: skip
    if not open_:
        closed = facts.status == Status.CLOSED
        title = _("End of the request") if closed else str(facts.status.label)
        yield Line(title, Place.DONE, timezone.localdate(request.closed_at))


def _line(title, done_at, is_now, *, by=None):
    if done_at:
        return Line(title, Place.DONE, timezone.localdate(done_at))
    return Line(title, Place.NOW if is_now else Place.TO_COME, by)


def _day(day):
    return date_format(day, "DATE_FORMAT")
