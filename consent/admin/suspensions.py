from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, SavedView, facts_of
from audit.admin.lists import readable
from audit.forms import DeskForm
from consent.forms import SuspensionForm
from consent.models import Suspension
from consent.services import suspensions
from customers.admin.about import AboutCustomer

SUSPEND = "consent.suspend_use"
WHO = _("A privacy officer or a handler does this.")


def while_it_lasts(request, suspension):
    return NotNow(_("It was lifted already.")) if suspension.lifted_at else None


@admin.register(Suspension)
class SuspensionAdmin(AboutCustomer, SafeModelAdmin):
    """Whose data are not used: entered here, asked by every door through which data leave."""

    list_display = ["reference", "customer_number", "what", "ground", "case_number", "suspended_at", "lifted_at"]
    list_select_related = ["customer", "suspended_by__staff", "lifted_by__staff"]
    list_note = _(
        "While a suspension lasts, exports leave the customer out, and files that hold the customer are purged. Notices"
        " that everybody must get still go."
    )
    list_empty = _("No use is suspended. A suspension stands here with its customer, its extent and its ground.")
    search_label = _("Beginning of a customer number")
    search_fields = ["customer__number"]
    no_acts = _("This suspension is lifted. Nothing is left to be done here.")
    saved_views = [
        SavedView("living", pgettext_lazy("suspensions", "Lasting"), lambda rows, request: rows.living()),
        SavedView(
            "lifted", pgettext_lazy("suspensions", "Lifted"),
            lambda rows, request: rows.filter(lifted_at__isnull=False), counted=False,
        ),
    ]  # fmt: skip
    decisions = [
        DecisionView(
            SuspensionForm, suspensions.suspend, _("Suspend use"), permission=SUSPEND, name="suspend", on_list=True,
            main=True, title=_("Suspend use of a customer’s data"), role_words=WHO,
            explain=_(
                "It holds from this moment, for all records of the same person, until it is lifted (Article 35). A file"
                " with the customer that waits for download is purged within a minute."
            ),
            arguments=lambda request, thing: {"customer": readable(request.GET.get("customer", ""))[:32]},
            call=lambda request, thing, values: suspensions.suspend(
                values["customer"], scope=values["scope"], purpose=values["purpose"], ground=values["ground"],
                case_number=readable(values["case_number"]), by=request.user.actor,
            ),
            done=_("Suspension %(number)s holds from now on, until it is lifted."),
        ),
        DecisionView(
            DeskForm, suspensions.lift, _("Lift the suspension"), permission=SUSPEND, name="lift", may=while_it_lasts,
            role_words=WHO,
            explain=_("The data may be used again, unless another suspension stands against it."),
            done=_("Suspension %(number)s is lifted. The data may be used again."),
        ),
    ]  # fmt: skip

    @admin.display(description=_("what is suspended"))
    def what(self, suspension):
        return suspension.what

    def get_head(self, request, suspension):
        is_over = bool(suspension.lifted_at)
        state = pgettext_lazy("suspensions", "Lifted") if is_over else pgettext_lazy("suspensions", "Lasting")
        return [Fact(_("State"), state), Fact(_("What is suspended"), suspension.what)]

    def get_panels(self, request, suspension):
        facts = [
            self.customer_fact(request, suspension),
            Fact(_("What is suspended"), suspension.what),
            *facts_of(suspension, "ground", "case_number", "suspended_at", "suspended_by"),
        ]
        if suspension.lifted_at:
            facts += facts_of(suspension, "lifted_at", "lifted_by")
        return [Panel("facts", _("Facts"), facts)]
