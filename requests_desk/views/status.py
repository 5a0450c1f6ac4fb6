"""After sending: the request's own page, at an address that only its owner has (:mod:`customers.views`)."""

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from audit.exceptions import OfficeError
from audit.models import Actor
from audit.views import too_many
from customers.exceptions import TooMany
from customers.pictures import LARGEST
from customers.views import by_link_to
from requests_desk.exceptions import StepNotAllowed
from requests_desk.forms import PhotoForm, WithdrawForm
from requests_desk.mail import STATUS_PURPOSE, status_token
from requests_desk.models import DataRequest
from requests_desk.services import fulfilment, identity, progress
from requests_desk.services.status import view_of

from . import visits

LARGEST_PHOTO = LARGEST
NOTES = {"sent", "already", "photo", "again", "withdrawn", "found"}


def address_of_status(request, *, note=""):
    """A new address of the request's own page. Only its hash is kept, so each visit that earned one gets its own."""
    address = reverse("requests_desk:status", args=[status_token(request)])
    return f"{address}?note={note}" if note else address


by_link = by_link_to(DataRequest, purpose=STATUS_PURPOSE, over="requests_desk/link_over.html")


@by_link
@require_http_methods(["GET", "HEAD"])
def status(request, token, data_request):
    """One box on top, then how far it is."""
    note = request.GET.get("note", "")
    context = {
        "view": view_of(data_request), "token": token, "note": note if note in NOTES else "", "noindex": True,
    }  # fmt: skip
    return render(request, "requests_desk/status.html", context)


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def photo(request, token, data_request):
    """Nothing but the file field, so that a phone that closes the page for its camera loses nothing."""
    view, problem, code = view_of(data_request), "", 200
    if request.method == "POST":
        problem = _take_photo(request, data_request)
        if problem is None:
            return redirect(f"{reverse('requests_desk:photo', args=[token])}?note=photo")
        if isinstance(problem, TooMany):
            return too_many(request, problem)
        code = 422
    form = PhotoForm({"photo": ""}, quiet=not problem, refused={"photo": str(problem)})
    context = {
        "form": form, "view": view, "token": token, "back": reverse("requests_desk:status", args=[token]),
        "note": request.GET.get("note", ""), "largest": LARGEST_PHOTO, "noindex": True,
    }  # fmt: skip
    return render(request, "requests_desk/photo.html", context, status=code)


def _take_photo(request, data_request):
    """Take the file of this post. ``None`` when it is kept, else what to say."""
    handler = Bounded(request, LARGEST_PHOTO)
    request.upload_handlers = [handler]
    file = request.FILES.get("photo")
    if handler.size > LARGEST_PHOTO:
        return PhotoForm.too_large(handler.size, LARGEST_PHOTO)
    if file is None:
        return PhotoForm.base_fields["photo"].error_messages["required"]
    if not file.size:
        return PhotoForm.EMPTY
    try:
        visits.take(request, "photo", most=20, key=str(data_request))
        identity.upload(data_request, file.read(), by=Actor.requester())
    except TooMany as reached:
        return reached
    except StepNotAllowed as refused:
        return refused.answer.reason
    except OfficeError as refused:
        return refused
    return None


class Bounded(FileUploadHandler):
    """Keeps a file in memory up to a size, and only counts what goes beyond it: no plain copy ever lies on a disk."""

    def __init__(self, request, largest):
        super().__init__(request)
        self.largest, self.size, self.pieces = largest, 0, []

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.size, self.pieces = 0, []

    def receive_data_chunk(self, raw_data, start):
        self.size += len(raw_data)
        if self.size <= self.largest:
            self.pieces.append(raw_data)
        elif self.size > 20 * self.largest:
            raise StopUpload(connection_reset=True)

    def file_complete(self, file_size):
        return InMemory(b"".join(self.pieces))


class InMemory:
    """As much of an uploaded file as we read. Its name and type are what the sender says, and so not looked at."""

    def __init__(self, content):
        self.content, self.size = content, len(content)

    def read(self):
        return self.content

    def close(self):
        self.content = b""


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request, token, data_request):
    """The download, by a press of the button. Opening the address only leads back to the page."""
    if request.method != "POST":
        return redirect("requests_desk:status", token)
    try:
        visits.take(request, "answer", most=20, key=str(data_request))
        collected = fulfilment.collect(data_request, by=Actor.requester())
    except TooMany as reached:
        return too_many(request, reached)
    except StepNotAllowed:
        return redirect("requests_desk:status", token)
    return HttpResponse(
        collected.content,
        content_type=collected.media_type,
        headers={"Content-Disposition": f'attachment; filename="{collected.name}"'},
    )


@by_link
@require_POST
def answer_again(request, token, data_request):
    """Have the answer offered once more; the mailbox gets a fresh link."""
    try:
        visits.take(request, "again", most=5, key=str(data_request))
        fulfilment.offer_again(data_request, by=Actor.requester())
    except TooMany as reached:
        return too_many(request, reached)
    except StepNotAllowed:
        return redirect("requests_desk:status", token)
    return redirect(f"{reverse('requests_desk:status', args=[token])}?note=again")


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request, token, data_request):
    """End the request, after a question; says first what becomes of the fee."""
    view = view_of(data_request)
    if not view.can_withdraw:
        return redirect("requests_desk:status", token)
    form = WithdrawForm({}, quiet=True)
    if request.method == "POST":
        form = WithdrawForm(WithdrawForm.typed_in(request.POST))
        if form.is_valid():
            if form.cleaned_data["sure"] == "no":
                return redirect("requests_desk:status", token)
            try:
                progress.withdraw(data_request, by=Actor.requester())
            except StepNotAllowed:
                return redirect("requests_desk:status", token)
            return redirect(f"{reverse('requests_desk:status', args=[token])}?note=withdrawn")
    context = {
        "form": form, "view": view, "token": token, "back": reverse("requests_desk:status", args=[token]),
        "noindex": True,
    }  # fmt: skip
    return render(request, "requests_desk/withdraw.html", context, status=422 if form.problems else 200)
