"""What a customer did on the site and in the app, and where they were, on the customer's page."""

from dataclasses import dataclass, field

from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from audit.admin.base import Fact, Panel, in_words, masked
from customers.models import EventKind
from customers.services.events import newest_of, summary_of
from customers.services.holdings import EVENTS

SHOWN = 20
MONTHS = 12
WORDS = {
    "page": pgettext_lazy("event", "page"),
    "seconds": pgettext_lazy("event", "seconds spent"),
    "order": pgettext_lazy("event", "order"),
    "yen": pgettext_lazy("event", "yen"),
    "field": pgettext_lazy("event", "field"),
    "text": pgettext_lazy("event", "what was entered"),
    "lat": pgettext_lazy("event", "latitude"),
    "lon": pgettext_lazy("event", "longitude"),
    "version": pgettext_lazy("event", "version"),
    "cookie": pgettext_lazy("event", "cookie"),
    "device": pgettext_lazy("event", "device"),
    "source": pgettext_lazy("event", "from"),
}


@dataclass
class EventsPanel(Panel):
    """Counts in clear; of the newest events the details masked, until they are opened for one response."""

    events: list = field(default_factory=list)

    def open(self):
        for event in self.events:
            event.refresh_from_db(fields=["data"])
        self.context["newest"] = [_line(event, _data_words(event.data)) for event in self.events]
        self.revealed = True


def event_panels(request, customer):
    """One panel for each of the three categories of events, in the policy's order, with the category as its slug.

    Counts by kind and month come from plain columns; the newest twenty stand masked. A reveal, with its reason, opens
    these in that response only, and its entry names the customer and the field ``data``.
    """
    summed = {category: [] for category in EVENTS}
    for row in summary_of(customer):
        summed[row.category].append(row)
    return [_panel(customer, category, rows) for category, rows in summed.items()]


def _panel(customer, category, rows):
    if not rows:
        return Panel(category.lower(), category.label, empty=_nothing(customer))
    facts = [
        Fact(pgettext_lazy("event", "Events"), sum(row.count for row in rows)),
        Fact(pgettext_lazy("event", "First"), min(row.first for row in rows)),
        Fact(pgettext_lazy("event", "Last"), max(row.last for row in rows)),
    ]
    newest = newest_of(customer, category, SHOWN)
    context = {
        "months": _months(category, rows),
        "kinds": EventKind.of(category),
        "newest": [_line(event, masked()) for event in newest],
    }
    return EventsPanel(
        category.lower(), category.label, facts, sealed=("data",), hide_facts=True, events=newest, context=context,
        template="admin/customers/events.html", reveal_label=_("Show the details of the newest events…"),
    )  # fmt: skip


def _nothing(customer):
    if not customer.erased_at:
        return _("None.")
    return _("erased (%(date)s)") % {"date": formats.date_format(timezone.localtime(customer.erased_at), "DATE_FORMAT")}


def _months(category, rows):
    """Rows of ``(month in words, [(kind, count)])``, newest first; what lies further back is one row."""
    kinds = EventKind.of(category)
    months = sorted({row.month for row in rows}, reverse=True)
    counts = {}
    for row in rows:
        month = row.month if row.month in months[:MONTHS] else None
        counts[month, row.kind] = counts.get((month, row.kind), 0) + row.count
    listed = [(formats.date_format(month, "YEAR_MONTH_FORMAT"), month) for month in months[:MONTHS]]
    if len(months) > MONTHS:
        listed.append((pgettext("event", "earlier"), None))
    return [(words, [(kind, counts.get((month, kind), 0)) for kind in kinds]) for words, month in listed]


def _line(event, details):
    return in_words(event.at), EventKind(event.kind).label, details


def _data_words(data):
    pairs = [
        pgettext("event", "%(key)s: %(value)s") % {"key": WORDS.get(key, key), "value": in_words(value)}
        for key, value in data.items()
    ]
    return pgettext("desk", ", ").join(pairs)
