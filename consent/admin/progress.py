"""How far work is that a worker does for a page of this app."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audit.admin.base import Fact, Panel
from audit.admin.work import time_left
from audit.models import Job

REFRESH_SECONDS = 5


def progress_of(request, job_number, *, waiting, going):
    """The panel that shows it: ``waiting`` and ``going`` are what is said before the work began and while it goes."""
    job = Job.objects.filter(number=job_number).first()
    facts, note, more = [], waiting, {}
    if job and (left := time_left(job)):
        facts.append(Fact(_("Time left"), left))
    if job and job.state in (Job.State.FAILED, Job.State.GIVEN_UP):
        note = _("The work stopped, and needs a look at the log. It can be started again.")
        if request.user.has_perm("audit.view_job"):
            more = {"more_url": reverse("admin:audit_job_change", args=[job.pk]), "more_label": _("The work")}
    elif job and job.started_at:
        note = going
    context = {"done": job.done if job else 0, "total": job.total if job else None}
    return Panel(
        "progress", _("Progress"), facts, note=note, template="admin/consent/progress.html", context=context, **more
    )
