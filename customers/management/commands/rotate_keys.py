import os
from contextlib import nullcontext

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from audit.models import Actor
from customers.exceptions import CustomersError
from customers.management.bar import Bar
from customers.management.pool import pool
from customers.models import KeyRotation
from customers.services import rotation

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Seal every value under the newest key of FIELD_ENCRYPTION_KEY (the first of the list) while the office works. "
        "May be interrupted and run again: it goes on where it stopped. Says when the old keys may be removed."
    )

    def add_arguments(self, parser):
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="how many (one per core)")

    def handle(self, *, processes, verbosity, **_options):
        by = Actor.system()
        try:
            of_keys = rotation.begin(by=by)
            with pool(processes) if processes > 1 else nullcontext() as workers:
                of_keys = rotation.run(of_keys, by=by, pool=workers, progress=Bar(self.stderr) if verbosity else None)
        except CustomersError as error:
            raise CommandError(str(error)) from None
        if verbosity:
            self._tell(of_keys)
        if of_keys.outcome != KeyRotation.Outcome.CLEAN:
            raise CommandError(
                _("Values are still being written under an old key. Restart web, worker and beat, and run this again.")
            )

    def _tell(self, of_keys):
        under = of_keys.under()
        unopened = under.pop("", 0)
        for name, count in under.items():
            role = pgettext("keys", "newest") if name == of_keys.newest else pgettext("keys", "old")
            self.stdout.write(_("key %(key)s (%(role)s): %(count)s values") % {
                "key": name, "role": role, "count": f"{count:,}"
            })  # fmt: skip
        if unopened:
            self.stdout.write(_("under none of the keys, left as they are: %(count)s values") % {
                "count": f"{unopened:,}"
            })  # fmt: skip
            for table, column, key in of_keys.unopened[:SHOWN]:
                self.stdout.write(f"  {table} {column} {' '.join(key)}")
            if unopened > SHOWN:
                self.stdout.write("  " + _("… the page of %(number)s names more of them.") % {"number": of_keys})
        if of_keys.outcome == KeyRotation.Outcome.CLEAN:
            self.stdout.write(_("%(number)s: %(count)s values sealed anew in %(passes)s passes.") % {
                "number": of_keys, "count": f"{of_keys.resealed:,}", "passes": of_keys.passes
            })  # fmt: skip
            if len(of_keys.keys) > 1:
                self.stdout.write(_("The old keys may be removed from FIELD_ENCRYPTION_KEY now."))
