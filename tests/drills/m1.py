"""M1: a campaign to a million customers, whole, on this machine: time, memory, sizes, and how pages answer meanwhile.

Web server, worker, clock, database, broker and sink all run here. A superuser signs in and opens pages of the desk in
turn all the time. Not for every check: at its full size it takes long, and it needs some gigabytes.
"""

import os
import time
from collections import Counter

from django.db import connection
from django.db.models import Sum
from django.urls import reverse

from audit.models import Staff
from audit.services import sequencer
from audit.services.verification import verify
from consent.models import Tally
from consent.services import campaigns
from customers.models import Customer
from requests_desk.models import DataRequest
from tests.benchmarks import crowd
from tests.drills.campaigns import count, officers, submitted_campaign, wait_for_end
from tests.drills.memory import Memory
from tests.drills.sink import sink
from tests.drills.visitors import TOKEN, Person
from tests.drills.world import world

SIZES = {"small": 20_000, "full": 1_000_000}  # customers; about 97 of 100 have a mail address
SENDERS = min(4, max(2, os.cpu_count() or 2))
BETWEEN_SECONDS = 0.2  # from one page to the next
SLOWEST_RATE = 50  # mails per second; a campaign below that is given up
PASSWORD = "correct horse battery staple"
TABLES = ["consent_delivery", "consent_tally", "audit_entry", "audit_link"]


def run(size):
    number = SIZES[size]
    with world(size) as here, sink(here.folder / "m1") as server:
        begun = time.monotonic()
        crowd.build(here.postgres.url("office", "postgres"), customers=number, requests=number // 50)
        print(f"    built {number:,} customers and {number // 50:,} requests in {time.monotonic() - begun:.0f} s")
        Staff.objects.create_superuser("root", PASSWORD)
        campaign = submitted_campaign()
        before = sizes()
        worker = here.start_worker(
            concurrency=SENDERS + 1, NOTICE_SENDERS=str(SENDERS), EMAIL_PORT=str(server.port)
        )  # one more, so that the clock's short work never waits for a sender
        here.start_beat()
        web = here.start_web(workers=2, threads=4)
        groups = {"web": web.pid, "worker": worker.pid, "PostgreSQL": here.postgres.pid}
        clerk = Clerk(web.url, pages(campaign))
        clerk.sign_in()
        clerk.look_round()
        clerk.forget()
        print(f"    {SENDERS} senders, load {os.getloadavg()[0]:.1f}", flush=True)
        with Memory(groups) as memory:
            begun = time.monotonic()
            campaigns.start(campaign, by=officers()[1])
            clerk.start()
            starting = time.monotonic() - begun
            ended = wait_for_end(campaign, seconds=300 + number / SLOWEST_RATE)
            took = time.monotonic() - begun
        clerk.ask_to_end()
        clerk.join()
        here.crew.stop()
        counts = count(campaign, server.lines())
        minutes()
        sequencer.sequence()
        counts |= {
            "ended": ended,
            "seconds of the start, with all deliveries": round(starting, 1),
            "seconds in all": round(took, 1),
            "mails per second": round(counts["recipients"] / took),
            **memory.counts(),
            **grown(before, sizes()),
            **clerk.counts(),
            "trail whole": next(verify(), None) is None,
        }
    met = (
        ended
        and counts["lost"] == counts["duplicates"] == 0
        and counts["marked_sent"] == counts["recipients"]
        and counts["trail whole"]
        and all(clerk.took.values())
        and not clerk.others
    )
    return {"counts": counts, "met": met}


def pages(campaign):
    """``{what: address}`` of what the desk looks at meanwhile, and of what the public reads."""

    def changelist(model):
        return reverse(f"admin:{model}_changelist")

    customer = Customer.objects.order_by("-pk").values_list("pk", flat=True)[0]
    request = DataRequest.objects.order_by("-pk").values_list("pk", flat=True)[0]
    version = campaign.policy_version
    return {
        "dashboard": reverse("admin:index"),
        "notices": changelist("consent_campaign"),
        "this notice": reverse("admin:consent_campaign_change", args=[campaign.pk]),
        "deliveries": changelist("consent_delivery"),
        "deliveries of this notice": f"{changelist('consent_delivery')}?campaign__id__exact={campaign.pk}",
        "customers": changelist("customers_customer"),
        "a customer": reverse("admin:customers_customer_change", args=[customer]),
        "queue": changelist("requests_desk_datarequest"),
        "a request": reverse("admin:requests_desk_datarequest_change", args=[request]),
        "trail": changelist("audit_entry"),
        "versions of the policy": changelist("consent_policyversion"),
        "a version at the desk": reverse("admin:consent_policyversion_change", args=[version.pk]),
        "policy": reverse("consent:policy"),
        "history of the policy": reverse("consent:history"),
        "changes of the policy": reverse("consent:changes", args=[version.number]),
    }


class Clerk(Person):
    """A superuser who opens one page after the other, round by round."""

    def __init__(self, url, addresses):
        super().__init__(url, "127.3.0.1")
        self.addresses = addresses
        self.took = {what: [] for what in addresses}
        self.others = Counter()  # statuses but 200, by page

    def sign_in(self):
        self.cookies["csrftoken"] = TOKEN
        fields = {"csrfmiddlewaretoken": TOKEN, "username": "root", "password": PASSWORD}
        status, _leads_to = self.ask("POST", reverse("admin:login"), fields)
        assert status == 302, f"signing in answered {status}"

    def run(self):
        while not self.ending.is_set():
            self.look_round()

    def look_round(self):
        for what, address in self.addresses.items():
            began = time.perf_counter()
            status, _leads_to = self.ask("GET", address)
            self.took[what].append(time.perf_counter() - began)
            if status != 200:
                self.others[f"{what}: {status}"] += 1
            if self.ending.wait(BETWEEN_SECONDS):
                return

    def forget(self):
        """What the first round took: it fills caches."""
        self.took = {what: [] for what in self.addresses}

    def counts(self):
        said = {"pages opened": sum(map(len, self.took.values())), "answers but 200": dict(self.others) or 0}
        for what, took in self.took.items():
            if took:
                mean = 1000 * sum(took) / len(took)
                said[f"{what}: slowest, mean (ms), times"] = f"{1000 * max(took):.0f} / {mean:.0f} / {len(took)}"
        return said


def minutes():
    """What was sent in each minute: whether it slows down as the tables grow."""
    for minute, sent in Tally.objects.order_by("minute").values_list("minute").annotate(sent=Sum("sent")):
        print(f"    {minute:%H:%M} {sent:>8,} mails")


def sizes():
    """``{table: (bytes, bytes of its indexes)}``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, pg_table_size(name::regclass), pg_indexes_size(name::regclass)"
            " FROM unnest(%s::text[]) AS name",
            [TABLES],
        )
        return {name: (table, indexes) for name, table, indexes in cursor.fetchall()}


def grown(before, after):
    return {
        f"{table}: table, indexes (MB), before and after": "  ".join(
            f"{heap / 1e6:.1f} + {indexes / 1e6:.1f}" for heap, indexes in (before[table], after[table])
        )
        for table in TABLES
    }
