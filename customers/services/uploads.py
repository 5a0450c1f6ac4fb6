"""Files of customers that staff upload: sealed at once, handed over to a worker, purged when read."""

from django.db import transaction

from audit.services.jobs import enqueue
from audit.services.trail import record
from customers.models import Import

from . import files


@transaction.atomic
def receive(chunks, *, update, by):
    """Seal an uploaded file and hand its import over. Returns the :class:`Import`, whose page tells how far it is."""
    sealed_file = files.seal(chunks, name="import.csv", media_type="text/csv", by=by, purpose="import")
    of_import = Import.objects.create(file=sealed_file, update=update, created_by=by)
    job = enqueue("customers.import_file", by=by, subject=of_import, import_number=of_import.number)
    of_import.job_number = str(job.number)
    of_import.save(update_fields=["job_number"])
    record("import.received", subject=of_import, by=by, update=update)
    return of_import


@transaction.atomic
def discard(of_import, *, by):
    """The file has been read: what the office keeps of it are the customers and the report."""
    sealed_file, of_import.file = of_import.file, None
    of_import.save(update_fields=["file"])
    if sealed_file:
        files.purge(sealed_file, by=by)
