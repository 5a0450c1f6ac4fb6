"""What waits and should not: versions whose date comes nearer, notices that stand still. Told once an occasion."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from audit.calendar import add_days, today
from audit.models import Actor
from audit.services import outbox
from audit.services.trail import record
from consent.models import Campaign, CampaignKind, CampaignStatus, Nudge, PolicyStatus, PolicyVersion

from .progress import numbers, set_going

DRAFT_DAYS, NOTICE_DAYS = 14, 7  # before the date
PAUSED_HOURS = 24
What = Nudge.What


@dataclass(frozen=True)
class Waiting:
    """One thing that waits; ``key`` names the occasion: another one is told anew."""

    what: str
    thing: object
    key: str


def versions(day=None):
    """Versions whose date is near or over and that are not approved, or of which customers were not told."""
    day = day or today()
    unready = PolicyVersion.objects.filter(
        status__in=[PolicyStatus.DRAFT, PolicyStatus.SUBMITTED], effective_on__lte=add_days(day, DRAFT_DAYS)
    )
    found = [Waiting(What.DRAFT_LATE, each, each.effective_on.isoformat()) for each in unready.order_by("effective_on")]
    told = Campaign.objects.filter(kind=CampaignKind.POLICY_CHANGE, status=CampaignStatus.DONE)
    coming = PolicyVersion.objects.after(day).filter(effective_on__lte=add_days(day, NOTICE_DAYS))
    coming = coming.exclude(pk__in=told.values("policy_version"))
    return found + [Waiting(What.NOT_TOLD, each, each.effective_on.isoformat()) for each in coming]


def campaigns(now=None):
    """Notices that stand still although they are under way."""
    now = now or timezone.now()
    found = []
    for campaign in Campaign.objects.under_way().order_by("number"):
        if campaign.status == CampaignStatus.PAUSED:
            if campaign.paused_at < now - dt.timedelta(hours=PAUSED_HOURS):
                found.append(Waiting(What.PAUSED, campaign, campaign.paused_at.isoformat()))
            continue
        sums = numbers(campaign, now)
        if sums.is_stalled:
            since = max(sums.last_sent or campaign.started_at, set_going(campaign))
            found.append(Waiting(What.STALLED, campaign, since.isoformat()))
    return found


def tell(waiting):
    """Write to the person in charge of each, once for each occasion. Safe beside itself. Returns how many were told."""
    return sum(_tell(each) for each in waiting)


@transaction.atomic
def _tell(waiting):
    about = {"version": None, "campaign": None}
    about["version" if isinstance(waiting.thing, PolicyVersion) else "campaign"] = waiting.thing
    nudge, is_new = Nudge.objects.get_or_create(what=waiting.what, **about, key=waiting.key)
    if is_new:
        outbox.post("consent.nudge", subject=nudge, by=Actor.system())
        record("nudge.sent", subject=waiting.thing, by=Actor.system(), waits=waiting.what)
    return is_new
