from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.base import DecisionView, Fact, Panel, SafeModelAdmin, SavedView, Table, facts_of
from consent.forms import ReceiptForm
from consent.models import Receipt
from consent.services import receipts
from customers.categories import Category

ROWS = 20


@admin.register(Receipt)
class ReceiptAdmin(SafeModelAdmin):
    """Data of customers that came from others, with the confirmation of Article 30."""

    list_display = ["number", "provider_name", "ground", "persons", "last_on", "kept_until", "entered_by"]
    list_filter = ["ground"]
    list_select_related = ["entered_by__staff"]
    list_note = _(
        "Who gives us data is asked how it acquired them, and shows it, before we take them (Article 30). Without that"
        " nothing is entered."
    )
    list_empty = _("No data came from others yet. From whom they came, and how that was confirmed, stands here.")
    search_label = _("Beginning of the provider’s name")
    search_fields = ["provider_name"]
    no_acts = _("A record of a provision received never changes.")
    saved_views = [SavedView("all", pgettext_lazy("provisions", "All"), lambda rows, request: rows, counted=False)]
    decisions = [
        DecisionView(
            ReceiptForm, receipts.enter, _("Enter a provision received"), permission="consent.enter_receipt",
            name="enter", on_list=True, main=True, role_words=_("A privacy officer does this."),
            explain=_("Enter it before the data are taken over. What is entered stays."),
            done=_("%(number)s is entered."),
        ),
    ]  # fmt: skip

    def get_head(self, request, receipt):
        return [Fact(_("Provider"), receipt.provider_name), Fact(_("Customers"), receipt.persons)]

    def get_panels(self, request, receipt):
        facts = facts_of(
            receipt, "provider_name", "provider_address", "provider_representative", "ground", "acquired_how",
            "confirmed", "confirmed_by_what", "confirmed_on",
        )  # fmt: skip
        facts.append(Fact(_("Categories"), Category.labels_of(receipt.categories)))
        if receipt.first_on != receipt.last_on:
            facts += facts_of(receipt, "first_on")
        facts += facts_of(receipt, "last_on", "recording", "kept_until", "entered_at", "entered_by")
        numbers = receipt.people.order_by("pk").values_list("customer__number", flat=True)
        rows = [[number] for number in numbers[:ROWS]]
        note = _("The first %(count)s of them.") % {"count": ROWS} if receipt.persons > ROWS else ""
        return [
            Panel("facts", _("Facts"), facts),
            Panel("persons", _("Customers"), table=Table([_("Number")], rows), note=note),
        ]
