import os

import pytest
from django.utils import timezone

from audit.services import jobs
from consent import schedule, tasks
from consent.models import CampaignStatus
from consent.services import campaigns, sending
from tests.factories.consent import CampaignFactory, DeliveryFactory, RecipientFactory, an_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def hints(monkeypatch):
    """What would have gone to the broker."""
    sent = []
    monkeypatch.setattr(jobs, "hint", lambda name, **arguments: sent.append((name, arguments)) or True)
    return sent


def test_a_started_campaign_calls_as_many_senders_as_it_may_have(hints, settings, django_capture_on_commit_callbacks):
    settings.NOTICE_SENDERS = 3
    RecipientFactory()
    with django_capture_on_commit_callbacks(execute=True):
        campaign = campaigns.start(CampaignFactory.at(CampaignStatus.SUBMITTED), by=an_actor())
    ((name, arguments),) = hints
    assert name == "consent.deliver_notices"
    hints.clear()

    tasks.deliver_notices(**arguments)
    tasks.deliver_notices(**arguments)  # the same message twice

    assert hints == [("consent.send_notices", {"campaign_id": campaign.pk})] * 3


def test_a_shift_that_left_work_stands_in_line_again(hints, sink, monkeypatch):
    monkeypatch.setattr(sending, "SHIFT_SECONDS", 0)
    delivery = DeliveryFactory()

    tasks.send_notices(campaign_id=delivery.campaign_id)

    assert hints == [("consent.send_notices", {"campaign_id": delivery.campaign_id})]


def test_without_a_broker_a_sender_goes_on_by_itself(sink, monkeypatch):
    monkeypatch.setattr(jobs, "hint", lambda name, **arguments: False)
    monkeypatch.setattr(sending, "SHIFT_SECONDS", 0.3)
    monkeypatch.setattr(sending, "BATCH", 2)
    campaign = CampaignFactory.at(CampaignStatus.SENDING, recipients=8)
    for _number in range(8):
        DeliveryFactory(campaign=campaign, customer=RecipientFactory())
    sink.delay = 0.1

    tasks.send_notices(campaign_id=campaign.pk)

    assert len(sink.mails) == 8


def test_a_finished_campaign_calls_nobody(hints, sink):
    delivery = DeliveryFactory()

    tasks.send_notices(campaign_id=delivery.campaign_id)

    delivery.refresh_from_db()
    assert (delivery.state, hints) == ("SENT", [])


@pytest.mark.parametrize(
    ("change", "called"),
    [
        ({}, True), ({"slot": 2}, True), ({"state": "SENT"}, True),
        ({"not_before": timezone.now() + timezone.timedelta(hours=1)}, False),
    ],
)  # fmt: skip
def test_the_clock_calls_where_something_is_to_be_done(hints, change, called):
    DeliveryFactory(**change)

    schedule.pick_up_campaigns()

    assert bool(hints) == called


@pytest.mark.parametrize("status", [status for status in CampaignStatus if status != CampaignStatus.SENDING])
def test_the_clock_leaves_other_campaigns_alone(hints, status):
    DeliveryFactory(campaign=CampaignFactory.at(status))

    schedule.pick_up_campaigns()

    assert hints == []


def test_a_worker_that_starts_looks_for_work(hints):
    schedule.look_for_work(sender=None)

    assert hints == [("consent.pick_up_campaigns", {})]


def test_a_process_notices_that_its_parent_is_gone(monkeypatch):
    with tasks.outliving_the_parent() as has_parent:
        assert has_parent()
        real = os.getppid()
        monkeypatch.setattr(os, "getppid", lambda: real + 1)
        assert not has_parent()
        monkeypatch.undo()
