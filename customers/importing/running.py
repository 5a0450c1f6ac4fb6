"""The run of an import: batches of 1,000 rows, each with its report in one transaction."""

import gc
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services.trail import record
from customers.exceptions import CustomersError
from customers.models import Customer, Import, ImportFault
from customers.services import registration

from .columns import fold_header, read_header
from .comparing import Comparison
from .files import FileRefused, rows, text_of
from .rows import Row, number_of

BATCH = 1000
AHEAD = 4  # so many batches are read and sealed, or under way, beyond the one that is kept
Kind = ImportFault.Kind


class Overtaken(CustomersError):
    """Somebody else is carrying out the same import, and is further."""

    def __init__(self, of_import):
        super().__init__(_("Import %(number)s is being carried out elsewhere.") % {"number": of_import})


def run(of_import, open_file, *, by, progress=None, pool=None):
    """Carry out an import, from where it stopped if it did. Returns it, finished.

    ``open_file()`` gives the file as a binary stream from its beginning; it is read twice, once to count. Rows are kept
    or left out one by one. Each batch commits customers, faults and counts together, so that a run that was killed goes
    on where it stopped, and two runs of one file at once make every customer once. ``progress(done, total)`` is called
    after each batch. ``pool`` (an executor of processes) reads and seals ahead; without one a thread does. A file that
    cannot be read at all finishes with its ``refusal``.
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
            _run_rows(of_import, rows(text), header, by=by, progress=progress, pool=pool)
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


def _run_rows(of_import, every, header, *, by, progress, pool):
    """Row by row in batches; others read and seal some ahead while the database keeps the one at hand."""
    next(every)
    numbered = islice(_numbered(every, header), of_import.lines, None)
    with ThreadPoolExecutor(1) as thread, _collecting_by_batch() as collect:
        ahead = deque()
        while (batch := list(islice(numbered, BATCH))) or ahead:
            if batch:
                known = registration.taken(number for _line, _cells, number, _is_again in batch if number)
                ahead.append((pool or thread).submit(read_and_seal, batch, header, known))
            if len(ahead) >= AHEAD or not batch:
                _keep(of_import, *ahead.popleft().result(), by=by)
                if progress:
                    progress(of_import.lines, of_import.total)
                collect()


def _numbered(every, header):
    """``(line, cells, number, whether the number stood in an earlier row)`` of every row; no number is ``""``."""
    seen = set()
    for line, cells in every:
        number = number_of(cells, header)
        yield line, cells, number, number in seen
        if number:
            seen.add(number)


def read_and_seal(batch, header, known):
    """The rows of a batch as read, and those to be registered sealed, by number. Needs no database.

    ``known`` are numbers that were there when the batch was taken. One may come later, when somebody else registers;
    none ever goes.
    """
    rows = [Row(line, cells, header, {number} if is_again else set()) for line, cells, number, is_again in batch]
    new = [row for row in rows if not row.faults and row.number not in known]
    return rows, {row.number: registration.ready(row.number, row.values, row.belongings) for row in new}


@contextmanager
def _collecting_by_batch():
    """A fifth of the time went into looking for garbage among rows that are all alive (measured): look once a batch."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield lambda: gc.collect(1)
    finally:
        if was_on:
            gc.enable()


@transaction.atomic
def _keep(of_import, batch, sealed, *, by):
    """One batch: new customers, what is filled in, differences, faults and counts, all or nothing."""
    registration.hold_numbers()
    if Import.objects.values_list("lines", flat=True).get(pk=of_import.pk) != of_import.lines:
        raise Overtaken(of_import)
    good = [row for row in batch if not row.faults]
    known = registration.taken(row.number for row in good)
    held = {customer.number: customer for customer in Customer.objects.filter(number__in=known)}
    new = [row for row in good if row.number not in held]
    kept = Counter(registration.register_ready([sealed[row.number] for row in new], by=by, subject=of_import))
    comparison = Comparison(of_import, [row for row in good if row.number in held], held, by=by)
    kept.update(comparison.kept)
    faults = [(row.line, column, code, Kind.FAULT) for row in batch for column, code in row.faults]
    ImportFault.objects.bulk_create(
        [
            ImportFault(of_import=of_import, line=line, column=column, code=code, kind=kind)
            for line, column, code, kind in faults + comparison.faults
        ],
        ignore_conflicts=True,
    )
    counts = {"created": len(new), "faulty": len(batch) - len(good) + comparison.faulty, **comparison.counts}
    of_import.lines += len(batch)
    for name, count in counts.items():
        setattr(of_import, name, getattr(of_import, name) + count)
    of_import.kept = dict(sorted((Counter(of_import.kept) + kept).items()))
    of_import.save(update_fields=["lines", "kept", *counts])


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
    counted = ("lines", "created", "filled", "corrected", "differing", "faulty")
    counts = {name: getattr(of_import, name) for name in counted}
    record("import.finished", subject=of_import, by=by, refusal=of_import.refusal, **counts)
    return of_import
