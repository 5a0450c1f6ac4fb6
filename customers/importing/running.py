"""The run of an import: batches of 1,000 rows, each with its report in one transaction."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services.trail import record
from customers.exceptions import CustomersError
from customers.models import CorrectionReason, Customer, Import, ImportFault
from customers.reading import Unreadable
from customers.services.corrections import correct
from customers.services.registration import hold_numbers, register_batch

from .columns import CHECKED, KEPT, OF_FIELD, fold_header, read_header
from .files import FileRefused, rows, text_of

BATCH = 1000
Kind = ImportFault.Kind


class Overtaken(CustomersError):
    """Somebody else is carrying out the same import, and is further."""

    def __init__(self, of_import):
        super().__init__(_("Import %(number)s is being carried out elsewhere.") % {"number": of_import})


def run(of_import, open_file, *, by, progress=None):
    """Carry out an import, from where it stopped if it did. Returns it, finished.

    ``open_file()`` gives the file as a binary stream from its beginning; it is read twice, once to count. Rows are kept
    or left out one by one. Each batch commits customers, faults and counts together, so that a run that was killed goes
    on where it stopped, and two runs of one file at once make every customer once. ``progress(done, total)`` is called
    after each batch. A file that cannot be read at all finishes with its ``refusal``.
    """
    if of_import.finished_at:
        return of_import
    try:
        with open_file() as file:
            encoding, text = text_of(file, _is_header)
            header, total = _survey(text)
        _begin(of_import, encoding, total, header)
        with open_file() as file:
            _encoding, text = text_of(file, _is_header)
            _run_rows(of_import, rows(text), header, by=by, progress=progress)
    except FileRefused as refused:
        return _finish(of_import, by=by, refusal=refused)
    return _finish(of_import, by=by)


def _is_header(line):
    return any(fold_header(cell.strip('"')) in ("顧客番号", "氏名", "メールアドレス") for cell in line.split(","))


def _survey(text):
    """The header, and how many rows follow it."""
    every = rows(text)
    _line, cells = next(every, (0, None))
    if cells is None:
        raise FileRefused("header_none")
    header = read_header(cells)
    if header.refusal:
        raise FileRefused(*header.refusal)
    total = sum(1 for _row in every)
    if not total:
        raise FileRefused("file_no_rows")
    return header, total


@transaction.atomic
def _begin(of_import, encoding, total, header):
    of_import.encoding, of_import.total = encoding.removesuffix("-sig"), total
    of_import.save(update_fields=["encoding", "total"])
    notes = [
        ImportFault(of_import=of_import, line=1, column=column, code=code, kind=Kind.NOTE)
        for code, column in header.notes
    ]
    ImportFault.objects.bulk_create(notes, ignore_conflicts=True)


def _run_rows(of_import, every, header, *, by, progress):
    next(every)
    seen, batch, passed, already = set(), [], 0, of_import.lines
    for line, cells in every:
        row = Row(line, cells, header, seen)
        passed += 1
        if passed <= already:
            continue
        batch.append(row)
        if len(batch) == BATCH:
            _keep(of_import, batch, by=by)
            batch = []
            if progress:
                progress(of_import.lines, of_import.total)
    if batch:
        _keep(of_import, batch, by=by)
        if progress:
            progress(of_import.lines, of_import.total)


class Row:
    """One row as read: its values, or the faults for which it is left out."""

    __slots__ = ("faults", "line", "number", "values")

    def __init__(self, line, cells, header, seen):
        self.line, self.number, self.values, self.faults = line, "", {}, []
        if cells is None:
            self.faults.append(("", "quote_unclosed"))
            return
        if misfit := _misfit(cells, header):
            self.faults.append(("", misfit))
            return
        for column, cell in zip(header.columns, cells, strict=False):
            if column is None:
                continue
            try:
                if column in KEPT:
                    name, read = KEPT[column]
                    self.values[name] = read(cell)
                elif cell:
                    CHECKED[column](cell)
            except Unreadable as fault:
                self.faults.append((column, fault.code))
        self.number = self.values.pop("number", "")
        if self.values.get("registered_on", "") is None:
            del self.values["registered_on"]
        if self.number in seen:
            self.faults.append((OF_FIELD["number"], "number_twice"))
        elif self.number:
            seen.add(self.number)


def _misfit(cells, header):
    width = len(header.columns)
    if len(cells) < width:
        missing = range(len(cells), width)
        return "" if all(position in header.unnamed for position in missing) else "cells_few"
    extra = [cell for position, cell in enumerate(cells) if position >= width or position in header.unnamed]
    return "cells_many" if any(cell.strip() for cell in extra) else ""


@transaction.atomic
def _keep(of_import, batch, *, by):
    """One batch: new customers, differences, faults and counts, all or nothing."""
    hold_numbers()
    if Import.objects.values_list("lines", flat=True).get(pk=of_import.pk) != of_import.lines:
        raise Overtaken(of_import)
    faults = [(row.line, column, code, Kind.FAULT) for row in batch for column, code in row.faults]
    good = [row for row in batch if not row.faults]
    held = {customer.number: customer for customer in Customer.objects.filter(number__in=[row.number for row in good])}
    new = [row for row in good if row.number not in held]
    register_batch([{"number": row.number, **row.values} for row in new], by=by, subject=of_import)
    counts = {"created": len(new), "unchanged": 0, "corrected": 0, "differing": 0, "faulty": len(batch) - len(good)}
    for row in good:
        if row.number in held:
            outcome, found = _compare(of_import, row, held[row.number], by=by)
            counts[outcome] += 1
            faults += found
    ImportFault.objects.bulk_create(
        [
            ImportFault(of_import=of_import, line=line, column=column, code=code, kind=kind)
            for line, column, code, kind in faults
        ],
        ignore_conflicts=True,
    )
    of_import.lines += len(batch)
    for name, count in counts.items():
        setattr(of_import, name, getattr(of_import, name) + count)
    of_import.save(update_fields=["lines", *counts])


def _compare(of_import, row, customer, *, by):
    """A row whose number is known already: ``(which count, faults)``."""
    if customer.is_erased or customer.merged_into_id:
        code = "number_erased" if customer.is_erased else "number_alias"
        return "faulty", [(row.line, OF_FIELD["number"], code, Kind.FAULT)]
    changes = {name: value for name, value in row.values.items() if getattr(customer, name) != value}
    if not changes:
        return "unchanged", []
    if of_import.update:
        correct(customer, changes=changes, reason=CorrectionReason.IMPORT, by=by)
        return "corrected", []
    return "differing", [(row.line, OF_FIELD[name], "differs", Kind.DIFFERENCE) for name in changes]


@transaction.atomic
def _finish(of_import, *, by, refusal=None):
    of_import = Import.objects.select_for_update().get(pk=of_import.pk)
    if of_import.finished_at:
        return of_import
    if refusal:
        of_import.refusal = refusal.code
        ImportFault.objects.create(of_import=of_import, line=1, column=refusal.column, code=refusal.code)
    of_import.finished_at, of_import.finished_by = timezone.now(), by
    of_import.save()
    counts = {name: getattr(of_import, name) for name in ("lines", "created", "corrected", "differing", "faulty")}
    record("import.finished", subject=of_import, by=by, refusal=of_import.refusal, **counts)
    return of_import
