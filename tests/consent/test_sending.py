import itertools
import threading
import time

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import Actor, Entry
from config.sink import DROP
from consent import mail
from consent.exceptions import LeaseLost
from consent.models import CampaignStatus, Delivery, DeliveryState, Tally
from consent.services import campaigns, sending, slots
from consent.services.progress import numbers
from tests.factories.consent import CampaignFactory, DeliveryFactory, RecipientFactory, an_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    """Sending to three people."""
    campaign = CampaignFactory.at(CampaignStatus.SENDING, recipients=3)
    for language in ("ja", "ja", "en"):
        DeliveryFactory(campaign=campaign, customer=RecipientFactory(language=language))
    return campaign


def states(campaign):
    return sorted(campaign.deliveries.values_list("state", flat=True))


def make_due(campaign):
    """What the passing of time does."""
    campaign.deliveries.update(not_before=timezone.now())


def test_everybody_gets_one_mail_and_the_campaign_ends(campaign, sink):
    assert sending.send(campaign) is False

    campaign.refresh_from_db()
    assert sink.recipients == sorted(delivery.customer.email for delivery in campaign.deliveries.all())
    assert states(campaign) == ["SENT"] * 3
    assert campaign.status == CampaignStatus.DONE
    assert campaign.finished_by == Actor.system()
    last = Entry.objects.latest("id")
    assert (last.action, last.details["sent"]) == ("campaign.finished", 3)


def test_the_mail_is_in_the_language_of_its_reader_and_holds_no_value(campaign, sink):
    sending.send(campaign)

    by_recipient = {mail.recipients[0]: mail.message for mail in sink.mails}
    for delivery in campaign.deliveries.select_related("customer"):
        message = by_recipient[delivery.customer.email]
        assert message["To"] == delivery.customer.email
        assert message["Message-ID"] == f"<{delivery.pk}.{campaign.number}@office-ant.co.jp>"
        assert message["Content-Language"] == delivery.customer.language
        words = "変わります" if delivery.customer.language == "ja" else "changes on"
        for form in ("plain", "html"):
            text = message.get_body([form]).get_content()
            assert words in text
            assert f"/policy/{campaign.policy_version.number}/changes/" in text
        assert delivery.customer.number not in message.as_string()


def test_a_batch_leaves_one_entry_with_its_count(campaign, sink):
    sending.send(campaign)

    entry = Entry.objects.get(action="campaign.batch_taken")
    assert entry.details["count"] == 3
    assert len(entry.details["digest"]) == 64


def test_a_second_shift_sends_nothing_twice(campaign, sink):
    sending.send(campaign)
    sending.send(campaign)

    assert len(sink.mails) == 3


@pytest.mark.parametrize("status", [status for status in CampaignStatus if status != CampaignStatus.SENDING])
def test_only_a_campaign_that_is_sending_sends(status, sink):
    campaign = CampaignFactory.at(status)
    DeliveryFactory(campaign=campaign)

    assert sending.send(campaign) is False
    assert sink.mails == []


@pytest.mark.parametrize(("phase", "code"), list(itertools.product(["RCPT", "DATA"], [550, 554])))
def test_5xx_is_a_bounce_and_not_tried_again(campaign, sink, phase, code):
    sink.answer = lambda at, mail: code if at == phase else None

    sending.send(campaign)
    make_due(campaign)
    sending.send(campaign)

    assert states(campaign) == ["BOUNCED"] * 3
    assert set(campaign.deliveries.values_list("answer_code", "attempts")) == {(code, 1)}
    assert sink.asked.count("RCPT") == 3
    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.DONE


@pytest.mark.parametrize(
    ("phase", "answer", "noted"),
    [
        ("RCPT", 450, 450),
        ("DATA", 451, 451),
        ("RCPT", 421, 421),
        ("DATA", 421, 421),
        ("RCPT", DROP, None),
        ("DATA", DROP, None),
    ],
)
def test_4xx_and_lost_connections_are_tried_again_later(campaign, sink, phase, answer, noted):
    sink.answer = lambda at, mail: answer if at == phase else None

    assert sending.send(campaign) is False

    assert states(campaign) == ["WAITING"] * 3
    for delivery in campaign.deliveries.all():
        assert (delivery.attempts, delivery.answer_code, delivery.slot) == (1, noted, None)
        assert 5 < (delivery.not_before - timezone.now()).total_seconds() <= sending.WAITS[0]

    sink.answer = None
    make_due(campaign)
    sending.send(campaign)

    assert states(campaign) == ["SENT"] * 3
    assert len(sink.recipients) == 3


def test_waits_grow_and_end():
    assert sorted(sending.WAITS) == sending.WAITS
    assert sum(sending.WAITS) > 24 * 60 * 60


def test_after_the_last_attempt_it_is_a_bounce(sink):
    delivery = DeliveryFactory(attempts=sending.GIVE_UP - 1)
    sink.answer = lambda at, mail: 450 if at == "RCPT" else None

    sending.send(delivery.campaign)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.answer_code) == (DeliveryState.BOUNCED, 450)


def test_a_server_that_is_away_costs_no_attempt(campaign, settings, monkeypatch):
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    monkeypatch.setattr(sending, "SHIFT_SECONDS", 1)

    assert sending.send(campaign) is False

    assert set(campaign.deliveries.values_list("state", "attempts", "slot")) == {("WAITING", 0, None)}
    assert sending.has_work(campaign)


def test_a_server_that_refuses_us_bounces_nobody(campaign, sink, monkeypatch):
    monkeypatch.setattr(sending, "SHIFT_SECONDS", 1)
    sink.answer = lambda at, mail: 554 if at == "CONNECT" else None

    sending.send(campaign)

    assert states(campaign) == ["WAITING"] * 3


@pytest.mark.parametrize(
    "change",
    [
        {"erased_at": timezone.now(), "has_email": False}, {"has_email": False},
        {"mail_bounced_at": timezone.now()}, "merged",
    ],
)  # fmt: skip
def test_who_left_meanwhile_is_left_out(campaign, sink, change):
    customer = campaign.deliveries.first().customer
    if change == "merged":
        customer.merged_into = RecipientFactory()
    else:
        for field, value in change.items():
            setattr(customer, field, value)
        customer.erased_by = an_actor() if customer.erased_at else None
        customer.mail_bounced_by = an_actor() if customer.mail_bounced_at else None
    customer.save()

    sending.send(campaign)

    assert states(campaign) == ["SENT", "SENT", "SKIPPED"]
    assert customer.email not in sink.recipients
    assert numbers(campaign).skipped == 1


@pytest.mark.parametrize(
    "address", ["名前@example.test", "no-at-sign", "two words@example.test", "a@b\r\nRCPT TO:<c@d>"]
)
def test_an_address_to_which_no_mail_can_go_is_a_bounce(address, sink):
    delivery = DeliveryFactory(customer=RecipientFactory(email=address))

    sending.send(delivery.campaign)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.answer_code) == (DeliveryState.BOUNCED, sending.NOWHERE)
    assert set(sink.asked) <= {"CONNECT"}


def test_an_old_carrier_address_is_quoted(sink):
    delivery = DeliveryFactory(customer=RecipientFactory(email="abc..d.@docomo.ne.jp"))

    sending.send(delivery.campaign)

    assert sink.recipients == ['"abc..d."@docomo.ne.jp']


@pytest.mark.parametrize("phase", ["RCPT", "DATA"])
@pytest.mark.parametrize("pipelining", [True, False])
def test_a_refused_recipient_in_one_breath_costs_the_others_nothing(sink, monkeypatch, pipelining, phase):
    if not pipelining:
        monkeypatch.setattr("config.sink.GREETING", "250 sink.invalid")
    monkeypatch.setattr(sending, "LANES", 1)
    campaign = CampaignFactory.at(CampaignStatus.SENDING, recipients=6)
    for number in range(6):
        DeliveryFactory(campaign=campaign, customer=RecipientFactory(email=f"p{number}@example.test"))
    sink.answer = lambda at, mail: "550 no" if at == phase and mail.recipients[-1:] == ("p2@example.test",) else None

    sending.send(campaign)

    assert sorted(each.recipients[0] for each in sink.mails) == [
        f"p{number}@example.test" for number in (0, 1, 3, 4, 5)
    ]
    assert all(each.message["To"] == each.recipients[0] for each in sink.mails)
    assert campaign.deliveries.get(state="BOUNCED").customer.email == "p2@example.test"


def test_a_pause_is_felt_and_gives_everything_back(sink, monkeypatch):
    sink.delay = 0.05
    campaign = CampaignFactory.at(CampaignStatus.SENDING, recipients=60)
    for _number in range(60):
        DeliveryFactory(campaign=campaign)

    sending.send(campaign, may_go_on=lambda: not sink.mails)

    sent = campaign.deliveries.filter(state="SENT").count()
    assert 0 < sent < 60
    assert len(sink.mails) == sent
    assert not campaign.deliveries.filter(slot__isnull=False).exists()


def test_rows_of_a_sender_that_died_are_sent_by_the_next(campaign, sink):
    campaign.deliveries.update(slot=3)

    sending.send(campaign)

    assert states(campaign) == ["SENT"] * 3


def test_a_row_that_is_not_ours_any_more_stops_the_sender(campaign, sink):
    shift = sending.Shift(campaign, 0, lambda: True)
    delivery = campaign.deliveries.first()
    parcel = sending.Parcel(delivery.pk, 0, "a@example.test", "ja")

    shift._mark(parcel, DeliveryState.SENT, 250)
    with pytest.raises(LeaseLost):
        shift._settle()
    with pytest.raises(LeaseLost):  # and nothing more is handed over
        shift._mark(parcel, DeliveryState.SENT, 250)


def test_only_one_mail_is_in_doubt_at_a_time(campaign, sink):
    """What bounds the duplicates of a killed process to one."""
    lock, seen, most = threading.Lock(), set(), []
    hand_over, mark = mail.Connection.hand_over, sending.Shift._mark

    class Watched(mail.Connection):
        def hand_over(self, data):
            with lock:
                seen.add(data)
                most.append(len(seen))
            time.sleep(0.02)
            return hand_over(self, data)

    def watched_mark(shift, parcel, *rest, **named):
        mark(shift, parcel, *rest, **named)
        with lock:
            seen.clear()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mail, "Connection", Watched)
        patch.setattr(sending.Shift, "_mark", watched_mark)
        sending.send(campaign)

    assert max(most) == 1
    assert len(sink.mails) == 3


def test_tallies_and_rows_say_the_same(sink):
    campaign = CampaignFactory.at(CampaignStatus.SENDING, recipients=6)
    for number in range(6):
        DeliveryFactory(campaign=campaign, customer=RecipientFactory(email=f"p{number}@example.test"))
    sink.answer = lambda at, mail: {"p1": 550, "p2": 450}.get(mail.recipients[-1][:2]) if at == "RCPT" else None
    customer = campaign.deliveries.last().customer
    customer.has_email = False
    customer.save()

    sending.send(campaign)

    found = numbers(campaign)
    assert (found.sent, found.bounced, found.skipped, found.waiting, found.deferred) == (3, 1, 1, 1, 1)
    for state in DeliveryState:
        assert campaign.deliveries.filter(state=state).count() == getattr(found, state.lower())
    assert found.sent + found.bounced + found.skipped + found.waiting == found.total == 6
    assert found.last_sent == Tally.objects.latest("last_sent").last_sent


def test_a_slot_is_free_as_soon_as_its_holder_leaves(campaign):
    with slots.hold(campaign) as slot:
        assert slot == 0

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s", [campaign.pk])
        assert cursor.fetchone() == (0,)


def test_a_campaign_with_rows_of_others_does_not_end(campaign):
    assert campaigns.finish(campaign, by=Actor.system()) is False
    Delivery.objects.filter(campaign=campaign).update(slot=2)
    assert campaigns.finish(campaign, by=Actor.system()) is False
