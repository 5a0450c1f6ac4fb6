"""The pages of the site that no other app owns: home, statement of accessibility, language, and our own error pages."""

import logging
import secrets
import sys
import time
from contextlib import contextmanager
from functools import wraps

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt, requires_csrf_token
from django.views.decorators.http import require_POST, require_safe

from audit.models import Office
from audit.services import languages, office

AWAY = OperationalError, InterfaceError, redis.exceptions.ConnectionError, redis.exceptions.TimeoutError
log = logging.getLogger(__name__)


def page_facts(request):
    """A context processor: what base.html needs on every page. Never fails, also where the database is away."""
    return {"office": SimpleLazyObject(_office_or_nothing), "LANGUAGE_CODE": translation.get_language() or "ja"}


def _office_or_nothing():
    try:
        return office.current()
    except (DatabaseError, Office.DoesNotExist):
        return None


@login_not_required
@require_safe
def home(request):
    """What this office does, in three doors."""
    return render(request, "audit/home.html")


@login_not_required
@require_safe
def accessibility(request):
    """The statement of accessibility, with the gaps that we know."""
    return render(request, "audit/accessibility.html")


@csrf_exempt  # it changes nothing but the words of the caller's own pages, so no page needs a cookie for it
@login_not_required
@require_POST
def language(request):
    """Remember the visitor's language in a cookie and go back to the page that they were on."""
    response = HttpResponseRedirect(way_back(request, otherwise="/"))
    languages.remember(response, request.POST.get("language"))
    return response


def public(view):
    """A page that anybody may open and nobody may keep: no sign-in, no store, no index."""

    @login_not_required
    @wraps(view)
    def page(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        response.headers["Cache-Control"] += ", no-store" if "no-store" not in response["Cache-Control"] else ""
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        patch_vary_headers(response, ["Cookie"])
        return response

    return page


@contextmanager
def even(seconds=0.4):
    """Take as long for a number or mailbox that we know as for one that we do not."""
    end = time.monotonic() + seconds
    try:
        yield
    finally:
        time.sleep(max(0, end - time.monotonic()))


def way_back(request, *, otherwise):
    """The page of ours that a form names as ``next``: never another site."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours else otherwise


def error_page(request, status, *, template=None, **context):
    """One of our error pages, in both languages, with a reference by which the log can be found."""
    context["error_reference"] = getattr(request, "reference", "") or secrets.token_hex(4).upper()
    response = render(request, template or f"{status}.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def address_of(request):
    """The network address that limits count by. Behind a proxy a setting names the header that it writes."""
    return request.META.get(settings.CLIENT_ADDRESS_HEADER, "") or request.META.get("REMOTE_ADDR", "")


def too_many(request, error):
    """The page for who must wait. ``error`` is what a limit raised."""
    seconds = getattr(error, "seconds", 3600)
    response = error_page(request, 429, wait_minutes=max(1, -(-seconds // 60)))
    response.headers["Retry-After"] = str(seconds)
    return response


@requires_csrf_token
def bad_request(request, exception=None):
    """400, or 413 where more was sent than we take."""
    if isinstance(exception, RequestDataTooBig):
        _drain(request)
        return error_page(request, 413)
    return error_page(request, 400, too_many=isinstance(exception, TooManyFieldsSent | TooManyFilesSent))


@requires_csrf_token
def permission_denied(request, exception=None):
    return error_page(request, 403)


@requires_csrf_token
def not_found(request, exception=None):
    return error_page(request, 404)


@requires_csrf_token
def server_error(request):
    """500, or 503 where the database or the cache is away or cannot answer now: trying again will help."""
    return error_page(request, 503 if isinstance(sys.exc_info()[1], AWAY) else 500)


@requires_csrf_token
def csrf_failure(request, reason=""):
    """The form was open too long, or cookies are off. Pages with a form of ours show the form again instead."""
    return error_page(request, 403, template="403_csrf.html")


def _drain(request, limit=32 * 1024 * 1024):
    """Read what the browser is still sending: a server that closes first shows the visitor no page at all."""
    try:
        while limit > 0 and (piece := request.read(1 << 16)):
            limit -= len(piece)
    except OSError:
        pass
