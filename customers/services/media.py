"""Photos and videos of a customer: drawn anew or checked, sealed, shown to who gave a reason, and removed with all.

A photo passes through the child process of :mod:`customers.pictures`, with a small one; a video is kept as it came,
once its size and its first bytes are right.
"""

import datetime as dt
from itertools import chain

from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import Access
from audit.services.trail import record, reference
from customers import pictures
from customers.categories import Category
from customers.exceptions import RecordIsAlias, RowGone, UploadRefused
from customers.models import CorrectionReason, Customer, FilePerson, Media
from customers.pictures import videos

from . import changes, files, holdings

SMALL = 320
SHOWN_FOR = dt.timedelta(minutes=10)  # after the reason was given; then it is asked again


def add_photo(customer, content, *, title="", by):
    """Keep a photo (its bytes) and return its :class:`Media`. Raises ``PictureRefused``, whose words are for people.

    Takes a child process: not inside a transaction.
    """
    picture = pictures.reencode(content, small=SMALL)
    with transaction.atomic():
        customer = _open_for_more(customer)
        whole, small = (
            files.seal(part, name=name, media_type=picture.media_type, by=by, persons=[customer], purpose="media")
            for part, name in ((picture.bytes, "photo.jpg"), (picture.small, "small.jpg"))
        )
        return _keep(
            customer, Media.Kind.PHOTO, by=by, file=whole, thumbnail=small, title=title or None, width=picture.width,
            height=picture.height,
        )  # fmt: skip


def add_video(customer, chunks, *, size, title="", by):
    """Keep a video (pieces of bytes, ``size`` in all) and return its :class:`Media`. Memory stays flat.

    Raises :class:`UploadRefused` for what is empty, too large, or by its content no video that we take.
    """
    if not size:
        raise UploadRefused(_("The file is empty. Please choose the video again."))
    if size > pictures.LARGEST_VIDEO:
        raise UploadRefused(
            _("The video is too large: at most %(limit)s, yours has %(actual)s.")
            % {"limit": filesizeformat(pictures.LARGEST_VIDEO), "actual": filesizeformat(size)}
        )
    chunks, head = iter(chunks), b""
    while len(head) < videos.HEAD and (piece := next(chunks, None)) is not None:
        head += piece
    media_type = videos.media_type_of(head[: videos.HEAD])
    if media_type is None:
        raise UploadRefused(_("This is not a video that we can keep. Please choose an MP4, MOV or WebM."))
    with transaction.atomic():
        file = files.seal(chain([head], chunks), name="video", media_type=media_type, by=by, purpose="media")
        customer = _open_for_more(customer)  # only now: a large file takes a while, and others need the customer
        FilePerson.objects.create(file=file, customer=customer)
        return _keep(customer, Media.Kind.VIDEO, by=by, file=file, title=title or None)


@transaction.atomic
def remove(media, *, reason, by):
    """The photo or video goes with the content of its files. Cannot be undone. Returns the customer."""
    reason = CorrectionReason(reason)
    customer = changes.lock(Customer(pk=media.customer_id))
    media = Media.objects.select_for_update(of=["self"]).select_related("file", "thumbnail").filter(pk=media.pk).first()
    if media is None:
        raise RowGone(customer)
    name = reference(media)
    media.delete()
    for file in filter(None, (media.file, media.thumbnail)):
        file.file_persons.all().delete()
        files.purge(file, by=by)
    holdings.recount(customer)
    record("media.removed", subject=name, person=customer, by=by, kind=media.kind, reason=reason.value)
    return customer


def is_open_for(media, actor):
    """Whether this actor gave a reason to see it and has been shown its row, a few minutes ago at most."""
    since = timezone.now() - SHOWN_FOR
    return Access.objects.filter(subject=reference(media), by=actor, at__gte=since).exists()


def _open_for_more(customer):
    customer = changes.lock(customer)
    if customer.merged_into_id:
        raise RecordIsAlias(customer)
    return customer


def _keep(customer, kind, *, by, **values):
    media = Media.objects.create(customer=customer, kind=kind, created_by=by, **values)
    holdings.note([customer.pk], Category.MEDIA)
    record("media.added", subject=media, person=customer, by=by, kind=kind, size=media.file.size)
    return media
