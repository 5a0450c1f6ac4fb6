"""Files are sealed before they touch the disk, opened chunk by chunk, and purged with their key."""

import base64
import uuid
from collections import namedtuple
from contextlib import suppress

from django.db import connection, transaction
from django.utils import timezone

from audit.services.trail import record
from customers import storage
from customers.exceptions import FileGone
from customers.models import FilePerson, SealedFile

MADE_OF_MANY = {"export", "letters"}  # purposes of files that hold many people, and go whole when one of them is erased

Written = namedtuple("Written", ["number", "key", "place", "size"])


def write(content):
    """Seal ``content`` (bytes, or pieces of bytes) on the disk. It is kept once :func:`keep` has given it its row.

    For what takes long to make: no transaction is open meanwhile. Until it has a row, nobody can open it; if it never
    gets one, :func:`drop` or :func:`sweep` removes it.
    """
    number, key = uuid.uuid4(), storage.new_key()
    pieces = [content] if isinstance(content, bytes | bytearray | memoryview) else content
    place, size = storage.write(pieces, key=key, number=number)
    return Written(number, key, place, size)


def drop(written):
    """Remove what was written and not kept. What has its row by now stays, whatever went wrong after that."""
    if not SealedFile.objects.filter(place=written.place).exists():
        storage.remove(written.place)


def seal(content, *, name, media_type, by, persons=(), purpose="file"):
    """Keep ``content`` (bytes, or pieces of bytes) and return its :class:`SealedFile`.

    ``persons`` are the customers whose data it holds. If the caller's transaction fails, what was written to the disk
    stays without a row and :func:`sweep` removes it.
    """
    return keep(write(content), name=name, media_type=media_type, by=by, persons=persons, purpose=purpose)


@transaction.atomic
def keep(written, *, name, media_type, by, persons=(), purpose="file"):
    """Give what was written its row, and return its :class:`SealedFile`."""
    sealed_file = SealedFile.objects.create(
        number=written.number, place=written.place, purpose=purpose, media_type=media_type, size=written.size,
        name=name, key=base64.b64encode(written.key).decode(), created_by=by,
    )  # fmt: skip
    FilePerson.objects.bulk_create([FilePerson(file=sealed_file, customer=person) for person in persons])
    person = persons[0] if len(persons) == 1 else None
    record("file.sealed", subject=sealed_file, by=by, person=person, purpose=purpose, size=written.size)
    return sealed_file


@transaction.atomic
def name_persons(sealed_file, table):
    """Say that the file holds the customers whose ids stand in ``table`` (column ``id``), however many they are.

    An erasure that is under way is waited for, and one that follows finds them: look at the table once more afterwards.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # this is what waits: a key share lock on each customer
        cursor.execute(
            f"INSERT INTO {FilePerson._meta.db_table} (file_id, customer_id)"
            f" SELECT %s, id FROM {connection.ops.quote_name(table)} ORDER BY id",
            [sealed_file.pk],
        )
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def stream(sealed_file):
    """The content as chunks of at most 1 MiB. Raises ``FileGone`` at once, ``FileDamaged`` when it meets the damage."""
    if sealed_file.key is None:
        raise FileGone(sealed_file.number)
    return storage.read(sealed_file.place, key=base64.b64decode(sealed_file.key), number=sealed_file.number)


def read(sealed_file):
    """The whole content, for files that are known to be small."""
    return b"".join(stream(sealed_file))


@transaction.atomic
def purge(sealed_file, *, by):
    """Take key and name out of the row now, and the content off the disk once that is committed. Twice does nothing."""
    sealed_file = SealedFile.objects.select_for_update().get(pk=sealed_file.pk)
    if sealed_file.is_purged:
        return sealed_file
    sealed_file.key = sealed_file.name = None
    sealed_file.purged_at = timezone.now()
    sealed_file.purged_by = by
    sealed_file.save()
    record("file.purged", subject=sealed_file, by=by, purpose=sealed_file.purpose)
    transaction.on_commit(lambda: storage.remove(sealed_file.place))
    return sealed_file


def sweep(*, older_than=24 * 60 * 60):
    """Remove what lies on the disk without a row that still needs it. Returns how many files.

    The age is longer than any transaction lasts: a file is written before its row is committed.
    """
    removed = 0
    for place, path in storage.orphans(older_than=older_than):
        whole = path.suffix != storage.UNFINISHED
        if whole and SealedFile.objects.filter(place=place, purged_at__isnull=True).exists():
            continue
        with suppress(FileNotFoundError):
            path.unlink()
            removed += 1
    return removed
