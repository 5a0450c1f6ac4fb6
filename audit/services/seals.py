"""The way of the seals to the office's mailbox."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from audit.models import Actor, OutgoingMail, Seal

from . import outbox
from .trail import reference

KIND = "audit.daily_seal"


@transaction.atomic
def mail_newest():
    """Post the newest seal, unless that was done within the last 20 hours or there is nothing new."""
    seal = Seal.objects.order_by("-position").first()
    if seal is None:
        return None
    recent = OutgoingMail.objects.filter(kind=KIND, created_at__gt=timezone.now() - dt.timedelta(hours=20))
    if recent.exists() or OutgoingMail.objects.filter(kind=KIND, subject=reference(seal)).exists():
        return None
    return outbox.post(KIND, subject=seal, by=Actor.system())
