import csv
from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from audit.models import Actor
from customers.importing.columns import HEADERS
from customers.management.bar import Bar
from customers.management.sample import people
from customers.management.sealing import sealed_blocks
from customers.services.registration import register_ready, taken


class Command(BaseCommand):
    help = (
        "Make invented customers with all that an import keeps of them, the same for the same seed; numbers that are "
        "there already are passed over."
    )

    def add_arguments(self, parser):
        parser.add_argument("--count", type=int, default=2000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--csv", type=Path, help="write a file in the form of an import instead")

    def handle(self, *, count, seed, verbosity, **options):
        bar = Bar(self.stderr) if verbosity else lambda _done, _total: None
        if options["csv"]:
            return self._write(options["csv"], count, seed, bar)
        done, made, by = 0, 0, Actor.system()
        for block in sealed_blocks(count, seed):
            there = taken(customer.number for customer in block)
            fresh = [customer for customer in block if customer.number not in there]
            register_ready(fresh, by=by)
            made, done = made + len(fresh), done + len(block)
            bar(done, count)
        if verbosity:
            self.stdout.write(_("%(made)s customers made.") % {"made": made})
        return None

    def _write(self, path, count, seed, bar):
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, HEADERS, restval="")
            writer.writeheader()
            for done, person in enumerate(people(count, seed), 1):
                writer.writerow(person)
                bar(done, count)
