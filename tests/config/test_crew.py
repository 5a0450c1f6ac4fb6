"""The real processes that browser, worker and journey tests stand on."""

import time
import urllib.request

import pytest

from audit.models import Entry, Link, OutgoingMail
from config.embedded import Valkey
from config.processes import DidNotStart
from tests.factories.requests_desk import a_request


def until(condition, seconds=40):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.1)


def test_the_worker_sends_what_was_committed(committed, worker, smtp_sink):
    request = a_request()

    (mail,) = smtp_sink.wait_for(1, patience=40)

    assert mail.recipients == (request.email,)
    until(lambda: OutgoingMail.objects.get().finished_at)


def test_the_clock_links_the_trail(committed, worker):
    a_request()

    until(lambda: Link.objects.count() == Entry.objects.count() > 0)


def test_a_broker_that_was_flushed_and_restarted_is_found_again(committed, crew, smtp_sink, tmp_path):
    """The hint of this process goes elsewhere: what is sent, the clock has found."""
    broker = Valkey(tmp_path).start()
    crew.environment["REDIS_URL"] = broker.url
    worker, clock = crew.worker(), crew.beat()
    until(lambda: broker.client().keys("_kombu*"))
    try:
        broker.client().flushall()
        broker.kill()
        time.sleep(3)
        broker.start()
        a_request()

        smtp_sink.wait_for(1, patience=90)

        assert worker.running
        assert clock.running
    finally:
        crew.stop()
        broker.stop()


def test_the_web_server_answers(web):
    with urllib.request.urlopen(f"{web.url}/", timeout=10) as page:
        assert page.status == 200
        assert "Content-Security-Policy" in page.headers


def test_a_web_server_that_cannot_start_says_why(crew):
    crew.environment["AUDIT_KEY"] = "2" * 64

    with pytest.raises(DidNotStart, match="AUDIT_KEY"):
        crew.web()
