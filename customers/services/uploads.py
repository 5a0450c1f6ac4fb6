"""Files of customers that staff upload: sealed on their way in, handed over to a worker, purged when read."""

import datetime as dt
import secrets
import tempfile

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.db import transaction
from django.utils import timezone

from audit.models import Job
from audit.services import jobs
from audit.services.trail import record
from customers.exceptions import ImportNotStopped
from customers.models import Import

from . import files

WORK, EVENTS_WORK = "customers.import_file", "customers.import_events"
KEPT_AFTER_FAILURE = dt.timedelta(days=7)
LENGTH = 4


@transaction.atomic
def receive(chunks, *, update, by):
    """Seal an uploaded file and hand its import over. Returns the :class:`Import`, whose page tells how far it is."""
    sealed_file = files.seal(chunks, name="import.csv", media_type="text/csv", by=by, purpose="import")
    of_import = Import.objects.create(file=sealed_file, update=update, created_by=by)
    job = jobs.enqueue(WORK, by=by, subject=of_import, import_number=of_import.number)
    _await(of_import, job)
    record("import.received", subject=of_import, by=by, update=update)
    return of_import


@transaction.atomic
def receive_events(chunks, *, by):
    """Seal an uploaded file of events and hand its import over, as :func:`receive` does for customers."""
    sealed_file = files.seal(chunks, name="events.jsonl", media_type="application/jsonl", by=by, purpose="import")
    of_import = Import.objects.create(kind=Import.Kind.EVENTS, file=sealed_file, created_by=by)
    job = jobs.enqueue(EVENTS_WORK, by=by, subject=of_import, import_number=of_import.number)
    _await(of_import, job)
    record("import.received", subject=of_import, by=by, kind=of_import.kind)
    return of_import


def _await(of_import, job):
    of_import.job_number = str(job.number)
    of_import.save(update_fields=["job_number"])


@transaction.atomic
def discard(of_import, *, by):
    """The file has been read: what the office keeps of it are the customers and the report."""
    of_import = Import.objects.select_for_update().get(pk=of_import.pk)
    sealed_file, of_import.file = of_import.file, None
    of_import.save(update_fields=["file"])
    if sealed_file:
        files.purge(sealed_file, by=by)


@transaction.atomic
def abandon(of_import, *, by):
    """Discard the file of an import that has failed. It cannot go on after this; what was read of it is kept."""
    of_import = Import.objects.select_for_update().get(pk=of_import.pk)
    job = job_of(of_import)
    if of_import.file_id is None or job is None or job.state != Job.State.FAILED:
        raise ImportNotStopped(of_import)
    discard(of_import, by=by)
    jobs.give_up(job, by=by)
    record("import.abandoned", subject=of_import, by=by, lines=of_import.lines)
    return of_import


@transaction.atomic
def purge_stopped(*, by, now=None):
    """Abandon imports that nobody took up again within seven days of their failure. Returns how many."""
    late = (now or timezone.now()) - KEPT_AFTER_FAILURE
    failed = Job.objects.filter(name__in=[WORK, EVENTS_WORK], state=Job.State.FAILED, finished_at__lt=late)
    numbers = [str(number) for number in failed.values_list("number", flat=True)]
    stopped = Import.objects.filter(file__isnull=False, job_number__in=numbers).order_by("pk")
    found = list(stopped.select_for_update(skip_locked=True, of=["self"])[:100])
    for of_import in found:
        abandon(of_import, by=by)
    return len(found)


def job_of(of_import):
    """The work that reads the file, or ``None`` for an import from the command line."""
    return Job.objects.filter(number=of_import.job_number).first() if of_import.job_number else None


class SealedUpload(UploadedFile):
    """A file that is being uploaded, on the disk only under a key that this process alone holds and never writes."""

    def __init__(self, name, content_type, charset, content_type_extra):
        super().__init__(tempfile.TemporaryFile(), name, content_type, 0, charset, content_type_extra)  # noqa: SIM115
        self._cipher, self._count = AESGCM(AESGCM.generate_key(bit_length=256)), 0
        self._salt = secrets.token_bytes(4)

    def add(self, data):
        sealed = self._cipher.encrypt(self._salt + self._count.to_bytes(8, "big"), data, None)
        self._count += 1
        self.file.write(len(sealed).to_bytes(LENGTH, "big") + sealed)

    def chunks(self, chunk_size=None):
        self.file.seek(0)
        for number in range(self._count):
            sealed = self.file.read(int.from_bytes(self.file.read(LENGTH), "big"))
            yield self._cipher.decrypt(self._salt + number.to_bytes(8, "big"), sealed, None)

    def multiple_chunks(self, chunk_size=None):
        return True

    def read(self, *_size):
        return b"".join(self.chunks())


class SealedUploadHandler(FileUploadHandler):
    """In place of Django's, which lays large uploads in clear text into the folder for temporary files."""

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.upload = SealedUpload(self.file_name, self.content_type, self.charset, self.content_type_extra)

    def receive_data_chunk(self, raw_data, start):
        self.upload.add(bytes(raw_data))

    def file_complete(self, file_size):
        self.upload.size = file_size
        return self.upload

    def upload_interrupted(self):
        if hasattr(self, "upload"):
            self.upload.close()
