import base64
import io
import os
import shutil
import tracemalloc

import pytest
from django.db import connection, transaction

from audit.models import Actor, Entry
from customers import storage
from customers.exceptions import DecryptionError, FileDamaged, FileGone
from customers.models import SealedFile
from customers.services import files
from tests.factories.customers import make_customer

CHUNK = storage.CHUNK
SECRET = b"what nobody may read "


@pytest.fixture(autouse=True)
def _own_folder(db, settings, tmp_path):
    settings.FILES_FOLDER = tmp_path / "files"


def seal(content, **options):
    return files.seal(content, **{"name": "免許証.jpg", "media_type": "image/jpeg", "by": Actor.system(), **options})


def on_disk():
    return sorted(path for path in storage.Path(storage.settings.FILES_FOLDER).rglob("*") if path.is_file())


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5])
def test_a_file_reads_back_as_it_was_sealed_whatever_its_size(size):
    content = os.urandom(size)

    kept = seal(content)

    assert files.read(SealedFile.objects.get(pk=kept.pk)) == content
    assert kept.size == size


@pytest.mark.parametrize("pieces", [[], [b""], [b"a", b"", b"bc"], [b"x" * CHUNK, b"y"], [b"z" * (3 * CHUNK)]])
def test_pieces_of_any_size_make_one_file(pieces):
    kept = seal(iter(pieces))

    chunks = list(files.stream(kept))

    assert b"".join(chunks) == b"".join(pieces)
    assert all(len(chunk) <= CHUNK for chunk in chunks)


def test_neither_content_nor_name_stands_readable_anywhere():
    kept = seal(SECRET * 100_000)

    (path,) = on_disk()

    assert SECRET not in path.read_bytes()
    assert str(kept.number) not in str(path)
    assert path.stat().st_mode & 0o077 == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM customers_sealedfile t")
        assert "免許証" not in cursor.fetchone()[0]
    assert "免許証" not in str(Entry.objects.values_list())


def chunks_of(path):
    raw, whole = path.read_bytes(), CHUNK + storage.TAG
    head, body = raw[: len(storage.MAGIC)], raw[len(storage.MAGIC) :]
    return head, [body[at : at + whole] for at in range(0, len(body), whole)]


TAMPERINGS = {
    "last chunk cut off": lambda head, chunks: head + b"".join(chunks[:-1]),
    "all chunks cut off": lambda head, chunks: head,
    "one byte cut off": lambda head, chunks: (head + b"".join(chunks))[:-1],
    "everything cut off": lambda head, chunks: b"",
    "a chunk twice": lambda head, chunks: head + b"".join([chunks[0], *chunks]),
    "a chunk left out": lambda head, chunks: head + b"".join([chunks[0], *chunks[2:]]),
    "chunks exchanged": lambda head, chunks: head + b"".join([chunks[1], chunks[0], *chunks[2:]]),
    "a bit turned": lambda head, chunks: head + bytes([chunks[0][0] ^ 1]) + b"".join(chunks)[1:],
    "a bit of the last tag turned": lambda head, chunks: (head + b"".join(chunks))[:-1] + bytes([chunks[-1][-1] ^ 1]),
    "something appended": lambda head, chunks: head + b"".join(chunks) + b"x",
    "the last chunk appended": lambda head, chunks: head + b"".join([*chunks, chunks[-1]]),
    "another kind": lambda head, chunks: b"ANTFILE9" + b"".join(chunks),
    "plain text instead": lambda head, chunks: SECRET,
}


@pytest.mark.parametrize("tamper", TAMPERINGS.values(), ids=TAMPERINGS)
@pytest.mark.parametrize("size", [3 * CHUNK, 3 * CHUNK + 7])
def test_every_tampering_shows(tamper, size):
    kept = seal(os.urandom(size))
    (path,) = on_disk()
    path.write_bytes(tamper(*chunks_of(path)))

    with pytest.raises(FileDamaged) as error:
        files.read(kept)

    assert str(kept.number) in str(error.value)


def test_files_exchanged_on_the_disk_or_in_the_table_do_not_open():
    one, other = seal(b"one"), seal(b"other")
    paths = storage.path_of(one.place), storage.path_of(other.place)
    backup = paths[0].read_bytes()
    shutil.copy(paths[1], paths[0])
    with pytest.raises(FileDamaged):
        files.read(one)
    paths[0].write_bytes(backup)

    one.place, one.key = other.place, other.key  # a whole row's worth of another file

    with pytest.raises(FileDamaged):
        files.read(one)


def test_a_key_moved_from_another_column_does_not_open():
    kept = seal(b"content")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_sealedfile SET key = name")

    with pytest.raises(DecryptionError):
        SealedFile.objects.get(pk=kept.pk)


def test_each_file_has_a_key_and_place_of_its_own():
    kept = [seal(b"the same") for _time in range(5)]

    assert len({file.key for file in kept}) == len({file.place for file in kept}) == 5
    assert len({path.read_bytes() for path in on_disk()}) == 5
    assert len(base64.b64decode(kept[0].key)) == 32


def test_memory_stays_flat_whatever_the_size():
    tracemalloc.start()

    kept = seal(b"x" * 65_536 for _piece in range(48 * 16))  # 48 MiB
    read = sum(len(chunk) for chunk in files.stream(kept))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert read == kept.size == 48 * CHUNK
    assert peak < 8 * CHUNK


def test_purging_removes_content_key_and_name_and_keeps_the_row(django_capture_on_commit_callbacks):
    kept = seal(SECRET, persons=[make_customer()])

    with django_capture_on_commit_callbacks(execute=True):
        files.purge(kept, by=Actor.system())
        files.purge(kept, by=Actor.system())

    kept.refresh_from_db()
    assert (kept.key, kept.name, kept.is_purged) == (None, None, True)
    assert kept.file_persons.count() == 1
    assert on_disk() == []
    assert list(Entry.objects.filter(subject__endswith=str(kept.number)).values_list("action", flat=True)) == [
        "file.sealed",
        "file.purged",
    ]
    with pytest.raises(FileGone):
        files.read(kept)


def test_a_content_that_is_missing_is_said():
    kept = seal(b"content")
    on_disk()[0].unlink()

    with pytest.raises(FileGone):
        files.read(kept)


def test_the_one_person_of_a_file_stands_in_the_trail():
    customer = make_customer()

    kept = seal(b"content", persons=[customer])

    entry = Entry.objects.get(action="file.sealed")
    assert entry.person.endswith(customer.number)
    assert [row.customer for row in kept.file_persons.all()] == [customer]


def test_a_source_that_fails_leaves_nothing():
    def breaks():
        yield b"x" * (2 * CHUNK)
        raise OSError("the upload broke off")

    with pytest.raises(OSError, match="broke off"), transaction.atomic():
        seal(breaks())

    assert on_disk() == []
    assert not SealedFile.objects.exists()


def test_sweeping_removes_what_has_no_row_only_after_an_age():
    kept = seal(b"stays")
    with transaction.atomic():
        seal(b"its transaction fails")
        transaction.set_rollback(True)
    torn = storage.path_of("ab" * 16).with_suffix(storage.UNFINISHED)
    torn.parent.mkdir(parents=True, exist_ok=True)
    torn.write_bytes(b"a process died here")
    assert len(on_disk()) == 3

    assert files.sweep() == 0
    for path in on_disk():
        os.utime(path, (0, 0))
    assert files.sweep() == 2

    assert on_disk() == [storage.path_of(kept.place)]
    assert files.read(kept) == b"stays"


@pytest.mark.parametrize("place", ["../../etc/passwd", "", "a" * 31, "G" * 32, "/" * 32])
def test_a_place_never_leads_elsewhere(place):
    with pytest.raises(ValueError, match="no place"):
        storage.path_of(place)


def test_a_large_file_like_object_can_be_streamed_in():
    source = io.BytesIO(os.urandom(CHUNK + 3))

    kept = seal(iter(lambda: source.read(1000), b""))

    assert files.read(kept) == source.getvalue()
