"""F5: import customers from CSV, all categories, history, index and audit included.

In rounds, side by side, each over a file of its own: the import; the same values sealed one by one and the same rows
copied into bare tables (no key, no index, no history); and the first rows of the file by django-import-export, with
the same readers and the same outcome, in one transaction and without looking anybody up.
The full size then imports one file of 100,000 in a process of its own, and says how much memory that took.
"""

import csv
import io
import os
import statistics
import subprocess
import sys
import time

from django.db import connection, transaction
from import_export import fields, resources, widgets
from tablib import Dataset

from audit.models import Actor
from customers.fields import seal
from customers.importing import run as import_file
from customers.importing.columns import COLUMNS, HEADERS, read_header
from customers.importing.files import rows
from customers.importing.rows import Row
from customers.management.pool import pool
from customers.management.sample import BLOCK, block_of_people
from customers.models import Customer, Import
from customers.services import belongings, copying
from customers.services.registration import write_tokens
from tests.drills.world import world

GOAL, GOAL_OF_ROWS, MEMORY = 2.5, 5.0, 400
SIZES = {"small": (5, 2, 60), "full": (10, 10, 300)}  # rounds, blocks a round, customers by django-import-export
HEADER = read_header(HEADERS)
MODELS = (Customer, *belongings.CATEGORIES)


def write(path, blocks):
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, HEADERS, restval="")
        writer.writeheader()
        for block in blocks:
            writer.writerows(block_of_people(block, BLOCK, seed=5))
    return path


def cells_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [cells for _line, cells in rows(file)][1:]


def timed(work, *arguments):
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


# Ours


def by_import(path):
    of_import = Import.objects.create(created_by=Actor.system())
    with pool(os.cpu_count() or 1) as processes:  # as the command does
        of_import = import_file(of_import, lambda: io.FileIO(path), by=of_import.created_by, pool=processes)
    assert of_import.created == of_import.lines, "the samples have no faults"


# Sealing and COPY


def bare_tables():
    with connection.cursor() as cursor:
        for model in MODELS:
            table = model._meta.db_table
            cursor.execute(f"CREATE TABLE bare_{table} AS SELECT * FROM {table} WITH NO DATA")


def plain_rows(path):
    """``[{table: (columns, rows of what is written as it is, rows of (context, text) to be sealed)}]`` per batch."""
    today, batches, every = time.strftime("%Y-%m-%d"), [], cells_of(path)
    for start in range(0, len(every), BLOCK):
        batch = {model: [] for model in MODELS}
        for number, cells in enumerate(every[start : start + BLOCK], start):
            row = Row(0, cells, HEADER, set())
            plain = [number, today, 1, row.number, 0, True, row.values["registered_on"], row.values["left_on"], "ja"]
            batch[Customer].append((plain, texts(Customer, row.values)))
            for model, values in row.belongings:
                kept = [values.get(name) for name in belongings.PLAIN[model]]
                batch[model].append(([number, number, number, today, 1, *kept], texts(model, values)))
        batches.append(batch)
    return batches


def texts(model, values):
    said = []
    for field in copying.sealed(model):
        value = values.get(field.name) or (None if field.null else "")
        said.append(None if value is None else (field.context, field.to_text(value)))
    return said


def by_copy(batches):
    columns = {
        Customer: ["id", "created_at", "created_by_id", "number", "held", "has_email", "registered_on", "left_on"]
        + ["language"]
    } | {
        model: ["id", "customer_id", "fingerprint", "created_at", "created_by_id", *belongings.PLAIN[model]]
        for model in belongings.CATEGORIES
    }
    for batch in batches:
        with transaction.atomic(), connection.cursor() as cursor:
            for model, found in batch.items():
                names = ", ".join([*columns[model], *(field.column for field in copying.sealed(model))])
                with cursor.copy(f"COPY bare_{model._meta.db_table} ({names}) FROM STDIN") as copy:
                    for plain, said in found:
                        copy.write_row([*plain, *(None if each is None else seal(*each) for each in said)])


# django-import-export


class Read(widgets.Widget):
    def __init__(self, read):
        super().__init__()
        self.read = read

    def clean(self, value, row=None, **kwargs):
        return self.read(value or "")


class CustomerResource(resources.ModelResource):
    """Customers as django-import-export takes them in; what belongs to them and the index follow each save."""

    class Meta:
        model = Customer
        fields = ()
        import_id_fields = ["number"]
        skip_diff = True
        force_init_instance = True
        use_transactions = False  # the whole is in one already

    def __init__(self, by):
        super().__init__()
        self.by = by
        for header, (model, name, read) in COLUMNS.items():
            if model is Customer:
                self.fields[name] = fields.Field(attribute=name, column_name=header, widget=Read(read))

    def get_import_order(self):
        return list(self.fields)

    def before_save_instance(self, instance, row, **kwargs):
        instance.created_by, instance.has_email = self.by, bool(instance.email)

    def after_save_instance(self, instance, row, **kwargs):
        write_tokens({instance.pk: instance.tokens()})
        for model, values in Row(0, [row[header] for header in HEADERS], HEADER, set()).belongings:
            record = model(customer=instance, created_by=self.by, **values)
            record.fingerprint = record.identify()
            record.save()


def by_rows(everyone):
    """``everyone`` are cells; their numbers are made others, since the import has taken them."""
    data = Dataset(*([f"X{cells[0]}", *cells[1:]] for cells in everyone), headers=HEADERS)
    with transaction.atomic():
        result = CustomerResource(Actor.system()).import_data(data, raise_errors=True)
    assert result.totals["new"] == len(everyone)


# The benchmark


def run(size):
    rounds, blocks, singly = SIZES[size]
    with world(size) as here:
        bare_tables()
        by_import(write(here.folder / "warm.csv", [9000]))
        ratios, of_rows, rates = [], [], {"ours": [], "copy": [], "rows": []}
        for number in range(rounds):
            path = write(here.folder / "customers.csv", range(number * blocks, (number + 1) * blocks))
            count, batches, some = blocks * BLOCK, plain_rows(path), cells_of(path)[:singly]
            ours, copy = timed(by_import, path), timed(by_copy, batches)
            each = timed(by_rows, some) / singly
            ratios.append(ours / copy)
            of_rows.append(each * count / ours)
            rates["ours"].append(count / ours), rates["copy"].append(count / copy), rates["rows"].append(1 / each)
            load = os.getloadavg()[0]
            print(
                f"    round {number + 1:>2}: import {count / ours:>6,.0f}/s, sealing and COPY {count / copy:>6,.0f}/s,"
                f" django-import-export {1 / each:>5,.0f}/s; load {load:.1f}",
                flush=True,
            )
        small_enough = size == "small" or memory_of_a_whole_file(here)
        ours, copy, each = (statistics.median(rates[name]) for name in ("ours", "copy", "rows"))
        ratio, ratio_of_rows = statistics.median(ratios), statistics.median(of_rows)
        return [
            {
                "row": "copy", "figure": round(ours), "reference": round(copy), "ratio": round(ratio, 2),
                "goal": f"<= {GOAL}", "met": ratio <= GOAL and small_enough,
            },
            {
                "row": "rows", "figure": round(ours), "reference": round(each), "ratio": round(ratio_of_rows, 1),
                "goal": f">= {GOAL_OF_ROWS}", "met": ratio_of_rows >= GOAL_OF_ROWS,
            },
        ]  # fmt: skip


def memory_of_a_whole_file(here):
    """Import 100,000 customers with the command, in a process of its own. Returns whether it stayed small."""
    path = write(here.folder / "whole.csv", range(1000, 1100))
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "manage.py", "import_customers", path, "--verbosity", "0"])
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took, megabytes = time.monotonic() - began, used.ru_maxrss / 1024
    print(f"    100,000 in one file: {took:.0f} s, {100_000 / took:,.0f}/s, at most {megabytes:.0f} MB of memory")
    return process.returncode == 0 and megabytes < MEMORY
