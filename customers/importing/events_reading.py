"""One line of a file of events: what it says, or the places in it that cannot be kept."""

import datetime as dt
import functools
import hmac
import json
import math
import uuid
from dataclasses import dataclass, field

from django.conf import settings
from django.utils import timezone

from customers import reading
from customers.models import EventKind
from customers.reading import Unreadable
from customers.services.tying import Naming, Occurrence

LONGEST_LINE = 16_384  # bytes
MOST_KEYS = 40
LONGEST_KEY = 60
LONGEST_TEXT = 4_000
LONGEST_IDENTIFIER = 255
LARGEST_NUMBER = 2**63
FIRST_DAY = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
AHEAD = dt.timedelta(days=1)  # clocks of phones run fast

PERSONS = ("customer", "cookie", "device")  # by which a line names its person, the surest first
PLAIN = {"customer", "source", "kind", "at"}  # what stands in columns of its own; all else is sealed
NAMED = {*PERSONS, *PLAIN, "page", "seconds", "order", "yen", "field", "text", "lat", "lon", "version"}
KINDS = {
    ("site", "visit"): EventKind.SITE_VISIT,
    ("site", "input"): EventKind.SITE_INPUT,
    ("site", "purchase"): EventKind.SITE_PURCHASE,
    ("site", "location"): EventKind.LOCATION,
    ("app", "launch"): EventKind.APP_LAUNCH,
    ("app", "input"): EventKind.APP_INPUT,
    ("app", "purchase"): EventKind.APP_PURCHASE,
    ("app", "location"): EventKind.LOCATION,
}
SOURCES, KIND_WORDS = {source for source, _kind in KINDS}, {kind for _source, kind in KINDS}
NO_NUMBER = object()  # what stands for NaN and Infinity, which are not JSON


class Twice(Exception):
    """A key stands twice in one object. ``place`` says the second one as a report does."""

    def __init__(self, place):
        super().__init__(place)
        self.place = place


@dataclass
class EventLine:
    """One line: the ``event`` that it says, or ``faults`` as ``(key, code)`` for which it is left out."""

    number: int
    faults: list = field(default_factory=list)
    event: Occurrence | None = None


def read_line(number, raw):
    """The :class:`EventLine` of the bytes of line ``number``; ``None`` in their place is a line that is too long."""
    read = EventLine(number)
    if raw is None or len(raw) > LONGEST_LINE:
        read.faults.append(("", "event_long"))
        return read
    try:
        text = raw.decode()
        said = DECODER.decode(text)
    except UnicodeDecodeError:
        read.faults.append(("", "damaged"))
    except Twice as twice:
        read.faults.append((twice.place, "event_key_twice"))
    except json.JSONDecodeError:
        read.faults.append(("", "event_not_json"))
    except ValueError:  # a whole number of thousands of digits, which Python does not read
        read.faults.append(("", "event_number"))
    except RecursionError:
        read.faults.append(("", "event_nested"))
    else:
        if isinstance(said, dict):
            _fill(read, said, _is_plain(text))
        else:
            read.faults.append(("", "event_not_object"))
    return read


def line_of(said):
    """The keyed digest by which a line is known again, in whatever order its keys stand."""
    return uuid.UUID(bytes=hmac.digest(_key(), CANONICAL.encode(said).encode(), "sha256")[:16])


@functools.cache
def _key():
    return hmac.digest(bytes.fromhex(settings.SEARCH_INDEX_KEY), b"customers.events.line", "sha256")


def _pairs(pairs):
    said = dict(pairs)
    if len(said) != len(pairs):
        seen = set()
        for place, (key, _value) in enumerate(pairs, 1):
            if key in seen:
                raise Twice(_place(key, place))
            seen.add(key)
    return said


DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=lambda _name: NO_NUMBER)
CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _is_plain(text):
    """Whether no sign in the line can be refused: none is written as an escape, and none stands there. Most are so."""
    if "\\" in text:
        return False
    try:
        reading.read_text(text, limit=LONGEST_LINE)
    except Unreadable:
        return False
    return True


def _place(key, position):
    """How a report names a key: by its word where it is one of ours, else by its place. It may be somebody's name."""
    return key if key in NAMED else f"#{position}"


def _fill(read, said, is_plain):
    for position, (key, value) in enumerate(said.items(), 1):
        if code := _unfit(key, value, is_plain):
            read.faults.append((_place(key, position), code))
    if len(said) > MOST_KEYS:
        read.faults.append(("", "event_many_keys"))
    spoiled = {place for place, _code in read.faults}
    kind = None if spoiled & {"source", "kind"} else _read_kind(read, said)
    at = None if "at" in spoiled else _read_at(read, said.get("at"))
    naming = _read_naming(read, said, spoiled)
    if read.faults:
        return
    data = {key: value for key, value in said.items() if key not in PLAIN}
    if kind is EventKind.LOCATION:  # the one kind that does not tell where it comes from
        data["source"] = said["source"]
    read.event = Occurrence(line_of(said), at, kind, data, naming)


def _unfit(key, value, is_plain):
    """Why a key or its value cannot be kept, or nothing."""
    if len(key) > LONGEST_KEY:
        return "event_key"
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return "too_long"
    if not is_plain:
        try:
            reading.read_text(key, limit=LONGEST_KEY)
            reading.read_text(value if isinstance(value, str) else "", limit=LONGEST_TEXT, multiline=True)
        except Unreadable as fault:
            return fault.code
    if isinstance(value, str):
        return ""
    if isinstance(value, dict | list):
        return "event_nested"
    if value is NO_NUMBER or (isinstance(value, float) and not math.isfinite(value)):
        return "event_number"
    if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
        return "event_number"
    return ""


def _read_kind(read, said):
    source, kind = said.get("source"), said.get("kind")
    if source not in SOURCES:
        read.faults.append(("source", "event_source"))
    elif kind not in KIND_WORDS:
        read.faults.append(("kind", "event_kind"))
    elif (source, kind) not in KINDS:
        read.faults.append(("kind", "event_kind_of_source"))
    return KINDS.get((source, kind))


def _read_at(read, text):
    try:
        at = dt.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        read.faults.append(("at", "event_at_none" if text in (None, "") else "event_at"))
        return None
    if at.tzinfo is None:
        read.faults.append(("at", "event_at_zone"))
    elif at < FIRST_DAY:
        read.faults.append(("at", "event_at_old"))
    elif at > timezone.now() + AHEAD:
        read.faults.append(("at", "event_at_future"))
    else:
        return at.astimezone(dt.UTC)
    return None


def _read_naming(read, said, spoiled):
    """Who is named, and by which keys. An empty text or ``null`` names nobody."""
    names = {}
    for key in PERSONS:
        if key in spoiled or (value := said.get(key)) is None:
            continue
        if not isinstance(value, str):
            read.faults.append((key, "event_identifier"))
        elif value.strip():
            try:
                names[key] = reading.read_number(value) if key == "customer" else value.strip()
            except Unreadable as fault:
                read.faults.append((key, fault.code))
            else:
                if len(value) > LONGEST_IDENTIFIER:
                    read.faults.append((key, "too_long"))
    if not names and not spoiled & set(PERSONS) and not any(key in PERSONS for key, _code in read.faults):
        read.faults.append(("", "event_person_none"))
    return Naming(**names)
