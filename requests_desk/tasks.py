"""Work handed over by our services: load, call one service."""

from celery import shared_task

from audit.models import Actor
from audit.services import jobs
from requests_desk.models import DataRequest
from requests_desk.services import fulfilment


@shared_task(name="requests_desk.build_package")
def build_package(*, job_id):
    """Make and offer the answer of one request. Safe to run twice."""
    with jobs.running(job_id) as job:
        if job:
            request = DataRequest.objects.get(pk=job.arguments["request"])
            package = fulfilment.make(request, by=Actor.system())
            job.report = {"offered": bool(package), "bytes": package.size if package else 0}
