"""``manage.py verify_audit``: is the trail whole? Exit code 1, and the first bad entry named, when it is not."""

import itertools
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from audit.services.verification import verify


class Command(BaseCommand):
    help = "Checks every entry, link and seal of the audit trail, against the seals outside the database as well."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--seals", type=Path, help="a copy of seals.log from elsewhere, instead of SEALS_FOLDER's")
        parser.add_argument("--all", action="store_true", help="name every fault, not only the first ones")

    def handle(self, *, seals, all, verbosity, **options):
        self.verbosity, self.checked = verbosity, 0
        try:
            lines = seals.read_text(encoding="ascii", errors="replace").splitlines() if seals else None
        except OSError as error:
            raise CommandError(f"{seals}: {error.strerror}") from error
        found = verify(tick=self.tick, lines=lines)
        faults = list(found if all else itertools.islice(found, 1))
        if self.verbosity and self.checked and self.stderr.isatty():
            self.stderr.write("")
        for fault in faults:
            self.stdout.write(self.style.ERROR(str(fault)))
        if faults:
            raise CommandError(_("The trail was tampered with. First: %(fault)s") % {"fault": faults[0]})
        self.stdout.write(_("The trail is whole: %(count)s entries.") % {"count": f"{self.checked:,}"})

    def tick(self, done, total):
        self.checked = done
        if self.verbosity and self.stderr.isatty():
            self.stderr.write(f"\r{done:,} / {total:,}", ending="")
            self.stderr.flush()
