"""The office's facts: on every public page, every letter, every mail."""

from django.db import transaction
from django.utils.translation import gettext as _

from audit.exceptions import OfficeError
from audit.models import Office

from .trail import record

CHANGEABLE = {
    "name_ja", "name_en", "representative_ja", "representative_en", "postcode", "address_ja", "address_en", "email",
    "established_on", "disclosure_fee", "bank_account_ja", "bank_account_en",
}  # fmt: skip


class NothingChanged(OfficeError):
    def __str__(self):
        return _("Nothing was changed: every fact is as it was.")


def current():
    """The office's row."""
    return Office.objects.get(pk=1)


@transaction.atomic
def change(office, *, changes, by):
    """Set the facts named in ``changes``. The entry names the fields; the history has their values."""
    office = Office.objects.select_for_update().get(pk=office.pk)
    if unknown := set(changes) - CHANGEABLE:
        raise KeyError(f"not facts of the office: {sorted(unknown)}")
    fields = sorted(name for name, value in changes.items() if getattr(office, name) != value)
    if not fields:
        raise NothingChanged
    for name in fields:
        setattr(office, name, changes[name])
    office.full_clean()
    office.save()
    record("office.changed", subject=office, by=by, fields=fields)
    return office
