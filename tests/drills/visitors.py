"""People who use the public site over the network while a drill breaks things: with a browser's patience, no more."""

import http.client
import re
import threading
import time
import urllib.parse
from collections import Counter

TOKEN = "x" * 32
BIRTH = 1985, 4, 3
PAGES = {
    "kind": {"kind": "DISCLOSURE"},
    "who": {"who": "PERSON"},
    "name": {"name": "見本 花子", "kana": "みほん はなこ"},
    "contact": {"email": "", "telephone": "090-0000-0001"},
    "address": {"postcode": "194-0013", "address": "東京都町田市原町田0-0-0"},
    "birth": dict(zip(("birth_date_year", "birth_date_month", "birth_date_day"), map(str, BIRTH), strict=True)),
    "about": {"about": "", "method": "ELECTRONIC"},
    "check": {},
}
FORM = "application/x-www-form-urlencoded"
CODE_SECONDS = 12  # without a code so long, another is asked for
AGAIN_SECONDS = 0.3
GIVE_UP_SECONDS = 90  # after the end was asked for


class Person(threading.Thread):
    """Asks one address after the other; keeps what was answered, and as faults what is no page of ours."""

    def __init__(self, url, source):
        super().__init__(daemon=True)
        self.place = urllib.parse.urlsplit(url)
        self.url = url
        self.source = source
        self.answers, self.faults = Counter(), []
        self.cookies = {}
        self.ending = threading.Event()
        self.end = None

    def ask_to_end(self):
        self.end = time.monotonic() + GIVE_UP_SECONDS
        self.ending.set()

    @property
    def is_out_of_time(self):
        return self.end is not None and time.monotonic() > self.end

    def ask(self, method, path, fields=None):
        """``(status, where it leads)`` of one request, on a connection of its own."""
        connection = http.client.HTTPConnection(
            self.place.hostname, self.place.port, timeout=60, source_address=(self.source, 0)
        )
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies, "Content-Type": FORM, "Referer": f"{self.url}{path}"}
        try:
            connection.request(method, path, urllib.parse.urlencode(fields) if fields is not None else None, headers)
            response = connection.getresponse()
            body = response.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            self.answers[type(error).__name__] += 1
            self.faults.append(f"{method} {path}: {type(error).__name__} {error}")
            return 0, ""
        finally:
            connection.close()
        self.answers[response.status] += 1
        self._look_at(method, path, response, body)
        for said in response.headers.get_all("Set-Cookie") or ():
            name, _equals, value = said.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, response.getheader("Location", "")

    def _look_at(self, method, path, response, body):
        is_ours = response.getheader("X-Request-Reference") and "Traceback" not in body
        is_page = response.status in (200, 302) or (response.status == 503 and "<main" in body)
        if not (is_ours and is_page):
            self.faults.append(f"{method} {path}: {response.status} {body[:120]!r}")


class Visitor(Person):
    """Makes requests with the public form, one after the other, each from a mailbox of its own."""

    def __init__(self, url, sink, place):
        super().__init__(url, f"127.1.{place}.1")
        self.sink = sink
        self.number = place
        self.turn = 0
        self.finished = []  # the mailboxes of those that were answered as kept

    def run(self):
        while not self.ending.is_set():
            self.turn += 1
            self.source = f"127.1.{self.number}.{1 + self.turn % 250}"  # limits count by address
            self.cookies = {"csrftoken": TOKEN}
            address = f"asker{self.number}x{self.turn}@example.test"
            if self.walk(address):
                self.finished.append(address)

    def walk(self, address):
        """All pages and the code. Returns whether the last answer led to the request's own page."""
        steps = [*PAGES, "code"]
        for step, following in zip(PAGES, steps[1:], strict=True):
            fields = PAGES[step] | ({"email": address} if step == "contact" else {})
            seen = len(self.sink.mails)
            if not self.post(step, fields, f"/request/{following}/"):
                return False
        while code := self.code_for(address, seen):
            if self.post("code", {"code": code}, "/status/"):
                return True
        return False

    def post(self, step, fields, leads_to):
        """Post a page until it is taken. Returns whether it led where it should; else it is a fault."""
        while not self.is_out_of_time:
            status, location = self.ask("POST", f"/request/{step}/", {"csrfmiddlewaretoken": TOKEN, **fields})
            if status == 302 and location.startswith(leads_to):
                return True
            if status not in (0, 503):
                self.faults.append(f"POST {step}: led to {location!r} ({status}), not to {leads_to}")
                return False
            time.sleep(AGAIN_SECONDS)
        return False

    def code_for(self, address, seen):
        """The six digits from the newest mail to ``address``; asks for another where none comes."""
        asked = time.monotonic()
        while not self.is_out_of_time:
            mails = self.sink.mails
            for mail in mails[seen:]:
                if address in mail.recipients and (found := re.search(r"(?m)^(\d{6})\r?$", mail.message.get_content())):
                    return found[1]
            if time.monotonic() - asked > CODE_SECONDS:
                self.post("code", {"again": "1"}, "/request/code/")
                asked = time.monotonic()
            time.sleep(0.1)
        return None


class Looker(Person):
    """Opens public pages in turn."""

    PATHS = ["/", "/policy/", "/policy/history/", "/request/", "/request/kind/", "/status/", "/admin/login/"]

    def __init__(self, url):
        super().__init__(url, "127.2.0.1")

    def run(self):
        while not self.ending.is_set():
            for path in self.PATHS:
                self.ask("GET", path)
                time.sleep(0.05)
