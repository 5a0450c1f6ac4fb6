"""The clock as a client of our services. Each of these is safe to run twice, late, or not at all for a while."""

from celery import shared_task
from celery.signals import worker_ready

from audit.services import jobs, outbox, seals, sequencer


@shared_task(name="audit.sequence")
def sequence():
    """Every five seconds: link the committed entries, seal when it is time."""
    sequencer.sequence()


@shared_task(name="audit.look_for_work")
def look_for_work():
    """Every 30 seconds: take up what lost its hint or its worker: jobs that are due, mails that are due."""
    jobs.due_again()
    outbox.deliver_due()


@shared_task(name="audit.mail_seal")
def mail_seal():
    """Once a day, post the newest seal to the office."""
    seals.mail_newest()


@worker_ready.connect
def look_at_once(sender, **kwargs):
    """A worker that starts does not wait for the clock."""
    with sender.app.connection_for_write() as broker:
        sender.app.send_task("audit.look_for_work", connection=broker)
