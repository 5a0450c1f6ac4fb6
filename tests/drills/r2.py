"""R2: a campaign outlives its broker, flushed, killed and away for a minute: nothing is lost, and nothing sent twice.

After each return of the broker the next mail must come within 30 seconds; workers and clock are never restarted.
"""

import time

from consent.services import campaigns
from tests.drills.campaigns import count, officers, people, submitted_campaign, wait_for_end, workers
from tests.drills.sink import sink
from tests.drills.world import world

SIZES = {"small": 11_000, "full": 30_000}  # mails: more than leave while the broker is away, since senders go on
FLUSHES, KILLS, AWAY_SECONDS = 10, 5, 60
RETURN_SECONDS = 30  # within which mails must come again
ANSWER_SECONDS = 0.04
WORKERS, CHILDREN = 2, 2
PATIENCE_SECONDS = 120


def run(size):
    mails = SIZES[size]
    people(mails)
    campaign = submitted_campaign()
    with world(size) as here, sink(here.folder / "r2", ANSWER_SECONDS) as server:
        with workers(here.folder / "r2", server.port, number=WORKERS, children=CHILDREN):
            began = time.monotonic()
            campaigns.start(campaign, by=officers()[1])
            print(f"{mails:,} mails to a sink that answers after {ANSWER_SECONDS * 1000:.0f} ms", flush=True)
            silences, while_away = attack(here, server, mails)
            ended = wait_for_end(campaign, seconds=PATIENCE_SECONDS)
            took = time.monotonic() - began
        counts = count(campaign, server.lines())
    counts |= {
        "flushes": FLUSHES,
        "kills": KILLS,
        "seconds away": AWAY_SECONDS,
        "mails while it was away": while_away,
        "longest wait for a mail after a return (s)": round(max(silences), 1),
        "ended": ended,
        "seconds": round(took),
    }
    met = (
        ended
        and counts["lost"] == counts["duplicates"] == 0
        and counts["marked_sent"] == mails
        and max(silences) <= RETURN_SECONDS
    )
    return {"counts": counts, "met": met}


def attack(here, server, mails):
    """Do everything to the broker, spread over the campaign, with the long absence in its middle.

    Returns how long each return took to be followed by a mail, and how many mails came during the absence.
    """
    acts = ["flush", "flush", "kill"] * KILLS
    acts.insert(len(acts) // 2, "away")
    silences, while_away = [], 0
    began = time.monotonic()
    for number, act in enumerate(acts, start=1):
        wait_for(server, mails * number // (len(acts) + 3), PATIENCE_SECONDS)
        at = server.count()
        if act == "flush":
            here.flush_broker()
        else:
            here.valkey.kill()
            time.sleep(AWAY_SECONDS if act == "away" else 0)
            here.start_broker()
        before = server.count()
        while_away += before - at if act == "away" else 0
        silences.append(wait_for(server, min(before + 1, mails), PATIENCE_SECONDS))
        print(
            f"after {at:,} mails and {time.monotonic() - began:.0f} s: {act}; the next mail came after"
            f" {silences[-1]:.1f} s" + (f", {before - at:,} meanwhile" if act == "away" else ""),
            flush=True,
        )
    return silences, while_away


def wait_for(server, mails, patience):
    """Seconds until the sink had taken so many; as long as ``patience`` where it does not come so far."""
    began = time.monotonic()
    while server.count() < mails and time.monotonic() - began < patience:
        time.sleep(0.01)
    return time.monotonic() - began
