"""F7: rotate keys over 200,000 rows; against ``MultiFernet.rotate`` on the same values in memory, in one process.

The figure is the whole of ``manage.py rotate_keys``: it starts, seals anew, then looks at every value once more and
counts. Two shapes: rows of one value each (search words: all that a row costs falls on one value), and customers.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
from cryptography.fernet import Fernet, MultiFernet
from django.db import connection
from encrypted_model_fields import fields as library

from audit.models import Actor
from customers.models import Customer, SearchTerm
from tests.drills.world import world

BASE = Path(__file__).resolve().parents[2]
GOAL = 3.0
ROWS = {"small": [("one value a row", 100_000, 1), ("customers", 5_000, 1)],
        "full": [("one value a row", 200_000, 3), ("customers", 200_000, 1)]}  # fmt: skip


def run(size):
    with world(size) as here:
        keys = [here.environment["FIELD_ENCRYPTION_KEY"]]
        results = []
        for shape, rows, rounds in ROWS[size]:
            SearchTerm.objects.all().delete()
            library.CRYPTER = Fernet(keys[0])
            {"one value a row": words, "customers": people}[shape](rows)
            seconds, plain = [], []
            for _round in range(rounds):
                keys = [Fernet.generate_key().decode(), *keys[:1]]
                before = in_memory(keys, shape)
                seconds.append(rotate(keys))
                plain.append(statistics.mean([before, in_memory(keys[::-1], shape)]))
                words_of_load = f"load {os.getloadavg()[0]:.1f}"
                print(f"    {shape}, {rows:,} rows: {seconds[-1]:.1f} s, in memory {plain[-1]:.1f} s, {words_of_load}")
            ratio = statistics.median(ours / theirs for ours, theirs in zip(seconds, plain, strict=True))
            results.append({
                "row": shape, "figure": round(statistics.mean(seconds), 2),
                "reference": round(statistics.mean(plain), 2), "ratio": round(ratio, 2), "goal": GOAL,
                "met": ratio <= GOAL,
            })  # fmt: skip
        return results


def words(rows):
    """One sealed value a row, in a table with four indexes."""
    by = Actor.system()
    SearchTerm.objects.bulk_create(
        (
            SearchTerm(text=f"山田 太郎 {n}", actor=by, session="f7", valid_until="2100-01-01T00:00:00Z")
            for n in range(rows)
        ),
        batch_size=2000,
    )


def people(rows):
    """Customers without history: each row with all its values."""
    by = Actor.system()
    values = {"name": "山田 太郎", "kana": "ヤマダ タロウ", "address": "東京都町田市原町田1-2-3 アントビル4階",
              "telephone": "090-1234-5678", "postcode": "194-0013", "birth_date": "1985-04-03"}  # fmt: skip
    Customer.objects.bulk_create(
        (
            Customer(number=f"F{n:07}", email=f"person{n}@example.test", has_email=True, created_by=by, **values)
            for n in range(rows)
        ),
        batch_size=1000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customers_customer")


def in_memory(keys, shape):
    """Seconds that the library takes for the same values, read beforehand."""
    model = {"one value a row": SearchTerm, "customers": Customer}[shape]
    columns = [field.column for field in model._meta.local_fields if hasattr(field, "context")]
    crypter, taken = MultiFernet([Fernet(key) for key in keys]), 0.0
    with connection.cursor(), psycopg.ServerCursor(connection.connection, "values", withhold=True) as cursor:
        cursor.execute(f"SELECT {', '.join(columns)} FROM {model._meta.db_table}")
        while rows := cursor.fetchmany(2000):
            values = [value for row in rows for value in row if value is not None]
            begun = time.perf_counter()
            for value in values:
                crypter.rotate(value)
            taken += time.perf_counter() - begun
    return taken


def rotate(keys):
    """Seconds of the whole command."""
    environment = {**os.environ, "FIELD_ENCRYPTION_KEY": ",".join(keys)}
    with tempfile.TemporaryFile("w+") as said:
        begun = time.perf_counter()
        process = subprocess.Popen([sys.executable, "manage.py", "rotate_keys"], cwd=BASE, env=environment, stdout=said)
        _pid, status, usage = os.wait4(process.pid, 0)  # of the command and its pool
        taken = time.perf_counter() - begun
        said.seek(0)
        print("    " + said.read().strip().replace("\n", "\n    "))
    assert status == 0
    busy, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss // (1024 if sys.platform == "linux" else 1024**2)
    print(f"    busy {busy:.1f} s without the database, at most {memory} MB in one process", flush=True)
    return taken
