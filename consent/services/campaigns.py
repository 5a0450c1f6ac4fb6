"""How a notice comes to every customer. One function per decision; the sending itself is in :mod:`.sending`."""

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import Actor
from audit.services import outbox
from audit.services.jobs import enqueue
from audit.services.trail import record
from consent.exceptions import MoveNotAllowed, NotReady, SamePerson
from consent.mail import check_fields
from consent.models import Campaign, CampaignKind, CampaignStatus, Delivery, DeliveryState, PolicyStatus, Suspension
from customers.categories import Category
from customers.models import Customer

from . import register
from .progress import numbers

NUMBERS = 7_302  # advisory lock: one new number at a time
REMINDER_DAYS, REMINDER_HOUR = 7, dt.time(9)  # before the date, in Tokyo
NO_HOUR = {"scheduled_for": None, "scheduled_at": None, "scheduled_by": None}


@transaction.atomic
def draft(
    *, kind=CampaignKind.POLICY_CHANGE, policy_version=None, with_reminder=False, title_ja, title_en, body_ja, body_en,
    by,
):  # fmt: skip
    """Write a notice; one of a change of the policy names the new version, and no other does.

    ``with_reminder``: the same mail goes once more a week before the version comes into force; of that kind alone.
    Raises ``UnknownField`` where a text names a field that is not filled in for this kind, and :class:`NotReady` where
    version and kind do not go together.
    """
    kind = CampaignKind(kind)
    _check_texts(kind, policy_version, title_ja, title_en, body_ja, body_en)
    campaign = Campaign.objects.create(
        number=_next_number(), kind=kind, policy_version=policy_version, title_ja=title_ja, title_en=title_en,
        body_ja=body_ja, body_en=body_en, drafted_by=by,
        with_reminder=with_reminder and kind == CampaignKind.POLICY_CHANGE,
    )  # fmt: skip
    record("campaign.drafted", subject=campaign, by=by, notice_kind=kind, policy_version=policy_version)
    return campaign


def _next_number():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBERS])
    return (Campaign.objects.aggregate(highest=Max("number"))["highest"] or 0) + 1


def _check_texts(kind, policy_version, *texts):
    if (kind == CampaignKind.POLICY_CHANGE) != (policy_version is not None):
        said = (
            _("Choose the new version.")
            if policy_version is None
            else _("Only a change of the policy names a version.")
        )
        raise NotReady([said], field="policy_version")
    check_fields(*texts, kind=kind)


@transaction.atomic
def revise(campaign, *, by, **changes):
    """Change the texts of a draft. ``changes`` are the fields that :func:`draft` takes."""
    campaign = _lock(campaign)
    if campaign.status != CampaignStatus.DRAFT:
        raise MoveNotAllowed(campaign, CampaignStatus.DRAFT)
    changed = [name for name, value in changes.items() if getattr(campaign, name) != value]
    for name in changed:
        setattr(campaign, name, changes[name])
    campaign.with_reminder = campaign.with_reminder and campaign.kind == CampaignKind.POLICY_CHANGE
    texts = campaign.title_ja, campaign.title_en, campaign.body_ja, campaign.body_en
    _check_texts(CampaignKind(campaign.kind), campaign.policy_version, *texts)
    campaign.save()
    record("campaign.revised", subject=campaign, by=by, fields=sorted(changed))
    return campaign


def obstacles(campaign):
    """Why this notice cannot be submitted or started now: sentences for staff; none where it can."""
    version, kind = campaign.policy_version, CampaignKind(campaign.kind)
    if kind != CampaignKind.POLICY_CHANGE:  # that one is a promise of the policy itself, whatever the register says
        if register.not_permitted(kind.purpose, [Category.EMAIL]):
            return [
                _("The register does not permit mail addresses for “%(purpose)s” (Article 18).")
                % {"purpose": kind.purpose.label}
            ]
        if not kind.goes_to_everybody and not all(
            "{preferences_url}" in text for text in (campaign.body_ja, campaign.body_en)
        ):
            return [
                _("Say in both texts how such mails are stopped: write {preferences_url} where its address belongs.")
            ]
        return []
    if version.status != PolicyStatus.APPROVED:
        return [
            _("%(version)s is not approved yet: customers must not be told of a text that may still change.")
            % {"version": version}
        ]
    return []


@transaction.atomic
def try_out(campaign, *, by):
    """Mail the notice in both languages to who asks, or to the office where they have no address. Before its start."""
    campaign = _lock(campaign)
    if campaign.started_at or CampaignStatus(campaign.status).is_final:
        raise NotReady([_("%(campaign)s has started or ended: there is nothing to try out.") % {"campaign": campaign}])
    for language, _name in settings.LANGUAGES:
        outbox.post("consent.trial", subject=campaign, by=by, language=language)
    record("campaign.tried_out", subject=campaign, by=by)
    return campaign


@transaction.atomic
def submit(campaign, *, by):
    """Put the notice before the person who starts it."""
    campaign = _lock(campaign)
    if campaign.status != CampaignStatus.DRAFT:
        raise MoveNotAllowed(campaign, CampaignStatus.SUBMITTED)
    _check_ready(campaign, CampaignStatus.SUBMITTED)
    return _move(
        campaign, CampaignStatus.SUBMITTED, "submitted", by=by, submitted_at=timezone.now(), submitted_by=by, remark=""
    )


@transaction.atomic
def send_back(campaign, *, remark, by):
    """Give the notice back to its author, with what is to be mended."""
    return _move(
        _lock(campaign), CampaignStatus.DRAFT, "sent_back", by=by, submitted_at=None, submitted_by=None, remark=remark
    )


@transaction.atomic
def schedule(campaign, *, at, by):
    """Have the notice start by itself at that moment, within a year. By a second person, who starts it by this.

    Raises :class:`NotReady` for a moment that has passed, or one at which the version is in force already.
    """
    campaign = _lock(campaign)
    if CampaignStatus.SCHEDULED not in CampaignStatus(campaign.status).next:
        raise MoveNotAllowed(campaign, CampaignStatus.SCHEDULED)
    _check_second(campaign, by)
    _check_ready(campaign, CampaignStatus.SCHEDULED)
    now, version = timezone.now(), campaign.policy_version
    if not now < at < now + dt.timedelta(days=366):
        raise NotReady([_("Give a moment to come, within a year.")], field="day")
    if version and timezone.localdate(at) >= version.effective_on:
        said = _("%(version)s is in force from that day: customers are told before.") % {"version": version}
        raise NotReady([said], field="day")
    return _move(
        campaign, CampaignStatus.SCHEDULED, "scheduled", by=by, scheduled_for=at, scheduled_at=now, scheduled_by=by
    )


@transaction.atomic
def unschedule(campaign, *, by):
    """Take the hour back: it waits for its start again."""
    campaign = _lock(campaign)
    if campaign.status != CampaignStatus.SCHEDULED:
        raise MoveNotAllowed(campaign, CampaignStatus.SUBMITTED)
    return _move(campaign, CampaignStatus.SUBMITTED, "unscheduled", by=by, **NO_HOUR)


def start_due():
    """Start what is due by now, in the name of who scheduled it. The clock calls it; twice starts nothing twice.

    What cannot start any more waits for its start by a person, whose page says why.
    """
    for campaign in Campaign.objects.due(timezone.now()):
        with suppress(MoveNotAllowed):  # another clock was here
            try:
                start(campaign, by=campaign.scheduled_by)
            except NotReady:
                unschedule(campaign, by=Actor.system())


@transaction.atomic
def start(campaign, *, by):
    """Make one delivery for every customer with a mail address, and hand the sending over. By a second person.

    Where a reminder is wanted and a week is left, it is scheduled with this.
    """
    campaign = _lock(campaign)
    if CampaignStatus.SENDING not in CampaignStatus(campaign.status).next or campaign.started_at:
        raise MoveNotAllowed(campaign, CampaignStatus.SENDING)
    _check_second(campaign, by)
    _check_ready(campaign, CampaignStatus.SENDING)
    left_out = audience(campaign, with_recipients=False)
    recipients = _create_deliveries(campaign)
    if not recipients:
        raise NotReady([_("No customer has a mail address that works: there is nobody to write to.")])
    campaign = _move(
        campaign,
        CampaignStatus.SENDING,
        "started",
        by=by,
        started_at=timezone.now(),
        started_by=by,
        recipients=recipients,
        without_email=left_out.no_address,
        bounced_before=left_out.bounced,
        suspended=max(left_out.with_email - recipients, 0),  # who came meanwhile is not left out
    )
    if at := reminder_at(campaign):
        _schedule_reminder(campaign, at, by=by)
    enqueue("consent.deliver_notices", subject=campaign, by=by, campaign=campaign.pk)
    return campaign


def reminder_at(campaign):
    """The moment of its reminder, nine in the morning a week before the date; ``None`` where none is wanted or fits.

    At least a day lies between a notice and its reminder.
    """
    version = campaign.policy_version
    if not campaign.with_reminder or version is None or version.effective_on is None:
        return None
    day = version.effective_on - dt.timedelta(days=REMINDER_DAYS)
    at = timezone.make_aware(dt.datetime.combine(day, REMINDER_HOUR))
    return at if at > (campaign.started_at or timezone.now()) + dt.timedelta(days=1) else None


def _schedule_reminder(campaign, at, *, by):
    reminder = Campaign.objects.create(
        number=_next_number(), kind=campaign.kind, policy_version=campaign.policy_version, reminds_of=campaign,
        title_ja=f"（再度のお知らせ）{campaign.title_ja}"[:120], title_en=f"Reminder: {campaign.title_en}"[:120],
        body_ja=campaign.body_ja, body_en=campaign.body_en, status=CampaignStatus.SCHEDULED,
        drafted_by=campaign.drafted_by, submitted_at=campaign.submitted_at, submitted_by=campaign.submitted_by,
        scheduled_for=at, scheduled_at=timezone.now(), scheduled_by=by,
    )  # fmt: skip
    record("campaign.scheduled", subject=reminder, by=by, reminds_of=str(campaign))


@transaction.atomic
def pause(campaign, *, by):
    """Stop handing mails to the mail server; senders feel it within five seconds."""
    return _move(_lock(campaign), CampaignStatus.PAUSED, "paused", by=by, paused_at=timezone.now(), paused_by=by)


@transaction.atomic
def resume(campaign, *, by):
    """Go on with those not sent yet. Who has the notice does not get it again."""
    campaign = _lock(campaign)
    if campaign.status != CampaignStatus.PAUSED:
        raise MoveNotAllowed(campaign, CampaignStatus.SENDING)
    campaign = _move(campaign, CampaignStatus.SENDING, "resumed", by=by, paused_at=None, paused_by=None)
    enqueue("consent.deliver_notices", subject=campaign, by=by, campaign=campaign.pk)
    return campaign


@transaction.atomic
def stop(campaign, *, by):
    """End it for good, and its reminder with it. What was not sent stays unsent, and is counted so."""
    reminder = Campaign.objects.filter(reminds_of=campaign, started_at__isnull=True, finished_at__isnull=True).first()
    if reminder:
        stop(reminder, by=by)
    return _move(
        _lock(campaign),
        CampaignStatus.STOPPED,
        "stopped",
        by=by,
        paused_at=None,
        paused_by=None,
        finished_at=timezone.now(),
        finished_by=by,
    )


@transaction.atomic
def finish(campaign, *, by):
    """End a campaign of which nothing is left. Returns whether it ended now."""
    campaign = _lock(campaign)
    if campaign.status != CampaignStatus.SENDING:
        return False
    waiting = Delivery.objects.filter(campaign=campaign, state=DeliveryState.WAITING)
    if waiting.filter(slot__isnull=True).exists() or waiting.filter(slot__isnull=False).exists():  # an index for each
        return False
    _move(campaign, CampaignStatus.DONE, "finished", by=by, finished_at=timezone.now(), finished_by=by)
    return True


@dataclass(frozen=True)
class Audience:
    """Who gets a notice and who is left out, each for one reason, as of now."""

    with_email: int
    recipients: int | None
    bounced: int
    no_address: int
    erased: int = 0

    @property
    def suspended(self):
        return self.with_email - self.recipients


def audience(campaign, *, with_recipients=True):
    """The counts before the start. Who was erased or joined to another record is no customer any more."""
    living = Customer.objects.living()
    return Audience(
        with_email=Customer.objects.with_email().count(),
        recipients=recipients_of(campaign).count() if with_recipients else None,
        bounced=living.filter(has_email=True, mail_bounced_at__isnull=False).count(),
        no_address=living.filter(has_email=False).count(),
        erased=Customer.objects.filter(erased_at__isnull=False).count(),
    )


def recipients_of(campaign):
    """Who may be written to now, as a queryset: asked at the start, and again before each mail leaves.

    Of information about services nobody who stopped that purpose, or all use (Article 35); the other kinds reach
    everybody who has a mail address that works.
    """
    kind, people = CampaignKind(campaign.kind), Customer.objects.with_email()
    if kind.goes_to_everybody:
        return people
    stopped = Suspension.objects.of_use_for(kind.purpose)  # on the record that stays, or on one that was joined to it
    own, joined = stopped.filter(customer=OuterRef("pk")), stopped.filter(customer__merged_into=OuterRef("pk"))
    return people.filter(~Exists(own), ~Exists(joined))


def _create_deliveries(campaign):
    """One row for each recipient, made by the database. Returns how many."""
    sql, parameters = recipients_of(campaign).values("id").order_by("id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO consent_delivery (campaign_id, customer_id, state, attempts, not_before) "  # noqa: S608
            f"SELECT %s, people.id, 'WAITING', 0, now() FROM ({sql}) people",
            [campaign.pk, *parameters],
        )
        return cursor.rowcount


def _check_ready(campaign, status):
    if status in CampaignStatus(campaign.status).next and (found := obstacles(campaign)):
        raise NotReady(found)


def _check_second(campaign, by):
    if by.pk in (campaign.drafted_by_id, campaign.submitted_by_id):
        raise SamePerson(
            _("You wrote or submitted %(campaign)s yourself: another person must start it.") % {"campaign": campaign}
        )


def _lock(campaign):
    return Campaign.objects.select_for_update().get(pk=campaign.pk)


def _move(campaign, status, act, *, by, **changes):
    if status not in CampaignStatus(campaign.status).next:
        raise MoveNotAllowed(campaign, status)
    campaign.status = status
    for field, value in changes.items():
        setattr(campaign, field, value)
    campaign.save()
    counts = numbers(campaign).counts if campaign.started_at else {}
    record(f"campaign.{act}", subject=campaign, by=by, **counts)
    return campaign
