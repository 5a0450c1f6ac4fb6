"""What upper apps add to the pages of lower ones."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from audit.admin.base import Panel, Table, in_words

ROWS = 20


def of_customer(request, customer):
    """The requests about a customer, and the notices sent to them."""
    panels = []
    if request.user.has_perm("requests_desk.view_datarequest"):
        panels.append(_requests(customer))
    if request.user.has_perm("consent.view_delivery"):
        panels.append(_notices(customer))
    return panels


def _requests(customer):
    rows = [
        [
            format_html(
                '<a href="{}">{}</a>', reverse("admin:requests_desk_datarequest_change", args=[each.pk]), each.reference
            ),
            each.get_kind_display(),
            each.get_status_display(),
            in_words(each.arrived_on),
        ]
        for each in customer.data_requests.only("reference", "kind", "status", "arrived_on").order_by("-pk")[:ROWS]
    ]
    return Panel(
        "requests", _("Requests"), table=Table([_("Number"), _("Kind"), _("State"), _("Arrived")], rows),
        empty=_("No request is about this customer. A request stands here once it is matched to this number."),
    )  # fmt: skip


def _notices(customer):
    rows = [
        [str(each.campaign), each.get_state_display(), in_words(each.last_tried)]
        for each in customer.deliveries.select_related("campaign").order_by("-pk")[:ROWS]
    ]
    return Panel(
        "notices", _("Notices"), table=Table([_("Notice"), _("State"), _("When")], rows),
        empty=_("No notice went to this customer yet. Each notice stands here once its campaign has started."),
    )  # fmt: skip
