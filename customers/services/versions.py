"""Whether somebody else changed a row since a page showed it: the history tells, and which fields they were."""

from customers.exceptions import ChangedMeanwhile

NOT_BY_HAND = {"id", "held", "customer", "created_at", "created_by", "fingerprint"}


def stamp(row):
    """Where the history of a row stands. The page carries it, and it comes back with what was typed there."""
    return row.history.order_by("-history_id").values_list("history_id", flat=True).first() or 0


def changed_since(row, seen):
    """The names of the fields that were changed after the history stood at ``seen``, in the model's order.

    Opens both versions to compare them. A stamp that is none of this row's is as one that is too old to compare.
    """
    versions = list(row.history.filter(history_id__gte=seen).order_by("history_id"))
    if len(versions) == 1 and versions[0].history_id == seen:
        return []
    before = next((version for version in versions if version.history_id == seen), None)
    names = [field.name for field in row._meta.concrete_fields if field.name not in NOT_BY_HAND]
    if before is None:
        return names
    return [name for name in names if getattr(before, name) != getattr(versions[-1], name)]


def demand_unchanged(row, seen):
    """Raise :class:`ChangedMeanwhile` where the row, which the caller has locked, is not as it was shown."""
    if changed := changed_since(row, seen):
        raise ChangedMeanwhile(row, changed)
