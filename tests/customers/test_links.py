import threading

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from audit.models import Actor
from customers.exceptions import LinkError, LinkExpired, LinkUnknown, LinkUsed
from customers.models import OneTimeLink
from customers.services import links


@pytest.fixture
def subject(db):
    return Actor.system()


def test_a_link_shows_as_often_as_it_is_opened_and_is_consumed_once(subject):
    token = links.issue(subject, purpose="download", days=7)

    assert [links.find(token, "download") for _scan in range(5)] == [subject.pk] * 5
    assert links.consume(token, "download") == subject.pk

    for again in (links.find, links.consume):
        with pytest.raises(LinkUsed):
            again(token, "download")


def test_a_link_opens_for_its_purpose_only(subject):
    token = links.issue(subject, purpose="status", days=7)

    with pytest.raises(LinkUnknown):
        links.find(token, "download")


def test_a_link_ends(subject):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        token = links.issue(subject, purpose="status", days=7)
        clock.shift(7 * 24 * 60 * 60 - 1)
        links.find(token, "status")
        clock.shift(1)

        for use in (links.find, links.consume):
            with pytest.raises(LinkExpired):
                use(token, "status")
        clock.shift(31 * 24 * 60 * 60)
        assert links.sweep() == 1


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud83d", "あ", "a" * 100_000, "../..", "%00"])
def test_hostile_tokens_are_unknown(db, token):
    with pytest.raises(LinkUnknown):
        links.find(token, "status")


def test_a_token_is_long_and_stands_nowhere(subject):
    token = links.issue(subject, purpose="status", days=7)

    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM customers_onetimelink t")
        row = cursor.fetchone()[0]

    assert len(token) == 43
    assert token not in row
    assert token.encode().hex() not in row


def test_links_of_a_subject_are_revoked_by_purpose(subject):
    old, other = (links.issue(subject, purpose=purpose, days=7) for purpose in ("status", "download"))

    assert links.revoke(subject, purpose="status") == 1

    with pytest.raises(LinkUsed):
        links.find(old, "status")
    assert links.find(other, "download") == subject.pk


def test_two_at_the_same_time_are_one(committed, django_db_blocker):
    outcomes = []

    def consume():
        try:
            outcomes.append(links.consume(token, "download"))
        except LinkError as error:
            outcomes.append(type(error))
        finally:
            connection.close()

    with django_db_blocker.unblock():
        subject = Actor.system()
        token = links.issue(subject, purpose="download", days=1)
        threads = [threading.Thread(target=consume) for _press in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert OneTimeLink.objects.count() == 1

    assert outcomes.count(subject.pk) == 1
    assert outcomes.count(LinkUsed) == 7
