"""What holds for every request: a reference, a language, an end of staff's sessions, nothing kept in caches."""

import secrets
import time

import structlog
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import BadRequest
from django.utils import translation

from audit.services import languages, watching

IDLE_SECONDS = 15 * 60
LONGEST_SECONDS = 8 * 60 * 60
NOTED_EVERY = 15  # seconds; a session is not written more often for a page that follows another
LAST_SEEN, SIGNED_IN = "last_seen", "signed_in"


class ReferenceMiddleware:
    """Gives each request a short random name: in every line of the log, on error pages, in a header."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.reference = secrets.token_hex(4).upper()
        with structlog.contextvars.bound_contextvars(reference=request.reference):
            response = self.get_response(request)
        response.headers["X-Request-Reference"] = request.reference
        return response


class LanguageMiddleware:
    """Japanese, whatever the browser says, until the visitor switches or comes from a mail in another language.

    Such a mail names it in its addresses (``?lang=en``); what a visitor chose stands above that.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        named = request.GET.get("lang") if "lang=" in request.META.get("QUERY_STRING", "") else None
        comes_from_mail = not languages.known(chosen) and languages.known(named)
        language = next(filter(languages.known, [chosen, named]), settings.LANGUAGE_CODE)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            if comes_from_mail:
                languages.remember(response, language)
            return response


class ReadableAddressMiddleware:
    """Refuses addresses that no page of ours makes and that PostgreSQL cannot take: NUL, lone surrogates."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        texts = [request.path_info]
        if request.META.get("QUERY_STRING"):
            texts += [text for name, values in request.GET.lists() for text in (name, *values)]
        if not all(map(is_storable, texts)):
            raise BadRequest("a character in the address cannot be stored")
        return self.get_response(request)


class SessionEndMiddleware:
    """Ends a staff session after 15 minutes without a request, and after 8 hours at the latest.

    A change of password, roles or account ends it too, with the next request: see :class:`audit.models.Staff`.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            self._look_at(request)
        return self.get_response(request)

    def _look_at(self, request):
        now, session = int(time.time()), request.session
        last_seen, signed_in = session.get(LAST_SEEN, now), session.get(SIGNED_IN, now)
        if now - last_seen >= IDLE_SECONDS or now - signed_in >= LONGEST_SECONDS:
            logout(request)
            return
        if SIGNED_IN not in session:
            session[SIGNED_IN] = now
        if watching.is_by_itself(request) and LAST_SEEN in session:
            return  # a page that looks by itself: nobody is there to be seen
        if LAST_SEEN not in session or now - last_seen >= NOTED_EVERY:
            session[LAST_SEEN] = now


class NoStoreMiddleware:
    """Nothing that we answer is kept by a browser or a proxy, unless the view says otherwise."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def is_storable(text):
    """Whether PostgreSQL can take ``text``: neither NUL nor half of a pair of surrogates in it."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
