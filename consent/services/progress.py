"""How far a campaign is: a few rows added up, whatever its size."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Max, Min, Sum
from django.utils import timezone

from consent.models import CampaignStatus, Tally

WINDOW = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Numbers:
    """Four integers that add up to ``total``, and what can be said of the last five minutes."""

    total: int
    waiting: int
    sent: int
    bounced: int
    skipped: int
    deferred: int  # tries that the server asked us to repeat
    per_minute: int
    time_left: dt.timedelta | None
    last_sent: dt.datetime | None
    is_stalled: bool

    @property
    def done(self):
        return self.total - self.waiting

    @property
    def percent(self):
        return 100 * self.done // self.total if self.total else 0

    @property
    def counts(self):
        """For the trail."""
        return {"sent": self.sent, "bounced": self.bounced, "skipped": self.skipped, "waiting": self.waiting}


def numbers(campaign, now=None):
    """The campaign in numbers, as of now."""
    now = now or timezone.now()
    tallies = Tally.objects.filter(campaign=campaign)
    sums = tallies.aggregate(
        sent=Sum("sent", default=0), bounced=Sum("bounced", default=0), skipped=Sum("skipped", default=0),
        deferred=Sum("deferred", default=0), last_sent=Max("last_sent"),
    )  # fmt: skip
    window = now - WINDOW
    recent = tallies.filter(minute__gt=window, sent__gt=0).aggregate(sent=Sum("sent", default=0), since=Min("minute"))
    per_second = 0
    if recent["sent"]:
        since = max(recent["since"], campaign.started_at)
        per_second = recent["sent"] / max((now - since).total_seconds(), 1)
    waiting = campaign.recipients - sums["sent"] - sums["bounced"] - sums["skipped"]
    is_sending = campaign.status == CampaignStatus.SENDING
    is_stalled = is_sending and bool(waiting) and (sums["last_sent"] or campaign.started_at) < window
    return Numbers(
        total=campaign.recipients,
        waiting=waiting,
        per_minute=round(per_second * 60),
        time_left=dt.timedelta(seconds=round(waiting / per_second)) if per_second and is_sending else None,
        is_stalled=is_stalled and set_going(campaign) < window,
        **sums,
    )


def set_going(campaign):
    """When it was started, or last resumed: while it was paused nothing was to be sent, and nothing stood still."""
    rows = campaign.history.order_by("-history_id")
    paused = rows.filter(status=CampaignStatus.PAUSED).values_list("history_id", flat=True).first()
    if paused is None:
        return campaign.started_at
    resumed = rows.filter(history_id__gt=paused, status=CampaignStatus.SENDING)
    return resumed.aggregate(at=Min("history_date"))["at"] or campaign.started_at
