"""Who was shown sealed values, and why."""

from django.db import transaction

from audit.models import Access

from .trail import record, reference


@transaction.atomic
def note(subject, *, fields, reason, case_number, by, person=None):
    """Write that ``by`` is about to be shown ``fields`` of ``subject``; the values may be read only after this."""
    access = Access.objects.create(
        by=by, subject=reference(subject), person=reference(person), fields=sorted(fields), reason=reason,
        case_number=case_number,
    )  # fmt: skip
    record(
        "values.shown", subject=subject, person=person, by=by, fields=sorted(fields), reason=reason, case=case_number
    )
    return access
