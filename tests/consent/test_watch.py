"""Versions whose date comes nearer and notices that stand still reach the dashboard, and who is in charge by mail."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail

from audit.models import OutgoingMail
from audit.services import outbox
from consent.models import CampaignStatus, Nudge, PolicyStatus, Tally
from consent.schedule import watch_campaigns, watch_versions
from consent.services import campaigns, watch
from tests.factories.audit import StaffFactory, sign_in
from tests.factories.consent import CampaignFactory, PolicyVersionFactory, an_actor

pytestmark = pytest.mark.django_db
TOKYO = ZoneInfo("Asia/Tokyo")
NOW = dt.datetime(2026, 12, 1, 8, 10, tzinfo=TOKYO)
What = Nudge.What


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def day(number):
    return (NOW.date() + dt.timedelta(days=number)).isoformat()


VERSIONS = [
    ("DRAFT", 15, None), ("DRAFT", 14, What.DRAFT_LATE), ("SUBMITTED", 0, What.DRAFT_LATE),
    ("DRAFT", -3, What.DRAFT_LATE), ("WITHDRAWN", 3, None), ("APPROVED", 8, None), ("APPROVED", 7, What.NOT_TOLD),
    ("APPROVED", 1, What.NOT_TOLD), ("APPROVED", 0, None),
]  # fmt: skip


@pytest.mark.parametrize(("status", "days", "expected"), VERSIONS)
def test_which_versions_wait(status, days, expected):
    PolicyVersionFactory.at(PolicyStatus(status), effective_on=dt.date.fromisoformat(day(days)))

    assert [each.what for each in watch.versions()] == ([expected] if expected else [])


@pytest.mark.parametrize("status", CampaignStatus)
def test_a_version_is_told_once_its_notice_has_ended(status):
    version = PolicyVersionFactory.in_force_from(day(5))
    CampaignFactory.at(status, policy_version=version)

    assert bool(watch.versions()) == (status != CampaignStatus.DONE)


def test_a_notice_that_stands_still_waits(clock):
    paused = CampaignFactory.at(CampaignStatus.PAUSED, recipients=5)
    going = CampaignFactory.at(CampaignStatus.SENDING, recipients=5)
    stalled = CampaignFactory.at(CampaignStatus.SENDING, recipients=5)
    CampaignFactory.at(CampaignStatus.DONE, recipients=5)
    clock.move_to(NOW + dt.timedelta(minutes=6))
    minute = NOW + dt.timedelta(minutes=5)
    Tally.objects.create(campaign=going, minute=minute, slot=1, sent=1, last_sent=minute)
    assert [(each.what, each.thing) for each in watch.campaigns()] == [(What.STALLED, stalled)]
    clock.move_to(NOW + dt.timedelta(hours=25))

    assert {(each.what, each.thing) for each in watch.campaigns()} == {
        (What.PAUSED, paused), (What.STALLED, going), (What.STALLED, stalled),
    }  # fmt: skip


def test_a_notice_that_was_just_resumed_does_not_stand_still(clock):
    campaign = CampaignFactory.at(CampaignStatus.PAUSED, recipients=5)
    Tally.objects.create(campaign=campaign, minute=NOW, slot=1, sent=1, last_sent=NOW)
    clock.shift(dt.timedelta(hours=1))
    resumed = campaigns.resume(campaign, by=an_actor())

    clock.shift(dt.timedelta(minutes=5))
    assert not watch.campaigns()
    clock.shift(dt.timedelta(seconds=1))
    assert [(each.what, each.thing) for each in watch.campaigns()] == [(What.STALLED, resumed)]


def test_a_stall_is_told_once_and_the_next_one_anew(clock):
    campaign = CampaignFactory.at(CampaignStatus.SENDING, recipients=5)
    for minutes in (6, 5, 5):
        clock.shift(dt.timedelta(minutes=minutes))
        watch_campaigns()
    assert OutgoingMail.objects.filter(kind="consent.nudge").count() == 1

    Tally.objects.create(campaign=campaign, minute=NOW, slot=1, sent=1, last_sent=dt.datetime.now(TOKYO))
    for _look in range(3):
        clock.shift(dt.timedelta(minutes=5, seconds=1))
        watch_campaigns()
    assert OutgoingMail.objects.filter(kind="consent.nudge").count() == 2


def test_each_occasion_is_told_once(clock):
    version = PolicyVersionFactory(effective_on=dt.date.fromisoformat(day(3)))
    campaign = CampaignFactory.at(CampaignStatus.PAUSED, recipients=5)
    for _morning in range(3):
        watch_versions(), watch_campaigns()
        clock.shift(dt.timedelta(days=1))
    assert sorted(Nudge.objects.values_list("what", flat=True)) == [What.DRAFT_LATE, What.PAUSED]

    campaigns.pause(campaigns.resume(campaign, by=an_actor()), by=an_actor())
    version.effective_on = dt.date.fromisoformat(day(10))
    version.save()
    clock.shift(dt.timedelta(days=2))
    watch_versions(), watch_campaigns()
    assert sorted(Nudge.objects.values_list("what", flat=True)) == [What.DRAFT_LATE] * 2 + [What.PAUSED] * 2
    assert OutgoingMail.objects.filter(kind="consent.nudge").count() == 4


WHO = [({"email": "author@example.test"}, "author@example.test"), ({"email": ""}, "info@office-ant.co.jp"),
       ({"email": "gone@example.test", "is_active": False}, "info@office-ant.co.jp")]  # fmt: skip


@pytest.mark.parametrize(("staff", "to"), WHO)
def test_the_mail_goes_to_who_is_in_charge_and_names_the_number_alone(staff, to):
    version = PolicyVersionFactory(
        effective_on=dt.date.fromisoformat(day(3)), drafted_by=StaffFactory(**staff).actor, summary_ja="秘密の要旨"
    )
    watch_versions()
    outbox.deliver_due()

    (sent,) = mail.outbox
    assert sent.to == [to]
    assert sent.subject == f"{version}をご確認ください"
    assert "施行日が近いか過ぎている版" in sent.body
    assert "秘密" not in sent.body


def test_it_stands_on_the_dashboard_with_its_link(client):
    late = PolicyVersionFactory(effective_on=dt.date.fromisoformat(day(2)))
    untold = PolicyVersionFactory.in_force_from(day(5))
    CampaignFactory.at(CampaignStatus.SCHEDULED, policy_version=untold)
    sign_in(client, "notice_author", "en")
    page = client.get("/admin/").text

    assert f"Version {late} is not approved" in page
    assert f"No notice of version {untold} has ended" in page
    assert f"/admin/consent/policyversion/{late.pk}/change/" in page
    assert "starts by itself" in page


def test_the_database_keeps_an_occasion_from_being_told_twice(assert_refused):
    version = PolicyVersionFactory(effective_on=dt.date.fromisoformat(day(3)))
    watch_versions()

    assert_refused(
        "INSERT INTO consent_nudge (what, version_id, key, at) SELECT what, version_id, key, at FROM consent_nudge",
        "nudge_is_sent_once",
    )
    assert_refused(
        "INSERT INTO consent_nudge (what, key, at) VALUES ('PAUSED', 'x', now())", "nudge_is_about_one_thing"
    )
    assert Nudge.objects.get().thing == version
