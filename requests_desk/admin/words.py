"""How a request reads at the desk: its clock, whom it waits for, its acts on the timeline."""

from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from audit.admin.acts import name_acts, name_work
from customers.categories import Category
from requests_desk.models import (
    CountedFrom,
    DocumentType,
    Erasure,
    Fee,
    Ground,
    Hold,
    Identity,
    Item,
    Kind,
    Outcome,
    Package,
    RefusalReason,
    Status,
    Who,
)  # fmt: skip

NEAR_DAYS = 3


def clock(request):
    """The named clock: days until the answer is due and the day, or the day on which the request ended."""
    left = request.days_left
    if left is None:
        return _("ended on %(day)s") % {"day": _day(timezone.localtime(request.closed_at).date())}
    values = {"days": abs(left), "day": _day(request.due_on)}
    if left < 0:
        words = ngettext("answer overdue by %(days)s day (%(day)s)", "answer overdue by %(days)s days (%(day)s)", -left)
        tone = "late"
    elif left == 0:
        words, tone = _("answer due today (%(day)s)"), "near"
    else:
        words = ngettext(
            "%(days)s day until the answer is due (%(day)s)", "%(days)s days until the answer is due (%(day)s)", left
        )
        tone = "near" if left <= NEAR_DAYS else ""
    return format_html('<span class="clock {}">{}</span>', tone, words % values)


def waiting_for(request):
    """Whom the request waits for, in words."""
    status, fee = Status(request.status), getattr(request, "fee", None)
    if status == Status.RECEIVED:
        parts = []
        if fee is not None and fee.state == Fee.State.DUE:
            parts.append(_("the person: fee"))
        if request.identity in (Identity.AWAITED, Identity.ASKED_AGAIN):
            parts.append(_("the person: identity document"))
        elif request.identity == Identity.TO_CHECK:
            parts.append(_("verifier: identity document"))
        return _(" / ").join(parts) or _("the office")
    if status == Status.READY:
        package = getattr(request, "package", None)
        return (
            _("the person: collecting") if package and package.state == Package.State.OFFERED else _("handler: closing")
        )
    return {
        Status.IN_PROGRESS: _("handler: decision"),
        Status.PROPOSED: _("approver: approval"),
        Status.APPROVED: _("the office: answer being made"),
    }.get(status, _("nobody"))


def _day(day):
    return formats.date_format(day, "MONTH_DAY_FORMAT")


name_acts(
    {
        "request.received": gettext_lazy("Request received"),
        "request.begun": gettext_lazy("Examination begun"),
        "request.assigned": gettext_lazy("Request assigned"),
        "request.matched": gettext_lazy("Matched to a customer"),
        "request.nothing_held": gettext_lazy("Searched: nothing held"),
        "request.closed": gettext_lazy("Request closed"),
        "request.withdrawn": gettext_lazy("Request withdrawn"),
        "request.lapsed": gettext_lazy("Request lapsed"),
        "drafts.purged": gettext_lazy("Expired drafts purged"),
        "identity.uploaded": gettext_lazy("Identity document sent"),
        "identity.verified": gettext_lazy("Identity confirmed"),
        "identity.refused": gettext_lazy("Identity document refused"),
        "identity.purged": gettext_lazy("Identity document purged"),
        "fee.due": gettext_lazy("Fee fell due"),
        "fee.received": gettext_lazy("Fee received"),
        "fee.lapsed": gettext_lazy("Fee lapsed"),
        "decision.proposed": pgettext_lazy("trail", "Decision proposed"),
        "decision.approved": gettext_lazy("Decision approved"),
        "decision.sent_back": gettext_lazy("Decision sent back"),
        "answer.offered": gettext_lazy("Answer ready to collect"),
        "answer.asked_for": gettext_lazy("Answer to be made again"),
        "answer.offered_again": gettext_lazy("Answer offered again"),
        "answer.collected": gettext_lazy("Answer collected"),
        "answer.collected_again": gettext_lazy("Answer collected again within five minutes"),
        "answer.purged": gettext_lazy("Answer purged"),
        "retention.decided": gettext_lazy("Period decided"),
        "retention.taken_back": gettext_lazy("Rule of retention taken back"),
        "retention.look_begun": gettext_lazy("Look at what would go was begun"),
        "retention.looked": gettext_lazy("What would go was counted"),
        "retention.begun": gettext_lazy("Nightly run was begun"),
        "retention.blanked": gettext_lazy("Blanked, because its period is over"),
        "retention.finished": gettext_lazy("Nightly run was finished"),
        "hold.placed": gettext_lazy("Hold placed"),
        "hold.lifted": gettext_lazy("Hold lifted"),
        "request.blanked": gettext_lazy("Request blanked"),
        "erasure.proposed": gettext_lazy("Erasure proposed"),
        "erasure.refused": gettext_lazy("Erasure refused"),
        "erasure.withdrawn": gettext_lazy("Erasure taken back"),
        "erasure.done": gettext_lazy("Person erased"),
        "erasure.replayed": gettext_lazy("Person erased again after a restore"),
        "erasure.completed": gettext_lazy("Rest of an erasure gone"),
    },
    {
        "amount": gettext_lazy("amount"), "on": gettext_lazy("on"), "method": gettext_lazy("way"),
        "document": gettext_lazy("document"), "document_type": gettext_lazy("document"),
        "items": gettext_lazy("agreeing"),
        "outcome": gettext_lazy("outcome"), "ground": gettext_lazy("ground"), "to": pgettext_lazy("trail", "to"),
        "previous": pgettext_lazy("trail", "from"), "status": pgettext_lazy("trail", "to"),
        "kind": gettext_lazy("kind"), "size": gettext_lazy("bytes"), "due": gettext_lazy("answer due"),
        "who": gettext_lazy("who asks"),
        "category": gettext_lazy("category"), "months": gettext_lazy("months"),
        "counted_from": gettext_lazy("counted from"),
        "statute_months": gettext_lazy("months that the statute keeps it"),
        "past": pgettext_lazy("trail", "past its time"), "held": pgettext_lazy("trail", "kept by a hold"),
        "asked": pgettext_lazy("trail", "kept by an open request"), "blanked": pgettext_lazy("trail", "blanked"),
        "events": pgettext_lazy("trail", "events"),
        "categories_kept": pgettext_lazy("trail", "kept by a statute"), "requests": pgettext_lazy("trail", "requests"),
        "mails": pgettext_lazy("trail", "mails"), "links": pgettext_lazy("trail", "links"),
        "drafts": pgettext_lazy("trail", "forms begun"), "records": pgettext_lazy("trail", "records"),
        "files": pgettext_lazy("trail", "files"),
    },
    {
        "category": {"": gettext_lazy("All categories"), **dict(Category.choices)}, "counted_from": CountedFrom,
        "requests_desk.retentionrule": Category,
        "outcome": Outcome, "ground": [*Ground.choices, *Hold.Ground.choices],
        "status": Status, "previous": Status, "kind": Kind, "who": Who,
        "document_type": DocumentType, "items": Item,
        "reason": [*RefusalReason.choices, *Erasure.Reason.choices], "categories_kept": Category, "method": Fee.Method,
        "fields": {"identity_document": gettext_lazy("picture of the document")},
    },
)  # fmt: skip

name_work(
    {
        "requests_desk.build_package": gettext_lazy("Making of an answer"),
        "requests_desk.run_retention": gettext_lazy("Retention: counting and blanking"),
        "requests_desk.vacuum": gettext_lazy("Vacuum of tables after an erasure"),
    },
    {
        "requests_desk.confirmation_code": gettext_lazy("Code that confirms an address"),
        "requests_desk.status_link": gettext_lazy("Receipt with the link to the status page"),
        "requests_desk.document_refused": gettext_lazy("Identity document is asked for again"),
        "requests_desk.answer_ready": gettext_lazy("Answer ready to collect"),
        "requests_desk.way_back_code": gettext_lazy("Code that opens a status page"),
        "requests_desk.way_back": gettext_lazy("Link to a status page"),
    },
)
