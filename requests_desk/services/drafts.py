"""The public form before anything is sent: a sealed draft of 24 hours, found by a key of the visitor's browser."""

import datetime as dt
import hashlib
import secrets
from contextlib import suppress

from django.db import transaction

from audit.models import Actor
from audit.services import outbox
from audit.services.trail import record_batch
from customers.exceptions import CodeSpent
from customers.services import codes, limits
from requests_desk.exceptions import DraftAlreadySent, DraftIncomplete, DraftUnknown
from requests_desk.models import OFFERED_KINDS, OFFERED_METHODS, OFFERED_WHO, DataRequest, Draft

from . import intake

STEPS = {
    "kind": ["kind"],
    "who": ["who"],
    "name": ["name"],
    "contact": ["email"],
    "address": ["address"],
    "birth": ["birth_date"],
    "about": ["method"],
}
"""The pages of the form in their order, and what each must answer before the draft can be sent.

Optional: ``name: kana``, ``contact: telephone``, ``address: postcode, building``, ``about: about``.
``birth_date`` is an ISO date. A page may keep more of its own (what was typed); it is left alone.
"""
OFFERED = {"kind": OFFERED_KINDS, "who": OFFERED_WHO, "method": OFFERED_METHODS}
CODES_PER_HOUR = 5


def start(*, language):
    """A new draft and the key that finds it again. Only the key's hash is kept."""
    key = secrets.token_urlsafe(32)
    return Draft.objects.create(key_hash=hash_of(key), language=language), key


def find(key):
    """The draft of this key, within its 24 hours, or :class:`DraftUnknown`."""
    try:
        return Draft.objects.good().get(key_hash=hash_of(key))
    except Draft.DoesNotExist:
        raise DraftUnknown from None


def sent_as(draft):
    """The request that this draft has become, or ``None``."""
    return DataRequest.objects.filter(draft_number=draft.number).first()


@transaction.atomic
def answer(draft, step, values):
    """Keep the answers of one page. Codes that went to another address no longer count."""
    draft = lock(draft)
    sent = sent_as(draft)
    if sent:
        raise DraftAlreadySent(sent)
    before = draft.answers.get("contact", {}).get("email")
    draft.answers = {**draft.answers, step: dict(values)}
    draft.save(update_fields=["answers"])
    if before is not None and draft.answers.get("contact", {}).get("email") != before:
        with suppress(CodeSpent):  # where none counted anyway
            codes.spend(draft)
    return draft


def missing(draft):
    """The pages that still lack an answer, in the order of the form."""
    answers = draft.answers
    return [
        step
        for step, fields in STEPS.items()
        if not all(answers.get(step, {}).get(field) for field in fields)
        or any(answers[step][field] not in offered for field, offered in OFFERED.items() if field in fields)
    ]


@transaction.atomic
def speak(draft, *, language):
    """Write the mails of this draft in ``language`` from now on."""
    draft = lock(draft)
    draft.language = language
    draft.save(update_fields=["language"])
    return draft


@transaction.atomic
def ask_for_code(draft):
    """Post a mail with a six-digit code to the address of the draft. A mailbox gets at most five within an hour."""
    draft = lock(draft)
    sent = sent_as(draft)
    if sent:
        raise DraftAlreadySent(sent)
    if missing(draft):
        raise DraftIncomplete(missing(draft))
    limits.take("codes", draft.answers["contact"]["email"].casefold(), most=CODES_PER_HOUR, seconds=3600)
    outbox.post("requests_desk.confirmation_code", subject=draft, by=Actor.requester(), language=draft.language)


def confirm(draft, typed_code):
    """Turn the draft into a request: the only way in for the public form. To be called outside a transaction.

    Pressed twice, or by many processes at once, it gives one request: later calls return the first.
    Raises what :mod:`customers.services.codes` raises for a code that is wrong, expired or spent.
    """
    sent = sent_as(draft)
    if sent:
        return sent
    try:
        codes.check(draft, typed_code, spend=False)
        return _send(draft)
    except CodeSpent:
        sent = sent_as(draft)  # by who pressed at the same moment
        if sent:
            return sent
        raise


@transaction.atomic
def _send(draft):
    draft = lock(draft)
    sent = sent_as(draft)
    if sent:
        return sent
    if missing(draft):
        raise DraftIncomplete(missing(draft))
    codes.spend(draft)
    request = intake.receive(values_of(draft), language=draft.language, draft_number=draft.number, by=Actor.requester())
    draft.answers = {}
    draft.save(update_fields=["answers"])
    return request


def values_of(draft):
    """The answers as values of a request."""
    answers = draft.answers
    contact, address, about = answers["contact"], answers["address"], answers["about"]
    lines = [address["address"], address.get("building", "")]
    return {
        "kind": answers["kind"]["kind"],
        "who": answers["who"]["who"],
        "name": answers["name"]["name"],
        "kana": answers["name"].get("kana", ""),
        "email": contact["email"],
        "telephone": contact.get("telephone", ""),
        "postcode": address.get("postcode", ""),
        "address": "\n".join(line for line in lines if line),
        "birth_date": dt.date.fromisoformat(answers["birth"]["birth_date"]),
        "about": about.get("about", ""),
        "method": about["method"],
    }


@transaction.atomic
def purge_spent(*, by, size=1000):
    """Remove drafts whose 24 hours are over. Returns how many went."""
    spent = list(Draft.objects.spent().select_for_update(skip_locked=True).order_by("id")[:size])
    if spent:
        record_batch("drafts.purged", subject="requests_desk.draft", by=by, references=[str(d) for d in spent])
        Draft.objects.filter(pk__in=[draft.pk for draft in spent]).delete()
    return len(spent)


def hash_of(key):
    return hashlib.sha256(str(key).encode("utf-8", "surrogatepass")).hexdigest()


def lock(draft):
    try:
        return Draft.objects.good().select_for_update().get(pk=draft.pk)
    except Draft.DoesNotExist:
        raise DraftUnknown from None
