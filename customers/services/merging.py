"""That two records are of one person: proposed, approved by somebody else, and undone. Nothing of either is moved.

The second record becomes an alias of the first: readers follow it, and what the first holds includes it.
"""

from django.db import transaction
from django.utils import timezone

from audit.services.trail import record
from customers.exceptions import MergeNotAllowed
from customers.models import Customer, Merge, MergeStatus

from . import holdings


@transaction.atomic
def propose(survivor, alias, *, by):
    """Say that ``alias`` is a second record of the person of ``survivor``. Returns the :class:`Merge`, which waits."""
    survivor, alias = _lock(survivor, alias, without=Customer.PersonalData.personal)
    demand(survivor, alias)
    if Merge.objects.filter(alias=alias, status__in=[MergeStatus.PROPOSED, MergeStatus.APPROVED]).exists():
        raise MergeNotAllowed("proposed")
    merge = Merge.objects.create(survivor=survivor, alias=alias, proposed_by=by)
    _record("merge.proposed", merge, by=by)
    return merge


@transaction.atomic
def approve(merge, *, by):
    """Make the alias one. Not by who proposed it."""
    merge = _move(merge, MergeStatus.APPROVED)
    if merge.proposed_by_id == by.pk:
        raise MergeNotAllowed("own")
    demand(merge.survivor, merge.alias)
    merge.decided_at, merge.decided_by = timezone.now(), by
    merge.save()
    _join(merge.alias, merge.survivor, by=by)
    holdings.recount(merge.survivor)
    _record("merge.approved", merge, by=by)
    return merge


@transaction.atomic
def refuse(merge, *, by):
    """The two records stay apart."""
    merge = _move(merge, MergeStatus.REFUSED)
    merge.decided_at, merge.decided_by = timezone.now(), by
    merge.save()
    _record("merge.refused", merge, by=by)
    return merge


@transaction.atomic
def undo(merge, *, by):
    """Take an approved merge back: both records stand for themselves again, with all that each of them held."""
    merge = _move(merge, MergeStatus.UNDONE)
    if merge.alias.is_erased or merge.survivor.is_erased:
        raise MergeNotAllowed("erased")
    merge.undone_at, merge.undone_by = timezone.now(), by
    merge.save()
    _join(merge.alias, None, by=by)
    holdings.recount(merge.alias)
    holdings.recount(merge.survivor)
    _record("merge.undone", merge, by=by)
    return merge


def why_not(survivor, alias):
    """The code of what stands against joining these two, or ``""``. Chains are refused, here and by a trigger."""
    if survivor.pk == alias.pk:
        return "same"
    if survivor.is_erased or alias.is_erased:
        return "erased"
    if survivor.merged_into_id:
        return "survivor_is_alias"
    if alias.merged_into_id:
        return "already_alias"
    return "has_aliases" if alias.aliases.exists() else ""


def demand(survivor, alias):
    """Raise :class:`MergeNotAllowed` where something stands against it."""
    if code := why_not(survivor, alias):
        raise MergeNotAllowed(code)


def _lock(*customers, without=()):
    """The same rows, locked in the order of their keys, so that no two merges wait for each other in a ring."""
    rows = Customer.objects.select_for_update().order_by("pk").defer(*without)
    found = {row.pk: row for row in rows.filter(pk__in=[customer.pk for customer in customers])}
    return [found[customer.pk] for customer in customers]


def _move(merge, status):
    found = Merge.objects.get(pk=merge.pk)
    survivor, alias = _lock(Customer(pk=found.survivor_id), Customer(pk=found.alias_id))
    merge = Merge.objects.select_for_update().get(pk=merge.pk)
    merge.survivor, merge.alias = survivor, alias
    if status not in MergeStatus(merge.status).next:
        raise MergeNotAllowed("moved")
    merge.status = status
    return merge


def _join(alias, survivor, *, by):
    alias.merged_into = survivor
    alias._history_user = by.staff
    alias.save(update_fields=["merged_into"])


def _record(action, merge, *, by):
    """An entry for each of the two: both are persons whose data it is about."""
    for person in (merge.survivor, merge.alias):
        record(action, subject=merge, person=person, by=by, survivor=merge.survivor, alias=merge.alias)
