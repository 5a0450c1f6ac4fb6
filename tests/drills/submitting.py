"""The half of R5 that the public form has: "submit" pressed 200 times at once gives one request and one fee."""

import http.client
import re
import threading
import urllib.parse
from collections import Counter

from audit.models import OutgoingMail
from requests_desk.models import DataRequest, Fee
from requests_desk.services import drafts
from tests.factories.requests_desk import a_draft

from .world import world

PRESSES = 200
ROUNDS = {"small": 1, "full": 20}  # people


def submit(size):
    """The last page of the public form, pressed 200 times at once over the real web server, several people in turn."""
    rounds, said = ROUNDS[size], Counter()
    with world(size) as here:
        sink = here.start_sink()
        here.start_worker()
        web = here.start_web(workers=2, threads=16)
        for number in range(rounds):
            key, code = a_draft_with_code(sink, number)
            said += press_at_once(web.url, key, code, number)
            requests, fees = DataRequest.objects.count(), Fee.objects.count()
            print(f"    round {number + 1}: {PRESSES} presses, {requests} requests and {fees} fees in all", flush=True)
        here.crew.stop()
        links = status_links()
    met = requests == fees == links == rounds and said == {"led to the receipt": rounds * PRESSES}
    return {
        "people": rounds, "presses": rounds * PRESSES, **said, "requests": requests, "fees": fees,
        "mails with the link": links, "met": met,
    }  # fmt: skip


def a_draft_with_code(sink, number):
    """A draft with every page answered, as (key, the code that came by mail)."""
    address = f"asker{number}@example.test"
    draft, key = a_draft(contact={"email": address})
    drafts.ask_for_code(draft)
    while True:
        mails = [mail for mail in sink.wait_for(len(sink.mails) or 1) if address in mail.recipients]
        if mails:
            return key, re.search(r"(?m)^(\d{6})\r?$", mails[0].message.get_content())[1]
        sink.wait_for(len(sink.mails) + 1)


def press_at_once(url, key, code, person):
    """What 200 posts of one form led to. Fifty per address, since more are refused as too many tries."""
    place, token = urllib.parse.urlsplit(url), "x" * 32
    body = urllib.parse.urlencode({"csrfmiddlewaretoken": token, "code": code})
    headers = {
        "Cookie": f"draft={key}; csrftoken={token}", "Content-Type": "application/x-www-form-urlencoded",
        "Referer": f"{url}/request/code/",
    }  # fmt: skip
    said, together, adding = Counter(), threading.Barrier(PRESSES), threading.Lock()

    def press(number):
        connection = http.client.HTTPConnection(
            place.hostname, place.port, timeout=60, source_address=(f"127.0.{person}.{2 + number // 50}", 0)
        )
        try:
            connection.connect()
            together.wait()
            connection.request("POST", "/request/code/", body, headers)
            answer = connection.getresponse()
            answer.read()
            led_to = answer.getheader("Location", "")
            word = "led to the receipt" if led_to.startswith("/status/") else f"answered {answer.status} {led_to}"
        except (OSError, http.client.HTTPException, threading.BrokenBarrierError) as error:
            word = type(error).__name__
        finally:
            connection.close()
        with adding:
            said[word] += 1

    threads = [threading.Thread(target=press, args=[number]) for number in range(PRESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def status_links():
    return OutgoingMail.objects.filter(kind="requests_desk.status_link").count()
