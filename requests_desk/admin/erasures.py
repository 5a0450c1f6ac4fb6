"""The erasure of a person at the desk: proposed with a look at what goes and what stays, approved by somebody else."""

import datetime as dt

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, SavedView, Table, facts_of, in_words
from audit.admin.lists import readable
from audit.forms import DeskForm
from customers.admin.about import AboutCustomer
from customers.categories import Category
from customers.forms import find_customer
from customers.models import Customer
from requests_desk.models import Erasure
from requests_desk.services import erasure

from .keeping import ErasureForm

PROPOSE, APPROVE = "requests_desk.propose_erasure", "requests_desk.approve_erasure"
HANDLER, APPROVER = _("The handler does this."), _("An approver or a privacy officer does this.")
FINAL = _("What is erased cannot be brought back, by nobody, from nothing. Backups forget it within their period.")
LEFTOVERS = {
    "requests": _("Closed requests blanked"), "records": _("Records of the person"), "files": _("Files of requests"),
    "mails": _("Waiting mails dropped"), "links": _("Links ended"), "drafts": _("Forms that were being filled in"),
}  # fmt: skip


def while_open(request, this):
    return None if this.is_open else NotNow(_("It does not wait for a decision any more."))


def may_approve(request, this):
    if not_now := while_open(request, this):
        return not_now
    if request.user.actor.pk == this.proposed_by_id:
        return NotNow(_("You proposed this erasure: another person approves it."))
    blocks = erasure.preview(_whole(this.customer), request=this.request).blocks
    return NotNow(" ".join(blocks)) if blocks else None


def _whole(customer):
    return Customer.objects.get(pk=erasure.person_of(customer).pk)


def preview_panels(customer, request=None):
    """What goes today, what stays until which day and why, and what blocks it."""
    found = erasure.preview(_whole(customer), request=request)
    panels = []
    if found.blocks:
        panels.append(Panel("blocks", _("What must be done first"), [Fact(_("It waits for"), " ".join(found.blocks))]))
    going = [[Category(category).label, f"{count:,}"] for category, count in found.going.items()]
    rest = [
        (LEFTOVERS["requests"], len(found.requests)),
        (LEFTOVERS["drafts"], len(found.drafts)),
        (_("Notices that wait to be sent"), found.notices),
    ]
    going += [[words, f"{count:,}"] for words, count in rest if count]
    panels.append(
        Panel(
            "going",
            _("What goes at once"),
            table=Table([pgettext_lazy("erasure", "What"), pgettext_lazy("erasure", "Number")], going),
            note=_("With history, files, search index, links and waiting mails, in all records of the person."),
            empty=_("Nothing is held on this person."),
        )  # fmt: skip
    )
    kept = [
        [Category(category).label, found.rules[category].statute, in_words(day)] for category, day in found.kept.items()
    ]
    if found.waits:
        kept.append(
            [_("Request %(number)s") % {"number": found.waits}, _("it is open"), _("the night after it closes")]
        )
    references = _("a reference without any value")
    if found.consents:
        kept.append([_("Consents: %(count)s") % {"count": found.consents}, _("proof of what was agreed"), references])
    if found.provisions:
        kept.append([
            _("Records of provision: %(count)s") % {"count": found.provisions}, _("Articles 29 and 30"),
            in_words(found.provisions_until),
        ])  # fmt: skip
    panels.append(
        Panel(
            "kept",
            _("What stays"),
            table=Table([pgettext_lazy("erasure", "What"), _("Why it is kept"), _("Day on which it goes")], kept),
            empty=_("Nothing stays: no statute keeps a category of this person."),
        )  # fmt: skip
    )
    return panels


def before_proposing(request, thing):
    customer = find_customer(readable(request.POST.get("customer") or request.GET.get("customer") or "")[:32])
    return preview_panels(customer) if customer and not customer.is_erased else []


def explain_approval(this):
    return _("All that is held on customer %(number)s is erased now.") % {"number": this.customer.number}


@admin.register(Erasure)
class ErasureAdmin(AboutCustomer, SafeModelAdmin):
    """The ledger of erasures: who was erased when, decided by whom. It holds no value of a person."""

    list_display = ["reference", "customer_number", "status", "reason", "proposed_at", "decided_at", "kept_until"]
    list_select_related = ["customer", "request", "proposed_by__staff", "decided_by__staff", "completed_by__staff"]
    list_note = _("One person proposes, another approves. The row stays; it holds no value of the person.")
    list_empty = _("Nobody was erased yet. An erasure stands here from its proposal on.")
    search_label = _("Beginning of a customer number")
    search_fields = ["customer__number"]
    no_acts = _("This erasure is decided. Nothing is left to be done here.")
    saved_views = [
        SavedView("open", pgettext_lazy("erasures", "Waiting for approval"), lambda rows, request: rows.open()),
        SavedView("done", pgettext_lazy("erasures", "Erased"), lambda rows, request: rows.done(), counted=False),
        SavedView("all", pgettext_lazy("erasures", "All"), lambda rows, request: rows, counted=False),
    ]
    decisions = [
        DecisionView(
            ErasureForm, erasure.propose, _("Propose an erasure"), permission=PROPOSE, name="propose", on_list=True,
            main=True, title=_("Propose that a person is erased"), role_words=HANDLER, panels=before_proposing,
            explain=_("Nothing goes yet. Another person looks at it and approves or refuses it."),
            arguments=lambda request, thing: {"customer": readable(request.GET.get("customer", ""))[:32]},
            call=lambda request, thing, values: erasure.propose(
                values["customer"], reason=values["reason"], case_number=readable(values["case_number"]),
                request=values["request"], by=request.user.actor,
            ),
            done=_("%(number)s waits for another person to approve it."),
        ),
        DecisionView(
            DeskForm, erasure.approve, _("Approve and erase"), permission=APPROVE, name="approve", main=True,
            may=may_approve, role_words=APPROVER, explain=explain_approval, cannot_undo=FINAL,
            panels=lambda request, this: preview_panels(this.customer, this.request) if this.is_open else [],
            done=_("%(number)s: the person is erased. Its page says what stays until when."),
        ),
        DecisionView(
            DeskForm, erasure.refuse, _("Refuse the erasure"), permission=APPROVE, name="refuse", may=while_open,
            role_words=APPROVER, explain=_("Nothing is erased. It can be proposed anew."),
            done=_("%(number)s is refused. Nothing was erased."),
        ),
        DecisionView(
            DeskForm, erasure.withdraw, _("Take the proposal back"), permission=PROPOSE, name="withdraw",
            may=while_open, role_words=HANDLER, explain=_("Nothing is erased. It can be proposed anew."),
            done=_("%(number)s is taken back. Nothing was erased."),
        ),
    ]  # fmt: skip

    @admin.display(description=_("all gone on"))
    def kept_until(self, this):
        return in_words(dt.date.fromisoformat(this.kept_until) if this.kept_until else None)

    def get_acts(self, request, this):
        return super().get_acts(request, this) if this.is_open else []

    def get_head(self, request, this):
        return [Fact(_("State"), this.get_status_display()), self.customer_fact(request, this)]

    def get_panels(self, request, this):
        panels = preview_panels(this.customer, this.request) if this.is_open else self._done(this)
        facts = [
            self.customer_fact(request, this), Fact(pgettext_lazy("erasure", "Reason"), this.get_reason_display()),
            Fact(_("Case number"), this.case_number), *self._asking(request, this),
            *facts_of(this, "proposed_at", "proposed_by"),
        ]  # fmt: skip
        for verb in ("decided", "completed"):
            if getattr(this, f"{verb}_at"):
                facts += facts_of(this, f"{verb}_at", f"{verb}_by")
        if this.is_replayed:
            facts += facts_of(this, "is_replayed")
        return [*panels, Panel("facts", _("Facts"), facts)]

    def _asking(self, request, this):
        if this.request is None:
            return []
        page = reverse("admin:requests_desk_datarequest_change", args=[this.request_id])
        return [Fact(_("Request that asks for it"), format_html('<a href="{}">{}</a>', page, this.request))]

    def _done(self, this):
        things = this.counts.get("things", {})
        gone = [[each.label, f"{things[each]:,}"] for each in Category if each in things]
        gone += [[words, f"{this.counts[name]:,}"] for name, words in LEFTOVERS.items() if this.counts.get(name)]
        kept = [[Category(each).label, in_words(dt.date.fromisoformat(day))] for each, day in sorted(this.kept.items())]
        if this.status == "PARTLY" and this.request:
            kept.append([_("Request %(number)s") % {"number": this.request}, _("the night after it closes")])
        what = pgettext_lazy("erasure", "What")
        columns = [what, pgettext_lazy("erasure", "Number")]
        return [
            Panel("gone", _("What went"), table=Table(columns, gone), empty=_("Nothing was erased.")),
            Panel(
                "kept", _("What stays"), table=Table([what, _("Day on which it goes")], kept),
                empty=_("Nothing of the person is kept here."),
            ),
        ]  # fmt: skip
