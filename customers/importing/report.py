"""The report of an import as a file: line, column, reason, what to do. No value of a person stands in it."""

import csv
import io
import tempfile

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from customers.models import Import

from .events_words import place_words, words_for


def lines_of(of_import):
    """The rows of the report, its header first."""
    of_events = of_import.kind == Import.Kind.EVENTS
    yield [_("Line"), pgettext("event", "Key") if of_events else _("Column"), _("What"), _("Reason"), _("What to do")]
    for fault in of_import.faults.order_by("line", "id").iterator(chunk_size=2000):
        reason, remedy = words_for(fault.code)
        place = place_words(fault.column, of_events=of_events)
        yield [str(fault.line), place, str(fault.get_kind_display()), str(reason), str(remedy)]


def write_csv(of_import, target):
    """Into a binary file, as UTF-8 with BOM, which spreadsheets open rightly. No cell can begin a formula."""
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    for line in lines_of(of_import):
        writer.writerow([f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell for cell in line])
    text.detach()


def workbook(of_import):
    """The report as an XLSX file of text cells, open at its beginning; streamed, whatever its length."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(of_import.number)
    for line in lines_of(of_import):
        cells = []
        for text in line:
            cell = WriteOnlyCell(sheet, value=text)
            cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    target = tempfile.TemporaryFile()  # noqa: SIM115 the response closes it
    book.save(target)
    target.seek(0)
    return target
