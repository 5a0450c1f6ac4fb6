"""Sealed columns of all tables, and sealing one page of them anew without being in anybody's way.

Tables are found through the registry of models, so those of every app and every history are among them.
"""

from collections import Counter
from dataclasses import dataclass, field

import psycopg
from django.apps import apps
from django.db import connection, transaction

from customers.fields import SealedMixin

from .keys import keyring

# Tables whose triggers refuse changes, and the setting that permits them for one transaction.
MAY_CHANGE = {"customers.event": ["office.may_change_events"]}
# The log is written in order: the place that the rotation notes later, waiting for the disk, is not there without this.
NOT_WAITING = ("synchronous_commit", "off")
FIRST = "customers.canary"  # from its turn on, no process starts that knows the old key alone
NAMED = 100  # so many values that do not open are named of each page


class SealedTable:
    """One table with sealed columns. Keys of its rows, also of several columns, are tuples of texts."""

    def __init__(self, model):
        quote = connection.ops.quote_name
        keys = getattr(model._meta, "pk_fields", None) or [model._meta.pk]
        self.label = model._meta.label_lower
        self.columns = [field.column for field in _sealed_fields(model)]
        self._settings = [NOT_WAITING, *((name, "on") for name in MAY_CHANGE.get(self.label, ()))]
        self._table = quote(model._meta.db_table)
        self._keys = [quote(key.column) for key in keys]
        self._types = [key.rel_db_type(connection) for key in keys]
        self._sealed = [quote(column) for column in self.columns]

    def count(self):
        return _one(f"SELECT count(*) FROM {self._table}")[0]

    def next_page(self, after, size):
        """The key of the last of the next ``size`` rows behind ``after``, or ``None`` where there is none."""
        keys = ", ".join(self._keys)
        where, given = self._between(after, None)
        rows = f"SELECT {keys} FROM {self._table} {where} ORDER BY {keys} LIMIT %s"
        last = ", ".join(f"page.{key} DESC" for key in self._keys)  # not the texts that are selected under these names
        found = _one(f"SELECT {self._as_text()} FROM ({rows}) page ORDER BY {last} LIMIT 1", [*given, size])
        return list(found) if found else None

    def rows(self, after, upto):
        """Each row behind ``after`` up to ``upto``: its key, and what its sealed columns hold, still sealed."""
        where, given = self._between(after, upto)
        sql = f"SELECT {self._as_text()}, {', '.join(self._sealed)} FROM {self._table} {where}"
        width = len(self._keys)
        return [(row[:width], row[width:]) for row in _all(sql, given)]

    def replace(self, changes):
        """Replace ``(key, old, new)`` where a row still holds exactly ``old``; the keys of the rows that did.

        A row that somebody else holds locked is passed over: nobody waits for us longer than one short statement
        takes, and as we wait for nobody, no deadlock can have us in it.
        """
        keys, old, new = [], [], []
        for key, before, after in changes:
            keys.append(key)
            old.append(before)
            new.append(after)
        here = [f"k{n}" for n in range(len(self._keys))]
        olds, news = [f"o{n}" for n in range(len(self._sealed))], [f"n{n}" for n in range(len(self._sealed))]
        arrays = [f"%s::{kind}[]" for kind in self._types] + ["%s::text[]"] * (2 * len(self._sealed))
        same = [f"t.{column} = c.{name}" for column, name in zip(self._keys, here, strict=True)]
        still = [f"t.{column} IS NOT DISTINCT FROM c.{name}" for column, name in zip(self._sealed, olds, strict=True)]
        sets = [f"{column} = held.{name}" for column, name in zip(self._sealed, news, strict=True)]
        again = [f"t.{column} = held.{name}" for column, name in zip(self._keys, here, strict=True)]
        sql = (
            f"WITH held AS MATERIALIZED (SELECT {', '.join(f'c.{name}' for name in here + news)}"
            f" FROM unnest({', '.join(arrays)}) AS c({', '.join(here + olds + news)})"
            f" JOIN {self._table} t ON {' AND '.join(same)} WHERE {' AND '.join(still)}"
            f" FOR NO KEY UPDATE OF t SKIP LOCKED)"
            f" UPDATE {self._table} t SET {', '.join(sets)} FROM held WHERE {' AND '.join(again)}"
            f" RETURNING {self._as_text('t.')}"
        )
        columns = [_array(column) for side in (keys, old, new) for column in zip(*side, strict=True)]
        with transaction.atomic():
            _one(f"SELECT {', '.join(['set_config(%s, %s, true)'] * len(self._settings))}", sum(self._settings, ()))
            return set(_all(sql, columns))

    def _as_text(self, before=""):
        return ", ".join(f"{before}{key}::text" for key in self._keys)

    def _between(self, after, upto):
        keys = ", ".join(self._keys)
        given = ", ".join(f"%s::{kind}" for kind in self._types)
        bounds = [(sign, key) for sign, key in ((">", after), ("<=", upto)) if key is not None]
        conditions = [f"({keys}) {sign} ({given})" for sign, _key in bounds]
        values = [part for _sign, key in bounds for part in key]
        if len(self._keys) > 1:  # said of the first column too, by which a table may be partitioned
            conditions += [f"{self._keys[0]} {sign[0]}= %s::{self._types[0]}" for sign, _key in bounds]
            values += [key[0] for _sign, key in bounds]
        return f"WHERE {' AND '.join(conditions)}" if conditions else "", values


def sealed_tables():
    """Every table of ours with sealed columns by its label, the canary first."""
    models = apps.get_models(include_auto_created=True)
    found = [model for model in models if _sealed_fields(model) and model._meta.managed and not model._meta.proxy]
    found.sort(key=lambda model: (model._meta.label_lower != FIRST, model._meta.label_lower))
    return {model._meta.label_lower: SealedTable(model) for model in found}


def _sealed_fields(model):
    return [field for field in model._meta.local_concrete_fields if isinstance(field, SealedMixin)]


@dataclass
class Page:
    """What came of one page: rows, values found under old keys, those sealed anew, and what stands under which key.

    ``under`` counts by fingerprint, with ``""`` for what opens under none; ``unopened`` are (column, key of the row).
    """

    rows: int = 0
    found: int = 0
    resealed: int = 0
    under: Counter = field(default_factory=Counter)
    unopened: list = field(default_factory=list)


def reseal_page(label, after, upto):
    """Seal anew what lies under an old key in the rows behind ``after`` up to ``upto``. Safe to do twice, and at once.

    A row that was changed meanwhile is left as it is, and counted under the key under which it was found.
    """
    return reseal_rows(SealedTable(apps.get_model(label)), after, upto)


def reseal_rows(table, after, upto):
    """The same for a table at hand."""
    ring, page, changes, moved = keyring(), Page(), [], {}
    for key, old in table.rows(after, upto):
        page.rows += 1
        new, names = list(old), []
        for column, sealed in enumerate(old):
            if sealed is None:
                continue
            position, text = ring.renew(sealed)
            if text is not None:
                new[column] = text
                names.append(ring.names[position])
            elif position is None:
                page.under[""] += 1
                page.unopened.append((table.columns[column], list(key)))
            else:
                page.under[ring.names[0]] += 1
        if names:
            changes.append((key, old, new))
            moved[key] = names
    held = table.replace(changes) if changes else set()
    for key, names in moved.items():
        page.found += len(names)
        if key in held:
            page.resealed += len(names)
            page.under[ring.names[0]] += len(names)
        else:
            page.under.update(names)
    del page.unopened[NAMED:]
    return page


def _array(values):
    """As PostgreSQL writes an array of texts: several times faster than handing the driver a list."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(text):
    if text is None:
        return "NULL"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _all(sql, given=()):
    """Rows by way of the driver's own cursor, which sends values beside the statement instead of within it."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(sql, given or None).fetchall()


def _one(sql, given=()):
    return next(iter(_all(sql, given)), None)
