"""Work handed over by our services: load, call one service."""

from celery import shared_task

from audit.models import Actor
from audit.services import jobs
from requests_desk.models import DataRequest, RetentionRun
from requests_desk.services import fulfilment, retention, vacuuming


@shared_task(name="requests_desk.build_package")
def build_package(*, job_id):
    """Make and offer the answer of one request. Safe to run twice."""
    with jobs.running(job_id) as job:
        if job:
            request = DataRequest.objects.get(pk=job.arguments["request"])
            package = fulfilment.make(request, by=Actor.system())
            job.report = {"offered": bool(package), "bytes": package.size if package else 0}


@shared_task(name=retention.WORK)
def run_retention(*, job_id):
    """Count what is past its time and (where it is no look) blank it. Safe to run twice: it goes on."""
    with jobs.running(job_id) as job:
        if job:
            this = RetentionRun.objects.get(pk=job.arguments["run"])
            this = retention.carry_out(
                this, by=job.created_by, progress=lambda done, total: jobs.progress(job, done, total)
            )
            job.report = {"blanked": this.blanked}


@shared_task(name=vacuuming.WORK)
def vacuum(*, job_id):
    """Vacuum the tables that held values of who was erased. Safe to run twice."""
    with jobs.running(job_id) as job:
        if job:
            count = vacuuming.vacuum(progress=lambda done, total: jobs.progress(job, done, total))
            job.report = {"tables": count}
