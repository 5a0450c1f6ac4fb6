"""The days of a record, whichever way it goes: given (Article 29) or received (Article 30)."""

from django.utils.translation import gettext as _

from consent.bases import Recording
from consent.exceptions import NotReady


def first_day(recording, first_on, last_on, *, rule):
    """The first day of the record: that of a period in bulk, else ``last_on`` itself.

    Raises :class:`NotReady` for a period that ends before it begins, and in bulk for one without a first day; the words
    name the ``rule`` (a number of the Commission's Rules).
    """
    first_on = first_on if recording == Recording.BULK and first_on else last_on
    if first_on > last_on:
        raise NotReady([_("The period ends before it begins.")], field="first_on")
    if recording == Recording.BULK and first_on == last_on:
        said = _("A record in bulk names the first day of its period (Rule %(rule)s(2)).") % {"rule": rule}
        raise NotReady([said], field="first_on")
    return first_on
