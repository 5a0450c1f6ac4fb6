from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, SavedView, facts_of
from audit.admin.lists import readable
from consent.forms import AskForm, ConfirmForm, ConsentForm, WithdrawalForm, WordingForm
from consent.models import Consent, Question, ThirdParty, Wording
from consent.services import asking, consents
from customers.admin.about import AboutCustomer
from customers.categories import Category

WRITE, RECORD = "consent.write_wording", "consent.record_consent"
OFFICER = _("A privacy officer does this.")
WHO = _("A privacy officer or a handler does this.")


def link_to(thing, desk):
    return format_html('<a href="{}">{}</a>', reverse(f"admin:consent_{desk}_change", args=[thing.pk]), thing)


def subject_of(wording):
    """To whom, what for and of what: the facts of what is agreed to."""
    third_party = wording.third_party
    return [
        Fact(_("Third party"), format_html("{} {}", link_to(third_party, "thirdparty"), third_party.name)),
        Fact(_("Country"), third_party.country_name),
        Fact(_("Purpose of use"), wording.get_purpose_display()),
        Fact(_("Categories"), Category.labels_of(wording.categories)),
    ]


def may_write(request, _nothing):
    if ThirdParty.objects.exists():
        return None
    return NotNow(
        _("No third party is entered. Enter to whom the data is to be given first."),
        reverse("admin:consent_thirdparty_changelist"), _("Third parties"),
    )  # fmt: skip


def may_record(request, _nothing):
    if Wording.objects.filter(retired_at__isnull=True).exists():
        return None
    return NotNow(
        _("No wording is in use. Write by which text consent is asked first."),
        reverse("admin:consent_wording_changelist"), _("Wordings of consents"),
    )  # fmt: skip


@admin.register(Wording)
class WordingAdmin(SafeModelAdmin):
    """By which texts consent is asked."""

    list_display = ["reference", "third_party_number", "purpose", "written_at", "retired_at"]
    list_select_related = ["third_party", "pack", "written_by__staff", "retired_by__staff"]
    list_note = _("A wording never changes: what somebody agreed to stays readable. For other words, write a new one.")
    list_empty = _("No wording is written yet. The texts by which customers are asked for consent stand here.")
    no_acts = _("This wording is out of use. Consents that were given to it stay.")
    saved_views = [
        SavedView("used", pgettext_lazy("wordings", "In use"), lambda rows, request: rows.filter(
            retired_at__isnull=True)),
        SavedView("all", pgettext_lazy("wordings", "All"), lambda rows, request: rows, counted=False),
    ]  # fmt: skip
    decisions = [
        DecisionView(
            WordingForm, consents.write, _("Write a wording"), permission=WRITE, name="write", on_list=True, main=True,
            role_words=OFFICER, may=may_write,
            explain=_("Customers read this as you write it. It cannot be changed afterwards, only replaced."),
            done=_("%(number)s is written. Consents can be recorded for it from now on."),
        ),
        DecisionView(
            ConfirmForm, consents.retire, _("Take it out of use"), permission=WRITE, name="retire", role_words=OFFICER,
            may=lambda request, row: NotNow(_("It is out of use already.")) if row.retired_at else None,
            explain=_("Nobody is asked by it any more. Consents that were given to it stay as they are."),
            call=lambda request, wording, values: consents.retire(wording, by=request.user.actor),
            done=_("%(number)s is out of use."),
        ),
    ]  # fmt: skip

    @admin.display(description=_("third party"))
    def third_party_number(self, wording):
        return f"{wording.third_party} {wording.third_party.name}"

    def get_head(self, request, wording):
        state = pgettext_lazy("wording", "Out of use") if wording.retired_at else pgettext_lazy("wording", "In use")
        return [Fact(_("State"), state), Fact(_("Purpose of use"), wording.get_purpose_display())]

    def get_panels(self, request, wording):
        facts = [*subject_of(wording), *facts_of(wording, "text_ja", "text_en", "written_at", "written_by")]
        if wording.retired_at:
            facts += facts_of(wording, "retired_at", "retired_by")
        panels = [Panel("facts", _("Facts"), facts)]
        if wording.pack:
            names = ["regime_ja", "regime_en", "measures_ja", "measures_en", "sources", "looked_up_on"]
            panels.append(
                Panel("pack", _("Information of Article 28(2)"), facts_of(wording.pack, *names),
                      note=_("It is shown together with the text, before anybody agrees."))
            )  # fmt: skip
        return panels


@admin.register(Consent)
class ConsentAdmin(AboutCustomer, SafeModelAdmin):
    """Who agreed to what, and what was withdrawn."""

    list_display = ["reference", "customer_number", "wording_number", "way", "given_on", "withdrawn_on"]
    list_select_related = ["customer", "wording__third_party", "recorded_by__staff", "withdrawn_by__staff"]
    list_note = _("A consent covers what its wording says, from its day until the day before its withdrawal.")
    list_empty = _("No consent is recorded yet. Who agreed to what, and what was withdrawn, stands here.")
    search_label = _("Beginning of a customer number")
    search_fields = ["customer__number"]
    no_acts = _("This consent is withdrawn. Only a new one makes a provision lawful.")
    saved_views = [
        SavedView("living", pgettext_lazy("consents", "Lasting"), lambda rows, request: rows.filter(
            withdrawn_at__isnull=True), counted=False),
        SavedView("withdrawn", pgettext_lazy("consents", "Withdrawn"), lambda rows, request: rows.filter(
            withdrawn_at__isnull=False), counted=False),
    ]  # fmt: skip
    decisions = [
        DecisionView(
            ConsentForm, consents.record, _("Record a consent"), permission=RECORD, name="record", on_list=True,
            main=True, may=may_record, role_words=WHO,
            explain=_("Record what the person said or signed, on the day on which it was. Silence is no consent."),
            arguments=lambda request, thing: {"customer": readable(request.GET.get("customer", ""))[:32]},
            call=lambda request, thing, values: consents.record(
                values.pop("customer"), **values, by=request.user.actor
            ),
            done=_("%(number)s is recorded. It counts from its day on."),
        ),
        DecisionView(
            WithdrawalForm, consents.withdraw, _("Record the withdrawal"), permission=RECORD, name="withdraw",
            role_words=WHO,
            may=lambda request, row: NotNow(_("It was withdrawn already.")) if row.withdrawn_at else None,
            explain=_("No ground is needed, and it costs the person nothing."),
            cannot_undo=_("A withdrawal stays. Only a new consent of the person makes a provision lawful again."),
            done=_("%(number)s is withdrawn. Nothing is given on its strength any more."),
        ),
    ]  # fmt: skip

    @admin.display(description=_("wording"))
    def wording_number(self, consent):
        return str(consent.wording)

    def get_head(self, request, consent):
        over = consent.withdrawn_at
        state = pgettext_lazy("consents", "Withdrawn") if over else pgettext_lazy("consents", "Lasting")
        return [Fact(_("State"), state), Fact(_("Third party"), consent.wording.third_party.name)]

    def get_panels(self, request, consent):
        facts = [
            self.customer_fact(request, consent),
            Fact(_("Wording"), link_to(consent.wording, "wording")),
            *subject_of(consent.wording),
            *facts_of(consent, "language", "way", "given_on", "recorded_at", "recorded_by"),
        ]
        panels = [Panel("facts", _("Facts"), facts)]
        if consent.withdrawn_at:
            names = ["withdrawn_on", "withdrawn_way", "withdrawn_at", "withdrawn_by"]
            panels.insert(0, Panel("withdrawal", _("Withdrawal"), facts_of(consent, *names)))
        return panels


@admin.register(Question)
class QuestionAdmin(AboutCustomer, SafeModelAdmin):
    """Who was asked for consent by mail, and what they answered."""

    list_display = ["reference", "customer_number", "wording_number", "asked_at", "answer", "answered_at"]
    list_filter = ["answer"]
    list_select_related = ["customer", "wording__third_party", "asked_by__staff", "answered_by__staff"]
    list_note = _("The mail leads to a page with yes and no, each as easy as the other. Silence is no consent.")
    list_empty = _("Nobody was asked by mail yet. Who was asked, and the answer, stands here.")
    search_label = _("Beginning of a customer number")
    search_fields = ["customer__number"]
    no_acts = _("Nothing is to be done here: the customer answers on a page of their own.")
    saved_views = [
        SavedView("open", pgettext_lazy("questions", "Not answered"), lambda rows, request: rows.open(),
                  counted=False),
        SavedView("all", pgettext_lazy("questions", "All"), lambda rows, request: rows, counted=False),
    ]  # fmt: skip
    decisions = [
        DecisionView(
            AskForm, asking.ask, _("Ask for consent by mail"), permission="consent.ask_question", name="ask",
            on_list=True, main=True, may=may_record, role_words=WHO,
            explain=_("A mail with a link goes to the customer at once. It can be answered for 60 days."),
            arguments=lambda request, thing: {"customer": readable(request.GET.get("customer", ""))[:32]},
            call=lambda request, thing, values: asking.ask(
                values["customer"], wording=values["wording"], by=request.user.actor
            ),
            done=_("%(number)s: the mail is on its way. The answer will stand here."),
        ),
    ]  # fmt: skip

    @admin.display(description=_("wording"))
    def wording_number(self, question):
        return f"{question.wording} {question.wording.third_party.name}"

    def get_panels(self, request, question):
        facts = [
            self.customer_fact(request, question),
            Fact(_("Wording"), link_to(question.wording, "wording")),
            *subject_of(question.wording),
            *facts_of(question, "asked_at", "asked_by", "answer", "answered_at"),
        ]
        return [Panel("facts", _("Facts"), facts)]
