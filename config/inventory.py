"""Which information is held, where, from which source, how long and for what: read from the models' own declarations.

The start-up check and the inventory page both stand on :func:`declared`, so that what one proves the other shows.
"""

from dataclasses import dataclass, field

from django.apps import apps
from django.db import connection
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.admin.panels import in_words
from audit.calendar import today
from consent.models import PermittedUse
from consent.purposes import Purpose
from customers.categories import Category, Source
from customers.fields import SealedMixin
from customers.models import Customer, Event, EventKind
from customers.services import holdings
from requests_desk.models import RetentionRule

APPS = ("audit", "customers", "consent", "requests_desk")


def models():
    """The models of ours. History tables are homes of their models' values, and declare nothing by themselves."""
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in APPS and not hasattr(model, "instance_type") and not model._meta.proxy
    ]


def homes():
    """The models in which the customers' file lies. All other places hold copies, for a while."""
    return [Customer, *holdings.ROWS.values(), Event]


@dataclass(frozen=True)
class Declaration:
    """What one model declares of its columns."""

    model: type
    fields: dict  # name -> field
    personal: dict = field(default_factory=dict)
    also: frozenset = frozenset()
    keep: frozenset = frozenset()
    sources: tuple = ()
    is_made: bool = True

    @property
    def categories(self):
        return set(self.personal.values()) | self.also

    @property
    def sealed(self):
        return {name for name, each in self.fields.items() if isinstance(each, SealedMixin)}

    def names_of(self, category):
        """The sealed fields that hold this category; all of them where the row says which category it is."""
        return [
            name
            for name, of in self.personal.items()
            if name in self.sealed and (of == category or category in self.also)
        ]


def declared(model):
    """The :class:`Declaration` of a model; ``is_made`` is false where it has no ``PersonalData``."""
    fields = {each.name: each for each in model._meta.fields}
    said = getattr(model, "PersonalData", None)
    if said is None:
        return Declaration(model, fields, is_made=False)
    return Declaration(
        model, fields, dict(getattr(said, "personal", {})), frozenset(getattr(said, "also", ())),
        frozenset(getattr(said, "keep", ())), tuple(getattr(said, "sources", ())),
    )  # fmt: skip


# What the page shows


@dataclass(frozen=True)
class Line:
    """One category: what is stored, on how many, from where, how long, for what, and where else it lies."""

    number: int
    category: Category
    stored: list
    has_history: bool
    held_on: int
    sources: list
    rule: RetentionRule | None
    purposes: list
    also_in: list

    @property
    def held_in_words(self):
        return f"{self.held_on:,}"


@dataclass(frozen=True)
class Inventory:
    lines: list
    records: int
    events: int
    months: int
    has_rules: bool
    has_purposes: bool
    drawn_up_at: object

    @property
    def drawn_up(self):
        return in_words(self.drawn_up_at)

    @property
    def records_in_words(self):
        return f"{self.records:,}"

    @property
    def events_in_words(self):
        if not self.months:
            return _("none")
        months = ngettext("in %(months)s month", "in %(months)s months", self.months) % {"months": self.months}
        if not self.events:
            return _("%(months)s, not estimated yet") % {"months": months}
        return _("about %(events)s %(months)s") % {"events": f"{self.events:,}", "months": months}


def draw_up():
    """The inventory as it stands now. No customer is read: counts come from the triggers, events from estimates."""
    records, counts = holdings.counts()
    rules = {rule.category: rule for rule in RetentionRule.objects.all()}
    uses = {}
    for purpose, category in PermittedUse.objects.on(today()).values_list("purpose", "category"):
        uses.setdefault(category, set()).add(purpose)
    found = [declared(model) for model in models()]
    lines = []
    for number, category in enumerate(Category, 1):
        home = next((each for each in found if each.model in homes() and category in each.categories), None)
        others = [each for each in found if each is not home and category in each.categories]
        lines.append(
            Line(
                number, category, _stored(home, category), hasattr(home.model, "history") if home else False,
                counts.get(category, 0), [Source(each).label for each in (home.sources if home else ())],
                rules.get(category), [purpose.label for purpose in Purpose if purpose in uses.get(category, ())],
                [capfirst(each.model._meta.verbose_name_plural) for each in others],
            )
        )  # fmt: skip
    events, months = _events()
    return Inventory(lines, records, events, months, bool(rules), bool(uses), timezone.now())


def _stored(home, category):
    if home is None:
        return []
    if home.model is Event:
        return [kind.label for kind in EventKind.of(category)]
    names = home.names_of(category)
    labels = [capfirst(home.fields[name].verbose_name) for name in names]
    files = [capfirst(each.verbose_name) for name, each in home.fields.items() if _is_file(each)]
    return files + labels if home.model is not Customer else labels


def _is_file(each):
    return each.related_model is not None and each.related_model._meta.label == "customers.SealedFile"


def _events():
    """About how many events are kept, in how many months, as the database estimates them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(greatest(part.reltuples, 0)), 0)::bigint, count(*)"
            " FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid WHERE inhparent = %s::regclass",
            [Event._meta.db_table],
        )
        return cursor.fetchone()
