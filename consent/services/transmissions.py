"""The register of external transmissions: what stands in it is public from its first day."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services.trail import record
from consent.exceptions import NotReady
from consent.models import ExternalTransmission


@transaction.atomic
def enter(*, by, **said):
    """Enter a service to which browsers are made to send something. Takes the fields of the model."""
    transmission = ExternalTransmission.objects.create(entered_by=by, **said)
    record("transmission.entered", subject=transmission, by=by, starts_on=transmission.starts_on.isoformat())
    return transmission


@transaction.atomic
def end(transmission, *, ends_on, by):
    """Say from which day on nothing is sent any more. Raises :class:`NotReady` for a day before the first, or twice."""
    transmission = ExternalTransmission.objects.select_for_update().get(pk=transmission.pk)
    if transmission.ended_at:
        raise NotReady([_("%(number)s has ended already. Load the page again.") % {"number": transmission}])
    if ends_on < transmission.starts_on:
        raise NotReady([_("It cannot end before it began.")], field="ends_on")
    transmission.ends_on, transmission.ended_at, transmission.ended_by = ends_on, timezone.now(), by
    transmission.save(update_fields=["ends_on", "ended_at", "ended_by"])
    record("transmission.ended", subject=transmission, by=by, ends_on=ends_on.isoformat())
    return transmission
