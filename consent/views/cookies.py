"""What a visitor chooses about analytics, and the table of what is sent to others."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from audit.models import Actor
from audit.views import address_of, too_many, way_back
from consent.models import ExternalTransmission
from consent.services import cookies
from customers.exceptions import TooMany
from customers.services import limits

CHOICES_PER_HOUR = 60  # of one address: a household, a school
BY_SCRIPT = "X-Asked-By"


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def cookie_settings(request):
    """The choice as it stands and both buttons; a POST makes it, and goes back to where the visitor was."""
    wanted = cookies.WANTED.get(request.POST.get("choice")) if request.method == "POST" else None
    if wanted is None:
        return _page(request, unknown=request.method == "POST")
    try:
        limits.take("cookie choice", address_of(request), most=CHOICES_PER_HOUR, seconds=3600)
    except TooMany as reached:
        return too_many(request, reached)
    answer = cookies.Answer.of(request.COOKIES.get(cookies.COOKIE))
    answer = cookies.choose(wanted, before=answer, by=Actor.requester())
    back = way_back(request, otherwise=f"{reverse('consent:cookies')}?saved")
    is_script = bool(request.headers.get(BY_SCRIPT))
    response = HttpResponse(status=204) if is_script else HttpResponseRedirect(back)
    response.set_cookie(
        cookies.COOKIE, str(answer), max_age=cookies.REMEMBERED_DAYS * 24 * 60 * 60, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    if not answer.is_agreed:
        for name in cookies.left_by_analytics(request.COOKIES):
            for domain in cookies.domains(request.get_host()):
                _remove(response, name, domain)
    return response


@login_not_required
@require_safe
def transmissions(request):
    """What a visitor's browser is made to send to others: what, to whom, what for."""
    today = timezone.localdate()
    rows = ExternalTransmission.objects.shown_on(today)
    return render(request, "consent/transmissions.html", {"rows": rows, "today": today})


def _page(request, *, unknown):
    answer = cookies.Answer.of(request.COOKIES.get(cookies.COOKIE))
    context = {
        "answer": answer,
        "unknown": unknown,
        "says_no_by_browser": cookies.is_refused_by_browser(request.headers),
        "is_used": bool(settings.ANALYTICS_ID),
        "days": cookies.REMEMBERED_DAYS,
        "saved": "saved" in request.GET,
    }
    return render(request, "consent/cookies.html", context, status=400 if unknown else 200)


def _remove(response, name, domain):
    """Have the browser forget a cookie in one form of the domain; each form takes a line of its own."""
    key = f"{name}\0{domain or ''}"  # the dictionary of cookies holds one line for each key
    response.delete_cookie(name, domain=domain)
    response.cookies[key] = response.cookies.pop(name)
