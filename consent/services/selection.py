"""Whom an export or a provision selects: without those who are barred from it or are no longer there."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Q

from consent.models import Export, ProvisionPerson
from customers.models import Customer

TABLE = "export_persons"  # temporary, of this connection alone: (id, person), where an alias stands beside its person
LIVING = Q(erased_at__isnull=True, merged_into__isnull=True)


@dataclass(frozen=True)
class Counts:
    """How many are in it, and how many are left out for which reason."""

    persons: int
    suspended: int
    erased: int
    unknown: int


def count(row, barred):
    """The counts of an export or a provision, saved or not, as they are now. ``barred``: customers, as a queryset."""
    rows = _selected(row)
    found = rows.aggregate(all=Count("pk"), living=Count("pk", filter=LIVING))
    suspended = rows.filter(LIVING, pk__in=barred.values("pk")).count()
    numbers = [] if _is_to_third_party(row) else row.numbers or []
    return Counts(
        persons=found["living"] - suspended,
        suspended=suspended,
        erased=found["all"] - found["living"],
        unknown=len(numbers) - found["all"] if numbers else 0,
    )


def lay_out(row, barred):
    """Write down who is in it, for as long as it is made: one answer for all that is asked. Gives the counts.

    Aliases are written down beside the person whose record stays: what hangs on them is the person's too.
    """
    clear()
    chosen = _selected(row).filter(LIVING).exclude(pk__in=barred.values("pk"))
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
    found = count(row, barred)
    return Counts(persons, found.suspended, found.erased, found.unknown)


def first_of(row, most):
    """The ids of the first persons that it selects, at most so many."""
    return list(_selected(row).filter(LIVING).order_by("pk").values_list("pk", flat=True)[:most])


def batches(size, after=0):
    """The persons that were laid out, in batches: ``{record id: person id}``, aliases beside their person.

    In the order of their ids, beginning beyond ``after``.
    """
    last = after
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


def has_changed(barred):
    """Whether somebody who was laid out has been erased or barred since."""
    barred, parameters = barred.values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM {TABLE} JOIN {Customer._meta.db_table} customer USING (id)"  # noqa: S608
            f" WHERE customer.erased_at IS NOT NULL OR customer.id IN ({barred}))",
            parameters,
        )
        return cursor.fetchone()[0]


def clear():
    """Forget who was laid out."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{TABLE}")


def _selected(row):
    rows = Customer.objects.all()
    if _is_to_third_party(row):  # nobody but who stands in the ledger
        return rows.filter(pk__in=ProvisionPerson.objects.filter(provision=row.provision_id).values("customer"))
    if row.selection == Export.Selection.REGISTERED:
        return rows.filter(registered_on__gte=row.registered_from, registered_on__lte=row.registered_to)
    if row.selection == Export.Selection.NUMBERS:
        return rows.filter(number__in=row.numbers)
    return rows


def _is_to_third_party(row):
    return isinstance(row, Export) and row.provision_id is not None
