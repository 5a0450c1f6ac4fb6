"""How customers come into the system: one by one or in batches, with history and search tokens."""

from django.db import connection, transaction
from django.utils import timezone

from audit.services.trail import record, record_batch
from customers.exceptions import NumberTaken
from customers.models import Customer, SearchToken

VALUES = (*Customer.PersonalData.personal, "registered_on", "left_on", "language")
BATCH = 1000
REGISTRATION_LOCK = 0x0C05_0001  # an advisory lock: one batch at a time looks for free numbers and takes them


@transaction.atomic
def register(number, *, by, **values):
    """Make one customer. Raises :class:`NumberTaken`. Values are as :mod:`customers.reading` gives them."""
    customer = _create([{"number": number, **values}], by=by)[0]
    record("customer.registered", subject=customer, person=customer, by=by)
    return customer


@transaction.atomic
def register_batch(rows, *, by, subject="", action="customer.registered"):
    """Make up to 1,000 customers from dictionaries with ``number`` and values; one entry with count and digest.

    All or none: :class:`NumberTaken` names the first number that is not free. ``subject`` is what they come from.
    """
    if len(rows) > BATCH:
        raise ValueError(f"At most {BATCH} in one batch.")
    if not rows:
        return []
    customers = _create(rows, by=by)
    record_batch(action, subject=subject, by=by, references=[f"customers.customer:{row['number']}" for row in rows])
    return customers


def hold_numbers():
    """Until the end of this transaction nobody else registers: what is free now stays free."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REGISTRATION_LOCK])


def _create(rows, *, by):
    hold_numbers()
    taken = Customer.objects.filter(number__in=[row["number"] for row in rows]).values_list("number", flat=True)[:1]
    if taken:
        raise NumberTaken(taken[0])
    now = timezone.now()
    customers = []
    for row in rows:
        if unknown := row.keys() - {*VALUES, "number"}:
            raise TypeError(f"No such values of a customer: {sorted(unknown)}")
        given = {name: value for name, value in row.items() if value is not None}
        customers.append(Customer(**given, has_email=bool(given.get("email")), created_at=now, created_by=by))
    Customer.objects.bulk_create(customers)
    _write_first_history(customers, at=now, by=by)
    write_tokens({customer.pk: customer.tokens() for customer in customers})
    return customers


def _write_first_history(customers, *, at, by):
    """The history's first rows as a copy inside the database: what was sealed once need not be sealed again."""
    columns = ", ".join(f'"{field.column}"' for field in Customer._meta.concrete_fields)
    history, table = Customer.history.model._meta.db_table, Customer._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {history} ({columns}, history_date, history_type, history_user_id)"
            f" SELECT {columns}, %s, '+', %s FROM {table} WHERE id = ANY(%s)",
            [at, by.staff_id, [customer.pk for customer in customers]],
        )


def write_tokens(tokens):
    """Add tokens, given as ``{customer's pk: tokens}``, in one statement."""
    pairs = [(token, pk) for pk, found in tokens.items() for token in found]
    if not pairs:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {SearchToken._meta.db_table} (token, customer_id)"
            " SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS pair(token, customer) ON CONFLICT DO NOTHING",
            [_array(token for token, _pk in pairs), _array(pk for _token, pk in pairs)],
        )


def _array(numbers):
    """As PostgreSQL writes an array: six times faster than handing the driver a list."""
    return "{" + ",".join(map(str, numbers)) + "}"
