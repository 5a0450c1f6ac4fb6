from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, SavedView, facts_of
from consent.forms import ConfirmForm, InquiryAnswerForm, InquiryForm
from consent.models import InquiryStatus, OfficialInquiry
from consent.services import inquiries
from customers.admin.about import AboutCustomer
from customers.categories import Category

ENTER, DECIDE = "consent.enter_officialinquiry", "consent.decide_officialinquiry"
OFFICER, SECOND = _("A privacy officer does this."), _("An approver or a second privacy officer does this.")


def may_decide(request, inquiry):
    if InquiryStatus(inquiry.status).is_final:
        return NotNow(_("It is decided already."))
    if inquiry.entered_by_id == request.user.actor.pk:
        return NotNow(_("You entered it: another person decides."))
    return None


@admin.register(OfficialInquiry)
class OfficialInquiryAdmin(AboutCustomer, SafeModelAdmin):
    """What police, courts, tax offices and bar associations ask: read by few, shown on no page of a customer."""

    list_display = ["number", "status", "kind", "authority", "received_on", "answered_on"]
    list_filter = ["status", "kind"]
    list_select_related = ["customer", "entered_by__staff", "decided_by__staff"]
    list_note = _(
        "Whether there was such an inquiry is not told to the person, and stands on no page of a customer"
        " (Article 16(4); Cabinet Order, Article 5)."
    )
    list_empty = _("Inquiries of authorities and bar associations stand here once the first paper is entered.")
    search_label = _("Beginning of an inquiry number, of their number or of a customer number")
    search_fields = ["number", "their_number", "customer__number"]
    no_acts = _("This inquiry is decided. Nothing is left to be done here.")
    saved_views = [
        SavedView(
            "open", InquiryStatus.RECEIVED.label, lambda rows, request: rows.filter(status=InquiryStatus.RECEIVED)
        ),
        SavedView("all", pgettext_lazy("official inquiry", "All"), lambda rows, request: rows, counted=False),
    ]
    decisions = [
        DecisionView(
            InquiryForm, inquiries.enter, _("Enter an inquiry"), permission=ENTER, name="enter", on_list=True,
            main=True, role_words=OFFICER,
            explain=_("Enter what the paper says. Another person decides what is told."),
            call=lambda request, thing, values: inquiries.enter(
                values.pop("customer"), **values, by=request.user.actor
            ),
            done=_("Inquiry %(number)s is entered. A second person decides what it is told."),
        ),
        DecisionView(
            InquiryAnswerForm, inquiries.answer, _("Write down the answer"), permission=DECIDE, name="answer",
            main=True, may=may_decide, role_words=SECOND,
            arguments=lambda request, inquiry: {"inquiry": inquiry},
            explain=_("Neither consent nor a record of provision is needed (Articles 27(1)(i) and 29(1))."),
            done=_("Inquiry %(number)s: the answer is written down."),
        ),
        DecisionView(
            ConfirmForm, inquiries.decline, _("Tell nothing"), permission=DECIDE, name="decline", may=may_decide,
            role_words=SECOND,
            explain=_("A warrant cannot be declined. Say to the authority that nothing is told, and why."),
            call=lambda request, inquiry, values: inquiries.decline(inquiry, by=request.user.actor),
            done=_("Inquiry %(number)s: nothing is told."),
        ),
    ]  # fmt: skip

    def get_head(self, request, inquiry):
        return [Fact(_("State"), inquiry.get_status_display()), Fact(_("Who asks"), inquiry.authority)]

    def get_panels(self, request, inquiry):
        facts = [
            *facts_of(inquiry, "kind", "authority", "their_number", "paper_on", "received_on"),
            self.customer_fact(request, inquiry),
            Fact(_("What is asked for"), Category.labels_of(inquiry.categories)),
            *facts_of(inquiry, "entered_at", "entered_by"),
        ]
        panels = [Panel("paper", pgettext_lazy("official inquiry", "What is asked"), facts)]
        if inquiry.decided_at:
            told = Category.labels_of(inquiry.answered)
            decided = [Fact(_("What is told"), told), *facts_of(inquiry, "answered_on", "decided_at", "decided_by")]
            panels.insert(0, Panel("answer", _("What was decided"), decided))
        return panels
