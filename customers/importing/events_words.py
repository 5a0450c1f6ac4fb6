"""Codes of an import of events -> words that staff understand: what is wrong, and what to do."""

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from . import words

EVENT_REASONS = {
    "events_file_empty": (_("The file is empty."), _("Have it written out once more and choose it again.")),
    "events_file_not_text": (
        _("This is a packed file, or another one that is not text in UTF-8."),
        _("Unpack it first. The file has one event a line, written as JSON in UTF-8."),
    ),
    "events_file_array": (
        _("The file is one single list of JSON."),
        _("Have it written out as JSON Lines: one event a line, without brackets around all of them."),
    ),
    "events_file_other": (
        _("No line of the beginning is an event written as JSON."),
        _("If it is a file of customers, choose “Import a file” instead."),
    ),
    "event_long": (
        _("This line is longer than any event."),
        _("Check where the file comes from; a line break may be missing."),
    ),
    "event_not_json": (
        _("This line is not JSON."),
        _("Check for a quotation mark or a bracket that is missing, or have the file written out again."),
    ),
    "event_not_object": (
        _("This line is JSON, but no event."),
        _("An event begins with { and ends with }. Remove the line if it is none."),
    ),
    "event_key_twice": (_("This key stands twice in the line."), _("Decide which of the two is right.")),
    "event_many_keys": (_("The line has more than 40 keys."), _("Leave out what does not belong to the event.")),
    "event_key": (_("The word of this key is too long."), _("Give it a word of at most 60 characters.")),
    "event_nested": (
        _("A list or an object stands inside the event."),
        _("Write each value under a key of its own."),
    ),
    "event_number": (
        _("This is no number that can be kept, such as NaN or one of endless digits."),
        _("Correct the number, or write it as text."),
    ),
    "event_source": (_("It is not said where the event comes from."), _("Write site or app under “source”.")),
    "event_kind": (
        _("This kind of event is not known here."),
        _("Write visit, launch, input, purchase or location under “kind”."),
    ),
    "event_kind_of_source": (
        _("There is no such kind of event there: the site has no launch, and the app no visit."),
        _("Check “source” and “kind” of the line."),
    ),
    "event_at_none": (
        _("It is not said when it happened."),
        _("Write it under “at”, as in 2026-04-03T09:30:00+09:00."),
    ),
    "event_at": (_("The time cannot be read."), _("Write it as in 2026-04-03T09:30:00+09:00.")),
    "event_at_zone": (
        _("The time has no time zone, so that it is not certain when it was."),
        _("Write the zone after it, as in 2026-04-03T09:30:00+09:00 or …Z."),
    ),
    "event_at_old": (_("The time lies before the year 2000."), _("Check the clock of the device and the year.")),
    "event_at_future": (
        _("The time lies more than a day ahead."),
        _("Check the clock of the device and the time zone."),
    ),
    "event_person_none": (
        _("The line does not say whose event it is."),
        _("Write the customer number under “customer”, or what is known under “cookie” or “device”."),
    ),
    "event_identifier": (
        _("What names the person is not written as text."),
        _("Put it into quotation marks."),
    ),
}


def words_for(code):
    """``(reason, what to do)`` of any import, translated when shown."""
    return EVENT_REASONS.get(code) or words.words_for(code)


def place_words(place, *, of_events):
    """How a report names where a fault is: a column of a file of customers, a key of an event."""
    if not of_events:
        return words.column_words(place)
    if place.startswith("#"):
        return _now("key %(place)s") % {"place": place[1:]}
    return place or _now("whole line")
