"""What the clock does for this app. Each is safe to run twice and beside itself."""

import datetime as dt

from celery import shared_task
from django.utils import timezone

from audit.models import Actor
from customers.services import codes, events, files, holdings, links, terms, uploads
from customers.services.tying import adopt

QUIET = dt.timedelta(days=62)  # a month that is this old gets no more events by the day


@shared_task(name="customers.sweep")
def sweep():
    """Remove what nothing needs any longer: files without a row, codes, links, search words; fold counts."""
    files.sweep()
    codes.sweep()
    links.sweep()
    terms.sweep()
    holdings.fold()


@shared_task(name="customers.purge_stopped_imports")
def purge_stopped_imports():
    """Discard files of imports that failed more than seven days ago."""
    while uploads.purge_stopped(by=Actor.system()):
        pass


@shared_task(name="customers.adopt_events")
def adopt_events():
    """Tie the events that were kept apart to persons who are known by now; drop old months that hold nothing."""
    adopt(by=Actor.system())
    events.drop_empty_months(timezone.now() - QUIET)
