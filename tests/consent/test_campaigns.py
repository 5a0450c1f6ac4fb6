import datetime as dt
import itertools

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import Entry, Job
from consent.exceptions import MoveNotAllowed, NotReady, SamePerson, UnknownField
from consent.models import CAMPAIGN_MOVES, Campaign, CampaignStatus, Delivery, DeliveryState, PolicyStatus, Tally
from consent.services import campaigns
from consent.services.progress import numbers
from tests.factories.consent import (
    CampaignFactory,
    DeliveryFactory,
    PolicyVersionFactory,
    RecipientFactory,
    an_actor,
)

pytestmark = pytest.mark.django_db

TEXTS = {"title_ja": "件名", "title_en": "Subject", "body_ja": "本文", "body_en": "Text"}
STEPS = {
    "submit": (campaigns.submit, {CampaignStatus.DRAFT: CampaignStatus.SUBMITTED}),
    "send_back": (
        lambda campaign, by: campaigns.send_back(campaign, remark="直してください。", by=by),
        {CampaignStatus.SUBMITTED: CampaignStatus.DRAFT},
    ),
    "schedule": (
        lambda campaign, by: campaigns.schedule(campaign, at=timezone.now() + dt.timedelta(hours=1), by=by),
        {CampaignStatus.SUBMITTED: CampaignStatus.SCHEDULED},
    ),
    "unschedule": (campaigns.unschedule, {CampaignStatus.SCHEDULED: CampaignStatus.SUBMITTED}),
    "start": (
        campaigns.start,
        {CampaignStatus.SUBMITTED: CampaignStatus.SENDING, CampaignStatus.SCHEDULED: CampaignStatus.SENDING},
    ),
    "pause": (campaigns.pause, {CampaignStatus.SENDING: CampaignStatus.PAUSED}),
    "resume": (campaigns.resume, {CampaignStatus.PAUSED: CampaignStatus.SENDING}),
    "stop": (
        campaigns.stop,
        {status: CampaignStatus.STOPPED for status in CampaignStatus if not status.is_final},
    ),
}
ACTS = {
    "submit": "campaign.submitted", "send_back": "campaign.sent_back", "start": "campaign.started",
    "schedule": "campaign.scheduled", "unschedule": "campaign.unscheduled",
    "pause": "campaign.paused", "resume": "campaign.resumed", "stop": "campaign.stopped",
}  # fmt: skip


@pytest.mark.parametrize(("start", "step"), list(itertools.product(CampaignStatus, STEPS)))
def test_a_step_moves_a_notice_only_along_the_map(start, step):
    RecipientFactory()
    coming = timezone.localdate() + dt.timedelta(days=3)
    campaign = CampaignFactory.at(start, policy_version=PolicyVersionFactory.in_force_from(coming.isoformat()))
    by = an_actor()
    act, leads = STEPS[step]

    if start in leads:
        act(campaign, by=by)
        expected = leads[start]
        entry = Entry.objects.latest("id")
        assert (entry.action, entry.actor_id) == (ACTS[step], by.pk)
        assert expected in start.next
    else:
        with pytest.raises(MoveNotAllowed):
            act(campaign, by=by)
        expected = start

    campaign.refresh_from_db()
    assert campaign.status == expected


def test_every_status_has_its_moves():
    assert set(CAMPAIGN_MOVES) == set(CampaignStatus)
    led_to = {(start, end) for _act, leads in STEPS.values() for start, end in leads.items()}
    mapped = {(start, end) for start, ends in CAMPAIGN_MOVES.items() for end in ends}
    assert mapped - led_to == {(CampaignStatus.SENDING, CampaignStatus.DONE)}  # by the last sender


def test_a_start_makes_one_delivery_for_everybody_who_can_be_written_to():
    now = timezone.now()
    reached = RecipientFactory.create_batch(2)
    RecipientFactory(has_email=False, email="")
    RecipientFactory(has_email=False, email="", erased_at=now, erased_by=an_actor())
    RecipientFactory(mail_bounced_at=now, mail_bounced_by=an_actor())
    RecipientFactory(merged_into=reached[0])
    campaign = CampaignFactory.at(CampaignStatus.SUBMITTED)

    campaigns.start(campaign, by=an_actor())

    campaign.refresh_from_db()
    assert campaign.recipients == 2
    assert set(campaign.deliveries.values_list("customer", "state")) == {(each.pk, "WAITING") for each in reached}
    assert Job.objects.get(name="consent.deliver_notices").arguments == {"campaign": campaign.pk}
    assert numbers(campaign).counts == {"sent": 0, "bounced": 0, "skipped": 0, "waiting": 2}


def test_a_notice_to_nobody_does_not_start():
    with pytest.raises(NotReady):
        campaigns.start(CampaignFactory.at(CampaignStatus.SUBMITTED), by=an_actor())


@pytest.mark.parametrize("role", ["drafted_by", "submitted_by"])
def test_who_wrote_or_submitted_it_cannot_start_it(role):
    RecipientFactory()
    campaign = CampaignFactory.at(CampaignStatus.SUBMITTED)

    with pytest.raises(SamePerson):
        campaigns.start(campaign, by=getattr(campaign, role))
    with pytest.raises(IntegrityError, match="started_by_a_second_person"), transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(
            status=CampaignStatus.SENDING, started_at=timezone.now(), started_by=getattr(campaign, role)
        )


def test_one_recipient_has_one_delivery():
    delivery = DeliveryFactory()

    with pytest.raises(IntegrityError, match="only_one_of_its_recipient"), transaction.atomic():
        Delivery.objects.create(campaign=delivery.campaign, customer=delivery.customer)


def test_a_notice_waits_for_the_approval_of_its_version():
    campaign = CampaignFactory(policy_version=PolicyVersionFactory.at(PolicyStatus.SUBMITTED))

    with pytest.raises(NotReady):
        campaigns.submit(campaign, by=an_actor())


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize("text", ["{name}", "{customer.email}", "{}", "{0}", "{office_name!r}", "{policy_url:>9}"])
def test_a_field_that_is_not_on_the_list_is_refused(field, text):
    version = PolicyVersionFactory.at(PolicyStatus.APPROVED)

    with pytest.raises(UnknownField):
        campaigns.draft(policy_version=version, **{**TEXTS, field: text}, by=an_actor())
    assert not Campaign.objects.exists()


def test_a_revision_is_checked_and_noted_by_field():
    campaign = CampaignFactory()

    campaigns.revise(campaign, body_en="New words.", by=an_actor())
    with pytest.raises(UnknownField):
        campaigns.revise(campaign, body_en="{no}", by=an_actor())

    campaign.refresh_from_db()
    assert campaign.body_en == "New words."
    assert Entry.objects.latest("id").details == {"fields": ["body_en"]}


def test_a_stopped_notice_counts_what_was_not_sent():
    campaign = CampaignFactory.at(CampaignStatus.PAUSED, recipients=10)
    now = timezone.now()
    Tally.objects.create(campaign=campaign, minute=now, slot=0, sent=4, last_sent=now)

    campaigns.stop(campaign, by=an_actor())

    assert Entry.objects.latest("id").details["waiting"] == 6


def tally(campaign, minutes_ago, **counts):
    at = timezone.now() - dt.timedelta(minutes=minutes_ago)
    Tally.objects.create(campaign=campaign, minute=at.replace(second=0, microsecond=0), slot=0, last_sent=at, **counts)


def test_the_rate_is_that_of_the_last_five_minutes():
    campaign = CampaignFactory.at(
        CampaignStatus.SENDING, recipients=10_000, started_at=timezone.now() - dt.timedelta(hours=1)
    )
    tally(campaign, 30, sent=5000)
    for minutes in range(5):
        tally(campaign, minutes, sent=100)

    found = numbers(campaign)

    assert 90 <= found.per_minute <= 130
    assert 35 <= found.time_left.total_seconds() / 60 <= 50
    assert not found.is_stalled


def test_a_notice_without_work_left_is_not_stalled():
    campaign = CampaignFactory.at(CampaignStatus.DONE, recipients=1, started_at=timezone.now() - dt.timedelta(hours=1))
    tally(campaign, 30, sent=1)

    found = numbers(campaign)

    assert (found.is_stalled, found.time_left, found.percent) == (False, None, 100)


def test_states_are_four_and_add_up():
    assert [state.value for state in DeliveryState] == ["WAITING", "SENT", "BOUNCED", "SKIPPED"]
