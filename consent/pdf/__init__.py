"""Notices on paper and the statement of a notice, as PDF."""

from pathlib import Path

from django.template.loader import render_to_string
from django.utils import timezone, translation

from audit.pdf import to_pdf

SHEET = Path(__file__).with_name("sheet.css")


def letters(campaign, letters, texts, office):
    """One letter on a page of its own for each of ``letters``, behind a list of them for the post.

    ``texts`` is ``{language: (subject, text)}``, filled in.
    """
    pages = [(number, letter, *texts[letter.language]) for number, letter in enumerate(letters, 1)]
    context = {"campaign": campaign, "pages": pages, "office": office, "today": timezone.localdate()}
    return _pdf("letters", "ja", context)


def statement(campaign, found, office, *, language):
    """What became of a notice, for people: ``found`` is a :class:`consent.services.statements.Statement`."""
    return _pdf("statement", language, {"campaign": campaign, "found": found, "office": office})


def _pdf(template, language, context):
    with translation.override(language):
        return to_pdf(render_to_string(f"consent/pdf/{template}.html", context), sheet=SHEET)
