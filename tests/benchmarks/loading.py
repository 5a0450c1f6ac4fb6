"""Ways of many rows into a database that has no rows yet."""

from customers.fields import seal


class Sealed(dict):
    """Sealed texts of one context, each made once."""

    def __init__(self, context):
        super().__init__()
        self.context = context

    def __missing__(self, text):
        self[text] = found = seal(self.context, text).encode()
        return found


def as_row(thing):
    return {field.column: getattr(thing, field.attname) for field in thing._meta.concrete_fields}


def copy_rows(cursor, model, rows):
    """Rows as dictionaries (or their values) in the order of the model's columns."""
    columns = [field.column for field in model._meta.concrete_fields]
    with cursor.copy(f"COPY {model._meta.db_table} ({listed(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[column] for column in columns] if isinstance(row, dict) else list(row))


def listed(columns):
    return ", ".join(f'"{column}"' for column in columns)


def first_history(cursor, model):
    """The history's first rows, as registration writes them: a copy inside the database."""
    history = model.history.model
    kept = {field.column for field in history._meta.concrete_fields}
    columns = listed(field.column for field in model._meta.concrete_fields if field.column in kept)
    cursor.execute(
        f"INSERT INTO {history._meta.db_table} ({columns}, history_date, history_type)"
        f" SELECT {columns}, now(), '+' FROM {model._meta.db_table} ORDER BY id"
    )


def go_on_after(cursor, model):
    """The next row of its own takes the next number."""
    table = model._meta.db_table
    cursor.execute(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1 + coalesce(max(id), 0), false) FROM {table}"
    )


def without_key(cursor, model):
    """Take the primary key away while rows are loaded; gives the statement that puts it back."""
    table = model._meta.db_table
    name, definition = cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'p'",
        [table],
    ).fetchone()
    cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    return f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
