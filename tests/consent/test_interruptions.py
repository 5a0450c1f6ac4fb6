"""A sender whose database goes away under it. On committed rows, since a session's end ends its transaction."""

import threading
import time

import psycopg
import pytest
from django.db import connection

from consent.models import CampaignStatus
from consent.services import sending, slots
from consent.services.progress import numbers
from tests.factories.consent import CampaignFactory, DeliveryFactory

PEOPLE = 40
HOLDERS = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND classid = %s
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@pytest.fixture
def campaign(committed, sink):
    sink.delay = 0.02
    campaign = CampaignFactory.at(CampaignStatus.SENDING, recipients=PEOPLE)
    for _number in range(PEOPLE):
        DeliveryFactory(campaign=campaign)
    return campaign


def server():
    options = connection.get_connection_params()
    for only_for_django in ("context", "cursor_factory", "prepare_threshold"):
        options.pop(only_for_django, None)
    return {**options, "autocommit": True}


def test_a_lost_database_costs_no_mail_and_repeats_none(campaign, sink):
    options = server()

    def cut():
        for mails in (5, 15, 25):
            while len(sink.mails) < mails:
                time.sleep(0.005)
            with psycopg.connect(**options) as other:
                while not other.execute(HOLDERS, [slots.LOCK_SPACE]).fetchall():
                    time.sleep(0.01)

    cutter = threading.Thread(target=cut)
    cutter.start()
    interrupted = 0
    for _shift in range(10):
        try:
            sending.send(campaign)
        except sending.INTERRUPTIONS:
            interrupted += 1
            connection.close()
        campaign.refresh_from_db()
        if campaign.status == CampaignStatus.DONE:
            break
    cutter.join()

    assert interrupted == 3
    assert campaign.status == CampaignStatus.DONE
    assert len(set(sink.recipients)) == PEOPLE
    assert len(sink.mails) == PEOPLE
    assert numbers(campaign).sent == PEOPLE


def test_two_senders_at_once_send_each_mail_once(campaign, sink):
    def work():
        try:
            sending.send(campaign)
        finally:
            connection.close()

    senders = [threading.Thread(target=work) for _number in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert len(sink.mails) == len(set(sink.recipients)) == PEOPLE
    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.DONE
