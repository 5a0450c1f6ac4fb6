"""After a restore from a backup: who was erased since is erased again, before staff may sign in."""

import datetime as dt

from django.db import transaction

from audit.calendar import today
from customers.models import Customer
from requests_desk.models import DataRequest, Erasure

from . import erasure, ledger

CASE = "replay"  # the ledger outside does not repeat what staff typed


def replay(*, by, told=lambda line: None):
    """Erase again whom the ledger outside names and the database has. Returns how many lines.

    One transaction each, so that a process which is killed loses nothing and the next goes on. Holds and open requests
    of the backup do not stand against it: it was decided when they were over. ``told(line)`` is called after each.
    """
    lines = ledger.missing()
    for line in lines:
        _replay(line, by=by)
        told(line)
    return len(lines)


@transaction.atomic
def _replay(line, *, by):
    rows = Customer.objects.select_for_update().filter(number__in=line["customers"], erased_at__isnull=True)
    people = {erasure.person_of(row).pk: erasure.person_of(row) for row in rows.order_by("pk")}
    this = Erasure.objects.select_for_update(of=["self"]).filter(number=line["erasure"]).first()
    request = DataRequest.objects.filter(reference=line["request"]).first() if line["request"] else None
    for customer in people.values():
        customer.refresh_from_db()
        if customer.is_erased:
            continue
        found = erasure.preview(customer, request=request)
        found.requests += found.open
        days = {category: dt.date.fromisoformat(day) for category, day in line["kept"].items()}
        found.kept = {category: day for category, day in days.items() if day > today()}
        totals = erasure.remove(customer, found, by=by)
        if Erasure.objects.done().filter(customer=customer).exists():
            continue
        is_first = this is None or this.is_open
        if this is None:
            this = Erasure(number=line["erasure"], reason=line["reason"], case_number=CASE, proposed_by=by)
        if is_first:
            this.request, this.is_replayed = request, True
            erasure.note_done(this, customer, found, totals, by=by)
