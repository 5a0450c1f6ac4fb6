"""What a page of the desk is made of: facts, panels of facts or rows, acts."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from audit.models import Access

DOTS = "●●●"


def masked():
    """What stands where a sealed value is not shown."""
    return format_html(
        '<span class="masked"><span aria-hidden="true">{}</span> <span>{}</span></span>', DOTS, _("hidden")
    )


def nothing():
    return format_html('<span class="none">{}</span>', _("none"))


def in_words(value):
    """A value as staff read it: dates in the office's time, yes and no, 「なし」 for nothing."""
    if value is None or value == "" or value == [] or value == {}:
        return nothing()
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple | set):
        return pgettext("desk", ", ").join(str(in_words(part)) for part in value)
    if isinstance(value, dt.datetime):
        words = formats.date_format(timezone.template_localtime(value), "DATETIME_FORMAT")
        return format_html("<time>{}</time>", words)
    if isinstance(value, dt.date):
        return format_html("<time>{}</time>", formats.date_format(value, "DATE_FORMAT"))
    return formats.localize(value, use_l10n=True)


def sealed_fields(model):
    """Names of the fields that hold a person's values, as the model declares."""
    declared = getattr(model, "PersonalData", None)
    return frozenset(declared.personal) if declared else frozenset()


def field_in_words(thing, name):
    """One plain field of a row in words; a sealed one is masked without being read."""
    if name in sealed_fields(type(thing)):
        return masked()
    try:
        model_field = thing._meta.get_field(name)
    except FieldDoesNotExist:
        model_field = None
    if model_field is not None and getattr(model_field, "choices", None):
        value = getattr(thing, name)
        return dict(model_field.flatchoices).get(value, value) or nothing()
    value = getattr(thing, name)
    if name == "language":
        return dict(settings.LANGUAGES).get(value, value)
    return in_words(value() if callable(value) else value)


@dataclass
class Fact:
    """One label and its value, a line of a definition list."""

    label: Any
    value: Any

    @property
    def words(self):
        return in_words(self.value)


def facts_of(thing, *names):
    """The named plain fields of a row as facts, with the models' own labels."""
    return [Fact(capfirst(label_for_field(name, type(thing))), field_in_words(thing, name)) for name in names]


@dataclass
class Table:
    """Rows of another list: at most twenty, and a link to the whole."""

    columns: list
    rows: list

    @property
    def labelled(self):
        """Each row as pairs of the column's name and the cell, since on a phone a row is a card."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]

    @property
    def labelled_rows(self):
        """Each cell with its column's name, which stands beside it on a phone."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


def sealed_facts_of(row, names, *, revealed):
    """The named sealed fields of a row as facts: masked without being read, or in clear."""
    facts = []
    for name in names:
        field_ = row._meta.get_field(name)
        value = masked()
        if revealed:
            value = getattr(row, name)
            value = dict(field_.flatchoices or ()).get(value, value) if isinstance(value, str) else value
        facts.append(Fact(capfirst(field_.verbose_name), value))
    return facts


@dataclass
class Record:
    """One of several rows of a panel: plain facts, and ``sealed`` fields that open together with the panel.

    ``person`` is whose data they are; ``acts`` are what can be done with this row; ``template`` shows what no facts
    can, and ``noted`` names what it shows beside the sealed fields once it is open.
    """

    row: models.Model
    sealed: tuple
    person: models.Model | None = None
    title: Any = ""
    facts: list = field(default_factory=list)
    acts: list = field(default_factory=list)
    template: str = ""
    noted: tuple = ()
    revealed: bool = False

    @property
    def sealed_facts(self):
        return sealed_facts_of(self.row, self.sealed, revealed=self.revealed)


@dataclass
class Panel:
    """One section of a page.

    ``sealed`` names fields of ``subject`` (by default the page's row) that stand masked until somebody who holds
    ``permission`` posts a reason; ``person`` is whose data they are, where that is another row; ``also`` are further
    rows whose fields of these names are opened with them. ``records`` are further rows that are shown one by one, each
    with fields of its own; one reveal opens them all, and notes each. ``default_case`` and ``default_reason`` fill the
    form in; with ``is_direct`` both are given by the page, and one button ``reveal_label`` opens the panel; ``hidden``
    comes back with it. Without facts, sealed fields, rows or template the panel says ``empty``.
    """

    slug: str
    title: Any
    facts: list = field(default_factory=list)
    sealed: tuple = ()
    subject: models.Model | None = None
    person: models.Model | None = None
    also: list = field(default_factory=list)
    records: list = field(default_factory=list)
    permission: str = ""
    is_direct: bool = False
    reveal_label: Any = ""
    hide_facts: bool = False
    default_case: str = ""
    default_reason: str = ""
    hidden: dict = field(default_factory=dict)
    table: Table | None = None
    note: Any = ""
    empty: Any = ""
    more_url: str = ""
    more_label: Any = ""
    template: str = ""
    context: dict = field(default_factory=dict)
    acts: list = field(default_factory=list)
    revealed: bool = False
    reveal_form: Any = None

    @property
    def erased_at(self):
        return getattr(self.subject, "erased_at", None)

    @property
    def can_be_revealed(self):
        return bool(self.openings) and not self.erased_at

    @property
    def openings(self):
        """What a reveal opens: ``(row, whose data it is, names of its fields, names of what else it shows)``."""
        own = []
        if self.sealed and self.subject is not None:
            own = [(self.subject, self.person), *((each, each) for each in self.also)]
        return [
            *[(row, person, self.sealed, ()) for row, person in own],
            *[(record.row, record.person, record.sealed, record.noted) for record in self.records if record.sealed],
        ]

    def open(self):
        """Read what was masked; whoever calls this has noted it."""
        for row, _person, names, _noted in self.openings:
            row.refresh_from_db(fields=list(names))
        self.revealed = True
        for record in self.records:
            record.revealed = True

    @property
    def sealed_facts(self):
        """The sealed fields as facts: masked, said to be erased, or (once revealed) in clear."""
        if self.subject is None or self.hide_facts:
            return []
        if self.erased_at:
            on = formats.date_format(timezone.localtime(self.erased_at), "DATE_FORMAT")
            words = _("erased (%(date)s)") % {"date": on}
            meta = self.subject._meta
            return [Fact(capfirst(meta.get_field(name).verbose_name), words) for name in self.sealed]
        return sealed_facts_of(self.subject, self.sealed, revealed=self.revealed)

    @property
    def is_empty(self):
        return not (
            self.facts or self.sealed_facts or self.records or (self.table and self.table.rows) or self.template
        )


@dataclass
class NotNow:
    """Why something cannot be done now, and where that which lifts it is found; without an address, who does that."""

    reason: Any
    url: str = ""
    label: Any = ""


@dataclass
class Act:
    """One thing that can be done from a page, or (with ``not_now``) the words why it cannot be done now."""

    label: Any
    url: str = ""
    not_now: NotNow | None = None
    main: bool = False


REASONS = Access.Reason.choices
