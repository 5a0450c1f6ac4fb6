import datetime as dt
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from customers.management.bar import Bar
from customers.management.events import events, line
from customers.models import Customer

UNTIL = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)  # fixed, so that a seed says everything


class Command(BaseCommand):
    help = "Write invented events of the customers that are there into a file of JSON Lines, for import_events."

    def add_arguments(self, parser):
        parser.add_argument("--count", type=int, default=30_000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--file", type=Path, required=True)

    def handle(self, *, count, seed, file, verbosity, **_options):
        numbers = list(Customer.objects.living().order_by("number").values_list("number", flat=True))
        if not numbers:
            raise CommandError(_("There are no customers yet: make_sample_customers makes some."))
        bar = Bar(self.stderr) if verbosity else lambda _done, _total: None
        with file.open("w", encoding="utf-8") as target:
            for done, event in enumerate(events(numbers, count, seed, until=UNTIL), 1):
                target.write(line(event))
                if done % 1000 == 0 or done == count:
                    bar(done, count)
