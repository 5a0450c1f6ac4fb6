"""Who uses the office while K1 changes its keys: so many readers or writers as threads of a process of their own.

``python -m tests.drills.user_of_k1 read 20`` works until a line comes, then prints what it did as one object of JSON.
"""

import json
import random
import sys
import threading
import time

import django

django.setup()

from django.db import connection  # noqa: E402  Django first

from audit.models import Actor  # noqa: E402
from customers.models import Customer  # noqa: E402
from customers.services.corrections import correct  # noqa: E402
from tests.drills.k1 import values_of  # noqa: E402

PAUSE = {"read": 0.05, "write": 0.05}  # seconds of each user between two acts
stop = threading.Event()


class User(threading.Thread):
    def __init__(self, number, users, last):
        super().__init__()
        self.mine = range(number + 1, last + 1, users)
        self.dice = random.Random(number)
        self.acts, self.failures, self.written = 0, [], {}

    def run(self):
        while not stop.is_set():
            try:
                self.act(self.dice.choice(self.mine))
            except Exception as error:
                self.failures.append(f"{type(error).__name__}: {error}")
            else:
                self.acts += 1
            time.sleep(PAUSE[sys.argv[1]])
        connection.close()


class Reader(User):
    """Opens every value of a customer and of one row of the history, and knows what must stand there."""

    def act(self, pk):
        expected = values_of(pk)
        history = Customer.history.filter(id=pk).order_by("?").first()
        for row in (Customer.objects.get(pk=pk), history):
            for name, value in expected.items():
                if getattr(row, name) != value:
                    raise AssertionError(f"{name} of {pk}")


class Writer(User):
    """Corrects customers that no other writer touches, by the office's own service."""

    def act(self, pk):
        value = f"{sys.argv[3]}{self.acts}"
        correct(Customer.objects.get(pk=pk), changes={"nickname": value}, reason="NOTICE", by=Actor.system())
        self.written[pk] = value


def main(kind, number):
    last = Customer.objects.latest("pk").pk
    users = [{"read": Reader, "write": Writer}[kind](n, number, last) for n in range(number)]
    for user in users:
        user.start()
    print("ready", flush=True)
    sys.stdin.readline()
    stop.set()
    for user in users:
        user.join()
    failures = [failure for user in users for failure in user.failures]
    written = {pk: value for user in users for pk, value in user.written.items()}
    acts = sum(user.acts for user in users)
    print(json.dumps({"acts": acts, "failures": len(failures), "first": failures[:3], "written": written}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
