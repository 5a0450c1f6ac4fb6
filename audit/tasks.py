"""Work handed over to the worker."""

from celery import shared_task

from audit.services import outbox


@shared_task(name=outbox.SEND)
def send_mail():
    """Send the mails that are due. A row each is the memory; this is safe to run twice and beside itself."""
    outbox.deliver_due()
