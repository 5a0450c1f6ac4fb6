"""Mails that came back: why, what that says of an address, and reports that arrive later (RFC 3464).

A report is believed where it came to a return address of ours, which nobody can make up, or names one of our mails and
the very address that its customer has.
"""

import re
from contextlib import suppress

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from audit.models import Actor
from audit.services.trail import record
from consent import mail
from consent.models import MARKING, Campaign, Delivery, DeliveryState, Failure
from customers.exceptions import DecryptionError
from customers.models import Customer
from customers.services import corrections

from . import mailboxes, reports

SAMPLES = 3
OF_ADDRESS = re.compile(r"5\.(1\.\d+|2\.1)")  # the rest of 5.2 and more is about a mailbox that is there
FULL = re.compile(r"5\.2\.2")
BARE_UNKNOWN, BARE_FULL = {550, 551, 553}, {552}  # RFC 5321, where nothing more exact is said of an address
ABOUT_SENDER = re.compile(r"5\.1\.[78]")  # our own address was not liked
MESSAGE_ID = re.compile(r"<(\d{1,18})\.(\d{1,9})@([^<>@\s]+)>")

MOVE = """
UPDATE consent_delivery SET state = 'BOUNCED', failure = %(failure)s
WHERE id = %(id)s AND state = 'SENT' RETURNING campaign_id, last_tried
"""
TALLY = """
UPDATE consent_tally SET sent = sent - 1, bounced = bounced + 1 WHERE id = (
    SELECT id FROM consent_tally WHERE campaign_id = %s AND sent > 0
    ORDER BY abs(extract(epoch FROM minute - date_trunc('minute', %s::timestamptz))), id LIMIT 1 FOR UPDATE
)
"""


def kind_of(answer):
    """What a final refusal (:class:`consent.mail.Answer`) means."""
    return _kind(answer.status, answer.code, about_address=answer.about_address)


def _kind(status, code, *, about_address):
    if status and not status.startswith("5.0"):
        if ABOUT_SENDER.fullmatch(status):
            return Failure.REFUSED
        return Failure.UNKNOWN if OF_ADDRESS.fullmatch(status) else _or_full(FULL.fullmatch(status))
    if about_address and code in BARE_UNKNOWN:
        return Failure.UNKNOWN
    return _or_full(about_address and code in BARE_FULL)


def _or_full(is_full):
    return Failure.FULL if is_full else Failure.REFUSED


def note_address(customer_id, recipient, *, by):
    """Mark a customer whose address is none, where it is still the one that was refused (as it went over the wire)."""
    with suppress(Customer.DoesNotExist, DecryptionError):
        customer = Customer.objects.get(pk=customer_id)
        corrections.note_bounce(customer, by=by, is_of=lambda address: is_same(address, recipient))


def is_same(address, recipient):
    """Whether an address that we hold is the one that a mail server names."""
    if recipient is None:  # it could not be written at all
        return mail.wire_address(address or "") is None
    names = {each.casefold() for each in (address or "", mail.wire_address(address or "") or "") if each}
    return recipient.strip("<> ").casefold() in names


def deal_with(content):
    """Read one mail from the mailbox of reports (bytes, perhaps cut off) and do what it says.

    Returns whether it is a report on a mail of ours. Twice does nothing the second time; what cannot be matched does
    nothing.
    """
    found = reports.read(content)
    delivery = _delivery_of(found)
    if delivery is None:
        return False
    for each in found.recipients:
        if each.is_final:
            _came_back(delivery, each)
    return bool(found.recipients)


def _delivery_of(found):
    """The delivery that a report is about, or ``None`` where that is not sure."""
    for address in found.addresses:
        if number := mail.delivery_of(address):
            return Delivery.objects.select_related("customer").filter(pk=number).first()
    for message_id in found.message_ids:
        named = MESSAGE_ID.search(message_id)
        if not named:
            continue
        rows = Delivery.objects.select_related("customer").filter(pk=int(named[1]), campaign__number=int(named[2]))
        delivery = rows.first()
        if delivery and any(_is_of(delivery, each) for each in found.recipients):
            return delivery
    return None


def _is_of(delivery, recipient):
    return any(is_same(delivery.customer.email, name) for name in recipient.names)


@transaction.atomic
def _came_back(delivery, recipient):
    by, failure = Actor.system(), _kind(recipient.status, recipient.code, about_address=True)
    with connection.cursor() as cursor:
        cursor.execute(MOVE, {"id": delivery.pk, "failure": failure})
        if moved := cursor.fetchone():
            cursor.execute(TALLY, moved)
            record(
                "campaign.mail_came_back", subject=Campaign.objects.get(pk=moved[0]), person=delivery.customer, by=by,
                delivery=str(delivery), failure=Failure(failure).name,
            )  # fmt: skip
    if failure in MARKING:
        corrections.note_bounce(
            delivery.customer, by=by, is_of=lambda address: any(is_same(address, name) for name in recipient.names)
        )


def read_all():
    """Deal with every mail in the mailbox of reports. Returns ``(matched, unmatched)``; ``(0, 0)`` where none is set.

    Raises ``OSError`` or ``imaplib.IMAP4.error`` where the mailbox cannot be reached or goes away.
    """
    if not settings.BOUNCE_MAILBOX:
        return 0, 0
    matched = unmatched = 0
    with mailboxes.opened(settings.BOUNCE_MAILBOX) as mailbox:
        for key, content in mailbox.mails():
            is_ours = deal_with(content)
            mailbox.move(key, mailboxes.DONE if is_ours else mailboxes.UNMATCHED)
            matched, unmatched = matched + is_ours, unmatched + (not is_ours)
    return matched, unmatched


def by_kind(campaign):
    """``[(words, number, [samples])]``: why mails came back or were left out, the most frequent first."""
    rows = Delivery.objects.filter(campaign=campaign, failure__isnull=False).order_by()
    found = [
        (Failure(kind).label, number, list(rows.filter(failure=kind).order_by("id")[:SAMPLES]))
        for kind, number in rows.values_list("failure").annotate(number=Count("pk")).order_by("-number", "failure")
    ]
    states = [DeliveryState.BOUNCED, DeliveryState.SKIPPED]
    unsaid = Delivery.objects.filter(campaign=campaign, state__in=states, failure__isnull=True)
    if samples := list(unsaid.order_by("state", "id")[:SAMPLES]):  # of before reasons were written down
        found.append((_("Not written down"), unsaid.count(), samples))
    return found
