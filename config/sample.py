"""Requests for the demo: one or more in every state, each brought there by the services that staff use."""

import datetime as dt
import io

from django.utils import timezone
from PIL import Image, ImageDraw

from audit.models import Actor
from requests_desk.models import DocumentType, Ground, Item, Kind, Outcome, RefusalReason
from requests_desk.services import decisions, fees, fulfilment, identity, intake, matching, progress

CUSTOMERS_NEEDED = 14


def requests_in_every_state(actors, customers):
    """Make requests of the first :data:`CUSTOMERS_NEEDED` of ``customers``, and return them.

    ``actors`` maps the roles ``intake``, ``verifier``, ``handler`` and ``approver`` to their actors.
    """
    stages = [
        (0, []),
        (1, [upload]),
        (2, [upload, refuse]),
        (3, [pay]),
        (4, [upload, verify]),
        (5, [upload, verify, pay]),
        (12, [upload, verify, pay, match]),
        (9, [upload, verify, pay, match, propose_disclosure]),
        (16, [upload, verify, pay, match, propose_refusal]),
        (6, [upload, verify, pay, match, propose_disclosure, approve, make]),
        (8, [upload, verify, pay, match, propose_refusal, approve, make]),
        (20, [upload, verify, pay, match, propose_disclosure, approve, make, collect, close]),
        (7, [upload, withdraw]),
        (45, [lapse]),
    ]
    made = []
    for (days, steps), customer in zip(stages, customers, strict=False):
        request = ask(customer, days)
        for step in steps:
            step(request, customer, actors)
            request.refresh_from_db()
        made.append(request)
    return made


def ask(customer, days):
    values = {
        "kind": Kind.DISCLOSURE,
        "name": customer.name,
        "kana": customer.kana,
        "email": customer.email or "someone@example.test",
        "telephone": customer.telephone,
        "postcode": customer.postcode,
        "address": customer.address,
        "birth_date": customer.birth_date or dt.date(1985, 4, 3),
    }
    arrived_on = timezone.localdate() - dt.timedelta(days=days)
    return intake.receive(values, language=customer.language, arrived_on=arrived_on, by=Actor.requester())


def upload(request, customer, actors):
    identity.upload(request, a_licence(), by=Actor.requester())


def refuse(request, customer, actors):
    identity.refuse(request, reason=RefusalReason.UNREADABLE, by=actors["verifier"])


def verify(request, customer, actors):
    items = [Item.NAME, Item.ADDRESS, Item.BIRTH]
    identity.verify(request, document_type=DocumentType.LICENCE, matched_items=items, by=actors["verifier"])


def pay(request, customer, actors):
    fees.receive(request, amount=request.fee.amount, received_on=timezone.localdate(), by=actors["intake"])


def match(request, customer, actors):
    matching.match(request, customer=customer, by=actors["handler"])
    progress.assign(request, to=actors["handler"].staff, by=actors["handler"])


def propose_disclosure(request, customer, actors):
    decisions.propose(request, outcome=Outcome.FULL, by=actors["handler"])


def propose_refusal(request, customer, actors):
    reason = "同じ内容の請求が短い期間に何度も続き、ほかの方への回答が遅れるためです。"
    decisions.propose(request, outcome=Outcome.REFUSED, ground=Ground.IMPEDIMENT, reason=reason, by=actors["handler"])


def approve(request, customer, actors):
    decisions.approve(request, by=actors["approver"])


def make(request, customer, actors):
    fulfilment.make(request, by=Actor.system())


def collect(request, customer, actors):
    fulfilment.collect(request, by=Actor.requester())


def close(request, customer, actors):
    progress.close(request, by=actors["handler"])


def withdraw(request, customer, actors):
    progress.withdraw(request, by=Actor.requester())


def lapse(request, customer, actors):
    progress.lapse(request, by=actors["handler"])


def a_licence():
    """A drawn picture that looks like a licence and belongs to nobody."""
    picture = Image.new("RGB", (1012, 638), "#e9f0f6")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 1011, 90), fill="#2f5d8a")
    draw.text((40, 28), "SAMPLE LICENCE - NOT A DOCUMENT", fill="white", font_size=34)
    draw.rectangle((730, 140, 960, 430), fill="#b8c7d6", outline="#2f5d8a", width=4)
    draw.ellipse((790, 180, 900, 300), fill="#8fa3b8")
    draw.pieslice((760, 300, 930, 540), 180, 360, fill="#8fa3b8")
    for row, words in enumerate(["NAME      SAMPLE PERSON", "BORN      1985-04-03", "ADDRESS   SAMPLE TOWN 0-0-0"]):
        draw.text((40, 150 + 80 * row), words, fill="#1a1a1a", font_size=36)
    draw.rectangle((40, 500, 690, 590), fill="#1a1a1a")
    draw.text((60, 525), "the number is masked", fill="#e9f0f6", font_size=30)
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=88)
    return content.getvalue()
