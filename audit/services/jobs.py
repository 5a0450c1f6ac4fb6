"""Work handed over to workers. The row in the database is the truth, Redis a hint."""

from celery import current_app
from django.db import transaction
from django.utils import timezone

from audit.models import Job

from .trail import reference


@transaction.atomic
def enqueue(name, *, by, subject=None, due_at=None, total=None, **arguments):
    """Hand over ``name`` (a registered Celery task), in the caller's transaction. Returns the :class:`Job`.

    The task is called with the keyword ``job_id`` alone; ``arguments`` (ids and codes, JSON) stand in the row.
    """
    job = Job.objects.create(
        name=name, subject=reference(subject), arguments=arguments, due_at=due_at or timezone.now(), total=total,
        created_by=by,
    )  # fmt: skip
    transaction.on_commit(lambda: hint(job))
    return job


def hint(job):
    """Tell a worker now. A lost hint is no loss: the clock looks every 30 seconds for work that is due."""
    try:
        current_app.send_task(job.name, kwargs={"job_id": job.pk}, retry=False)
    except current_app.connection().connection_errors + (OSError,):
        pass
