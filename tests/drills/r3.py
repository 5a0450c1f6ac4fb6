"""R3: PostgreSQL is restarted as a power cut would, ten times, under a campaign and under people at the public form.

They post page after page over the real web server, and post again where it says "try again" (503), as a person would.
Beside them somebody opens pages. Nothing that was answered as kept may be missing, no request may be kept in part, and
no answer may be another than a page of ours.
"""

import datetime as dt
import re
import time
from collections import Counter

from django.db import connection

from audit.models import Entry, OutgoingMail
from consent.services import campaigns
from requests_desk.models import DataRequest, Draft, Fee
from tests.drills.campaigns import count, officers, people, submitted_campaign, wait_for_end
from tests.drills.sink import MESSAGE_ID
from tests.drills.visitors import BIRTH, Looker, Visitor
from tests.drills.world import world

SIZES = {"small": (2_000, 4, 5), "full": (40_000, 8, 1)}  # mails, visitors, at every so manieth crash mails go out
CRASHES = 10
SOME = 20  # mails since the last crash: then they are going out
RESUMED_SECONDS = 60  # within which mails go out again: the clock calls senders every 30 seconds
BREATH_SECONDS = 1.5  # of work between two crashes
SENDERS = 2
ANSWER_SECONDS = 0.01
PATIENCE_SECONDS = 180


def run(size):
    mails, number, every = SIZES[size]
    people(mails)
    campaign = submitted_campaign()
    with world(size) as here:
        sink = here.start_sink(delay=ANSWER_SECONDS)
        here.start_worker(concurrency=SENDERS + 1, NOTICE_SENDERS=str(SENDERS))
        here.start_beat()
        web = here.start_web(workers=2, threads=8)
        visitors = [Visitor(web.url, sink, place) for place in range(number)]
        looker = Looker(web.url)
        began = time.monotonic()
        campaigns.start(campaign, by=officers()[1])
        for each in (*visitors, looker):
            each.start()
        under_way = attack(here, sink, every)
        ended = wait_for_end(campaign, seconds=PATIENCE_SECONDS)
        for each in (*visitors, looker):
            each.ask_to_end()
        for each in (*visitors, looker):
            each.join()
        took = time.monotonic() - began
        here.crew.stop()
    taken = [
        (mail.recipients[0], MESSAGE_ID.search(mail.content)[1].decode())
        for mail in sink.mails
        if mail.recipients[0].startswith("person")
    ]
    of_campaign = count(campaign, taken)
    of_form = requests_of([address for each in visitors for address in each.finished])
    answers, faults = Counter(), [fault for each in (*visitors, looker) for fault in each.faults]
    for each in (*visitors, looker):
        answers += each.answers
    for fault in faults[:10]:
        print(f"    {fault}")
    counts = {f"campaign: {what}": found for what, found in of_campaign.items()}
    counts |= {"campaign: ended": ended, "campaign: crashes while mails went": under_way}
    counts |= {f"form: {what}": found for what, found in of_form.items()}
    counts |= {f"answered {status}": found for status, found in sorted(answers.items())}
    counts |= {"answers that were no page of ours": len(faults), "crashes": CRASHES, "seconds": round(took)}
    met = (
        ended
        and of_campaign["lost"] == of_campaign["duplicates_with_another_message_id"] == 0
        and of_campaign["marked_sent"] == mails
        and of_campaign["duplicates"] <= CRASHES * SENDERS
        and of_form["answered as kept"] > 0
        and of_form["lost"] == of_form["twice"] == of_form["kept in part"] == of_form["not asked for"] == 0
        and under_way >= CRASHES // every
        and answers[503] > 0
        and not faults
    )
    return {"counts": counts, "met": met}


def attack(here, sink, every):
    """Crash and restart, again and again. Returns how many crashes fell while the campaign's mails were going out."""
    under_way = 0
    for turn in range(CRASHES):
        time.sleep(BREATH_SECONDS)
        before, end = sent(sink), time.monotonic() + (0 if turn % every else RESUMED_SECONDS)
        while not (is_sending := sent(sink) > before + SOME) and time.monotonic() < end:
            time.sleep(0.02)
        at, began = sent(sink), time.monotonic()
        under_way += is_sending
        here.crash_database()
        print(f"crash {turn + 1} after {at:,} mails; back after {time.monotonic() - began:.1f} s", flush=True)
    connection.close()  # this process had one too
    return under_way


def sent(sink):
    """How many mails of the campaign the sink has."""
    return sum(mail.recipients[0].startswith("person") for mail in list(sink.mails))


def requests_of(addresses):
    """What became of those whose request was answered as kept; ``addresses`` are theirs, one each."""
    found, in_part = Counter(), 0
    for request in DataRequest.objects.all():
        found[request.email] += 1
        in_part += not is_whole(request)
    in_part += sum(
        bool(draft.answers) for draft in Draft.objects.filter(number__in=DataRequest.objects.values("draft_number"))
    )
    return {
        "answered as kept": len(addresses),
        "requests": sum(found.values()),
        "lost": sum(address not in found for address in addresses),
        "twice": sum(times > 1 for times in found.values()),
        "not asked for": len(set(found) - set(addresses)),
        "kept in part": in_part,
    }


def is_whole(request):
    """What was typed, its fee, its history, its entry and the mail with its link: all, since it is there at all."""
    link = OutgoingMail.objects.filter(kind="requests_desk.status_link", subject_pk=request.pk)
    entry = Entry.objects.filter(action="request.received", subject=f"requests_desk.datarequest:{request}")
    return (
        request.birth_date == dt.date(*BIRTH)
        and re.fullmatch(r"asker\d+x\d+@example\.test", request.email) is not None
        and request.history.exists()
        and Fee.objects.filter(request=request).count() == link.count() == entry.count() == 1
    )
