import io
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from audit.models import Actor
from customers.importing import run_events
from customers.importing.events_words import place_words, words_for
from customers.importing.report import write_csv
from customers.management.bar import Bar
from customers.models import Import

SHOWN = 200


class Command(BaseCommand):
    help = (
        "Import what customers did on the site and in the app from a file of JSON Lines. Each line names its person by "
        "customer number, cookie or device. Good lines are kept, others are reported by line, key and reason. Safe to "
        "run again: an event that is there makes nothing new."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--report", type=Path, help="write the report to this CSV file too")

    def handle(self, *, file, report, verbosity, **_options):
        if not file.is_file():
            raise CommandError(_("There is no file %(file)s.") % {"file": file})
        of_import = Import.objects.create(kind=Import.Kind.EVENTS, created_by=Actor.system())
        bar = Bar(self.stderr) if verbosity else None
        of_import = run_events(of_import, lambda: io.FileIO(file), by=of_import.created_by, progress=bar)
        if report:
            with report.open("wb") as target:
                write_csv(of_import, target)
        if of_import.refusal:
            raise CommandError(" ".join(map(str, words_for(of_import.refusal))))
        if verbosity:
            self._tell(of_import)

    def _tell(self, of_import):
        for fault in of_import.faults.order_by("line", "id")[:SHOWN]:
            reason, remedy = words_for(fault.code)
            place = place_words(fault.column, of_events=True)
            self.stdout.write(
                _("line %(line)s, %(column)s: %(reason)s %(remedy)s")
                % {"line": fault.line, "column": place, "reason": reason, "remedy": remedy}
            )
        more = of_import.faults.count() - SHOWN
        if more > 0:
            self.stdout.write(_("… and %(more)s more; --report FILE writes them all.") % {"more": more})
        counts = {name: getattr(of_import, name) for name in ("lines", "created", "unchanged", "apart", "faulty")}
        self.stdout.write(
            _(
                "Import %(number)s: %(lines)s lines read; %(created)s new, %(unchanged)s known already, "
                "%(apart)s of unknown persons kept apart, %(faulty)s left out."
            )
            % {"number": of_import, **counts}
        )
