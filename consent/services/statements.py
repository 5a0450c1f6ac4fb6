"""The statement of a notice: to whom it went, by which way, and who was left out. The proof that it was notified."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Trunc
from django.utils import timezone

from audit.services.trail import record
from consent.mail import preview
from consent.models import CampaignKind, Tally

from . import letters
from .progress import Numbers, numbers

BARS = 60  # of the plot at most
STEPS = [1, 5, 15, 60, 240, 1440]  # minutes that one bar may stand for


@dataclass(frozen=True)
class Statement:
    """What became of a notice by ``as_of``. By mail: four integers that add up; without mail: those who remain."""

    as_of: dt.datetime
    mail: Numbers
    without_email: int
    bounced_before: int
    suspended: int
    by_post: letters.Counts
    goes_by_post: bool
    texts: dict  # {language: (subject, text)}, filled in as customers got them

    @property
    def customers(self):
        """All who were customers at the start, in the ways above."""
        return self.mail.total + self.without_email + self.bounced_before + self.suspended

    @property
    def unreached(self):
        """Whom no mail reached: before the start, or since it came back."""
        return self.without_email + self.bounced_before + self.mail.bounced

    @property
    def without_letter(self):
        """Whom neither mail nor letter reached: no postal address, erased since, or no letter made yet."""
        return max(self.unreached - self.by_post.posted - self.by_post.waiting, 0)


def of(campaign):
    """The statement as of now. Reads the sums, not the deliveries."""
    return Statement(
        as_of=timezone.now(), mail=numbers(campaign), without_email=campaign.without_email,
        bounced_before=campaign.bounced_before, suspended=campaign.suspended, by_post=letters.counts(campaign),
        goes_by_post=CampaignKind(campaign.kind).goes_to_everybody and not campaign.reminds_of_id,
        texts={language: preview(campaign, language) for language, _name in settings.LANGUAGES},
    )  # fmt: skip


@transaction.atomic
def take(campaign, *, by):
    """The statement for a file that leaves; leaves its entry."""
    record("campaign.statement_taken", subject=campaign, by=by)
    return of(campaign)


@dataclass(frozen=True)
class Bar:
    """What was sent in one stretch of time that begins at ``at``."""

    at: dt.datetime
    sent: int
    bounced: int


def bars(campaign):
    """What was sent over time: ``(minutes that a bar stands for, [Bar, ...])``, without gaps, at most ``BARS`` bars."""
    rows = list(
        Tally.objects.filter(campaign=campaign).annotate(at=Trunc("minute", "minute")).values("at")
        .annotate(sent=Sum("sent"), bounced=Sum("bounced")).order_by("at")
    )  # fmt: skip
    rows = [row for row in rows if row["sent"] or row["bounced"]]
    if not rows:
        return 1, []
    first, last = rows[0]["at"], rows[-1]["at"]
    minutes = int((last - first).total_seconds() // 60) + 1
    step = next((step for step in STEPS if minutes <= step * BARS), STEPS[-1])
    rows = rows if minutes <= step * BARS else rows[-BARS * step :]
    found = {}
    for row in rows:
        place = int((row["at"] - first).total_seconds() // 60) // step
        sent, bounced = found.get(place, (0, 0))
        found[place] = sent + row["sent"], bounced + row["bounced"]
    places = range(max(found) + 1)[-BARS:]
    return step, [Bar(first + dt.timedelta(minutes=place * step), *found.get(place, (0, 0))) for place in places]
