"""Letters and statements of a request as PDF."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import timezone, translation

from audit.calendar import era_date
from audit.pdf import to_pdf
from requests_desk.models import Fee, Outcome

SHEET = Path(__file__).with_name("sheet.css")


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
    return to_pdf(page_of(template, request, **values), sheet=SHEET)
