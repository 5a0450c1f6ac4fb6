"""The erasure of one person across all apps: what would go and what stays, two people, one transaction, one ledger row.

Lower apps each remove their own part; what is here says in which order, what blocks it, and what a statute keeps.
"""

import datetime as dt
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.calendar import last_day_of
from audit.calendar import today as office_today
from audit.services.trail import record
from consent.services import erasure as consent_part
from customers.categories import Category
from customers.exceptions import CustomerErased
from customers.models import Customer, Event, EventKind
from customers.services import erasure as customers_part
from customers.services import limits
from customers.services.blanking import family
from customers.services.holdings import EVENTS, OWN, ROWS
from requests_desk.exceptions import ErasureBlocked, ErasureFourEyes, ErasureOver, ErasureTwice
from requests_desk.models import CountedFrom, Erasure, ErasureStatus, Hold, RetentionRule

from . import blanking, ledger


@dataclass
class Preview:
    """What an erasure would do today. ``going`` and ``kept`` are by category; ``blocks`` are sentences."""

    customers: list
    going: dict = field(default_factory=dict)
    kept: dict = field(default_factory=dict)
    rules: dict = field(default_factory=dict)
    blocks: list = field(default_factory=list)
    requests: list = field(default_factory=list)
    open: list = field(default_factory=list)
    waits: object = None
    drafts: list = field(default_factory=list)
    emails: list = field(default_factory=list)
    notices: int = 0
    consents: int = 0
    provisions: int = 0
    provisions_until: dt.date | None = None


def person_of(customer):
    """The record that stays, where ``customer`` is an alias of it; else itself."""
    while customer.merged_into_id:
        customer = Customer.objects.get(pk=customer.merged_into_id)
    return customer


def preview(customer, *, request=None, today=None):
    """What would go now, what a statute keeps until which day, and what blocks it. Changes nothing.

    ``request`` is the one that asks for it: while it is open it does not block, and its values go once it is closed.
    """
    today = today or office_today()
    customers = list(Customer.objects.filter(pk__in=family([customer.pk])).order_by("pk"))
    found = Preview(customers, emails=blanking.emails_of(customers))
    found.rules = {rule.category: rule for rule in RetentionRule.objects.filter(statute_months__gt=0)}
    for category in Category:
        count, newest = _held(customers, category)
        until = _kept_until(found.rules.get(category), customers, newest, today) if count else None
        if until:
            found.kept[category.value] = until
        elif count:
            found.going[category.value] = count
    for each in blanking.requests_of(customers, found.emails):
        if not each.is_open:
            found.requests.append(each)
        elif request and each.pk == request.pk:
            found.waits = each
        else:
            found.open.append(each)
            found.blocks.append(_("Request %(number)s is open. Close it first.") % {"number": each})
    for hold in Hold.objects.living().filter(customer__in=customers).order_by("pk"):
        found.blocks.append(
            _("Hold %(number)s lasts (%(ground)s). Lift it first.")
            % {"number": hold, "ground": hold.get_ground_display()}
        )
    found.drafts = blanking.drafts_of(found.emails)
    found.notices = consent_part.waiting(customers)
    found.consents, found.provisions, found.provisions_until = consent_part.kept(customers)
    return found


def _held(customers, category):
    """How many things of a category are held on one person, and when the newest came."""
    if category in ROWS:
        rows = ROWS[category].objects.filter(customer__in=customers)
        count = rows.count()
        return count, count and timezone.localdate(rows.latest("created_at").created_at)
    if category in EVENTS:
        events = Event.objects.filter(customer__in=customers, kind__in=EventKind.of(category))
        newest = events.order_by("-at").values_list("at", flat=True).first()
        return (events.count(), timezone.localdate(newest)) if newest else (0, None)
    names = [name for name, of in OWN.items() if of == category]
    count = sum(1 for customer in customers for name in names if getattr(customer, name))
    former = Customer.history.filter(id__in=[customer.pk for customer in customers]) if not count else []
    return count or int(any(getattr(row, name) for row in former for name in names)), None


def _kept_until(rule, customers, newest, today):
    """The first day on which a statute lets a category go, or ``None`` where it does so today.

    Its time begins when the registration ended, with today where it lasts; or with the newest row or event.
    """
    if rule is None:
        return None
    begins = newest
    if rule.counted_from == CountedFrom.LEFT or newest is None:
        left = [customer.left_on for customer in customers]
        begins = max(left) if all(left) else today
    until = last_day_of(begins, rule.statute_months) + dt.timedelta(days=1)
    return until if until > today else None


@transaction.atomic
def propose(customer, *, reason, case_number, by, request=None):
    """Propose that a person is erased, with all records that are of the same person. Another person decides."""
    customer = Customer.objects.select_for_update().get(pk=person_of(customer).pk)
    if customer.is_erased or Erasure.objects.open().filter(customer=customer).exists():
        raise ErasureTwice(customer)
    if blocks := preview(customer, request=request).blocks:
        raise ErasureBlocked(" ".join(blocks))
    erasure = Erasure.objects.create(
        customer=customer, request=request, reason=Erasure.Reason(reason), case_number=case_number, proposed_by=by
    )
    record("erasure.proposed", subject=erasure, person=customer, by=by, reason=erasure.reason, case=case_number)
    return erasure


@transaction.atomic
def approve(erasure, *, by):
    """Erase the person now, in this transaction. Cannot be undone."""
    erasure = _lock(erasure)
    if by.pk == erasure.proposed_by_id:
        raise ErasureFourEyes(erasure)
    return _carry_out(erasure, by=by)


@transaction.atomic
def refuse(erasure, *, by):
    """Say that the person is not erased."""
    return _end(_lock(erasure), ErasureStatus.REFUSED, "erasure.refused", by=by)


@transaction.atomic
def withdraw(erasure, *, by):
    """Take a proposal back."""
    return _end(_lock(erasure), ErasureStatus.WITHDRAWN, "erasure.withdrawn", by=by)


def _carry_out(erasure, *, by):
    customer = Customer.objects.select_for_update().get(pk=person_of(erasure.customer).pk)
    if customer.is_erased:
        raise CustomerErased(customer)
    found = preview(customer, request=erasure.request)
    if found.blocks:
        raise ErasureBlocked(" ".join(found.blocks))
    return note_done(erasure, customer, found, remove(customer, found, by=by), by=by)


@transaction.atomic
def remove(customer, found, *, by):
    """Erase a locked person in every app as ``found`` says, whatever blocks it. Returns ``{kind: how many}``."""
    totals = {"requests": len(found.requests), "records": len(found.customers)}
    parts = [blanking.blank(request, by=by) for request in found.requests]
    parts.append(consent_part.erase(found.customers, emails=found.emails, by=by))
    for part in parts:
        for name, count in part.items():
            totals[name] = totals.get(name, 0) + count
    totals["drafts"] = blanking.remove_drafts(found.drafts, by=by)
    mailboxes = [("lost-mailbox", email.lower()) for email in found.emails]
    transaction.on_commit(lambda: limits.forget(mailboxes), robust=True)
    customers_part.erase(customer, by=by, keep=set(found.kept))
    return totals


def note_done(erasure, customer, found, totals, *, by):
    """Write into the ledger that it was done, and (once that is committed) into the file outside."""
    erasure.customer = customer
    erasure.counts = {"things": found.going, **totals}
    erasure.kept = {category: day.isoformat() for category, day in found.kept.items()}
    erasure.status = ErasureStatus.PARTLY if erasure.kept or found.waits else ErasureStatus.ERASED
    erasure.decided_at, erasure.decided_by = timezone.now(), by
    if erasure.status == ErasureStatus.ERASED:
        erasure.completed_at, erasure.completed_by = erasure.decided_at, by
    erasure.save()
    record(
        "erasure.replayed" if erasure.is_replayed else "erasure.done", subject=erasure, person=customer, by=by,
        categories_kept=sorted(erasure.kept), **totals,
    )  # fmt: skip
    transaction.on_commit(ledger.write, robust=True)  # the clock makes good what is lost in between
    return erasure


def complete_due(*, by, today=None):
    """Let go what no statute keeps any more, and requests that are closed by now. Returns how many were completed."""
    rest = Erasure.objects.filter(status=ErasureStatus.PARTLY).order_by("pk").values_list("pk", flat=True)
    return sum(_complete(key, today or office_today(), by) for key in list(rest))


@transaction.atomic
def _complete(key, today, by):
    erasure = Erasure.objects.select_for_update(of=["self"]).select_related("customer", "request").get(pk=key)
    if erasure.status != ErasureStatus.PARTLY:
        return False
    over = sorted(category for category, day in erasure.kept.items() if day <= today.isoformat())
    holds = Hold.objects.living().filter(customer__in=family([erasure.customer_id]))
    held = set(holds.values_list("category", flat=True))
    over = [] if "" in held else [category for category in over if category not in held]
    if over:
        customers_part.erase_kept(erasure.customer, over, by=by)
        erasure.kept = {category: day for category, day in erasure.kept.items() if category not in over}
    waits = erasure.request
    if waits and not waits.is_open:
        if waits.name:
            blanking.blank(waits, by=by)
        waits = None
    if not erasure.kept and not waits:
        erasure.status = ErasureStatus.ERASED
        erasure.completed_at, erasure.completed_by = timezone.now(), by
        record("erasure.completed", subject=erasure, person=erasure.customer, by=by)
    erasure.save()
    return erasure.status == ErasureStatus.ERASED


def _lock(erasure):
    erasure = Erasure.objects.select_for_update(of=["self"]).select_related("customer", "request").get(pk=erasure.pk)
    if not erasure.is_open:
        raise ErasureOver(erasure)
    return erasure


def _end(erasure, status, act, *, by):
    erasure.status, erasure.decided_at, erasure.decided_by = status, timezone.now(), by
    erasure.save()
    record(act, subject=erasure, person=erasure.customer, by=by)
    return erasure
