"""What upper apps add to the pages of lower ones."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from audit.admin.base import Act, Panel, Table, in_words
from consent.models import Consent, ProvisionPerson
from customers.categories import Category

ROWS = 20


def of_customer(request, customer):
    """Requests about a customer, what keeps or suspends their data, and the notices sent to them."""
    panels = []
    if request.user.has_perm("requests_desk.view_datarequest"):
        panels.append(_requests(customer))
    if request.user.has_perm("requests_desk.view_hold"):
        panels.append(_holds(request, customer))
    if request.user.has_perm("requests_desk.view_erasure"):
        panels.append(_erasures(request, customer))
    if request.user.has_perm("consent.view_suspension"):
        panels.append(_suspensions(request, customer))
    if request.user.has_perm("consent.view_consent"):
        panels.append(_consents(request, customer))
    if request.user.has_perm("consent.view_provisionperson"):
        panels.append(_given(customer))
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


def _holds(request, customer):
    rows = [
        [
            format_html('<a href="{}">{}</a>', reverse("admin:requests_desk_hold_change", args=[each.pk]), each),
            each.what,
            each.get_ground_display(),
            in_words(each.placed_at),
            pgettext("holds", "Lifted") if each.lifted_at else pgettext("holds", "Lasting"),
        ]
        for each in customer.holds.order_by("-pk")[:ROWS]
    ]
    columns = [
        _("Number"),
        _("What is kept"),
        _("Why it is kept"),
        pgettext("retention", "Placed"),
        pgettext("holds", "Lifted"),
    ]
    place = f"{reverse('admin:requests_desk_hold_place')}?{urlencode({'customer': customer.number})}"
    may = request.user.has_perm("requests_desk.place_hold") and not customer.is_erased
    return Panel(
        "holds", _("Holds"),
        table=Table(columns, rows),
        empty=_("No hold keeps these data beyond their period. A hold stands here with its reason."),
        acts=[Act(_("Place a hold"), place)] if may else [],
    )  # fmt: skip


def _consents(request, customer):
    rows = [
        [
            format_html('<a href="{}">{}</a>', reverse("admin:consent_consent_change", args=[each.pk]), each),
            each.wording.third_party.name,
            in_words(Category.labels_of(each.wording.categories)),
            in_words(each.given_on),
            in_words(each.withdrawn_on),
        ]
        for each in Consent.objects.of(customer).select_related("wording__third_party").order_by("-pk")[:ROWS]
    ]
    columns = [
        _("Number"),
        _("Third party"),
        _("Categories"),
        pgettext("consents", "Given"),
        pgettext("consents", "Withdrawn"),
    ]
    acts = []
    if request.user.has_perm("consent.record_consent") and not customer.is_erased:
        address = reverse("admin:consent_consent_record") + "?" + urlencode({"customer": customer.number})
        acts = [Act(_("Record a consent"), address)]
    if request.user.has_perm("consent.ask_question") and not customer.is_erased:
        address = reverse("admin:consent_question_ask") + "?" + urlencode({"customer": customer.number})
        acts.append(Act(_("Ask for consent by mail"), address))
    return Panel(
        "consents", _("Consents"), table=Table(columns, rows), acts=acts,
        empty=_("No consent is recorded: nothing of this customer goes to a third party on the strength of one."),
    )  # fmt: skip


def _given(customer):
    found = ProvisionPerson.objects.of(customer).select_related("provision").order_by("-pk")[:ROWS]
    left = ProvisionPerson.objects.filter(pk__in=[each.pk for each in found]).that_left()
    left = set(left.values_list("pk", flat=True))
    rows = [
        [
            format_html(
                '<a href="{}">{}</a>', reverse("admin:consent_provision_change", args=[each.provision_id]),
                each.provision,
            ),
            each.provision.recipient_name,
            in_words(each.provision.last_on),
            in_words(Category.labels_of(each.provision.categories)),
            each.provision.get_basis_display(),
            in_words(each.pk in left),
        ]
        for each in found
    ]  # fmt: skip
    columns = [
        _("Number"), _("Third party"), _("Day of provision"), _("Categories"), _("Basis"), _("Data left"),
    ]  # fmt: skip
    every = f"{reverse('admin:consent_provisionperson_changelist')}?{urlencode({'customer': customer.pk})}"
    return Panel(
        "given", _("Given to third parties"), table=Table(columns, rows), more_url=every, more_label=_("All of it"),
        empty=_("Nothing of this customer was given to a third party. To whom, when, what and why would stand here."),
    )  # fmt: skip


def _erasures(request, customer):
    rows = [
        [
            format_html('<a href="{}">{}</a>', reverse("admin:requests_desk_erasure_change", args=[each.pk]), each),
            each.get_status_display(),
            in_words(each.proposed_at),
            in_words(each.decided_at),
        ]
        for each in customer.erasures.order_by("-pk")[:ROWS]
    ]
    columns = [_("Number"), _("State"), pgettext("erasure", "Proposed"), pgettext("erasure", "Decided")]
    propose = f"{reverse('admin:requests_desk_erasure_propose')}?{urlencode({'customer': customer.number})}"
    may = request.user.has_perm("requests_desk.propose_erasure") and not customer.is_erased
    return Panel(
        "erasures", _("Erasure"), table=Table(columns, rows),
        empty=_("No erasure is proposed. A proposal stands here with what became of it."),
        acts=[Act(_("Propose an erasure"), propose)] if may else [],
    )  # fmt: skip


def _suspensions(request, customer):
    rows = [
        [
            format_html('<a href="{}">{}</a>', reverse("admin:consent_suspension_change", args=[each.pk]), each),
            each.what,
            each.get_ground_display(),
            in_words(each.suspended_at),
            pgettext("suspensions", "Lifted") if each.lifted_at else pgettext("suspensions", "Lasting"),
        ]
        for each in customer.suspensions.order_by("-pk")[:ROWS]
    ]
    columns = [
        _("Number"),
        _("What is suspended"),
        pgettext("suspension", "Ground"),
        pgettext("suspension", "Since"),
        pgettext("suspensions", "Lifted"),
    ]
    suspend = f"{reverse('admin:consent_suspension_suspend')}?{urlencode({'customer': customer.number})}"
    may = request.user.has_perm("consent.suspend_use") and not customer.is_erased
    return Panel(
        "suspensions", _("Suspensions of use"),
        table=Table(columns, rows),
        empty=_("Use of these data is not suspended. A suspension stands here with its ground."),
        acts=[Act(_("Suspend use"), suspend)] if may else [],
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
