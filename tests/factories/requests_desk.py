"""Rows of the requests desk, each the smallest valid one; a state that implies others is reached by the services."""

import datetime as dt
import io

import time_machine
from django.utils import timezone
from PIL import Image

from audit.models import Actor, Staff
from requests_desk.models import DocumentType, Item, Kind, Outcome, Status
from requests_desk.models.package import GRACE
from requests_desk.services import decisions, drafts, fees, fulfilment, identity, intake, matching, progress

VALUES = {
    "kind": Kind.DISCLOSURE,
    "name": "見本 花子",
    "kana": "みほん はなこ",
    "email": "hanako@example.test",
    "telephone": "090-0000-0001",
    "postcode": "194-0013",
    "address": "東京都町田市原町田0-0-0",
    "birth_date": dt.date(1985, 4, 3),
    "about": "",
}
ANSWERS = {
    "kind": {"kind": "DISCLOSURE"},
    "who": {"who": "PERSON"},
    "name": {"name": "見本 花子", "kana": "みほん はなこ"},
    "contact": {"email": "hanako@example.test", "telephone": "090-0000-0001"},
    "address": {"postcode": "194-0013", "address": "東京都町田市原町田0-0-0"},
    "birth": {"birth_date": "1985-04-03"},
    "about": {"about": "", "method": "ELECTRONIC"},
}


def staff_actor(username):
    """The actor of a member of staff of this name."""
    return (Staff.objects.filter(username=username).first() or Staff.objects.create_user(username, "x")).actor


def a_draft(language="ja", **steps):
    """A draft with every page answered, and its key."""
    draft, key = drafts.start(language=language)
    for step, values in (ANSWERS | steps).items():
        draft = drafts.answer(draft, step, values)
    return draft, key


def a_request(language="ja", arrived_on=None, by=None, **values):
    """A request just received."""
    return intake.receive(VALUES | values, language=language, arrived_on=arrived_on, by=by or Actor.requester())


def a_picture():
    """The bytes of a small JPEG."""
    content = io.BytesIO()
    Image.new("RGB", (640, 400), "#dde6f0").save(content, "JPEG")
    return content.getvalue()


class At:
    """A request brought to a state by the services, as the office would do it."""

    @staticmethod
    def document_sent(**values):
        request = a_request(**values)
        identity.upload(request, a_picture(), by=Actor.requester())
        return _again(request)

    @staticmethod
    def verified(**values):
        request = At.document_sent(**values)
        verify(request)
        return _again(request)

    @staticmethod
    def paid(**values):
        request = a_request(**values)
        pay(request)
        return _again(request)

    @staticmethod
    def in_progress(**values):
        request = At.verified(**values)
        pay(request)
        return _again(request)

    @staticmethod
    def matched(customer, **values):
        request = At.in_progress(**values)
        matching.match(request, customer=customer, by=staff_actor("handler"))
        return _again(request)

    @staticmethod
    def none_held(**values):
        request = At.in_progress(**values)
        matching.none_held(request, by=staff_actor("handler"))
        return _again(request)

    @staticmethod
    def proposed(customer=None, outcome=None, ground="", reason="", **values):
        request = At.matched(customer, **values) if customer else At.none_held(**values)
        outcome = outcome or (Outcome.FULL if customer else Outcome.NOT_HELD)
        decisions.propose(request, outcome=outcome, ground=ground, reason=reason, by=staff_actor("handler"))
        return _again(request)

    @staticmethod
    def approved(customer=None, **values):
        request = At.proposed(customer, **values)
        decisions.approve(request, by=staff_actor("approver"))
        return _again(request)

    @staticmethod
    def ready(customer=None, **values):
        request = At.approved(customer, **values)
        fulfilment.make(request, by=Actor.system())
        return _again(request)

    @staticmethod
    def just_collected(customer=None, **values):
        request = At.ready(customer, **values)
        fulfilment.collect(request, by=Actor.requester())
        return _again(request)

    @staticmethod
    def collected(customer=None, **values):
        """Collected, and the minutes in which it can be collected again are over."""
        request = At.ready(customer, **values)
        with time_machine.travel(timezone.now() - GRACE, tick=False):
            fulfilment.collect(request, by=Actor.requester())
        return _again(request)

    @staticmethod
    def closed(customer=None, **values):
        request = At.collected(customer, **values)
        progress.close(request, by=staff_actor("handler"))
        return _again(request)

    @staticmethod
    def withdrawn(**values):
        request = a_request(**values)
        progress.withdraw(request, by=Actor.requester())
        return _again(request)

    @staticmethod
    def lapsed(**values):
        request = a_request(arrived_on=timezone.localdate() - dt.timedelta(days=40), **values)
        progress.lapse(request, by=staff_actor("handler"))
        return _again(request)


def at(status, customer=None, **values):
    """A request that stands at ``status``, with all that the status implies."""
    builders = {
        Status.RECEIVED: a_request,
        Status.IN_PROGRESS: At.in_progress,
        Status.WITHDRAWN: At.withdrawn,
        Status.LAPSED: At.lapsed,
    }
    with_customer = {
        Status.PROPOSED: At.proposed,
        Status.APPROVED: At.approved,
        Status.READY: At.ready,
        Status.CLOSED: At.closed,
    }
    if status in builders:
        return builders[status](**values)
    return with_customer[status](customer, **values)


def verify(request, by=None):
    return identity.verify(
        request, document_type=DocumentType.LICENCE, matched_items=[Item.NAME, Item.BIRTH],
        by=by or staff_actor("verifier"),
    )  # fmt: skip


def pay(request, by=None):
    return fees.receive(
        request, amount=request.fee.amount, received_on=timezone.localdate(), by=by or staff_actor("intake")
    )


def _again(request):
    return type(request).objects.get(pk=request.pk)
