"""A mail server with moods: the sink of R4. What it does to a mail stands in the name of the mailbox.

``python -m tests.drills.moods FOLDER [--delay SECONDS] --refusals N --stall SECONDS`` writes ``FOLDER/taken`` as the
plain sink does, and ``FOLDER/tried`` with one line ``<recipient> <what it said>`` for each time that it was asked for.
"""

import argparse
import os
import time
from collections import Counter
from pathlib import Path

from config.sink import DROP

from .sink import Journal, serve

MOODS = {
    "drop": "takes the whole mail once, drops the connection without a word and forgets it",
    "forget": "takes and keeps the whole mail once, drops the connection without a word",
    "busy": "answers 421 once, at RCPT, and closes",
    "full": "answers 421 once, after DATA, and closes",
    "later": "answers 450 at RCPT, so many times",
    "grey": "answers 451 after DATA, so many times",
    "never": "answers 550 at RCPT, always",
    "spam": "answers 554 after DATA, always",
    "slow": "takes the mail and answers after the stall",
    "freeze": "says nothing to anybody for as long as the stall, once, at RCPT",
}
CLOSED = 5  # first connections that are greeted with 421
REFUSED = {"never": ("RCPT", 550), "spam": ("DATA", 554)}
PUT_OFF = {"later": ("RCPT", 450), "grey": ("DATA", 451)}
GONE_ONCE = {"busy": ("RCPT", 421), "full": ("DATA", 421), "drop": ("DATA", DROP)}


def mood_of(address):
    """The mood that an address asks for, or nothing."""
    return address.partition("@")[0].rstrip("0123456789")


class Moody(Journal):
    """A journal that answers by the recipient's name."""

    def __init__(self, folder, *, refusals, stall, **options):
        super().__init__(folder / "taken", answer=self.by_mood, **options)
        self.tried = os.open(folder / "tried", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.usual_delay = self.delay
        self.refusals = refusals
        self.stall = stall
        self.connections = 0
        self.seen = Counter()

    def by_mood(self, phase, mail):
        self.delay = self.usual_delay
        if phase == "CONNECT":
            self.connections += 1
            return 421 if self.connections <= CLOSED else None
        recipient = mail.recipients[-1]
        said = self.said_to(recipient, mood_of(recipient), phase, mail)
        if said is not None or phase == "DATA":
            os.write(self.tried, f"{recipient} {said or 250}\n".encode())
        return said

    def said_to(self, recipient, mood, phase, mail):
        if REFUSED.get(mood, [None])[0] == phase:
            return REFUSED[mood][1]
        if PUT_OFF.get(mood, [None])[0] == phase and self.times(recipient) <= self.refusals:
            return PUT_OFF[mood][1]
        if GONE_ONCE.get(mood, [None])[0] == phase and self.times(recipient) == 1:
            return GONE_ONCE[mood][1]
        if mood == "forget" and phase == "DATA" and self.times(recipient) == 1:
            self.keep(mail)
            return DROP
        if mood == "slow" and phase == "DATA":
            self.delay = self.stall
        if mood == "freeze" and phase == "RCPT" and self.times(recipient) == 1:
            time.sleep(self.stall)  # the one thread of the whole server
        return None

    def times(self, recipient):
        self.seen[recipient] += 1
        return self.seen[recipient]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--refusals", type=int, required=True)
    parser.add_argument("--stall", type=float, required=True)
    options = parser.parse_args()
    moody = Moody(options.folder, refusals=options.refusals, stall=options.stall, delay=options.delay)
    serve(options.folder, moody)
