"""R4: a mail server that drops connections, is busy, puts off, refuses for good and stalls: nobody is lost.

Who is refused for good (5xx) came back and is not tried again; everybody else gets the notice, put off as often as the
server says. The waits between tries are those of the office: the small size puts off twice (10 and 30 seconds), the
full one three times (120 seconds more). The clock's hint is given here every five seconds, so that nothing else is
waited for.
"""

import time
from collections import Counter

from audit.services import jobs
from consent.models import Delivery
from consent.services import campaigns
from tests.drills import moods
from tests.drills.campaigns import count, officers, people, submitted_campaign, wait_for_end, workers
from tests.drills.sink import sink
from tests.drills.world import world

SIZES = {  # mails, of each mood but those that stall, refusals of those that are put off, patience in seconds
    "small": (2_000, 20, 2, 200),
    "full": (20_000, 300, 3, 900),
}
STALL_SECONDS = 30
STALLING = {"slow": 1, "freeze": 1}  # each holds up everybody for that long
REFUSED = "never", "spam"
CHILDREN = 2
HINT_SECONDS = 5


def run(size):
    mails, of_each, refusals, patience = SIZES[size]
    addresses = mailboxes(mails, of_each)
    people(mails, address=lambda number: addresses[number])
    campaign = submitted_campaign()
    options = ["--refusals", str(refusals), "--stall", str(STALL_SECONDS)]
    for mood, what in moods.MOODS.items():
        print(f"    {STALLING.get(mood, of_each):>5} mails: {what}")
    with (
        world(size) as here,
        sink(here.folder / "r4", module="tests.drills.moods", options=options) as server,
        workers(here.folder / "r4", server.port, children=CHILDREN),
    ):
        began = time.monotonic()
        campaigns.start(campaign, by=officers()[1])
        while not (ended := wait_for_end(campaign, seconds=HINT_SECONDS)) and time.monotonic() - began < patience:
            jobs.hint("consent.pick_up_campaigns")
        took = time.monotonic() - began
        taken = server.lines()
        tries = [tuple(line.split()) for line in (here.folder / "r4" / "tried").read_text().splitlines()]
    return judge(campaign, addresses, taken, tries, refusals, ended, took)


def mailboxes(mails, of_each):
    """An address for each customer: those that put the server into a mood stand spread among the others."""
    moody = [f"{mood}{n}" for n in range(of_each) for mood in moods.MOODS if n < STALLING.get(mood, of_each)]
    names = [f"person{n}" for n in range(mails)]
    step = mails // len(moody)
    for place, name in enumerate(moody):
        after_slow = name.startswith("freeze")  # while the other is waited for: two stalls in the time of one
        names[(place - 1) * step + 1 if after_slow else place * step] = name
    return [f"{name}@example.test" for name in names]


def judge(campaign, addresses, taken, tries, refusals, ended, took):
    expected = {address for address in addresses if moods.mood_of(address) not in REFUSED}
    recipients = {recipient for recipient, _id in taken}
    rows = list(Delivery.objects.filter(campaign=campaign).select_related("customer"))
    refused = [row for row in rows if moods.mood_of(row.customer.email) in REFUSED]
    asked = Counter(recipient for recipient, _said in tries)
    put_off = Counter(recipient for recipient, said in tries if said in ("450", "451"))
    kept_twice = sum(times > 1 for times in Counter(recipient for recipient, _id in taken).values())
    counts = {
        **count(campaign, taken),
        "lost": len(expected - recipients),  # those who were refused for good are not to have it
        "kept unanswered, and so sent again": kept_twice,
        "refused for good": len(refused),
        "of those came back": sum(row.state == "BOUNCED" for row in refused),
        "of those tried more than once": sum(row.attempts != 1 or asked[row.customer.email] != 1 for row in refused),
        "of those taken": len(recipients - expected),
        "others that came back": sum(row.state == "BOUNCED" for row in rows) - len(refused),
        "put off": len(put_off),
        "of those put off as often as the server said": sum(times == refusals for times in put_off.values()),
        "answers of the server but 250": sum(said != "250" for _recipient, said in tries),
        "ended": ended,
        "seconds": round(took),
    }
    forgets = sum(moods.mood_of(address) == "forget" for address in addresses)
    met = (
        ended
        and counts["lost"] == counts["of those tried more than once"] == counts["of those taken"] == 0
        and counts["others that came back"] == counts["duplicates_with_another_message_id"] == 0
        and counts["of those came back"] == counts["refused for good"] > 0
        and counts["of those put off as often as the server said"] == counts["put off"] > 0
        and counts["marked_sent"] == len(expected)
        and counts["duplicates"] == forgets
    )
    return {"counts": counts, "met": met}
