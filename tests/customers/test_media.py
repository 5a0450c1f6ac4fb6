"""Photos and videos: what is kept, what is refused, who is shown them."""

import datetime as dt
import io

import pytest
from PIL import Image

from audit.models import Access, Entry
from audit.services import access
from audit.services.trail import reference
from customers.categories import Category, of_number
from customers.exceptions import CustomerErased, RecordIsAlias, RowGone, UploadRefused
from customers.models import Customer, Media, SealedFile
from customers.pictures import PictureRefused
from customers.pictures.videos import media_type_of
from customers.services import files, media
from customers.services.erasure import erase
from tests.customers.test_merging import MergeStatus, merge_at
from tests.customers.test_pictures import encoded, heic, photo
from tests.factories.audit import ActorFactory
from tests.factories.customers import make_customer

pytestmark = pytest.mark.django_db

MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42" + b"\x00" * 9000
MOV = b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  " + b"\x00" * 9000
WEBM = (
    b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm"
    + b"\0" * 9000
)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.FILES_FOLDER = tmp_path


@pytest.fixture
def handler():
    return ActorFactory()


def opened(sealed_file):
    return Image.open(io.BytesIO(files.read(sealed_file)))


def add_video(customer, content, by, **more):
    pieces = [content[at : at + 1000] for at in range(0, len(content), 1000)]
    return media.add_video(customer, pieces, size=len(content), by=by, **more)


@pytest.mark.parametrize(
    "content",
    [encoded(photo((900, 600)), "JPEG"), encoded(photo((900, 600)), "PNG"), heic(photo((900, 600)))],
    ids=["JPEG", "PNG", "HEIC"],
)
def test_a_photo_is_drawn_anew_with_a_small_one(handler, content):
    customer = make_customer()

    kept = media.add_photo(customer, content, title="店の前", by=handler)

    kept.refresh_from_db()
    assert (kept.kind, kept.title, kept.width, kept.height) == ("PHOTO", "店の前", 900, 600)
    assert (kept.file.media_type, kept.thumbnail.media_type) == ("image/jpeg", "image/jpeg")
    assert opened(kept.file).size == (900, 600)
    assert opened(kept.thumbnail).size == (320, 213)
    assert files.read(kept.file) != content
    assert [row.customer for row in kept.file.file_persons.all()] == [customer]
    assert Category.MEDIA in of_number(Customer.objects.get(pk=customer.pk).held)
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.subject, entry.person) == ("media.added", reference(kept), reference(customer))


def test_where_and_with_what_a_photo_was_taken_is_not_kept(handler):
    picture, exif = photo(), Image.Exif()
    exif[0x010F], exif[0x8825] = "PLANTED CAMERA", {1: "N", 2: (35.0, 32.0, 47.0)}

    kept = media.add_photo(make_customer(), encoded(picture, "JPEG", exif=exif), by=handler)

    for sealed_file in (kept.file, kept.thumbnail):
        assert b"PLANTED" not in files.read(sealed_file)
        assert not opened(sealed_file).getexif()


@pytest.mark.parametrize("content", [b"", b"GIF89a", MP4, b"\xff\xd8\xff broken"])
def test_what_is_no_photo_is_refused_and_nothing_is_kept(handler, content):
    with pytest.raises(PictureRefused):
        media.add_photo(make_customer(), content, by=handler)

    assert not SealedFile.objects.exists()


@pytest.mark.parametrize(
    ("content", "kind"),
    [(MP4, "video/mp4"), (MOV, "video/quicktime"), (WEBM, "video/webm")],
    ids=["MP4", "MOV", "WebM"],
)
def test_a_video_is_kept_as_it_came(handler, content, kind):
    kept = add_video(make_customer(), content, handler, title="挨拶")

    kept.refresh_from_db()
    assert (kept.kind, kept.thumbnail, kept.file.media_type, kept.title) == ("VIDEO", None, kind, "挨拶")
    assert files.read(kept.file) == content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ" + b"\0" * 9000,
        b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + b"\0" * 9000,
        b"\0\0\0\x08ftyp",
        b"\xff\xff\xff\xffftypisom",
        WEBM.replace(b"\x84webm", b"\x88matroska"),
        b"\x1a\x45\xdf\xa3",
        b"<html>ftypisom",
    ],
    ids=["empty", "program", "still picture", "box without brand", "box without end", "Matroska", "cut", "page"],
)
def test_what_is_no_video_by_its_content_is_refused(handler, content):
    with pytest.raises(UploadRefused):
        add_video(make_customer(), content, handler)

    assert not SealedFile.objects.exists()


def test_a_video_that_is_too_large_is_refused_before_it_is_read(handler):
    def never():
        raise AssertionError("was read")
        yield

    with pytest.raises(UploadRefused) as refused:
        media.add_video(make_customer(), never(), size=600 * 1024 * 1024, by=handler)

    assert "500" in str(refused.value)
    assert "600" in str(refused.value)


def test_removing_takes_row_content_and_what_is_held(handler):
    customer = make_customer()
    kept = media.add_photo(customer, encoded(photo(), "JPEG"), by=handler)

    media.remove(kept, reason="ASKED", by=handler)

    assert not Media.objects.exists()
    assert [each.is_purged for each in SealedFile.objects.all()] == [True, True]
    assert Category.MEDIA not in of_number(Customer.objects.get(pk=customer.pk).held)
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.details["reason"]) == ("media.removed", "ASKED")
    with pytest.raises(RowGone):
        media.remove(kept, reason="ASKED", by=handler)


def test_nothing_is_added_to_an_erased_customer_nor_to_an_alias(handler):
    erased, alias = make_customer(), make_customer()
    erase(erased, by=handler)
    merge_at(MergeStatus.APPROVED, make_customer(), alias)

    with pytest.raises(CustomerErased):
        media.add_photo(erased, encoded(photo(), "JPEG"), by=handler)
    with pytest.raises(RecordIsAlias):
        add_video(alias, MP4, handler)


def test_it_is_open_to_who_gave_a_reason_and_for_some_minutes_only(handler, time_machine_of):
    kept = media.add_photo(make_customer(), encoded(photo(), "JPEG"), by=handler)
    assert not media.is_open_for(kept, handler)

    access.note(kept, fields=["file"], reason="INQUIRY", case_number="1", by=handler, person=kept.customer)

    assert media.is_open_for(kept, handler)
    assert not media.is_open_for(kept, ActorFactory())
    time_machine_of(dt.timedelta(minutes=11))
    assert not media.is_open_for(kept, handler)
    assert Access.objects.get().person == reference(kept.customer)


@pytest.fixture
def time_machine_of(time_machine):
    """Moves the clock on by some time."""
    return lambda passed: time_machine.move_to(dt.datetime.now(dt.UTC) + passed)


@pytest.mark.parametrize("head", [b"", b"\0" * 3, b"\0\0\0\x10ftyp", b"\x1a\x45\xdf\xa3\x42\x82"])
def test_a_beginning_of_nothing_is_no_video(head):
    assert media_type_of(head) is None
