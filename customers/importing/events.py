"""The run of an import of events: JSON Lines, in batches of 1,000, each with its report in one transaction."""

import codecs
import io

from django.db import transaction
from django.utils import timezone

from audit.services.trail import record
from customers.models import Import, ImportFault
from customers.services.tying import keep, make_months

from .events_reading import LONGEST_LINE, PERSONS, read_line
from .files import FileRefused
from .running import Overtaken

BATCH = 1000
HEAD = 65_536
LOOKED_AT = 20  # so many lines at most decide whether this is a file of events at all


def run_events(of_import, open_file, *, by, progress=None):
    """Carry out an import of events, from where it stopped if it did. Returns it, finished.

    ``open_file()`` gives the file as a binary stream from its beginning; it is read twice, once to count. A line is
    kept, known already, kept apart (its person is not known) or left out with its faults. Each batch commits events,
    faults and counts together: a run that was killed goes on where it stopped, and two runs of one file at once keep
    every event once. ``progress(done, total)`` is called after each batch. A file that is none of events finishes with
    its ``refusal``.
    """
    if of_import.finished_at:
        return of_import
    try:
        with _opened(open_file) as file:
            _look_at(file.peek(HEAD)[:HEAD])
            total = sum(1 for _line in lines(file))
        Import.objects.filter(pk=of_import.pk).update(total=total, encoding="utf-8")
        of_import.total, of_import.encoding = total, "utf-8"
        with _opened(open_file) as file:
            _run_lines(of_import, lines(file), by=by, progress=progress)
    except FileRefused as refused:
        return _finish(of_import, by=by, refusal=refused.code)
    return _finish(of_import, by=by)


def lines(file):
    """Yield ``(number, bytes)`` for each line that is not blank; ``None`` in place of one that is too long."""
    number, mark = 0, codecs.BOM_UTF8
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        too_long = len(raw) > LONGEST_LINE and not raw.endswith(b"\n")
        while too_long and (rest := file.readline(HEAD)) and not rest.endswith(b"\n"):
            pass
        if too_long:
            yield number, None
        elif stripped := raw.removeprefix(mark).strip():
            yield number, stripped
        mark = b""


def _opened(open_file):
    file = open_file()
    return file if isinstance(file, io.BufferedReader) else io.BufferedReader(file, buffer_size=HEAD)


def _look_at(head):
    """Refuse what is no file of events, so that a wrong choice is one message and not a million faults."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in head[:400]:
        raise FileRefused("events_file_not_text")
    if head.startswith((b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff")):
        raise FileRefused("events_file_not_text")
    first = [line.strip() for line in head.removeprefix(codecs.BOM_UTF8).splitlines() if line.strip()][:LOOKED_AT]
    if not first:
        raise FileRefused("events_file_empty")
    if first[0].startswith(b"["):
        raise FileRefused("events_file_array")
    if not any(line.startswith(b"{") for line in first):
        raise FileRefused("events_file_other")


def _run_lines(of_import, every, *, by, progress):
    batch, passed, already = [], 0, of_import.lines
    for number, raw in every:
        passed += 1
        if passed <= already:
            continue
        batch.append(read_line(number, raw))
        if len(batch) == BATCH:
            _keep(of_import, batch, by=by)
            batch = []
            if progress:
                progress(of_import.lines, of_import.total)
    if batch:
        _keep(of_import, batch, by=by)
        if progress:
            progress(of_import.lines, of_import.total)


def _keep(of_import, batch, *, by):
    make_months([read.event.at for read in batch if read.event])
    with transaction.atomic():
        _keep_batch(of_import, batch, by=by)


def _keep_batch(of_import, batch, *, by):
    """One batch: events, faults and counts, all or nothing."""
    if Import.objects.select_for_update().values_list("lines", flat=True).get(pk=of_import.pk) != of_import.lines:
        raise Overtaken(of_import)
    created, apart, refused = keep([read.event for read in batch if read.event], by=by, subject=of_import)
    refused = {event.line for event in refused}
    for read in batch:
        if read.event and read.event.line in refused:
            read.faults.append((_named_by(read.event.naming), "number_erased"))
    ImportFault.objects.bulk_create(
        [
            ImportFault(of_import=of_import, line=read.number, column=key, code=code)
            for read in batch
            for key, code in read.faults
        ],
        ignore_conflicts=True,
    )
    faulty = sum(bool(read.faults) for read in batch)
    counts = {"created": created, "apart": apart, "faulty": faulty, "unchanged": len(batch) - created - apart - faulty}
    of_import.lines += len(batch)
    for name, count in counts.items():
        setattr(of_import, name, getattr(of_import, name) + count)
    of_import.save(update_fields=["lines", *counts])


def _named_by(naming):
    return next(key for key in PERSONS if getattr(naming, key))


@transaction.atomic
def _finish(of_import, *, by, refusal=""):
    of_import = Import.objects.select_for_update().get(pk=of_import.pk)
    if of_import.finished_at:
        return of_import
    if refusal:
        of_import.refusal = refusal
        ImportFault.objects.create(of_import=of_import, line=1, code=refusal)
    of_import.finished_at, of_import.finished_by = timezone.now(), by
    of_import.save()
    record(
        "import.finished", subject=of_import, by=by, refusal=of_import.refusal, lines=of_import.lines,
        kept=of_import.created, known=of_import.unchanged, apart=of_import.apart, faulty=of_import.faulty,
    )  # fmt: skip
    return of_import
