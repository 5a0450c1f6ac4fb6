"""Lists of the desk: filtered by an allow-list, paged by key, searched by POST."""

import unicodedata
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import FieldListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path, label_for_field, lookup_field
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.db import DataError, models, transaction
from django.db.models import Q
from django.utils.text import capfirst

from .panels import field_in_words, in_words, masked, sealed_fields

AFTER, BEFORE, SEARCH, VIEW = "after", "before", "s", "view"
LONGEST_VALUE = 200
COUNT_AT_MOST = 1000
REFUSALS = (
    IncorrectLookupParameters, SuspiciousOperation, ValidationError, ValueError, TypeError, OverflowError, DataError,
)  # fmt: skip


class ListRefused(Exception):
    """The address asks for what this list does not offer."""


def readable(text):
    """Typed text without what no keyboard makes: control characters, surrogates, unassigned code points."""
    return "".join(sign for sign in text if unicodedata.category(sign) not in {"Cc", "Cs", "Cn", "Co"}).strip()


def whole_number(text, largest=2**63 - 1):
    """An id from an address, or ``None``: ASCII digits within the database's range."""
    if not (text and len(text) <= 19 and text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if number <= largest else None


def count_up_to(queryset, most=COUNT_AT_MOST):
    """How many rows, as words; never counts further than ``most``."""
    found = queryset.order_by()[: most + 1].count()
    return f"{most}+" if found > most else str(found)


@dataclass
class SavedView:
    """A filter with a name and an address of its own. ``narrow(queryset, request)`` gives its rows."""

    slug: str
    label: Any
    narrow: Any
    counted: bool = True
    url: str = ""
    count: str = ""
    current: bool = False


class DeskList:
    """One page of rows of a desk. Raises :class:`ListRefused` for an address that it cannot read.

    Pages are found by key: the rows after (or before) a row, in the order of the list; nothing counts the table.
    """

    add_facets = False  # what Django's filters ask of a change list
    is_facets_optional = False

    def __init__(self, request, model_admin, *, words=None):
        self.model_admin, self.model, self.opts = model_admin, model_admin.model, model_admin.opts
        self.pk_attname = self.opts.pk.attname
        self.request, self.words = request, words
        self.params = {}
        for key, values in request.GET.lists():
            if any(readable(value) != value.strip() or len(value) > LONGEST_VALUE for value in [key, *values]):
                raise ListRefused
            self.params[key] = values
        try:
            with transaction.atomic():
                self._read()
        except REFUSALS as refusal:
            raise ListRefused from refusal

    def _read(self):
        request, model_admin = self.request, self.model_admin
        lookups = dict(self.params)
        after, before = lookups.pop(AFTER, [None])[-1], lookups.pop(BEFORE, [None])[-1]
        lookups.pop(SEARCH, None)
        chosen_view = lookups.pop(VIEW, [None])[-1]
        queryset = model_admin.get_queryset(request)
        self.views = self._saved_views(chosen_view, queryset)
        self.filters = [spec for spec in self._filters(lookups) if spec.has_output()]
        if lookups:
            raise ListRefused
        if self.words is not None:
            queryset = model_admin.find(request, queryset, self.words)
        else:
            for view in self.views:
                if view.current:
                    queryset = view.narrow(queryset, request)
        for spec in self.filters:
            narrowed = spec.queryset(request, queryset)
            queryset = queryset if narrowed is None else narrowed
        if model_admin.list_select_related:
            queryset = queryset.select_related(*model_admin.list_select_related)
        self._page(queryset, after, before)

    def _saved_views(self, chosen, queryset):
        views = list(self.model_admin.get_saved_views(self.request))
        slugs = [view.slug for view in views]
        if chosen is not None and chosen not in slugs:
            raise ListRefused
        for view in views:
            view.current = self.words is None and view.slug == (chosen or slugs[0])
            view.url = "?" + urlencode({VIEW: view.slug})
            if view.counted:
                view.count = count_up_to(view.narrow(queryset, self.request))
        return views

    def _filters(self, lookups):
        for wanted in self.model_admin.get_list_filter(self.request):
            if callable(wanted):
                spec = wanted(self.request, lookups, self.model, self.model_admin)
            else:
                path, maker = wanted if isinstance(wanted, list | tuple) else (wanted, FieldListFilter.create)
                field = get_fields_from_path(self.model, path)[-1]
                spec = maker(field, self.request, lookups, self.model, self.model_admin, field_path=path)
            spec.chosen = [choice for choice in spec.choices(self) if choice.get("selected")]
            if spec.used_parameters and not spec.chosen:
                raise ListRefused  # a value that the filter does not offer
            spec.all_choices = list(spec.choices(self))
            spec.is_active = bool(spec.used_parameters)
            yield spec

    def _page(self, queryset, after, before):
        """Take one page in the list's order, beginning beside the row with the given key."""
        order = self.model_admin.keyset_order(self.request)
        size = self.model_admin.list_per_page
        backwards = before is not None
        edge = before if backwards else after
        if edge is not None:
            edge = whole_number(edge)
            here = queryset.model._default_manager.filter(pk=edge).values(*{n.lstrip("-") for n in order}).first()
            if here is None:
                raise ListRefused
            queryset = queryset.filter(_beyond(order, here, backwards))
        if backwards:
            queryset = queryset.order_by(*[name[1:] if name.startswith("-") else f"-{name}" for name in order])
        else:
            queryset = queryset.order_by(*order)
        rows = list(queryset[: size + 1])
        more = len(rows) > size
        rows = rows[:size]
        if backwards:
            rows.reverse()
        self.result_list = rows
        has_next = more if not backwards else True
        has_previous = (edge is not None) if not backwards else more
        self.next_url = self.get_query_string({AFTER: rows[-1].pk}, [BEFORE]) if rows and has_next else ""
        self.previous_url = self.get_query_string({BEFORE: rows[0].pk}, [AFTER]) if rows and has_previous else ""

    def get_query_string(self, new_params=None, remove=None):
        """The address of this list with other parameters; a change of filter goes back to the first page."""
        new_params = new_params or {}
        kept = {
            key: value
            for key, value in self.params.items()
            if not any(key.startswith(gone) for gone in remove or [])
            and (key not in {AFTER, BEFORE} or AFTER in new_params or BEFORE in new_params)
        }
        for key, value in new_params.items():
            if value is None:
                kept.pop(key, None)
            else:
                kept[key] = value
        return "?" + urlencode(sorted(kept.items()), doseq=True)

    @property
    def is_narrowed(self):
        return self.words is not None or any(spec.is_active for spec in self.filters)

    @property
    def columns(self):
        return [
            capfirst(label_for_field(name, self.model, self.model_admin))
            for name in self.model_admin.get_list_display(self.request)
        ]

    @property
    def rows(self):
        """Each row as its address and its cells (label, words, whether it is the row's head)."""
        names = self.model_admin.get_list_display(self.request)
        links = self.model_admin.get_list_display_links(self.request, names) or names[:1]
        columns = self.columns
        for thing in self.result_list:
            yield {
                "url": self.model_admin.page_url(thing),
                "cells": [
                    {"label": label, "words": self._cell(thing, name), "is_head": name in links, "name": name}
                    for label, name in zip(columns, names, strict=True)
                ],
            }

    def _cell(self, thing, name):
        if name in sealed_fields(self.model):
            return masked()
        field, _attribute, value = lookup_field(name, thing, self.model_admin)
        if field is not None and not isinstance(field, models.ManyToOneRel) and isinstance(name, str):
            return field_in_words(thing, name)
        return in_words(value)


def _beyond(order, here, backwards):
    """The rows beyond ``here`` in ``order``, compared column by column. Empty values come last, as PostgreSQL sorts."""
    condition, equal = Q(), Q()
    for name in order:
        descending = name.startswith("-")
        name = name.lstrip("-")
        value = here[name]
        larger = descending == backwards
        if value is None:
            beyond = Q(pk__in=[]) if larger else Q(**{f"{name}__isnull": False})
            same = Q(**{f"{name}__isnull": True})
        else:
            beyond = Q(**{f"{name}__{'gt' if larger else 'lt'}": value})
            if larger:
                beyond |= Q(**{f"{name}__isnull": True})
            same = Q(**{name: value})
        condition |= equal & beyond
        equal &= same
    return condition
