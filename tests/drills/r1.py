"""R1: a campaign whose workers are killed with -9 loses nothing and repeats at most one mail per kill."""

import os
import tempfile
import time

import redis

from audit.models import Entry
from consent.services import campaigns
from tests.drills.campaigns import count, officers, people, submitted_campaign, wait_for_end, workers
from tests.drills.sink import sink

SIZES = {  # mails, kills, flushes of the broker
    "small": (10_000, 50, 5),
    "full": (100_000, 200, 10),
}
ANSWER_SECONDS = 0.01
WORKERS = 3  # one or two are always starting anew, which costs seconds; the others send meanwhile
PATIENCE_SECONDS = 60  # so long without enough mails, and the drill goes on to its end and says what it found


def run(size):
    mails, kills, flushes = SIZES[size]
    people(mails)
    campaign = submitted_campaign()
    with tempfile.TemporaryDirectory(prefix="office-r1-") as folder, sink(folder, ANSWER_SECONDS) as server:
        with workers(folder, server.port, number=WORKERS, children=2) as found:
            began = time.monotonic()
            campaigns.start(campaign, by=officers()[1])
            print(f"{mails} mails to a sink that answers after {ANSWER_SECONDS * 1000:.0f} ms")
            children, parents, flushed = attack(found, server, mails // kills, kills, flushes)
            ended = wait_for_end(campaign, seconds=PATIENCE_SECONDS)
            took = time.monotonic() - began
        counts = count(campaign, server.lines())
    counts |= {
        "killed_children": children,
        "killed_parents": parents,
        "kills": children + parents,
        "flushes": flushed,
        "ended": ended,
        "seconds": round(took),
        "batches_in_the_trail": Entry.objects.filter(action="campaign.batch_taken").count(),
    }
    met = (
        ended
        and counts["lost"] == 0
        and counts["marked_sent"] == mails
        and counts["duplicates"] <= counts["kills"]
        and counts["duplicates_with_another_message_id"] == 0
        and counts["kills"] >= kills
        and flushed >= flushes
    )
    return {"counts": counts, "met": met}


def attack(found, server, every, kills, flushes):
    """Kill a child of a pool and a worker itself in turn, each after ``every`` mails, and flush the broker."""
    children = parents = flushed = 0
    broker = redis.Redis.from_url(os.environ["REDIS_URL"])
    began = time.monotonic()
    for turn in range(kills):
        patience = time.monotonic() + PATIENCE_SECONDS
        while server.count() < every * turn + every // 2 and time.monotonic() < patience:
            time.sleep(0.002)
        at = server.count()
        victim = next_alive(found, turn // 2)
        if turn % 2:
            pid, kind = victim.kill_parent(), "parent of the pool"
            parents += 1
        else:
            while (pid := victim.kill_child(turn)) is None:
                victim = next_alive(found, turn // 2)
            kind = "child of the pool"
            children += 1
        print(f"after {at} mails and {time.monotonic() - began:.0f} s: killed {pid}, {kind}, worker {victim.name}")
        if turn % (kills // flushes) == kills // flushes - 1:
            broker.flushall()
            flushed += 1
            print(f"after {at} mails: flushed the broker")
    broker.close()
    return children, parents, flushed


def next_alive(found, turn):
    """The worker whose turn it is, or another while that one is still starting."""
    while True:
        for place in range(len(found)):
            candidate = found[(turn + place) % len(found)]
            if candidate.children():
                return candidate
        time.sleep(0.01)
