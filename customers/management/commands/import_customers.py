import io
import os
from contextlib import nullcontext
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from audit.models import Actor
from customers.categories import Category
from customers.importing import run, words_for
from customers.importing.report import write_csv
from customers.importing.words import column_words
from customers.management.bar import Bar
from customers.management.pool import pool
from customers.models import Import, ImportFault
from customers.services.tying import adopt

SHOWN = 200
ALONE = 1_000_000  # bytes; a smaller file is read sooner than processes start


class Command(BaseCommand):
    help = (
        "Import customers from a CSV file (UTF-8 or cp932, Japanese header). Good rows are kept, others are reported "
        "by line, column and reason. Safe to run again: known customer numbers make nothing new."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--update", action="store_true", help="apply values that differ from what is held")
        parser.add_argument("--report", type=Path, help="write the report to this CSV file too")

    def handle(self, *, file, update, report, verbosity, **_options):
        if not file.is_file():
            raise CommandError(_("There is no file %(file)s.") % {"file": file})
        of_import = Import.objects.create(update=update, created_by=Actor.system())
        bar = Bar(self.stderr) if verbosity else None
        processes = (os.cpu_count() or 1) if file.stat().st_size > ALONE else 1
        with pool(processes) if processes > 1 else nullcontext() as workers:
            of_import = run(of_import, lambda: io.FileIO(file), by=of_import.created_by, progress=bar, pool=workers)
        adopt(by=of_import.created_by, since=of_import.created_at)
        if report:
            with report.open("wb") as target:
                write_csv(of_import, target)
        if of_import.refusal:
            fault = of_import.faults.get(kind=ImportFault.Kind.FAULT)
            reason, remedy = words_for(fault.code)
            where = f"{column_words(fault.column)}: " if fault.column else ""
            raise CommandError(f"{where}{reason} {remedy}")
        if verbosity:
            self._tell(of_import)

    def _tell(self, of_import):
        for code in ("header_unknown", "header_missing"):
            columns = of_import.faults.filter(code=code).order_by("id").values_list("column", flat=True)
            if columns:
                reason, remedy = words_for(code)
                self.stdout.write(f"{', '.join(map(column_words, columns))}: {reason} {remedy}")
        for kind in (ImportFault.Kind.DIFFERENCE, ImportFault.Kind.FAULT):
            for fault in of_import.faults.filter(kind=kind).order_by("line", "id")[:SHOWN]:
                reason, remedy = words_for(fault.code)
                self.stdout.write(
                    _("line %(line)s, %(column)s: %(reason)s %(remedy)s")
                    % {
                        "line": fault.line,
                        "column": column_words(fault.column),
                        "reason": reason,
                        "remedy": remedy,
                    }  # fmt: skip
                )
            more = of_import.faults.filter(kind=kind).count() - SHOWN
            if more > 0:
                self.stdout.write(_("… and %(more)s more; --report FILE writes them all.") % {"more": more})
        self.stdout.write(
            _(
                "Import %(number)s: %(lines)s rows read; %(created)s new, %(unchanged)s unchanged, %(filled)s "
                "filled in, %(corrected)s corrected, %(differing)s differing and left, %(faulty)s left out."
            )
            % {
                name: getattr(of_import, name)
                for name in ("number", "lines", "created", "unchanged", "filled", "corrected", "differing", "faulty")
            }
        )
        for category, count in of_import.kept.items():
            self.stdout.write(f"{Category(category).label}: {count}")
