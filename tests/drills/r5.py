"""R5: pressing twice is pressing once, also fifty or 200 times at the same moment."""

import threading

from django.db import connection

from consent.exceptions import ConsentError
from consent.models import Delivery
from consent.services import campaigns
from tests.drills import submitting
from tests.drills.campaigns import officers, people, submitted_campaign

QUICK = True
SIZES = {"small": 500, "full": 20_000}  # recipients
PRESSES = 50


def run(size):
    sent, started = submitting.submit(size), campaign(size)
    met = started["started"] == 1 and started["deliveries"] == started["recipients"] == started["different_recipients"]
    met = met and sent.pop("met")
    return {"counts": {f"campaign: {k}": v for k, v in started.items()} | {f"form: {k}": v for k, v in sent.items()},
            "met": met}  # fmt: skip


def campaign(size):
    """“Start” pressed fifty times at once: one delivery per recipient."""
    people(SIZES[size])
    notice = submitted_campaign()
    approver = officers()[1]
    ready = threading.Barrier(PRESSES)
    outcomes = []

    def press():
        ready.wait()
        try:
            campaigns.start(notice, by=approver)
            outcomes.append("started")
        except ConsentError as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _number in range(PRESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deliveries = Delivery.objects.filter(campaign=notice)
    print(f"pressed {PRESSES} times: {sorted(outcomes)[0]} {PRESSES - outcomes.count('started')} times, started once")
    return {
        "presses": PRESSES,
        "started": outcomes.count("started"),
        "refused": outcomes.count("MoveNotAllowed"),
        "recipients": SIZES[size],
        "deliveries": deliveries.count(),
        "different_recipients": deliveries.values("customer").distinct().count(),
    }
