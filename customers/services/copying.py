"""Many rows at once: sealed beforehand, copied into their tables, and from there into their history.

For models whose rows are otherwise written one by one through the ORM. Nothing here decides anything: the services of
registration and belongings do.
"""

import struct

from django.db import connection

from customers.fields import SealedMixin, seal

BINARY_HEAD, BINARY_END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def sealed(model):
    """The sealed fields of a model, in the order in which :func:`seal_values` gives their values."""
    return [field for field in model._meta.concrete_fields if isinstance(field, SealedMixin)]


def seal_values(fields, values):
    """What the columns of these fields hold for a mapping of values; what is missing or empty is kept as nothing.

    Needs no database. Raises :class:`customers.exceptions.Unsealable`.
    """
    columns = []
    for field in fields:
        value = values.get(field.name)
        if value:
            columns.append(seal(field.context, field.to_text(value)))
        else:
            columns.append(None if field.null else seal(field.context, ""))
    return columns


def new_keys(model, count):
    """So many primary keys that nobody else is given."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [key for (key,) in cursor.fetchall()]


def copy_rows(model, columns, rows):
    """Write rows (sequences of what the columns hold) into the model's table, past the ORM and its signals."""
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor, cursor.copy(f'COPY "{model._meta.db_table}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def copy_numbers(model, columns, pairs):
    """Write rows of two whole numbers of 64 bits: in binary, since there may be dozens of them a customer."""
    names = ", ".join(f'"{column}"' for column in columns)
    pack = struct.Struct(">hiqiq").pack  # two columns, each with its length before it
    rows = b"".join([pack(2, 8, first, 8, second) for first, second in pairs])
    statement = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN (FORMAT BINARY)'
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(BINARY_HEAD + rows + BINARY_END)


def copy_to_history(model, keys, *, at, by, change="+"):
    """The rows as they are now, as rows of their history: what was sealed once need not be sealed again."""
    history = model.history.model
    kept = {field.column for field in history._meta.concrete_fields}
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields if field.column in kept)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{history._meta.db_table}" ({columns}, history_date, history_type, history_user_id)'
            f' SELECT {columns}, %s, %s, %s FROM "{model._meta.db_table}" WHERE id = ANY(%s::bigint[]) ORDER BY id',
            [at, change, by.staff_id, array(keys)],
        )


def array(numbers):
    """As PostgreSQL writes an array: six times faster than handing the driver a list."""
    return "{" + ",".join(map(str, numbers)) + "}"
