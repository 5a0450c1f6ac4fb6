"""Who is in an export: those whom it selects, without those whose data may not be used or are no longer there."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Q

from consent.models import Export
from consent.purposes import Purpose
from customers.models import Customer

from .suspensions import suspended_for

TABLE = "export_persons"  # temporary, of this connection alone: (id, person), where an alias stands beside its person
LIVING = Q(erased_at__isnull=True, merged_into__isnull=True)


@dataclass(frozen=True)
class Counts:
    """How many are in it, and how many are left out for which reason."""

    persons: int
    suspended: int
    erased: int
    unknown: int


def count(export):
    """The counts of an export, saved or not, as they are now."""
    rows = _selected(export)
    found = rows.aggregate(all=Count("pk"), living=Count("pk", filter=LIVING))
    suspended = _suspended(export, rows.filter(LIVING)).count()
    return Counts(
        persons=found["living"] - suspended,
        suspended=suspended,
        erased=found["all"] - found["living"],
        unknown=len(export.numbers or []) - found["all"] if export.selection == Export.Selection.NUMBERS else 0,
    )


def lay_out(export):
    """Write down who is in the export, for as long as it is made: one answer for all its sheets. Gives the counts.

    Aliases are written down beside the person whose record stays: what hangs on them is the person's too.
    """
    clear()
    living = _selected(export).filter(LIVING)
    chosen = living.exclude(pk__in=suspended_for(Purpose(export.purpose)).values("pk"))
    sql, parameters = chosen.values("id").order_by("id").query.sql_with_params()
    customers = Customer._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {TABLE} (id bigint PRIMARY KEY, person bigint NOT NULL)")
        cursor.execute(f"INSERT INTO {TABLE} SELECT chosen.id, chosen.id FROM ({sql}) chosen", parameters)  # noqa: S608
        cursor.execute(f"CREATE INDEX ON {TABLE} (person)")
        cursor.execute(
            f"INSERT INTO {TABLE} SELECT alias.id, alias.merged_into_id FROM {customers} alias"  # noqa: S608
            f" JOIN {TABLE} ON {TABLE}.id = alias.merged_into_id WHERE alias.erased_at IS NULL"
        )
        cursor.execute(f"ANALYZE {TABLE}")
        cursor.execute(f"SELECT count(*) FROM {TABLE} WHERE id = person")  # noqa: S608
        (persons,) = cursor.fetchone()
    found = count(export)
    return Counts(persons, found.suspended, found.erased, found.unknown)


def batches(size):
    """The persons that were laid out, in batches: ``{record id: person id}``, aliases beside their person."""
    last = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                f"SELECT id FROM {TABLE} WHERE id = person AND id > %s ORDER BY id LIMIT %s",  # noqa: S608
                [last, size],
            )
            persons = [pk for (pk,) in cursor.fetchall()]
            if not persons:
                return
            cursor.execute(f"SELECT id, person FROM {TABLE} WHERE person = ANY(%s)", [persons])  # noqa: S608
            yield dict(cursor.fetchall())
            last = persons[-1]


def has_changed(purpose):
    """Whether somebody who was laid out has been erased or come under suspension since."""
    suspended, parameters = suspended_for(purpose).values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM {TABLE} JOIN {Customer._meta.db_table} customer USING (id)"  # noqa: S608
            f" WHERE customer.erased_at IS NOT NULL OR customer.id IN ({suspended}))",
            parameters,
        )
        return cursor.fetchone()[0]


def clear():
    """Forget who was laid out."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{TABLE}")


def _selected(export):
    rows = Customer.objects.all()
    if export.selection == Export.Selection.REGISTERED:
        return rows.filter(registered_on__gte=export.registered_from, registered_on__lte=export.registered_to)
    if export.selection == Export.Selection.NUMBERS:
        return rows.filter(number__in=export.numbers)
    return rows


def _suspended(export, rows):
    return rows.filter(pk__in=suspended_for(Purpose(export.purpose)).values("pk"))
