"""Work handed over by this app's services."""

from celery import shared_task

from audit.services import jobs
from customers.importing import run, run_events
from customers.importing.files import Chunks
from customers.models import Import, KeyRotation
from customers.services import files, rotation, uploads
from customers.services.tying import adopt


@shared_task(name="customers.import_file")
def import_file(*, job_id):
    """Carry out an import of customers that was uploaded. Safe to run twice: it goes on where it stopped.

    Events that were kept apart until somebody became known are tied at its end.
    """
    with jobs.running(job_id) as job:
        if job:
            of_import = _carry_out(run, job)
            adopt(by=job.created_by, since=of_import.created_at)


@shared_task(name="customers.import_events")
def import_events(*, job_id):
    """The same for a file of events."""
    with jobs.running(job_id) as job:
        if job:
            _carry_out(run_events, job)


def _carry_out(run_it, job):
    of_import = Import.objects.select_related("file").get(number=job.arguments["import_number"])
    run_it(
        of_import,
        lambda: Chunks(files.stream(of_import.file)),
        by=job.created_by,
        progress=lambda done, total: jobs.progress(job, done, total),
    )
    uploads.discard(of_import, by=job.created_by)
    job.report = {"import": of_import.number}
    return of_import


@shared_task(name="customers.rotate_keys")
def rotate_keys(*, job_id):
    """Seal everything under the newest key. Safe to run twice: it goes on where it stopped."""
    with jobs.running(job_id) as job:
        if job is None:
            return
        of_keys = KeyRotation.objects.get(number=job.arguments["rotation_number"])
        rotation.run(of_keys, by=job.created_by, progress=lambda done, total: jobs.progress(job, done, total))
        job.report = {"rotation": of_keys.number}
