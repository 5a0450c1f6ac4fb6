"""In which language a visitor reads the site: Japanese, whatever the browser says, until something else is chosen."""

from django.conf import settings

YEAR = 365 * 24 * 60 * 60


def known(name):
    return name in dict(settings.LANGUAGES)


def remember(response, chosen):
    """Keep ``chosen`` for a year, if it is a language of ours."""
    if known(chosen):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR, httponly=True, samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip
