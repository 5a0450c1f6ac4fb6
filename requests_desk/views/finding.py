"""The way back to a request: its number and a fresh code, or links to the mailbox for who lost the number.

The same words, work and time whether or not we know the number or the mailbox.
"""

from django.conf import settings
from django.core import signing
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.views import even, public, too_many
from customers.exceptions import CodeError, TooMany
from requests_desk.forms import CodeForm, MailForm, NumberForm
from requests_desk.services import finding

from . import visits
from .status import address_of_status

COOKIE, COOKIE_PATH, SALT = "find", "/status/", "requests_desk.find"
MINUTES = 30


@public
@visits.keeps_typed
@require_http_methods(["GET", "HEAD", "POST"])
def find(request):
    """The receipt number. A code goes to the mailbox of that request."""
    if request.method != "POST":
        return _show(request, "find", NumberForm({}, quiet=True))
    typed = NumberForm.typed_in(request.POST)
    if visits.forged(request):
        return _show(request, "find", NumberForm(typed, quiet=True), status=403, forged=True)
    form = NumberForm(typed)
    if not form.is_valid():
        return _show(request, "find", form, status=422)
    try:
        return _send_code(request, form.cleaned_data["reference"])
    except TooMany as reached:
        return too_many(request, reached)


def _send_code(request, reference):
    visits.take(request, "find", most=30)
    visits.take(request, "find-number", most=5, key=reference)
    with even():
        finding.send_code(reference, language=translation.get_language())
    response = redirect("requests_desk:find_code")
    response.set_cookie(
        COOKIE, signing.dumps(reference, salt=SALT), max_age=MINUTES * 60, path=COOKIE_PATH, httponly=True,
        samesite="Lax", secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return response


def _reference_of(request):
    try:
        return signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=MINUTES * 60)
    except signing.BadSignature:
        return None


@public
@visits.keeps_typed
@require_http_methods(["GET", "HEAD", "POST"])
def find_code(request):
    """The code from the mail. The right one leads to the request's own page."""
    reference = _reference_of(request)
    if not reference:
        return redirect("requests_desk:find")
    if request.method != "POST":
        return _show(request, "find_code", CodeForm({}, quiet=True), reference=reference)
    typed = CodeForm.typed_in(request.POST)
    if visits.forged(request):
        return _show(request, "find_code", CodeForm(typed, quiet=True), status=403, forged=True, reference=reference)
    form = CodeForm(typed)
    if form.is_valid():
        try:
            visits.take(request, "find-code", most=30)
            with even():
                found = finding.open_with(reference, form.cleaned_data["code"])
        except TooMany as reached:
            return too_many(request, reached)
        except CodeError:
            words = _("The number does not match, or its 30 minutes are over. Check it, or have a new one sent.")
            form = CodeForm(typed, refused={"code": words})
        else:
            response = redirect(address_of_status(found, note="found"))
            response.delete_cookie(COOKIE, path=COOKIE_PATH, samesite="Lax")
            return response
    return _show(request, "find_code", form, status=422, reference=reference)


@public
@visits.keeps_typed
@require_http_methods(["GET", "HEAD", "POST"])
def lost(request):
    """「受付番号がわからない方」: a mail address in, the same answer for all, links to that mailbox."""
    if request.method != "POST":
        return _show(request, "lost", MailForm({}, quiet=True), done="done" in request.GET)
    typed = MailForm.typed_in(request.POST)
    if visits.forged(request):
        return _show(request, "lost", MailForm(typed, quiet=True), status=403, forged=True)
    form = MailForm(typed)
    if not form.is_valid():
        return _show(request, "lost", form, status=422)
    try:
        visits.take(request, "lost", most=20)
        visits.take(request, "lost-mailbox", most=3, key=form.cleaned_data["email"].lower())
    except TooMany as reached:
        return too_many(request, reached)
    with even():
        finding.send_links(form.cleaned_data["email"])
    return redirect(f"{reverse('requests_desk:lost')}?done=1")


def _show(request, page, form, *, status=200, **context):
    back = {"find": "", "find_code": reverse("requests_desk:find"), "lost": reverse("requests_desk:find")}[page]
    context |= {"form": form, "back": back, "noindex": page != "find"}
    return render(request, f"requests_desk/{page}.html", context, status=status)
