"""What only shows between transactions: several workers that look at the same morning."""

import threading

from django.db import connection
from django.utils import timezone

from audit.models import OutgoingMail
from consent.models import Nudge
from consent.schedule import watch_versions
from tests.factories.consent import PolicyVersionFactory


def test_workers_that_look_at_once_tell_once(committed):
    PolicyVersionFactory(effective_on=timezone.localdate())
    together, faults = threading.Barrier(4), []

    def look():
        try:
            together.wait(30)
            watch_versions()
        except Exception as fault:  # noqa: BLE001 whatever it is fails the test
            faults.append(fault)
        finally:
            connection.close()

    workers = [threading.Thread(target=look) for _worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert faults == []
    assert Nudge.objects.count() == OutgoingMail.objects.filter(kind="consent.nudge").count() == 1
