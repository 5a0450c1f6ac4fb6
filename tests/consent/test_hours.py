"""A notice that starts by itself, and its reminder a week before the version comes into force."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from audit.models import Entry
from consent.exceptions import MoveNotAllowed, NotReady, SamePerson
from consent.models import Campaign, CampaignKind, CampaignStatus, Delivery
from consent.schedule import pick_up_campaigns
from consent.services import campaigns
from customers.models import Customer
from tests.factories.audit import sign_in
from tests.factories.consent import CampaignFactory, PolicyVersionFactory, RecipientFactory, an_actor

pytestmark = pytest.mark.django_db
TOKYO = ZoneInfo("Asia/Tokyo")
NOW = dt.datetime(2026, 12, 1, 12, 0, tzinfo=TOKYO)
DATE = "2026-12-20"


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def submitted(clock):
    RecipientFactory.create_batch(2)
    version = PolicyVersionFactory.in_force_from(DATE)
    return CampaignFactory.at(CampaignStatus.SUBMITTED, policy_version=version)


def test_it_starts_at_its_hour_in_the_name_of_who_scheduled_it(clock, submitted):
    by = an_actor()
    campaigns.schedule(submitted, at=NOW + dt.timedelta(hours=5), by=by)
    pick_up_campaigns()
    assert not Delivery.objects.exists()
    clock.move_to(NOW + dt.timedelta(hours=5))
    for _twice in range(2):
        pick_up_campaigns()

    submitted.refresh_from_db()
    assert (submitted.status, submitted.started_by, submitted.recipients) == (CampaignStatus.SENDING, by, 2)
    assert Entry.objects.filter(action="campaign.started").count() == 1


def test_what_cannot_start_at_its_hour_waits_for_a_person(clock, submitted):
    campaigns.schedule(submitted, at=NOW + dt.timedelta(hours=5), by=an_actor())
    Customer.objects.update(has_email=False)
    clock.move_to(NOW + dt.timedelta(hours=5))
    pick_up_campaigns()

    submitted.refresh_from_db()
    assert (submitted.status, submitted.scheduled_for) == (CampaignStatus.SUBMITTED, None)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW, "これから"),
        (NOW - dt.timedelta(seconds=1), "これから"),
        (NOW + dt.timedelta(days=400), "これから"),
        (dt.datetime(2026, 12, 20, 0, 0, tzinfo=TOKYO), "もう有効"),
    ],
)
def test_an_hour_that_does_not_do_is_refused(submitted, at, words):
    with pytest.raises(NotReady, match=words) as refusal:
        campaigns.schedule(submitted, at=at, by=an_actor())

    assert refusal.value.field == "day"


def test_the_last_minute_before_the_date_does(submitted):
    at = dt.datetime(2026, 12, 19, 23, 59, tzinfo=TOKYO)

    assert campaigns.schedule(submitted, at=at, by=an_actor()).scheduled_for == at


@pytest.mark.parametrize("who", ["drafted_by", "submitted_by"])
def test_a_second_person_schedules(submitted, who):
    with pytest.raises(SamePerson):
        campaigns.schedule(submitted, at=NOW + dt.timedelta(hours=1), by=getattr(submitted, who))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE consent_campaign SET scheduled_by_id = drafted_by_id",
        "UPDATE consent_campaign SET scheduled_at = NULL, scheduled_by_id = NULL",
        "UPDATE consent_campaign SET scheduled_for = NULL",
        "UPDATE consent_campaign SET kind = 'TERMS_CHANGE', policy_version_id = NULL, with_reminder = true",
    ],
)
def test_the_database_refuses_the_same(assert_refused, submitted, sql):
    campaigns.schedule(submitted, at=NOW + dt.timedelta(hours=1), by=an_actor())

    assert_refused(sql, "campaign_is_scheduled_by_a_second|campaign_scheduled_at|has_an_hour|reminds_only")


def test_the_desk_takes_the_hour_as_people_type_it(client, submitted):
    sign_in(client, "notice_approver")
    url = reverse("admin:consent_campaign_schedule", args=[submitted.pk])
    for typed in ("25:00", "9", "九時", "9:60"):
        page = client.post(url, {"day": "2026-12-07", "hour": typed}).text
        assert "9:00や17:30" in page
        assert f'value="{typed}"' in page
    client.post(url, {"day": "令和8年12月7日", "hour": "９時３０分"})

    submitted.refresh_from_db()
    assert submitted.scheduled_for == dt.datetime(2026, 12, 7, 9, 30, tzinfo=TOKYO)
    page = client.get(reverse("admin:consent_campaign_change", args=[submitted.pk])).text
    assert "2026年12月7日 9:30" in page.replace("09:30", "9:30")
    client.post(reverse("admin:consent_campaign_unschedule", args=[submitted.pk]), {})
    submitted.refresh_from_db()
    assert submitted.status == CampaignStatus.SUBMITTED


# reminders


def reminded(submitted, **values):
    Campaign.objects.filter(pk=submitted.pk).update(with_reminder=True, **values)
    submitted.refresh_from_db()
    return submitted


def test_a_reminder_goes_at_nine_in_the_morning_a_week_before(clock, submitted):
    by = an_actor()
    campaigns.start(reminded(submitted), by=by)
    reminder = Campaign.objects.get(reminds_of=submitted)

    assert reminder.scheduled_for == dt.datetime(2026, 12, 13, 9, 0, tzinfo=TOKYO)
    assert (reminder.scheduled_by, reminder.body_ja) == (by, submitted.body_ja)
    assert reminder.title_ja.startswith("（再度のお知らせ）")
    clock.move_to(reminder.scheduled_for)
    pick_up_campaigns()
    assert Delivery.objects.filter(campaign=reminder).count() == 2
    reminder.refresh_from_db()
    assert not Campaign.objects.filter(reminds_of=reminder).exists()


@pytest.mark.parametrize(
    ("effective_on", "expected"), [("2026-12-08", False), ("2026-12-09", False), ("2026-12-10", True)]
)
def test_no_reminder_comes_less_than_a_day_after_its_notice(clock, submitted, effective_on, expected):
    version = PolicyVersionFactory.in_force_from(effective_on)
    campaigns.start(reminded(submitted, policy_version=version), by=an_actor())

    assert Campaign.objects.filter(reminds_of=submitted).exists() == expected


def test_who_came_meanwhile_gets_the_reminder_and_who_was_erased_does_not(clock, submitted):
    campaigns.start(reminded(submitted), by=an_actor())
    RecipientFactory()
    clock.move_to(dt.datetime(2026, 12, 13, 9, 0, tzinfo=TOKYO))
    pick_up_campaigns()

    assert Campaign.objects.get(reminds_of=submitted).recipients == 3


def test_only_a_change_of_the_policy_has_a_reminder(clock):
    texts = {"title_ja": "件名", "title_en": "Subject", "body_ja": "本文", "body_en": "Text"}
    campaign = campaigns.draft(kind=CampaignKind.TERMS_CHANGE, with_reminder=True, **texts, by=an_actor())

    assert not campaign.with_reminder


def test_the_page_before_the_start_says_when_the_reminder_goes(client, submitted):
    sign_in(client, "notice_approver", "en")
    start = reverse("admin:consent_campaign_start", args=[reminded(submitted).pk])

    assert "13 Dec 2026, 09:00" in client.get(start).text
    Campaign.objects.filter(pk=submitted.pk).update(policy_version=PolicyVersionFactory.in_force_from("2026-12-03"))
    assert "too near" in client.get(start).text


def test_a_notice_that_is_stopped_takes_its_reminder_along(clock, submitted):
    campaigns.stop(campaigns.start(reminded(submitted), by=an_actor()), by=an_actor())

    assert Campaign.objects.get(reminds_of=submitted).status == CampaignStatus.STOPPED


def test_a_reminder_can_be_stopped_before_it_goes(clock, submitted):
    campaigns.start(reminded(submitted), by=an_actor())
    reminder = campaigns.stop(Campaign.objects.get(reminds_of=submitted), by=an_actor())
    clock.move_to(dt.datetime(2026, 12, 14, 9, 0, tzinfo=TOKYO))
    pick_up_campaigns()

    assert not Delivery.objects.filter(campaign=reminder).exists()
    with pytest.raises(MoveNotAllowed):
        campaigns.start(reminder, by=an_actor())
    assert timezone.now() > reminder.scheduled_for
