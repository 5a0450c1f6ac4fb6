"""K1: keys rotated under 20 readers and 5 writers, the rotation killed with -9 again and again.

0 failed reads, 0 lost writes, 0 values left under the old key. The writers have the old key in front until half of
the kills are done, as processes would that were not restarted yet. A kill takes now the command alone, now its whole
pool; whoever is left of it goes on beside the next run.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.db import connection
from encrypted_model_fields import fields as library

from audit.models import Actor
from customers.models import Customer, KeyRotation
from customers.services import registration, rotation
from customers.services.resealing import sealed_tables
from tests.drills.world import world

BASE = Path(__file__).resolve().parents[2]
SIZES = {"small": (20_000, 5), "full": (1_000_000, 20)}  # sealed values, kills
READERS, WRITERS = 20, 5
PER_CUSTOMER = 20  # sealed values of a customer and of the first row of its history, at the least
BATCH = 1000


def run(size):
    wanted, kills = SIZES[size]
    with world(size) as here:
        people(-(-wanted // PER_CUSTOMER))
        old, new = here.environment["FIELD_ENCRYPTION_KEY"], Fernet.generate_key().decode()
        library.CRYPTER = MultiFernet([Fernet(new), Fernet(old)])
        users = [User("read", READERS, "", keys=[old, new]), User("write", WRITERS, "A", keys=[old, new])]
        done = []
        for kill in range(kills):
            if kill == kills // 2:
                done.append(users.pop().finish())
                users.append(User("write", WRITERS, "B", keys=[new, old]))
            strike([new, old], kill, size)
        begun = time.monotonic()
        said = subprocess.run(command(), cwd=BASE, env=environment([new, old]), capture_output=True, text=True)
        print(f"    whole run {time.monotonic() - begun:.1f} s, code {said.returncode}\n{said.stdout}", end="")
        done += [user.finish() for user in users]
        written = {int(pk): value for each in done for pk, value in each["written"].items()}
        under_new, left = count(Fernet(new))
        counts = {
            "values": under_new + left, "left under the old key": left, "kills": kills,
            "reads": done[1]["acts"], "failed reads": done[1]["failures"],
            "writes": done[0]["acts"] + done[2]["acts"], "failed writes": done[0]["failures"] + done[2]["failures"],
            "lost writes": lost(written), "rotations": KeyRotation.objects.count(),
            "passes of the last": KeyRotation.objects.latest("pk").passes,
            "starts with the old key alone": starts([old]), "starts with the new key alone": starts([new]),
        }  # fmt: skip
        for each in done:
            for failure in each["first"]:
                print(f"    FAILED {failure}")
        met = said.returncode == 0 and counts["values"] >= wanted
        for name in ("left under the old key", "failed reads", "failed writes", "lost writes"):
            met = met and counts[name] == 0
        met = met and counts["reads"] and counts["writes"]
        met = met and counts["starts with the new key alone"] and not counts["starts with the old key alone"]
        return {"counts": counts, "met": bool(met)}


def people(number):
    """Customers whose every value tells whose it is, with the first row of their history."""
    first = (Customer.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    for begin in range(first, first + number, BATCH):
        rows = [{"number": f"K{pk:07}", **values_of(pk)} for pk in range(begin, min(begin + BATCH, first + number))]
        registration.register_batch(rows, by=Actor.system())
        assert Customer.objects.get(pk=begin).number == f"K{begin:07}"
    print(f"    {number:,} customers, {number * PER_CUSTOMER:,} sealed values", flush=True)


def values_of(pk):
    """What stands sealed on the customer with this key, but for the nickname, which the writers change."""
    return {
        "name": f"見本 {pk}", "kana": f"みほん {pk}", "pen_name": f"筆 {pk}", "age": str(pk % 90), "sex": "UNSAID",
        "email": f"k{pk}@example.test", "telephone": f"090-0000-{pk % 10_000:04}", "postcode": f"194-{pk % 10_000:04}",
        "address": f"東京都町田市原町田 {pk}",
    }  # fmt: skip


class User:
    """A process of readers or writers, with these keys."""

    def __init__(self, kind, number, mark, *, keys):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.drills.user_of_k1", kind, str(number), mark], cwd=BASE, text=True,
            env=environment(keys), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdout.readline() == "ready\n"

    def finish(self):
        said, _none = self.process.communicate("\n", timeout=120)
        return json.loads(said)


def command():
    return [sys.executable, "manage.py", "rotate_keys", "--processes", "2"]


def environment(keys):
    return {**os.environ, "FIELD_ENCRYPTION_KEY": ",".join(keys)}


def strike(keys, kill, size):
    """Start the rotation and kill it in the midst of its work, or, where it was done first, start it again."""
    while True:
        process = subprocess.Popen(
            command(), cwd=BASE, env=environment(keys), start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while not rotation.is_under_way() and process.poll() is None:
            time.sleep(0.02)
        time.sleep(random.uniform(0.05, 0.3 if size == "small" else 4))
        if process.poll() is None and rotation.is_under_way():
            break
        process.wait()
    if kill % 2:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    at = KeyRotation.objects.latest("pk")
    print(f"    kill {kill + 1}: {at} in pass {at.passes}, {at.done:,} of {at.total or 0:,} rows noted", flush=True)


def count(newest):
    """How many values lie under the newest key, and how many do not; looked at by the library, table by table."""
    under, left = 0, 0
    for table in sealed_tables().values():
        after = None
        while upto := table.next_page(after, 2000):
            for _key, values in table.rows(after, upto):
                for value in values:
                    if value is None:
                        continue
                    try:
                        newest.extract_timestamp(value.encode())
                        under += 1
                    except InvalidToken:
                        left += 1
            after = upto
    return under, left


def lost(written):
    """How many of the values that were written last do not stand, in the row and in its newest history."""
    missing = 0
    for pk, value in written.items():
        found = [Customer.objects.get(pk=pk).nickname, Customer.history.filter(id=pk).latest("history_id").nickname]
        missing += found != [value, value]
    return missing


def starts(keys):
    """Whether a process starts that knows these keys."""
    connection.close()
    said = subprocess.run([sys.executable, "manage.py", "check"], cwd=BASE, env=environment(keys), capture_output=True)
    return said.returncode == 0
