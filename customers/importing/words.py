"""Codes of an import -> words that staff understand: what is wrong, and what to do."""

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from customers.reading import REASONS

FILE_REASONS = {
    "file_empty": (_("The file is empty."), _("Save it once more from the spreadsheet and choose it again.")),
    "file_no_rows": (
        _("The file has a header and no row of a customer."),
        _("Save it once more from the spreadsheet and choose it again."),
    ),
    "file_workbook": (
        _("This is a workbook, or another file that is not text."),
        _("Save it from the spreadsheet as “CSV UTF-8 (comma delimited)”."),
    ),
    "file_utf16": (
        _("The file is written in UTF-16 (“Unicode text”)."),
        _("Save it from the spreadsheet as “CSV UTF-8 (comma delimited)”."),
    ),
    "file_encoding": (
        _("The file is written neither in UTF-8 nor in Shift JIS (cp932)."),
        _("Save it from the spreadsheet as “CSV UTF-8 (comma delimited)”."),
    ),
    "file_delimiter": (
        _("The columns are not separated by commas."),
        _("Save it from the spreadsheet as “CSV UTF-8 (comma delimited)”."),
    ),
    "file_line": (
        _("A line of the file is longer than any row of a customer."),
        _("Save it from the spreadsheet as “CSV UTF-8 (comma delimited)”."),
    ),
    "file_away": (_("The file could not be opened."), _("Choose it again.")),
    "header_none": (
        _("The first line has none of the columns’ names."),
        _("Put the columns’ names into the first line, for example 顧客番号 and 氏名."),
    ),
    "header_twice": (_("This column is there twice."), _("Remove one of the two, or rename it.")),
    "header_required": (_("This column is missing, and nothing can be read without it."), _("Add the column.")),
    "header_unknown": (
        _("This column is not known here; nothing was read from it."),
        _("Check the spelling of its name, or leave it as it is."),
    ),
    "header_missing": (
        _("This column is not in the file; nothing was changed in it."),
        _("If it should be there, check the spelling of its name."),
    ),
    "quote_unclosed": (
        _('A quotation mark (") is opened in this row and not closed.'),
        _("Close it, or write a quotation mark inside a cell twice."),
    ),
    "cells_few": (
        _("This row has fewer cells than the first line."),
        _("Compare it with its neighbours; a comma may be missing."),
    ),
    "cells_many": (
        _("This row has more cells than the first line."),
        _("Compare it with its neighbours; put a text that has a comma into quotation marks."),
    ),
    "number_twice": (
        _("This customer number stands in the file a second time. The first row counted."),
        _("Decide which row is right, and remove the other or correct its number."),
    ),
    "number_erased": (
        _("The customer of this number was erased. The number is not given out again."),
        _("Remove the row from the file and from where the file comes from."),
    ),
    "number_alias": (
        _("The record of this number was joined with another one of the same person."),
        _("Correct the other record by hand if something has changed."),
    ),
    "differs": (
        _("This differs from what is held. It was left as it is."),
        _("If the file is right, import it again with “apply differing values”."),
    ),
}


def words_for(code):
    """``(reason, what to do)``, translated when shown."""
    return FILE_REASONS.get(code) or REASONS[code]


def column_words(column):
    """How a report names a column: its header, or its place where the header was not known."""
    if column.startswith("#"):
        return _now("column %(place)s") % {"place": column[1:]}
    return column or _now("whole row")
