"""Is the requester the person they say they are? Pictures come in, are looked at, and go."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import Access
from audit.services import access, outbox
from audit.services.trail import record
from customers import pictures
from customers.services import files
from requests_desk.exceptions import CheckIncomplete, PictureGone
from requests_desk.models import Identity, IdentityCheck, IdentityDocument, Item
from requests_desk.models.identity import KEEP_PICTURE_DAYS

from .examination import begin_when_due
from .steps import Step, demand, facts_of, lock, may

State = IdentityDocument.State


def upload(request, content, *, by):
    """Take a picture that the requester sends, in place of one that was not looked at yet.

    What is kept is a picture made anew and sealed, never the bytes that came. Raises
    :class:`customers.pictures.PictureRefused` with a sentence for the sender.
    """
    picture = pictures.reencode(content)  # before the transaction: a child process, and no lock while it works
    return _keep(request, picture, by=by)


@transaction.atomic
def _keep(request, picture, *, by):
    request = lock(request)
    demand(request, Step.UPLOAD, by=by)
    for waiting in request.documents.select_for_update().filter(state=State.TO_CHECK):
        waiting.state = State.REPLACED
        waiting.save()
        _purge(waiting, by=by)
    document = IdentityDocument.objects.create(
        request=request, size=len(picture.bytes), width=picture.width, height=picture.height, uploaded_by=by,
        file=files.seal(picture.bytes, name="identity", media_type=picture.media_type, by=by, purpose="identity"),
    )  # fmt: skip
    request.identity = Identity.TO_CHECK
    request.save()
    record("identity.uploaded", subject=request, by=by, document=document.pk, size=document.size)
    return document


@transaction.atomic
def show(document, *, by):
    """The picture's bytes, for who checks an open request. Leaves an entry each time."""
    request = lock(document.request)
    document = IdentityDocument.objects.select_related("file").get(pk=document.pk)
    if not request.is_open or document.file is None:
        raise PictureGone
    access.note(
        request, fields=["identity_document"], reason=Access.Reason.IDENTITY, case_number=str(request), by=by,
        person=request.customer,
    )  # fmt: skip
    return files.read(document.file)


@transaction.atomic
def verify(request, *, document_type, matched_items, by):
    """Confirm that the document shows the requester. The name and one more thing must agree."""
    request = lock(request)
    demand(request, Step.VERIFY, by=by)
    items = [item for item in Item.values if item in matched_items]
    if Item.NAME not in items or len(items) < 2:
        raise CheckIncomplete(
            _("%(number)s: name and, besides, address or date of birth must agree.") % {"number": request}
        )
    document = _checked(request, State.VERIFIED)
    IdentityCheck.objects.create(
        request=request, document=document, document_type=document_type, matched_items=items,
        result=IdentityCheck.Result.VERIFIED, checked_by=by,
    )  # fmt: skip
    request.identity = Identity.VERIFIED
    request.save()
    record(
        "identity.verified", subject=request, person=request.customer, by=by, document_type=document_type, items=items
    )
    return begin_when_due(request, by=by)


@transaction.atomic
def refuse(request, *, reason, by):
    """Say why the document does not do, purge it, and ask for another by mail."""
    request = lock(request)
    demand(request, Step.REFUSE_DOCUMENT, by=by)
    document = _checked(request, State.REFUSED)
    IdentityCheck.objects.create(
        request=request, document=document, result=IdentityCheck.Result.REFUSED, reason=reason, checked_by=by
    )
    _purge(document, by=by)
    request.identity = Identity.ASKED_AGAIN
    request.save()
    record("identity.refused", subject=request, person=request.customer, by=by, reason=reason)
    outbox.post("requests_desk.document_refused", subject=request, by=by, language=request.language)
    return request


def purge_all(request, *, by):
    """Purge every picture of a locked request. Returns how many went."""
    kept = list(request.documents.select_for_update().kept())
    for document in kept:
        _purge(document, by=by)
    return len(kept)


@transaction.atomic
def purge(request, *, by):
    """Purge the pictures of a request that is still open; what came of the check stays."""
    request = lock(request)
    gone = purge_all(request, by=by)
    if request.identity == Identity.TO_CHECK:
        request.identity = Identity.AWAITED
        request.save()
    return gone


def purge_old(*, by, now=None):
    """Purge pictures 30 days after the outcome of their check, whatever became of the request."""
    limit = (now or timezone.now()) - dt.timedelta(days=KEEP_PICTURE_DAYS)
    gone = 0
    for document in IdentityDocument.objects.kept().filter(check_result__checked_at__lte=limit).order_by("id")[:1000]:
        with transaction.atomic():
            request = lock(document.request)
            again = request.documents.select_for_update().kept().filter(pk=document.pk).first()
            if again:
                _purge(again, by=by)
                gone += 1
    return gone


def can_be_sent(request):
    """Whether a picture would be taken now: :func:`steps.may` for the page with the file field."""
    return may(facts_of(request), Step.UPLOAD)


def _checked(request, state):
    document = request.documents.select_for_update().get(state=State.TO_CHECK)
    document.state = state
    document.save()
    return document


def _purge(document, *, by):
    file, document.file = document.file, None
    document.purged_at, document.purged_by = timezone.now(), by
    document.save()
    files.purge(file, by=by)
    record("identity.purged", subject=document.request, by=by, document=document.pk)
