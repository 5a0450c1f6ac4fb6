from django.contrib import admin
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from audit.forms import DeskForm
from audit.models import Job, OutgoingMail
from audit.services import jobs, watching

from .acts import details_in_words, mail_in_words, reference_in_words, work_in_words
from .base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, SavedView

REFRESH_SECONDS = 10


def how_far(job):
    """Done and all, as one text."""
    if job.total:
        share = min(100, job.done * 100 // job.total)
        return _("%(done)s of %(total)s (%(share)s%%)") % {
            "done": f"{job.done:,}", "total": f"{job.total:,}", "share": share,
        }  # fmt: skip
    return f"{job.done:,}"


def time_left(job, now=None):
    """What the pace so far lets us expect, in words; nothing where there is no pace yet."""
    if not (job.state == Job.State.RUNNING and job.total and job.done and job.started_at):
        return ""
    passed = ((now or timezone.now()) - job.started_at).total_seconds()
    return seconds_in_words(round(passed / job.done * max(0, job.total - job.done)))


def seconds_in_words(seconds):
    """A time to wait, as exactly as it can be known."""
    if seconds < 90:
        return _("less than two minutes")
    minutes = -(-seconds // 60)
    if minutes < 90:
        return ngettext("about %(count)s minute", "about %(count)s minutes", minutes) % {"count": minutes}
    hours = -(-minutes // 60)
    return ngettext("about %(count)s hour", "about %(count)s hours", hours) % {"count": hours}


def may_be_tried_again(request, job):
    if job.state == Job.State.GIVEN_UP:
        return NotNow(_("It was given up, because what it needs is no longer kept."))
    if job.state != Job.State.FAILED:
        return NotNow(_("Only work that has failed can be started again by hand. All else goes on by itself."))
    return None


@admin.register(Job)
class JobAdmin(SafeModelAdmin):
    """Work handed over to workers: how far, what came of it, what went wrong."""

    list_display = ["short_number", "work", "state", "progress", "created_at", "created_by"]
    list_select_related = ["created_by__staff"]
    list_empty = _("Imports, mailings and other long work will stand here, with how far they are.")
    search_label = _("Number of the work")
    saved_views = [
        SavedView("under-way", _("Under way"), lambda rows, request: rows.filter(state__in=["WAITING", "RUNNING"])),
        SavedView("failed", _("Failed"), lambda rows, request: rows.filter(state="FAILED")),
        SavedView("all", _("All"), lambda rows, request: rows, counted=False),
    ]
    decisions = [
        DecisionView(
            DeskForm, jobs.retry, _("Start again…"), permission="audit.retry_job", name="retry", may=may_be_tried_again,
            title=_("Start this work again"),
            explain=_("The work goes on where it stopped. What is done already is not done twice."),
            done=_("%(number)s was started again. This page shows how far it is."),
            role_words=_("A privacy officer can start it again."),
        )
    ]  # fmt: skip

    @admin.display(description=_("number"))
    def short_number(self, job):
        return str(job)

    @admin.display(description=_("work"))
    def work(self, job):
        return work_in_words(job.name)

    @admin.display(description=_("progress"))
    def progress(self, job):
        return how_far(job)

    def find(self, request, queryset, words):
        digits = "".join(sign for sign in words.lower() if sign in "0123456789abcdef")[:32]
        if len(digits) < 4:
            return queryset.none()
        first, last = digits.ljust(32, "0"), digits.ljust(32, "f")
        return queryset.filter(number__gte=first, number__lte=last)

    def get_head(self, request, job):
        return [Fact(_("State"), job.get_state_display())]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        response = super().change_view(request, object_id)
        if response.context_data["thing"].state in (Job.State.WAITING, Job.State.RUNNING):
            watching.reload(response, REFRESH_SECONDS)
        return response

    def get_panels(self, request, job):
        panels = [
            Panel(
                "progress", work_in_words(job.name), self._progress(job), note=self._note(job),
                template="admin/audit/job/progress.html", context={"job": job, "how_far": how_far(job)},
            ),
            Panel(
                "report", _("Report"), [Fact(_("What came of it"), details_in_words(job.report))] if job.report else [],
                empty=_("The report will stand here."),
            ),
        ]  # fmt: skip
        if job.error_code:
            panels.append(
                Panel("trouble", _("What went wrong"), [
                    Fact(_("Error"), job.error_code), Fact(_("Reference in the log"), job.log_reference),
                    Fact(_("Failures since it last went on"), job.failures),
                ])
            )  # fmt: skip
        return panels

    def _progress(self, job):
        facts = [
            Fact(_("About"), reference_in_words(job.subject) if job.subject else ""),
            Fact(_("Handed over"), job.created_at),
            Fact(_("By"), str(job.created_by)),
            Fact(_("Started"), job.started_at),
            Fact(_("Done"), how_far(job)),
        ]
        if left := time_left(job):
            facts.append(Fact(_("Time left"), left))
        if job.finished_at:
            facts.append(Fact(_("Finished"), job.finished_at))
        return facts

    def _note(self, job):
        if job.state == Job.State.FAILED:
            return _("It stopped, and somebody must look at the log. What was done so far is kept.")
        if job.state == Job.State.GIVEN_UP:
            return _("It stopped, and what it needs is no longer kept. What was done before that is kept.")
        if job.state == Job.State.DONE:
            return _("It is finished: nothing is left.")
        if job.state == Job.State.WAITING and job.failures:
            return _("It met an error and will be tried again at %(time)s.") % {
                "time": formats.date_format(timezone.localtime(job.due_at), "DATETIME_FORMAT")
            }
        if job.state == Job.State.WAITING:
            return _("It waits for a worker and begins by itself.")
        return _("It is under way. You may leave this page; it can be found again in the list.")


@admin.register(OutgoingMail)
class OutgoingMailAdmin(SafeModelAdmin):
    """Mails that left or wait. Neither address nor text is kept."""

    list_display = ["short_number", "what", "about", "state", "attempts", "created_at", "finished_at"]
    list_note = _("Sent means: the mail server took it. Address and text are not kept here.")
    list_empty = _("Mails will stand here as soon as one is posted.")
    search_label = _("Number of the mail")
    saved_views = [
        SavedView("waiting", _("Waiting"), lambda rows, request: rows.filter(state="WAITING")),
        SavedView("refused", _("Refused or given up"), lambda rows, request: rows.filter(
            state__in=["BOUNCED", "FAILED"])),
        SavedView("all", _("All"), lambda rows, request: rows, counted=False),
    ]  # fmt: skip
    find, short_number = JobAdmin.find, JobAdmin.short_number

    @admin.display(description=_("about"))
    def about(self, mail):
        return reference_in_words(mail.subject)

    @admin.display(description=_("kind"))
    def what(self, mail):
        return mail_in_words(mail.kind)

    def get_panels(self, request, mail):
        facts = [
            Fact(_("Kind"), self.what(mail)),
            Fact(_("About"), self.about(mail)),
            Fact(_("State"), mail.get_state_display()),
            Fact(_("Posted"), mail.created_at),
            Fact(_("By"), str(mail.created_by)),
            Fact(_("Attempts"), mail.attempts),
            Fact(_("Last answer"), mail.answer_code),
        ]
        if mail.finished_at:
            facts.append(Fact(_("Finished"), mail.finished_at))
        else:
            facts.append(Fact(_("Next attempt"), mail.due_at))
        if mail.log_reference:
            facts.append(Fact(_("Reference in the log"), mail.log_reference))
        return [Panel("mail", _("Mail"), facts)]
