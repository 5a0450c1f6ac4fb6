"""Who was shown sealed values, and why."""

from django.db import transaction
from django.utils.translation import gettext as _

from audit.exceptions import OfficeError
from audit.models import Access

from .trail import record, reference


class ReasonMissing(OfficeError):
    def __str__(self):
        return _("Choose a reason from the list and give the number of the case.")


@transaction.atomic
def note(subject, *, fields, reason, case_number, by, person=None):
    """Write that ``by`` is about to be shown ``fields`` of ``subject``; the values may be read only after this."""
    if reason not in Access.Reason.values or not case_number.strip() or not fields:
        raise ReasonMissing
    fields, case_number = sorted(fields), case_number.strip()
    access = Access.objects.create(
        by=by, subject=reference(subject), person=reference(person), fields=fields, reason=reason,
        case_number=case_number,
    )  # fmt: skip
    record("values.shown", subject=subject, person=person, by=by, fields=fields, reason=reason, case=case_number)
    return access
