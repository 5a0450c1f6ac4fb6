"""What is kept beyond its time, of whom and why."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.base import DecisionView, Fact, NotNow, SafeModelAdmin, SavedView
from audit.admin.lists import readable
from audit.admin.panels import Panel
from audit.forms import DeskForm
from customers.admin.about import AboutCustomer
from requests_desk.models import Hold
from requests_desk.services import holds

from .keeping import HoldForm

PLACE = "requests_desk.place_hold"
OFFICER = _("A privacy officer does this.")


def _while_it_lasts(request, hold):
    return NotNow(_("It was lifted already.")) if hold.lifted_at else None


@admin.register(Hold)
class HoldAdmin(AboutCustomer, SafeModelAdmin):
    """Holds: while one lasts, retention blanks nothing of what it names."""

    list_display = ["reference", "customer_number", "what", "ground", "case_number", "placed_at", "lifted_at"]
    list_select_related = ["customer", "placed_by__staff", "lifted_by__staff"]
    list_note = _(
        "While a hold lasts, nothing of what it names is blanked because its period is over. An open request keeps "
        "everything of its customer by itself, and needs no hold."
    )
    list_empty = _("No hold lasts. A hold will stand here with its customer, its reason and its case number.")
    search_label = _("Beginning of a customer number")
    search_fields = ["customer__number"]
    saved_views = [
        SavedView("living", pgettext_lazy("holds", "Lasting"), lambda rows, request: rows.living()),
        SavedView(
            "lifted", pgettext_lazy("holds", "Lifted"), lambda rows, request: rows.filter(lifted_at__isnull=False),
            counted=False,
        ),
    ]  # fmt: skip
    decisions = [
        DecisionView(
            HoldForm, holds.place, _("Place a hold"), permission=PLACE, name="place", on_list=True, main=True,
            title=_("Keep data beyond their period"), role_words=OFFICER,
            explain=_(
                "What is no longer needed is erased without delay (Article 22). A hold keeps it because a claim, a law "
                "or an authority needs it, until it is lifted. It keeps all records of the same person."
            ),
            arguments=lambda request, thing: {"customer": readable(request.GET.get("customer", ""))[:32]},
            call=lambda request, thing, values: holds.place(
                values["customer"], category=values["category"], ground=values["ground"],
                case_number=readable(values["case_number"]), by=request.user.actor,
            ),
            done=_("Hold %(number)s lasts from now on, until it is lifted."),
        ),
        DecisionView(
            DeskForm, holds.lift, _("Lift the hold"), permission=PLACE, name="lift", may=_while_it_lasts,
            title=_("Lift the hold"), role_words=OFFICER,
            explain=_("Nothing keeps these data beyond their period any more, unless another hold or request does."),
            cannot_undo=_("The coming night (2:30) blanks what is past its period. It cannot be brought back."),
            done=_("Hold %(number)s is lifted. The coming night blanks what is past its period."),
        ),
    ]  # fmt: skip

    @admin.display(description=_("what is kept"))
    def what(self, hold):
        return hold.what

    def get_head(self, request, hold):
        state = pgettext_lazy("holds", "Lifted") if hold.lifted_at else pgettext_lazy("holds", "Lasting")
        return [Fact(_("State"), state), Fact(_("What is kept"), hold.what)]

    def get_panels(self, request, hold):
        facts = [
            self.customer_fact(request, hold),
            Fact(_("What is kept"), hold.what),
            Fact(_("Why it is kept"), hold.get_ground_display()),
            Fact(_("Case number"), hold.case_number),
            Fact(pgettext_lazy("retention", "Placed"), hold.placed_at),
            Fact(_("By"), str(hold.placed_by)),
        ]
        if hold.lifted_at:
            facts += [
                Fact(pgettext_lazy("retention", "Lifted"), hold.lifted_at),
                Fact(_("Lifted by"), str(hold.lifted_by)),
            ]
        return [Panel("facts", _("Facts"), facts)]
