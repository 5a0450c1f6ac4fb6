"""What a customer decides alone, at an address of their own: consents, notices, and whether data go to others."""

from contextlib import suppress
from dataclasses import dataclass

from django.db import transaction

from audit.models import Actor
from audit.services import outbox
from audit.services.trail import record
from consent.exceptions import AlreadySuspended
from consent.models import Consent, Question, Suspension, Wording
from consent.purposes import Purpose
from customers.exceptions import NothingToCorrect
from customers.models import CorrectionReason, Customer
from customers.services import changes

from . import suspensions

Scope, Ground = Suspension.Scope, Suspension.Ground
INFORMATION, PROVISION = "information", "provision"
SWITCHES = {
    INFORMATION: {"scope": Scope.PURPOSE, "purpose": Purpose.INFORMATION},
    PROVISION: {"scope": Scope.PROVISION, "purpose": ""},
}  # what a customer may stop and let go on alone
MOST_LINKS = 20  # families share a mailbox


@dataclass(frozen=True)
class Asked:
    """A wording that concerns the person: the living consent to it, or ``None``; whether it still waits for a word."""

    wording: Wording
    consent: Consent | None
    is_open: bool


@dataclass(frozen=True)
class Switch:
    """One thing that can be stopped, and who stopped it. What the person stopped here, the person lets go on here."""

    name: str
    by_person: bool
    by_office: bool

    @property
    def is_stopped(self):
        return self.by_person or self.by_office


@transaction.atomic
def send_links(address, *, language):
    """Mail a link to each customer of this mailbox, at most twenty; nobody learns here whether there is one.

    Also where mail came back once: who asks now says that it arrives. Returns how many.
    """
    found = Customer.objects.search(address).living().filter(has_email=True)[:MOST_LINKS] if "@" in address else []
    for customer in found:
        outbox.post("consent.preferences", subject=customer, by=Actor.requester(), language=language)
        record("preferences.link_asked", subject=customer, person=customer, by=Actor.requester())
    return len(found)


def asked(customer):
    """What the person was asked or agreed to: open questions first, then what lasts, then what does not."""
    consents = Consent.objects.of(customer).select_related("wording__third_party", "wording__pack").order_by("pk")
    questions = Question.objects.of(customer).select_related("wording__third_party", "wording__pack").order_by("pk")
    wordings = {row.wording_id: row.wording for row in [*consents, *questions]}
    living = {row.wording_id: row for row in consents if row.withdrawn_at is None}
    open_ = {row.wording_id for row in questions if row.answered_at is None}
    rows = [
        Asked(wording, living.get(pk), pk in open_ and pk not in living)
        for pk, wording in wordings.items()
        if pk in living or wording.retired_at is None
    ]
    return sorted(rows, key=lambda row: (not row.is_open, row.consent is None, -row.wording.pk))


def switches(customer):
    """What can be stopped, and whether it is."""
    living = list(Suspension.objects.living().of(customer))
    found = []
    for name, what in SWITCHES.items():
        rows = [row for row in living if row.scope == Scope.ALL or row.what_is_stopped == what]
        found.append(Switch(name, any(row.is_own for row in rows), any(not row.is_own for row in rows)))
    return found


@transaction.atomic
def stop(customer, name):
    """Stop it from now on, for as long as the person wants, whatever the office stopped. Twice does nothing.

    It stands at the record of whose link was opened, and holds for every record of the person.
    """
    with suppress(AlreadySuspended):
        suspensions.suspend(customer, **SWITCHES[name], ground=Ground.ASKED, by=Actor.requester())


@transaction.atomic
def resume(customer, name):
    """Let go on what the person stopped here. What the office stopped stays; twice does nothing."""
    person = Customer.objects.hold(customer)
    for suspension in Suspension.objects.living().of(person).of_the_requester().filter(**SWITCHES[name]):
        suspensions.lift(suspension, by=Actor.requester())


@transaction.atomic
def write_in(customer, language):
    """Write to the person in this language from now on. What they have already does nothing."""
    person, wanted = Customer.objects.hold(customer), {"language": language}
    with suppress(NothingToCorrect):
        changes.correct(person, changes=wanted, reason=CorrectionReason.ASKED, by=Actor.requester())
