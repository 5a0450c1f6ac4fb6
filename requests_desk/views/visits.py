"""What the public pages share: the visitor's draft, forgery checks that keep what was typed, headers, limits."""

from django.conf import settings
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt

from audit.views import address_of
from customers.services import limits
from requests_desk.exceptions import DraftUnknown
from requests_desk.models.draft import DRAFT_HOURS
from requests_desk.services import drafts

COOKIE = "draft"
COOKIE_PATH = "/request/"


def keeps_typed(view):
    """The view asks :func:`forged` itself, so that it can show the form again with what was typed."""
    return csrf_exempt(view)


class _Check(CsrfViewMiddleware):
    def _reject(self, request, reason):
        return reason


def forged(request):
    """Why this post may not come from our own page, or ``None``. The same checks as Django's middleware."""
    return _Check(lambda request: None).process_view(request, None, (), {})


def draft_of(request):
    """The visitor's draft, or ``None``."""
    key = request.COOKIES.get(COOKIE)
    try:
        return drafts.find(key) if key else None
    except DraftUnknown:
        return None


def remember_draft(response, key):
    response.set_cookie(
        COOKIE, key, max_age=DRAFT_HOURS * 60 * 60, path=COOKIE_PATH, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def forget_draft(response):
    response.delete_cookie(COOKIE, path=COOKIE_PATH, samesite="Lax")


def take(request, name, *, most, seconds=3600, key=None):
    """Count one act of this visitor, or of ``key``; raises ``TooMany``."""
    limits.take(name, address_of(request) if key is None else key, most=most, seconds=seconds)
