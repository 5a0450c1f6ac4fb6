import csv
from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from audit.models import Actor
from customers.importing.columns import HEADERS, KEPT
from customers.management.bar import Bar
from customers.management.sample import people
from customers.models import Customer
from customers.services.registration import BATCH, register_batch


class Command(BaseCommand):
    help = "Make invented customers, the same for the same seed; numbers that are there already are passed over."

    def add_arguments(self, parser):
        parser.add_argument("--count", type=int, default=2000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--csv", type=Path, help="write a file in the form of an import instead")

    def handle(self, *, count, seed, verbosity, **options):
        bar = Bar(self.stderr) if verbosity else lambda _done, _total: None
        if options["csv"]:
            return self._write(options["csv"], count, seed, bar)
        made, batch = 0, []
        for done, person in enumerate(people(count, seed), 1):
            batch.append(person)
            if len(batch) == BATCH or done == count:
                made += self._register(batch)
                batch = []
                bar(done, count)
        if verbosity:
            self.stdout.write(_("%(made)s customers made.") % {"made": made})
        return None

    def _register(self, batch):
        rows = [
            {name: value for header, (name, read) in KEPT.items() if (value := read(person[header])) is not None}
            for person in batch
        ]
        there = set(
            Customer.objects.filter(number__in=[row["number"] for row in rows]).values_list("number", flat=True)
        )
        return len(register_batch([row for row in rows if row["number"] not in there], by=Actor.system()))

    def _write(self, path, count, seed, bar):
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, HEADERS, restval="")
            writer.writeheader()
            for done, person in enumerate(people(count, seed), 1):
                writer.writerow(person)
                bar(done, count)
