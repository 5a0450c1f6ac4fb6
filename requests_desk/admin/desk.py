"""The requests desk: the queue and the case page."""

import datetime as dt
import unicodedata

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.base import Fact, SafeModelAdmin, SavedView
from audit.admin.lists import whole_number
from audit.models import Staff
from customers.models import Customer
from requests_desk.exceptions import PictureGone
from requests_desk.models import FINAL, DataRequest, Identity, Package, Status
from requests_desk.services import identity

from . import sections
from .acts import DECISIONS
from .words import clock, waiting_for

FOUND_AT_MOST = 200


class DueFilter(admin.SimpleListFilter):
    title = pgettext_lazy("requests", "due")
    parameter_name = "due"

    def lookups(self, request, model_admin):
        return [
            ("overdue", _("Overdue")), ("today", _("Due today")), ("3", _("Due within 3 days")),
            ("7", _("Due within 7 days")), ("later", _("Due later")),
        ]  # fmt: skip

    def queryset(self, request, queryset):
        today, day = timezone.localdate(), dt.timedelta(days=1)
        bounds = {
            "overdue": Q(due_on__lt=today),
            "today": Q(due_on=today),
            "3": Q(due_on__gt=today, due_on__lte=today + 3 * day),
            "7": Q(due_on__gt=today + 3 * day, due_on__lte=today + 7 * day),
            "later": Q(due_on__gt=today + 7 * day),
        }
        return queryset.filter(bounds[self.value()]) if self.value() in bounds else queryset


class AssignedFilter(admin.SimpleListFilter):
    title = _("assigned")
    parameter_name = "assigned"

    def lookups(self, request, model_admin):
        has_some = Exists(DataRequest.objects.filter(assigned_to=OuterRef("pk")))
        people = Staff.objects.filter(has_some, is_active=True).order_by("username")
        return [("nobody", _("Nobody")), *((str(one.pk), one.display_name or one.username) for one in people[:50])]

    def queryset(self, request, queryset):
        if self.value() == "nobody":
            return queryset.filter(assigned_to__isnull=True)
        number = whole_number(self.value() or "")
        return queryset.filter(assigned_to=number) if number else queryset


VIEWS = [
    SavedView("open", pgettext_lazy("requests", "Open"), lambda rows, request: rows.open()),
    SavedView("mine", _("Mine"), lambda rows, request: rows.open().filter(assigned_to=request.user)),
    SavedView("unassigned", _("Unassigned"), lambda rows, request: rows.open().filter(assigned_to__isnull=True)),
    SavedView("verify", _("Document to check"), lambda rows, request: rows.open().filter(identity=Identity.TO_CHECK)),
    SavedView(
        "document",
        pgettext_lazy("requests", "Document awaited"),
        lambda rows, request: rows.filter(
            identity__in=[Identity.AWAITED, Identity.ASKED_AGAIN], status=Status.RECEIVED
        ),
    ),
    SavedView("unpaid", _("Unpaid"), lambda rows, request: rows.unpaid()),
    SavedView("decide", _("To be decided"), lambda rows, request: rows.filter(status=Status.IN_PROGRESS)),
    SavedView("approve", _("To be approved"), lambda rows, request: rows.filter(status=Status.PROPOSED)),
    SavedView(
        "collect",
        _("To be collected"),
        lambda rows, request: rows.filter(status=Status.READY, package__state=Package.State.OFFERED),
    ),
    SavedView("ended", _("Ended"), lambda rows, request: rows.filter(status__in=FINAL), counted=False),
    SavedView("all", pgettext_lazy("requests", "All"), lambda rows, request: rows, counted=False),
]


@admin.register(DataRequest)
class DataRequestAdmin(SafeModelAdmin):
    """A desk, not an editor: officers decide, and only services write."""

    list_display = ["days_left", "reference", "kind", "status", "assigned", "arrived_on", "waits_for"]
    list_display_links = ["reference"]
    list_filter = [DueFilter, "status", "kind", "method", AssignedFilter]
    list_select_related = ["assigned_to", "fee", "package"]
    list_empty = _(
        "No request stands here. A request arrives from the form on the public site, and stands here at once."
    )
    saved_views = VIEWS
    search_label = _("Number, name, reading, e-mail or telephone")
    decisions = DECISIONS
    no_acts = _("This request has ended. Nothing can be done with it any more.")

    @admin.display(description=_("days left"))
    def days_left(self, case):
        return clock(case)

    @admin.display(description=_("assigned"))
    def assigned(self, case):
        one = case.assigned_to
        return (one.display_name or one.username) if one else None

    @admin.display(description=_("waiting for"))
    def waits_for(self, case):
        return waiting_for(case)

    def keyset_order(self, request):
        return ["-pk"] if request.GET.get("view") in ("ended", "all") else ["due_on", "pk"]

    def find(self, request, queryset, words):
        """By number; by the matched customer; and, where they are open, by what the requester said."""
        number = "".join(
            sign for sign in unicodedata.normalize("NFKC", words).upper() if sign.isalnum() and sign.isascii()
        )
        found = set()
        if len(number) >= 4:
            grouped = "-".join(number[at : at + 4] for at in range(0, len(number), 4))
            found |= set(queryset.filter(reference__startswith=grouped).values_list("pk", flat=True)[:FOUND_AT_MOST])
        people = Customer.objects.search(words).first_keys(FOUND_AT_MOST)
        found |= set(queryset.filter(customer__in=people).order_by("-pk").values_list("pk", flat=True)[:FOUND_AT_MOST])
        found |= set(DataRequest.objects.keys_found(words, most=FOUND_AT_MOST))
        return queryset.filter(pk__in=found)

    def get_head(self, request, case):
        return [
            Fact(_("Clock"), clock(case)),
            Fact(_("State"), case.get_status_display()),
            Fact(_("Kind"), case.get_kind_display()),
            Fact(_("Assigned"), self.assigned(case)),
            Fact(_("Waiting for"), waiting_for(case)),
        ]

    def get_acts(self, request, case):
        return super().get_acts(request, case) if case.is_open else []

    def get_panels(self, request, case):
        return sections.of(request, case)

    def more_urls(self):
        return [("<str:object_id>/picture/<str:document_id>/", self.picture_view, "picture", ())]

    def picture_view(self, request, object_id, document_id):
        """The identity picture itself: to the verifier of an open request, kept nowhere, noted each time."""
        if not request.user.has_perm("requests_desk.verify_identity"):
            raise PermissionDenied
        case = self.thing_or_404(request, object_id)
        number = whole_number(document_id)
        document = case.documents.filter(pk=number).first() if number else None
        if document is None:
            raise Http404
        try:
            content = identity.show(document, by=request.user.actor)
        except PictureGone:
            raise Http404 from None
        response = HttpResponse(content, content_type=document.file.media_type)
        response["Cache-Control"] = "no-store"
        response["Content-Disposition"] = "inline"
        response["X-Content-Type-Options"] = "nosniff"
        return response
