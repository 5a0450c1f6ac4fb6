"""Mails that must leave. A row first, then a worker."""

from django.db import transaction
from django.utils import timezone

from audit.models import OutgoingMail

from .trail import reference


@transaction.atomic
def post(kind, *, subject, by, language="ja"):
    """Post one mail in the caller's transaction. ``kind`` is ``app.composer``, found in that app's ``mail`` module.

    The composer is called as ``composer(subject, mail)`` in the worker and returns a Django ``EmailMessage``, or
    ``None`` where the mail is no longer needed. It runs in the transaction that marks the mail as sent.
    """
    return OutgoingMail.objects.create(
        kind=kind, subject=reference(subject), subject_pk=subject.pk, language=language, due_at=timezone.now(),
        created_by=by,
    )  # fmt: skip
