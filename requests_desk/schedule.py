"""What the clock does for this app. Each is safe to run twice and beside itself."""

from celery import shared_task

from audit.models import Actor
from requests_desk.services import drafts, erasure, fulfilment, identity, ledger, retention, vacuuming


@shared_task(name="requests_desk.purge_drafts")
def purge_drafts():
    """Remove drafts whose 24 hours are over."""
    while drafts.purge_spent(by=Actor.system()):
        pass


@shared_task(name="requests_desk.purge_pictures")
def purge_pictures():
    """Purge identity pictures 30 days after the outcome of their check."""
    while identity.purge_old(by=Actor.system()):
        pass


@shared_task(name="requests_desk.purge_answers")
def purge_answers():
    """Purge answers whose days to collect are over."""
    while fulfilment.purge_expired(by=Actor.system()):
        pass


@shared_task(name="requests_desk.begin_retention")
def begin_retention():
    """Once a night: blank what is past its time (Article 22), by a job that goes on where it stopped."""
    retention.run(by=Actor.system())


@shared_task(name="requests_desk.complete_erasures")
def complete_erasures():
    """Once a night: let go what no statute keeps any more; then have the tables vacuumed."""
    erasure.complete_due(by=Actor.system())
    vacuuming.begin(by=Actor.system())


@shared_task(name="requests_desk.write_ledger")
def write_ledger():
    """Write the erasures outside that a process which was killed did not write."""
    ledger.write()
