"""The one door through which data of customers leave in a file. One function per decision.

An export names its purpose. The register is asked when it is requested, when the file is made and when it is
downloaded; so are the suspensions. What is not downloaded within a day is gone.
"""

import datetime as dt
from contextlib import suppress

from django.db import DatabaseError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit.calendar import midnight_after
from audit.models import Actor
from audit.services.jobs import enqueue
from audit.services.trail import BATCH, record, record_batch, reference
from consent.exceptions import ChangedMeanwhile, MoveNotAllowed, NotPermitted, NotReady, NotThere, NotYours
from consent.models import Export, ExportStatus
from consent.purposes import Purpose
from customers import writing
from customers.categories import Category
from customers.models import Customer, FilePerson
from customers.services import files

from . import answers, register, selection
from .sheets import how_many, sheets

HOURS = dt.timedelta(hours=24)  # so long a file waits
GRACE = dt.timedelta(minutes=10)  # so long after the first download a lost connection can be made good
MOST_NUMBERS = 50_000
WRITERS = {
    Export.Format.XLSX: (writing.xlsx, writing.XLSX, "xlsx"),
    Export.Format.CSV: (writing.csv_zip, writing.ZIP, "zip"),
}
Ended, Selection = Export.Ended, Export.Selection


def prepare(
    *, purpose, categories, selection, format, registered_from=None, registered_to=None, numbers=None, by
):  # fmt: skip
    """The export as it would be asked for, not saved. Raises :class:`NotPermitted` or :class:`NotReady`."""
    return Export(**chosen(purpose, categories, selection, registered_from, registered_to, numbers), format=format,
                  requested_by=by)  # fmt: skip


def chosen(purpose, categories, selection, registered_from=None, registered_to=None, numbers=None):
    """What is to leave and of whom, as columns of an export or a provision.

    Raises :class:`NotPermitted` where the register does not permit a category for the purpose (Article 18), and
    :class:`NotReady` where nothing or too much is chosen.
    """
    purpose, categories = Purpose(purpose), [each for each in Category if each in set(categories)]
    if not categories:
        raise NotReady([_("Choose at least one category.")], field="categories")
    if refused := register.not_permitted(purpose, categories):
        raise NotPermitted(purpose, refused)
    days, wanted = (None, None), None
    if selection == Selection.REGISTERED:
        if not (registered_from and registered_to and registered_from <= registered_to):
            raise NotReady([_("Give the first and the last day of registration, in this order.")], field="selection")
        days = (registered_from, registered_to)
    if selection == Selection.NUMBERS:
        wanted = list(dict.fromkeys(numbers or []))
        if not wanted:
            raise NotReady([_("Give at least one customer number.")], field="numbers")
        longest = Customer._meta.get_field("number").max_length
        if too_long := sum(len(number) > longest for number in wanted):
            said = _("A customer number has at most %(longest)s characters; %(count)s of those given are longer.")
            raise NotReady([said % {"longest": longest, "count": too_long}], field="numbers")
        if len(wanted) > MOST_NUMBERS:
            said = _("At most %(most)s numbers fit into one export.") % {"most": f"{MOST_NUMBERS:,}"}
            raise NotReady([said], field="numbers")
    return {
        "purpose": purpose, "categories": categories, "selection": selection, "registered_from": days[0],
        "registered_to": days[1], "numbers": wanted,
    }  # fmt: skip


@transaction.atomic
def ask(*, language=None, by, **wanted):
    """Ask for an export; a worker makes it. Raises :class:`NotPermitted` where the register does not permit it today.

    ``wanted`` is as :func:`prepare` takes it; ``language`` is that of the headings.
    """
    export = prepare(**wanted, by=by)
    found = selection.count(export, answers.barred_from(export))
    if not found.persons:
        raise NotReady([_("Nobody would be in the file: all are left out, or no number is known.")])
    return _ask(export, found.persons, language or translation.get_language(), by=by)


@transaction.atomic
def ask_for(provision, *, language):
    """Ask for the file of a provision that was recorded, for the one who asked for that. Ends with its day."""
    export = Export(
        provision=provision, purpose=Purpose(provision.purpose), categories=provision.categories,
        selection=provision.selection, registered_from=provision.registered_from,
        registered_to=provision.registered_to, numbers=provision.numbers, format=provision.format,
        requested_by=provision.requested_by,
    )  # fmt: skip
    return _ask(export, provision.given, language, by=provision.requested_by)


def _ask(export, persons, language, *, by):
    export.save()
    job = enqueue("consent.make_export", by=by, subject=export, export=export.pk, language=language)
    export.job_number = str(job.number)
    export.save(update_fields=["job_number"])
    record(
        "export.requested", subject=export, by=by, purpose=export.purpose, categories=export.categories,
        selection=export.selection, format=export.format, persons=persons,
        provision=str(export.provision or ""),
    )  # fmt: skip
    return export


def make(export, *, language, by, progress=lambda done, total: None):
    """Make the file of an export that was asked for, from the start each time. Twice does nothing.

    Where the register no longer permits a category, or the provision that it is for holds no more, the export is
    refused and nothing is made. Raises :class:`ChangedMeanwhile`, and keeps nothing, where a customer in it was erased
    or barred while it was made.
    """
    if _refused(export, by=by):
        return
    export.refresh_from_db()
    if export.status != ExportStatus.REQUESTED:
        return
    write, media_type, ending = WRITERS[Export.Format(export.format)]
    try:
        counts = selection.lay_out(export, answers.barred_from(export))
        total, done = counts.persons * how_many(export.categories), 0

        def step(persons):
            nonlocal done
            progress(done, total)
            done += persons

        with translation.override(language):
            written = files.write(write(sheets(export.categories, step)))
        try:
            _make_ready(export, written, counts, name=f"{export.number}.{ending}", media_type=media_type, by=by)
        finally:
            with suppress(DatabaseError):
                files.drop(written)
        progress(total, total)
    finally:
        with suppress(DatabaseError):
            selection.clear()


@transaction.atomic
def _make_ready(export, written, counts, *, name, media_type, by):
    export = _lock(export)
    if export.status != ExportStatus.REQUESTED:
        return
    sealed_file = files.keep(written, name=name, media_type=media_type, by=by, purpose="export")
    files.name_persons(sealed_file, selection.TABLE)
    if selection.has_changed(answers.barred_from(export)) or _why_refused(export)[0]:
        raise ChangedMeanwhile(export)
    export.file = sealed_file
    export.persons, export.suspended = counts.persons, counts.suspended
    export.erased, export.unknown = counts.erased, counts.unknown
    export.available_until = timezone.now() + HOURS
    if export.provision:
        export.available_until = min(export.available_until, midnight_after(export.provision.last_on))
    _move(export, ExportStatus.READY)
    for batch in selection.batches(BATCH):
        numbers = Customer.objects.filter(pk__in=set(batch.values())).values_list("number", flat=True)
        names = [f"{Customer._meta.label_lower}:{number}" for number in numbers]
        record_batch("export.persons_taken", subject=sealed_file, by=by, references=names, export=export)
    record("export.made", subject=export, by=by, persons=counts.persons, suspended=counts.suspended,
           erased=counts.erased, unknown=counts.unknown, file=reference(sealed_file))  # fmt: skip


def collect(export, *, by):
    """Let the one who asked have the file, and nobody else. Gives the pieces of its content.

    The first time counts: ten minutes later the content is purged, so that a connection that was lost can be made good
    and nothing lies about. Each time leaves its entry. Raises :class:`NotThere` where it is over, was erased or is no
    longer permitted; the page says which.
    """
    if by.pk != export.requested_by_id:
        raise NotYours(export)
    end_what_is_over(export)
    return files.stream(_collect(export, by=by).file)


@transaction.atomic
def _collect(export, *, by):
    export = _lock(export)
    if not is_there(export):
        raise NotThere(export)
    if export.status == ExportStatus.READY:
        export.collected_at, export.collected_by = timezone.now(), by
        _move(export, ExportStatus.COLLECTED)
        record("export.collected", subject=export, by=by, persons=export.persons)
    else:
        record("export.collected_again", subject=export, by=by)
    return export


def is_there(export):
    """Whether the file can be downloaded now."""
    if export.file is None or export.file.is_purged:
        return False
    now = timezone.now()
    if export.status == ExportStatus.READY:
        return export.available_until > now
    return export.status == ExportStatus.COLLECTED and export.collected_at + GRACE > now


def end_all_that_is_over():
    """Purge what waited too long, was downloaded, or may no longer leave. The clock calls it; returns how many."""
    waiting = Export.objects.filter(status=ExportStatus.READY)
    lying = Export.objects.filter(status=ExportStatus.COLLECTED, file__purged_at__isnull=True)
    return sum(end_what_is_over(export) for export in [*waiting, *lying])


@transaction.atomic
def end_what_is_over(export):
    """Purge the content where its time is over or it may no longer leave, and say why. Returns whether it did."""
    export, by = _lock(export), Actor.system()
    if export.status not in (ExportStatus.READY, ExportStatus.COLLECTED):
        return False
    why, refused = _why_refused(export)
    if export.file.is_purged:
        why = Ended.ERASED
    elif (
        not why
        and FilePerson.objects.filter(file=export.file, customer__in=answers.barred_from(export).values("pk")).exists()
    ):
        why = Ended.FALLEN if export.provision else Ended.SUSPENDED
    if not why and not is_there(export):
        why = Ended.HOURS
    if not why:
        return False
    if export.status == ExportStatus.COLLECTED:  # it left: whom it held stays written
        was_there = not export.file.is_purged
        files.purge(export.file, by=by)
        return was_there
    files.purge(export.file, by=by)
    FilePerson.objects.filter(file=export.file).delete()  # nothing left the office, so nobody was in it
    export.refused_categories, export.ended_because = refused, why
    _move(export, ExportStatus.EXPIRED)
    record("export.expired", subject=export, by=by, ended_because=why)
    return True


def _why_refused(export):
    """Why it may not leave, whoever is in it, and the categories that the register refuses: nothing, or a reason."""
    if refused := register.not_permitted(export.purpose, export.categories):
        return Ended.NOT_PERMITTED, refused
    if export.provision and answers.has_fallen(export.provision):
        return Ended.FALLEN, []
    return "", []


@transaction.atomic
def _refused(export, *, by):
    export = _lock(export)
    if export.status != ExportStatus.REQUESTED:
        return False
    why, categories = _why_refused(export)
    if not why:
        return False
    export.refused_categories, export.ended_because = categories, why
    _move(export, ExportStatus.REFUSED)
    record("export.refused", subject=export, by=by, purpose=export.purpose, categories=categories, ended_because=why)
    return True


def _lock(export):
    return (
        Export.objects.select_for_update(of=["self"]).select_related("file", "provision__third_party").get(pk=export.pk)
    )


def _move(export, status):
    if status not in ExportStatus(export.status).next:
        raise MoveNotAllowed(export, status)
    export.status = status
    export.save()
