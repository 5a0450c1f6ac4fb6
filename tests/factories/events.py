"""Events for tests, kept by the service that keeps them; and lines of a file as an import reads them."""

import datetime as dt
import itertools
import json

from audit.models import Actor
from customers.importing import run_events
from customers.importing.events_reading import read_line
from customers.importing.files import Chunks
from customers.models import CookieIdentifier, Device, Event, Import
from customers.services.tying import keep, make_months

_seconds = itertools.count(1)


def an_event(customer=None, *, source="site", kind="visit", at="2026-04-03T09:30:00+09:00", **more):
    """What one line says. Without further keys it is a visit to a page."""
    said = {"customer": str(customer)} if customer is not None else {}
    return {**said, "source": source, "kind": kind, "at": at, **(more or {"page": "/items/12"})}


def written(*events):
    """The bytes of a file of these events; a text or bytes stand for a line as they are."""
    lines = [each if isinstance(each, str | bytes) else json.dumps(each, ensure_ascii=False) for each in events]
    return b"\n".join(each.encode() if isinstance(each, str) else each for each in lines) + b"\n"


def imported(*events, content=None, by=None):
    """The import of a file of these events, finished."""
    by = by or Actor.system()
    of_import = Import.objects.create(kind=Import.Kind.EVENTS, created_by=by)
    content = written(*events) if content is None else content
    return run_events(of_import, lambda: Chunks([content]), by=by)


def make_events(customer, count=1, *, kind="visit", source="site", since=None, step=dt.timedelta(hours=1), **more):
    """``count`` events of one kind, one every ``step`` from ``since`` on."""
    since = since or dt.datetime(2026, 4, 3, tzinfo=dt.UTC)
    number = next(_seconds)
    lines = [
        an_event(customer, source=source, kind=kind, at=(since + each * step).isoformat(), run=number, n=each, **more)
        for each in range(count)
    ]
    read = [read_line(1, json.dumps(line).encode()).event for line in lines]
    make_months([each.at for each in read])
    for start in range(0, count, 1000):
        keep(read[start : start + 1000], by=Actor.system(), subject="")
    return Event.objects.filter(line__in=[each.line for each in read]).order_by("at")


def make_cookie(customer, value, *, by=None):
    cookie = CookieIdentifier(customer=customer, value=value, created_by=by or Actor.system())
    cookie.fingerprint = cookie.identify()
    cookie.save()
    return cookie


def make_device(customer, identifier, *, by=None, **values):
    device = Device(customer=customer, identifier=identifier, created_by=by or Actor.system(), **values)
    device.fingerprint = device.identify()
    device.save()
    return device
