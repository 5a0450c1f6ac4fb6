"""Letters and statements as PDF: tagged, searchable, made in a child process that can reach nothing."""

import datetime as dt
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import timezone, translation

from audit.calendar import era_date
from requests_desk.exceptions import PdfNotMade
from requests_desk.models import Fee, Outcome

CHILD = Path(__file__).with_name("child.py")
SECONDS = 120


def letter(request, decision, office):
    """The letter that says what was decided and why, in the language of the request."""
    fee = Fee.objects.filter(request=request).first()
    return _render(
        "letter.en" if request.language == "en" else "letter.ja",
        request,
        office=office,
        decision=decision,
        is_full=decision.outcome == Outcome.FULL,
        is_refusal=decision.outcome == Outcome.REFUSED,
        fee=fee,
        yen=f"{fee.amount:,}" if fee else "",
        decided_on=timezone.localdate(decision.approved_at),
    )


def statement(request, held, office):
    """The dossier for people: contents, the fifteen sections in the policy's order, dates and sources."""
    sections = [replace(section, values=[_worded(each, held) for each in section.values]) for section in held.sections]
    requests = [replace(asked, given=[_worded(each, held) for each in asked.given]) for asked in held.requests]
    return _render("statement", request, office=office, held=held, sections=sections, requests=requests)


def _worded(said, held):
    """A day as people write it; everything else as it is."""
    if said.field != "birth_date":
        return said
    return replace(said, value=era_date(dt.date.fromisoformat(said.value), held.language))


def page_of(template, request, **values):
    """The HTML that becomes the PDF. Every value is escaped."""
    with translation.override(request.language):
        return render_to_string(
            f"requests_desk/pdf/{template}.html",
            {"request": request, **values},
        )


def _render(template, request, **values):
    return to_pdf(page_of(template, request, **values))


def to_pdf(html):
    """The HTML as PDF bytes. The child gets no secret, no address, no file, and two minutes."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(CHILD)],
            input=html.encode("utf-8", "replace"),
            capture_output=True,
            timeout=SECONDS,
            env=environment,
            check=True,
        )
    except subprocess.SubprocessError as error:
        raise PdfNotMade from error
    return done.stdout
