import datetime as dt

from django.contrib import admin
from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, SavedView, Table, facts_of
from audit.calendar import today
from consent.forms import TransmissionEndForm, TransmissionForm
from consent.models import CookieChoice, ExternalTransmission
from consent.services import transmissions

MANAGE = "consent.manage_externaltransmission"
OFFICER = _("A privacy officer does this.")
DAYS = 365  # before this month, that are counted by month


@admin.register(CookieChoice)
class CookieChoiceAdmin(SafeModelAdmin):
    """What visitors chose about analytics: random numbers and days."""

    list_display = ["reference", "choice", "wording", "made_on"]
    list_filter = ["choice"]
    list_note = _("A random number, the choice, the version of the wording and the day: nothing of who it was.")
    list_empty = _("Choices of visitors stand here. The site asks once an id of Google Analytics is set.")
    has_timeline = False
    search_label = _("The whole random number")

    def find(self, request, queryset, words):
        return queryset.filter(number=words)

    def get_panels(self, request, choice):
        since = today().replace(day=1) - dt.timedelta(days=DAYS)
        rows = (
            CookieChoice.objects.filter(made_on__gte=since).annotate(month=TruncMonth("made_on"))
            .values("month", "choice").annotate(count=Count("pk")).order_by("-month", "choice")
        )  # fmt: skip
        table = Table(
            [_("Month"), _("Choice"), _("Count")],
            [[row["month"].strftime("%Y-%m"), CookieChoice.Choice(row["choice"]).label, row["count"]] for row in rows],
        )
        facts = facts_of(choice, "number", "choice", "wording", "made_on")
        return [Panel("facts", _("Facts"), facts), Panel("months", _("Choices by month, for a year"), table=table)]


@admin.register(ExternalTransmission)
class ExternalTransmissionAdmin(SafeModelAdmin):
    """What pages of ours make browsers send: the public page shows it as it is entered here."""

    list_display = ["reference", "service", "recipient", "country", "starts_on", "ends_on"]
    list_select_related = ["entered_by__staff", "ended_by__staff"]
    list_note = _(
        "Enter a service before a page begins to send to it (Telecommunications Business Act, Article 27-12). The"
        " public page shows it from its first day."
    )
    list_empty = _("No service is entered: the public page says that nothing is sent to others.")
    no_acts = _("This has ended. The public page no longer shows it; the register keeps it.")
    saved_views = [
        SavedView("living", pgettext_lazy("transmissions", "Being sent"), lambda rows, request: rows.filter(
            ended_at__isnull=True)),
        SavedView("all", pgettext_lazy("transmissions", "All"), lambda rows, request: rows, counted=False),
    ]  # fmt: skip
    decisions = [
        DecisionView(
            TransmissionForm, transmissions.enter, _("Enter a service"), permission=MANAGE, name="enter", on_list=True,
            main=True, role_words=OFFICER, explain=_("Visitors read this as you write it, in both languages."),
            done=_("%(number)s is entered. The public page shows it from its first day."),
        ),
        DecisionView(
            TransmissionEndForm, transmissions.end, _("End it"), permission=MANAGE, name="end", role_words=OFFICER,
            may=lambda request, row: NotNow(_("It has ended already.")) if row.ended_at else None,
            explain=_("Take the service off the pages first. From that day on the public page no longer names it."),
            done=_("%(number)s has its end. It stays in the register."),
        ),
    ]  # fmt: skip

    def get_head(self, request, row):
        return [Fact(_("Service"), row.service), Fact(_("Sent to"), row.recipient)]

    def get_panels(self, request, row):
        names = [
            "service", "recipient", "country", "sent_ja", "sent_en", "our_purpose_ja", "our_purpose_en",
            "their_purpose_ja", "their_purpose_en", "opt_out_url", "starts_on", "ends_on", "entered_at", "entered_by",
        ]  # fmt: skip
        if row.ended_at:
            names += ["ended_at", "ended_by"]
        return [
            Panel(
                "facts", _("Facts"), facts_of(row, *names), more_url=reverse("consent:transmissions"),
                more_label=_("The public page"),
            )
        ]  # fmt: skip
