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
        words = formats.date_format(timezone.template_localtime(value), pgettext("date and time", "j M Y, H:i"))
        return format_html("<time>{}</time>", words)
    if isinstance(value, dt.date):
        return format_html("<time>{}</time>", formats.date_format(value, pgettext("date", "j M Y")))
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


@dataclass
class Panel:
    """One section of a page.

    ``sealed`` names fields of ``subject`` (by default the page's row) that stand masked until somebody who holds
    ``permission`` posts a reason; ``person`` is whose data they are, where that is another row; ``also`` are further
    rows whose fields of these names are opened with them. ``default_case`` and ``default_reason`` fill the form in;
    with ``is_direct`` both are given by the page, and one button ``reveal_label`` opens the panel. Without facts,
    sealed fields, rows or template the panel says ``empty``.
    """

    slug: str
    title: Any
    facts: list = field(default_factory=list)
    sealed: tuple = ()
    subject: models.Model | None = None
    person: models.Model | None = None
    also: list = field(default_factory=list)
    permission: str = ""
    is_direct: bool = False
    reveal_label: Any = ""
    hide_facts: bool = False
    default_case: str = ""
    default_reason: str = ""
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
        return bool(self.sealed) and self.subject is not None and not self.erased_at

    def open(self):
        """Read what was masked; whoever calls this has noted it."""
        for subject in [self.subject, *self.also]:
            subject.refresh_from_db(fields=list(self.sealed))
        self.revealed = True

    @property
    def sealed_facts(self):
        """The sealed fields as facts: masked, said to be erased, or (once revealed) in clear."""
        if self.subject is None or self.hide_facts:
            return []
        if self.erased_at:
            on = formats.date_format(timezone.localtime(self.erased_at), "Y-m-d")
            value = lambda name: _("erased (%(date)s)") % {"date": on}  # noqa: E731
        elif self.revealed:
            value = self._clear
        else:
            value = lambda name: masked()  # noqa: E731
        meta = self.subject._meta
        return [Fact(capfirst(meta.get_field(name).verbose_name), value(name)) for name in self.sealed]

    def _clear(self, name):
        value = getattr(self.subject, name)
        choices = dict(self.subject._meta.get_field(name).flatchoices or ())
        return choices.get(value, value)

    @property
    def is_empty(self):
        return not (self.facts or self.sealed_facts or (self.table and self.table.rows) or self.template)


@dataclass
class NotNow:
    """Why something cannot be done now, and where that which lifts it is found."""

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
