from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from audit.admin.base import Panel, SafeModelAdmin, SavedView, facts_of
from consent.models import Delivery, DeliveryState
from customers.models import Customer


def in_state(*states):
    return lambda rows, request: rows.filter(state__in=states)


@admin.register(Delivery)
class DeliveryAdmin(SafeModelAdmin):
    """One row per notice and customer. The address stands nowhere here: it is read when the mail leaves."""

    list_display = ["reference", "campaign", "customer", "state", "attempts", "answer_code", "last_tried"]
    list_filter = ["campaign"]
    list_select_related = ["campaign", "customer"]
    search_label = _("Customer number")
    list_empty = _("Deliveries stand here once a notice has started: one for each customer with a mail address.")
    saved_views = [
        SavedView("all", _("All"), lambda rows, request: rows, counted=False),
        SavedView("bounced", DeliveryState.BOUNCED.label, in_state(DeliveryState.BOUNCED), counted=False),
        SavedView("skipped", DeliveryState.SKIPPED.label, in_state(DeliveryState.SKIPPED), counted=False),
    ]
    fact_names = [
        "campaign", "customer", "state", "failure", "attempts", "answer_code", "last_tried", "not_before",
    ]  # fmt: skip
    has_timeline = False

    @admin.display(description=_("delivery"))
    def reference(self, delivery):
        return str(delivery)

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows.only(
            "campaign__number", "customer__number", "state", "failure", "attempts", "answer_code", "last_tried",
            "not_before",
        )  # fmt: skip

    def find(self, request, queryset, words):
        customers = Customer.objects.filter(number__in={words, words.upper()})
        return queryset.filter(customer__in=list(customers.values_list("pk", flat=True)))

    def get_panels(self, request, delivery):
        note = _("Sent means: the mail server has accepted it.")
        return [Panel("facts", _("Facts"), facts_of(delivery, *self.fact_names), note=note)]
