from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, SavedView, facts_of, in_words
from audit.services import watching
from consent.forms import ConfirmForm, ExportForm
from consent.models import Export, ExportStatus
from consent.purposes import Purpose
from consent.services import exports, register
from customers.categories import Category

from .consents import link_to
from .downloads import ExportDownload
from .progress import REFRESH_SECONDS, progress_of

PERMISSION = "consent.request_export"
WHO = _("A privacy officer or a handler does this.")


def may_ask(request, _nothing):
    if register.table():
        return None
    return NotNow(
        _("The register of purposes permits nothing yet, so that nothing may leave (Article 18)."),
        reverse("admin:consent_permitteduse_changelist"), _("Register of purposes"),
    )  # fmt: skip


def may_download(request, export):
    if request.user.actor.pk != export.requested_by_id:
        return NotNow(_("Only the person who asked for it downloads it."))
    if exports.is_there(export):
        return None
    if export.status == ExportStatus.REQUESTED:
        return NotNow(_("The file is not made yet. This page shows how far it is."))
    return NotNow(why_gone(export), reverse("admin:consent_export_ask"), _("Ask for another export"))


def why_gone(export):
    """Why the content is not there (any more), in a sentence."""
    if export.ended_because == Export.Ended.NOT_PERMITTED:
        return _("The purpose does not permit: %(categories)s (Article 18).") % {
            "categories": in_words(Category.labels_of(export.refused_categories))
        }
    if export.ended_because:
        return export.get_ended_because_display()
    if export.status == ExportStatus.COLLECTED:
        return _("It was downloaded, and its content was purged ten minutes later.")
    if export.file and export.file.is_purged:
        return Export.Ended.ERASED.label
    return Export.Ended.HOURS.label


def what_is_permitted(request, _nothing):
    """What each purpose permits today, beside the form."""
    table = register.table()
    rows = [
        [purpose.label, in_words([category.label for category in Category if (purpose, category) in table])]
        for purpose in Purpose
    ]
    url = reverse("admin:consent_permitteduse_changelist")
    return [
        Panel(
            "permitted", _("What each purpose permits today"), more_url=url, more_label=_("Register of purposes"),
            template="admin/consent/permitted.html",
            context={"rows": rows},
        )
    ]  # fmt: skip


@admin.register(Export)
class ExportAdmin(SafeModelAdmin):
    """Data of customers that leave in a file: asked for here, made by a worker, downloaded by who asked."""

    list_display = ["number", "state", "purpose", "whom", "format", "persons", "requested_by", "requested_at"]
    list_filter = ["status", "purpose"]
    list_select_related = ["file", "provision", "requested_by__staff", "collected_by__staff"]
    saved_views = [
        SavedView("all", pgettext_lazy("export", "All"), lambda rows, request: rows, counted=False),
        SavedView(
            "waiting",
            _("Mine to download"),
            lambda rows, request: rows.filter(status=ExportStatus.READY, requested_by__staff=request.user),
        ),
    ]
    list_note = _(
        "Each file leaves under one purpose, for customers whose use is not suspended, and is gone within a day. What"
        " goes to a third party is asked for in the ledger of provisions."
    )
    list_empty = _("Exports stand here once one has been asked for: who took what out, when and for which purpose.")
    decisions = [
        DecisionView(
            ExportForm, exports.ask, _("Export data of customers"), permission=PERMISSION, name="ask", on_list=True,
            main=True, may=may_ask, role_words=WHO,
            arguments=lambda request, thing: {"by": request.user.actor}, panels=what_is_permitted,
            template="admin/consent/whom.html",
            call=lambda request, thing, values: exports.ask(
                **{name: value for name, value in values.items() if name != "confirmed"}, by=request.user.actor
            ),
            explain=_("For use within the office. What goes to anybody else leaves from the ledger of provisions."),
            done=_("%(number)s is being made. You may leave this page; the export can be found again in the list."),
        ),
        ExportDownload(
            ConfirmForm, exports.collect, _("Download"), permission=PERMISSION, name="download", main=True,
            may=may_download, role_words=WHO,
            explain=_(
                "The file leaves the office’s care: keep it only as long as its purpose needs it. Ten minutes after the"
                " first download the content here is purged; until then a broken download can be repeated."
            ),
        ),
    ]  # fmt: skip

    @admin.display(description=_("state"))
    def state(self, export):
        if export.status == ExportStatus.READY and not exports.is_there(export):
            return ExportStatus.EXPIRED.label
        return export.get_status_display()

    @admin.display(description=_("whom"))
    def whom(self, export):
        return export.get_selection_display()

    def get_head(self, request, export):
        head = [Fact(_("State"), self.state(export)), Fact(_("Purpose of use"), export.get_purpose_display())]
        if export.status == ExportStatus.READY and exports.is_there(export):
            head.append(Fact(_("To be downloaded until"), export.available_until))
        return head

    def change_view(self, request, object_id, form_url="", extra_context=None):
        response = super().change_view(request, object_id)
        if response.context_data["thing"].status == ExportStatus.REQUESTED:
            watching.reload(response, REFRESH_SECONDS)
        return response

    def get_panels(self, request, export):
        panels = [self._wanted(export)]
        if export.status == ExportStatus.REQUESTED:
            return [
                progress_of(
                    request, export.job_number,
                    waiting=_("The file is waiting for a worker. It begins by itself."),
                    going=_("The file is being made. This page shows the newest state every few seconds."),
                ),
                *panels,
            ]  # fmt: skip
        if not exports.is_there(export):
            panels.insert(0, Panel("gone", _("The content is no longer kept"), [Fact(_("Reason"), why_gone(export))]))
        if export.persons is not None:
            names = ["persons", "suspended", "erased", "unknown"]
            panels.insert(0, Panel("counts", _("Who is in it"), facts_of(export, *names)))
        return panels

    def _wanted(self, export):
        facts = [
            *facts_of(export, "purpose"),
            Fact(_("Categories"), Category.labels_of(export.categories)),
            Fact(_("Whom"), self.whom(export)),
        ]
        if export.provision:
            facts.insert(0, Fact(_("Provision"), link_to(export.provision, "provision")))
        if export.selection == Export.Selection.REGISTERED:
            facts += facts_of(export, "registered_from", "registered_to")
        if export.numbers is not None:
            facts.append(Fact(_("Numbers given"), len(export.numbers)))
        facts += facts_of(export, "format", "requested_at", "requested_by")
        if export.collected_at:
            facts += facts_of(export, "collected_at", "collected_by")
        return Panel("wanted", _("What was asked for"), facts)
