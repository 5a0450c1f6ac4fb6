"""The real processes that browser, worker and journey tests stand on."""

import urllib.request

from audit.models import Actor, Job
from audit.services import jobs


def test_a_worker_does_what_was_committed_and_handed_over(committed, worker):
    jobs.enqueue("audit.send_mail", by=Actor.system())

    assert worker.running
    assert Job.objects.count() == 1


def test_the_web_server_answers(web):
    with urllib.request.urlopen(f"{web.url}/", timeout=10) as page:
        assert page.status == 200
        assert "Content-Security-Policy" in page.headers
