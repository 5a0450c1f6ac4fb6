"""Carrying a decision out: the answer is made by a worker, offered, collected once."""

from contextlib import suppress
from dataclasses import dataclass

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone

from audit.models import Job
from audit.services import office, outbox
from audit.services.jobs import enqueue
from audit.services.trail import record, reference
from customers.services import events, files
from customers.writing import zipped
from requests_desk import dossier, pdf
from requests_desk.models import DataRequest, Decision, Outcome, Package, Status
from requests_desk.models.package import COLLECT_WITHIN_DAYS

from .steps import Step, add_days, demand, lock, move


@transaction.atomic
def build(request, *, by):
    """Hand the making of the answer over to a worker, now, where it did not come about. A second press does nothing."""
    request = lock(request)
    demand(request, Step.BUILD, by=by)
    under_way = Q(state=Job.State.RUNNING) | Q(state=Job.State.WAITING, due_at__lte=timezone.now())
    job = Job.objects.filter(under_way, name="requests_desk.build_package", subject=reference(request)).first()
    if job:
        return job
    record("answer.asked_for", subject=request, person=request.customer, by=by)
    return enqueue("requests_desk.build_package", subject=request, by=by, request=request.pk)


def make(request, *, by):
    """Make the answer, seal it, offer it, and tell the person by mail that something is there.

    Called by a worker. The file is made and sealed first, piece by piece, so that memory stays flat; one transaction
    then keeps and offers it. A worker that dies leaves nothing that opens, and a second call after a first one changes
    nothing.
    """
    request = DataRequest.objects.select_related("customer").get(pk=request.pk)
    if request.status != Status.APPROVED and not _is_to_be_renewed(request):
        return None
    decision = request.decisions.get(state=Decision.State.APPROVED)
    content, media_type = contents(request, decision)
    written = files.write(content)
    try:
        return _offer(request, decision, written, media_type, by=by)
    finally:
        with suppress(DatabaseError):
            files.drop(written)  # where another worker was first


def contents(request, decision):
    """The answer as ``(pieces of bytes, media type)``: a ZIP where data is disclosed, else the letter alone."""
    facts = office.current()
    letter = pdf.letter(request, decision, facts)
    if decision.outcome != Outcome.FULL:
        return [letter], "application/pdf"
    held = dossier.gather(request.customer, request)
    table = dossier.Table(held)
    return zipped(
        [
            ("1-letter.pdf", [letter]),
            ("2-your-data.pdf", [pdf.statement(request, held, facts)]),
            ("3-your-data.json", dossier.as_json(held, table.passing(events.stream_of(request.customer)))),
            ("4-your-data.csv", table.pieces()),
        ]
    ), "application/zip"


@transaction.atomic
def _offer(request, decision, written, media_type, *, by):
    request = lock(request)
    renewed = _is_to_be_renewed(request)
    if request.status != Status.APPROVED and not renewed:
        return None
    persons = [request.customer] if request.customer else []
    file = files.keep(
        written, name=file_name(request, media_type), media_type=media_type, by=by, persons=persons, purpose="answer"
    )
    values = {
        "decision": decision, "state": Package.State.OFFERED, "file": file, "size": file.size,
        "is_letter": media_type == "application/pdf", "offered_at": timezone.now(), "offered_by": by,
        "offered_until": add_days(timezone.localdate(), COLLECT_WITHIN_DAYS), "collected_at": None,
        "collected_by": None, "last_collected_at": None, "purged_at": None, "purged_by": None,
    }  # fmt: skip
    package, _made = Package.objects.update_or_create(request=request, defaults=values)
    if not renewed:
        move(request, Status.READY)
        request.save()
    record("answer.offered", subject=request, person=request.customer, by=by, outcome=decision.outcome)
    outbox.post("requests_desk.answer_ready", subject=request, by=by, language=request.language)
    return package


def _is_to_be_renewed(request):
    """The file of an answered request was purged and asked for again."""
    package = getattr(request, "package", None)
    return request.status == Status.READY and package is not None and package.file_id is None


@dataclass(frozen=True)
class Collected:
    name: str
    media_type: str
    content: bytes


@transaction.atomic
def collect(request, *, by):
    """Hand the file out, once, and again within :data:`GRACE`. Each time leaves its entry.

    Raises ``StepNotAllowed`` with what to do where it was collected before.
    """
    request = lock(request)
    demand(request, Step.COLLECT, by=by)
    package = Package.objects.select_for_update().get(request=request)
    content = files.read(package.file)
    now, is_first = timezone.now(), package.state != Package.State.COLLECTED
    if is_first:
        package.state = Package.State.COLLECTED
        package.collected_at, package.collected_by = now, by
    package.last_collected_at = now
    package.save()
    act = "answer.collected" if is_first else "answer.collected_again"
    record(act, subject=request, person=request.customer, by=by)
    media_type = "application/pdf" if package.is_letter else "application/zip"
    return Collected(file_name(request, media_type), media_type, content)


@transaction.atomic
def offer_again(request, *, by):
    """Offer a collected or expired answer for another fourteen days; a mail brings a fresh link to the page."""
    request = lock(request)
    demand(request, Step.OFFER_AGAIN, by=by)
    package = Package.objects.select_for_update().get(request=request)
    record("answer.offered_again", subject=request, person=request.customer, by=by)
    if package.file_id is None:
        enqueue("requests_desk.build_package", subject=request, by=by, request=request.pk)
        return package
    package.state = Package.State.OFFERED
    package.collected_at = package.collected_by = package.last_collected_at = None
    package.offered_at, package.offered_by = timezone.now(), by
    package.offered_until = add_days(timezone.localdate(), COLLECT_WITHIN_DAYS)
    package.save()
    outbox.post("requests_desk.answer_ready", subject=request, by=by, language=request.language)
    return package


@transaction.atomic
def purge_expired(*, by, today=None):
    """Purge the files of answers whose days to collect are over. Returns how many went."""
    today = today or timezone.localdate()
    over = Package.objects.select_for_update(skip_locked=True, of=["self"]).filter(
        file__isnull=False, offered_until__lt=today
    )
    gone = 0
    for package in over.select_related("request", "file").order_by("id")[:100]:
        file, package.file = package.file, None
        package.purged_at, package.purged_by = timezone.now(), by
        if package.state == Package.State.OFFERED:
            package.state = Package.State.EXPIRED
        package.save()
        files.purge(file, by=by)
        record("answer.purged", subject=package.request, person=package.request.customer, by=by)
        gone += 1
    return gone


def file_name(request, media_type):
    return f"{request.reference}.{'pdf' if media_type == 'application/pdf' else 'zip'}"
