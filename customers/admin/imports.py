from django.contrib import admin
from django.db.models import OuterRef, Subquery, UUIDField, Value
from django.db.models.functions import Cast, NullIf
from django.http import FileResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from audit.admin.base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, Table
from audit.forms import DeskForm
from audit.models import Job
from audit.services import watching
from customers.categories import Category
from customers.forms import EventsForm, ImportForm
from customers.importing.events_words import place_words, words_for
from customers.importing.report import workbook
from customers.importing.words import column_words
from customers.models import Import, ImportFault
from customers.services.uploads import KEPT_AFTER_FAILURE, abandon, job_of, receive, receive_events

SHOWN = 100
REFRESH_SECONDS = 5
PERMISSION = "customers.import_customers"


def may_be_discarded(request, of_import):
    if of_import.finished_at:
        return NotNow(_("The import is finished, and its file was discarded by itself."))
    if of_import.job_state == Job.State.GIVEN_UP:
        return NotNow(_("The file was discarded already."))
    if of_import.job_state != Job.State.FAILED:
        return NotNow(_("The import is under way and needs its file. It is discarded by itself at the end."))
    return None


@admin.register(Import)
class ImportAdmin(SafeModelAdmin):
    """Files of customers and of events: chosen here, read by a worker, and what came of each row or line."""

    list_display = ["number", "kind", "created_at", "created_by", "outcome", "fresh", "faulty"]
    list_select_related = ["created_by__staff"]
    list_empty = _("Imports will stand here once a file has been chosen.")
    decisions = [
        DecisionView(
            ImportForm,
            receive,
            _("Import customers"),
            name="upload",
            title=_("Import customers"),
            permission=PERMISSION,
            on_list=True,
            main=True,
            explain=_(
                "Each row is checked. Good rows are kept, others are left out and reported by line, column and reason. "
                "A customer number that is there already makes no new customer, so a file can be imported again."
            ),
            done=_("Import %(number)s has begun. You may leave this page; it can be found again in the list."),
            call=lambda request, thing, values: receive(
                values["file"].chunks(), update=values["update"], by=request.user.actor
            ),
        ),
        DecisionView(
            EventsForm,
            receive_events,
            _("Import events"),
            name="upload-events",
            title=_("Import events"),
            permission=PERMISSION,
            on_list=True,
            explain=_(
                "Each line is one event on the site or in the app, and names its person by customer number, cookie or "
                "device. Good lines are kept, others are left out and reported by line, key and reason. Events of "
                "persons who are not known are kept apart. An event that is there already is not kept again, so a file "
                "can be imported again."
            ),
            done=_("Import %(number)s has begun. You may leave this page; it can be found again in the list."),
            call=lambda request, thing, values: receive_events(values["file"].chunks(), by=request.user.actor),
        ),
        DecisionView(
            DeskForm,
            abandon,
            _("Discard the file…"),
            name="discard",
            title=_("Discard the file of this import"),
            permission=PERMISSION,
            may=may_be_discarded,
            explain=_("The file is purged. What was read so far is kept: the customers, and this page."),
            cannot_undo=_("The import cannot be started again after this. To go on, import the file anew."),
            done=_("Import %(number)s: the file was discarded. To go on, import the file anew."),
            role_words=_("A privacy officer can discard it."),
        ),
    ]

    def get_queryset(self, request):
        number = Cast(NullIf(OuterRef("job_number"), Value("")), UUIDField())
        job = Job.objects.filter(number=number).values("state")
        return super().get_queryset(request).annotate(job_state=Subquery(job))

    @admin.display(description=pgettext_lazy("import", "new"))
    def fresh(self, of_import):
        return of_import.created

    @admin.display(description=_("state"))
    def outcome(self, of_import):
        if of_import.refusal:
            return _("not read")
        if of_import.finished_at:
            return pgettext("import", "finished")
        if of_import.job_state == Job.State.FAILED:
            return pgettext("import", "stopped")
        if of_import.job_state == Job.State.GIVEN_UP:
            return pgettext("import", "given up")
        if of_import.total is None:
            return pgettext("import", "waiting")
        return _("%(done)s of %(total)s rows") % {"done": of_import.lines, "total": of_import.total}

    def more_urls(self):
        return [("<str:object_id>/report/", self.report_view, "report", ())]

    def report_view(self, request, object_id):
        """The whole report as a workbook of text cells."""
        of_import = self.thing_or_404(request, object_id)
        return FileResponse(workbook(of_import), as_attachment=True, filename=f"{of_import.number}.xlsx")

    def get_head(self, request, of_import):
        return [
            Fact(capfirst(Import._meta.get_field("kind").verbose_name), of_import.get_kind_display()),
            Fact(_("State"), self.outcome(of_import)),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        response = super().change_view(request, object_id)
        if self.is_under_way(response.context_data["thing"]):
            watching.reload(response, REFRESH_SECONDS)
        return response

    def is_under_way(self, of_import):
        return not (of_import.finished_at or of_import.job_state in (Job.State.FAILED, Job.State.GIVEN_UP))

    def get_panels(self, request, of_import):
        if not of_import.finished_at:
            return [self._progress(request, of_import)]
        if of_import.kind == Import.Kind.EVENTS and not of_import.refusal:
            return [self._result_of_events(of_import), self._faults_of_events(of_import)]
        panels = [self._refusal(of_import)] if of_import.refusal else [self._result(of_import)]
        if not of_import.refusal:
            panels += [
                self._places(of_import, ImportFault.Kind.FAULT, "faults", _("Rows left out"),
                             _("No row was left out.")),
                self._places(
                    of_import, ImportFault.Kind.DIFFERENCE, "differences", _("Values that differ from what is held"),
                    _("Nothing differs from what is held."),
                ),
                self._columns(of_import),
            ]  # fmt: skip
        return panels

    def _progress(self, request, of_import):
        job, more = job_of(of_import), {}
        of_events = of_import.kind == Import.Kind.EVENTS
        facts = [Fact(_("Lines read") if of_events else _("Rows read"), of_import.lines)]
        if of_import.total is not None:
            facts.append(Fact(_("Lines in the file") if of_events else _("Rows in the file"), of_import.total))
        if self.is_under_way(of_import) and job and job.started_at and of_import.lines and of_import.total:
            passed = timezone.now() - job.started_at
            left = passed / of_import.lines * (of_import.total - of_import.lines)
            facts.append(Fact(_("Time left"), _("%(minutes)s min %(seconds)s s") % {
                "minutes": int(left.total_seconds() // 60), "seconds": int(left.total_seconds() % 60)
            }))  # fmt: skip
        if job and job.state == Job.State.FAILED:
            until = timezone.localdate(job.finished_at + KEPT_AFTER_FAILURE)
            note = _(
                "The import stopped, and needs a look at the log. What was read so far is kept. It can be started "
                "again until its file is discarded: by hand, or by itself after %(date)s."
            ) % {"date": date_format(until)}
            if request.user.has_perm("audit.view_job"):
                more = {"more_url": reverse("admin:audit_job_change", args=[job.pk])}
                more["more_label"] = _("What went wrong, and how to start it again")
        elif job and job.state == Job.State.GIVEN_UP:
            note = _(
                "The import stopped, and its file was discarded. What was read so far is kept. It cannot be started "
                "again: import the file anew. Customers that are there already are not made twice."
            )
        elif job and job.started_at is None:
            note = _("The file is waiting for a worker. It begins by itself.")
        else:
            note = _("The import is under way. This page shows the newest state every few seconds.")
        return Panel(
            "progress", _("Progress"), facts, note=note, template="admin/customers/import/progress.html",
            context={"done": of_import.lines, "total": of_import.total, "is_under_way": self.is_under_way(of_import)},
            **more,
        )  # fmt: skip

    def _result(self, of_import):
        names = [
            (_("Rows read"), "lines"), (_("New customers"), "created"), (_("Unchanged"), "unchanged"),
            (_("Filled in"), "filled"), (_("Corrected"), "corrected"), (_("Differing, left as held"), "differing"),
            (_("Left out"), "faulty"),
        ]  # fmt: skip
        facts = [Fact(label, getattr(of_import, name)) for label, name in names]
        facts += [
            Fact(_("New: %(category)s") % {"category": Category(code).label}, count)
            for code, count in of_import.kept.items()
        ]
        return Panel(
            "result", _("Result"), [*facts, Fact(_("Encoding"), of_import.encoding)],
            note=_("Rows read = new + unchanged + filled in + corrected + differing + left out."),
            more_url=self.url_of("report", of_import.pk), more_label=_("Download the report (XLSX)"),
        )  # fmt: skip

    def _result_of_events(self, of_import):
        names = [
            (_("Lines read"), "lines"), (_("New events"), "created"), (_("Known already"), "unchanged"),
            (_("Kept apart: person unknown"), "apart"), (pgettext("import", "Lines left out"), "faulty"),
        ]  # fmt: skip
        note = _("Lines read = new + known already + kept apart + left out.")
        if of_import.apart:
            note = format_html(
                "{} {}", note, _("Events kept apart are tied by themselves once their person becomes known.")
            )
        return Panel(
            "result", _("Result"), [Fact(label, getattr(of_import, name)) for label, name in names], note=note,
            more_url=self.url_of("report", of_import.pk), more_label=_("Download the report (XLSX)"),
        )  # fmt: skip

    def _faults_of_events(self, of_import):
        return self._places(
            of_import, ImportFault.Kind.FAULT, "faults", pgettext("import", "Lines left out"),
            pgettext("import", "No line was left out."),
        )  # fmt: skip

    def _refusal(self, of_import):
        fault = of_import.faults.get(code=of_import.refusal)
        reason, remedy = words_for(fault.code)
        facts = [Fact(_("Reason"), reason), Fact(_("What to do"), remedy)]
        if fault.column:
            facts.insert(0, Fact(_("Column"), column_words(fault.column)))
        note = _("No customer was made or changed.")
        if of_import.kind == Import.Kind.EVENTS:
            note = _("No event was kept.")
        return Panel("result", _("The file could not be read"), facts, note=note)

    def _columns(self, of_import):
        found = {}
        for note in of_import.faults.filter(kind=ImportFault.Kind.NOTE).order_by("id"):
            found.setdefault(note.code, []).append(column_words(note.column))
        rows = [["、".join(columns), *words_for(code)] for code, columns in found.items()]
        columns = [_("Column"), _("Reason"), _("What to do")]
        return Panel("columns", _("Columns"), table=Table(columns, rows), empty=_("All columns are kept."))

    def _places(self, of_import, kind, slug, title, empty):
        places = list(of_import.faults.filter(kind=kind).order_by("line", "id")[: SHOWN + 1])
        of_events = of_import.kind == Import.Kind.EVENTS
        rows = [[f.line, place_words(f.column, of_events=of_events), *words_for(f.code)] for f in places[:SHOWN]]
        more = {}
        if len(places) > SHOWN:
            more = {
                "note": _("The first %(shown)s are shown here; the downloaded report has all.") % {"shown": SHOWN},
                "more_url": self.url_of("report", of_import.pk),
                "more_label": _("Download the report (XLSX)"),
            }
        columns = [_("Line"), pgettext("event", "Key") if of_events else _("Column"), _("Reason"), _("What to do")]
        return Panel(slug, title, table=Table(columns, rows), empty=empty, **more)
