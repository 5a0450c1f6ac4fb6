"""How customers come into the system: alone or in batches, with history, search tokens and what belongs to them."""

from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from audit.services.trail import record, record_batch
from customers import search
from customers.exceptions import NumberTaken
from customers.models import Customer, SearchToken

from . import belongings, copying, holdings

PLAIN = ("registered_on", "left_on", "language")
VALUES = (*Customer.PersonalData.personal, *PLAIN)
BATCH = 1000
REGISTRATION_LOCK = 0x0C05_0001  # an advisory lock: one batch at a time looks for free numbers and takes them
_SEALED = copying.sealed(Customer)
_COLUMNS = [
    "id", "created_at", "created_by_id", "number", "held", "has_email", *PLAIN, *(field.column for field in _SEALED)
]  # fmt: skip
_BITS = [(name, category.bit) for name, category in holdings.OWN.items()]
_BITS_OF_RECORDS = {model: category.bit for model, category in belongings.CATEGORIES.items()}


class Ready(NamedTuple):
    """A customer as it goes into the database: sealed, with its tokens and belongings. Made by :func:`ready`."""

    number: str
    columns: tuple
    tokens: frozenset
    belongings: tuple


def ready(number, values, owned=()):
    """A customer with ``values`` and ``owned`` (pairs of a model of belongings and its values), checked and sealed.

    Values are as :mod:`customers.reading` gives them. Needs no database, and costs most of what a registration costs:
    may be done ahead, in another thread or process.
    """
    if unknown := values.keys() - set(VALUES):
        raise TypeError(f"No such values of a customer: {sorted(unknown)}")
    sealed = (belongings.ready(model, said) for model, said in owned)
    records = tuple({(each.model, each.fingerprint): each for each in sealed}.values())
    held = 0
    for name, bit in _BITS:
        if values.get(name):
            held |= bit
    for each in records:
        held |= _BITS_OF_RECORDS[each.model]
    columns = (
        number,
        held,
        bool(values.get("email")),
        values.get("registered_on") or values.get("left_on") or timezone.localdate(),
        values.get("left_on"),
        values.get("language") or "ja",
        *copying.seal_values(_SEALED, values),
    )
    return Ready(number, columns, frozenset(search.tokens_of(values)), records)


@transaction.atomic
def register(number, *, by, **values):
    """Make one customer. Raises :class:`NumberTaken`. Values are as :mod:`customers.reading` gives them."""
    (key,), _counts = _create([ready(number, values)], by=by)
    customer = Customer.objects.get(pk=key)
    record("customer.registered", subject=customer, person=customer, by=by)
    return customer


def register_batch(rows, *, by, subject="", action="customer.registered"):
    """Make up to 1,000 customers from dictionaries with ``number`` and values; one entry with count and digest.

    All or none: :class:`NumberTaken` names the first number that is not free. ``subject`` is what they come from.
    """
    made = [ready(row["number"], {name: row[name] for name in row if name != "number"}) for row in rows]
    return register_ready(made, by=by, subject=subject, action=action)


@transaction.atomic
def register_ready(customers, *, by, subject="", action="customer.registered"):
    """Make up to 1,000 customers that :func:`ready` has sealed, with all that belongs to them; one entry.

    All or none: :class:`NumberTaken` names the first number that is not free. Returns ``{category: how many records}``
    of what belongs to them.
    """
    if len(customers) > BATCH:
        raise ValueError(f"At most {BATCH} in one batch.")
    if not customers:
        return {}
    _keys, counts = _create(customers, by=by)
    record_batch(
        action, subject=subject, by=by, references=[f"customers.customer:{each.number}" for each in customers],
        **belongings.in_words_of_the_trail(counts),
    )  # fmt: skip
    return counts


def hold_numbers():
    """Until the end of this transaction nobody else registers: what is free now stays free."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REGISTRATION_LOCK])


def taken(numbers):
    """Which of these numbers are given out, erased customers' too. One value for the driver, not a thousand."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT number FROM {Customer._meta.db_table} WHERE number = ANY(%s)", [list(numbers)])
        return {number for (number,) in cursor.fetchall()}


def _create(customers, *, by):
    hold_numbers()
    if not_free := taken(each.number for each in customers):
        raise NumberTaken(min(not_free))
    now = timezone.now()
    keys = copying.new_keys(Customer, len(customers))
    pairs = list(zip(keys, customers, strict=True))
    copying.copy_rows(Customer, _COLUMNS, ((key, now, by.pk, *each.columns) for key, each in pairs))
    copying.copy_to_history(Customer, keys, at=now, by=by)
    tokens = [(token, key) for key, each in pairs for token in each.tokens]
    copying.copy_numbers(SearchToken, ["token", "customer_id"], tokens)
    counts = belongings.write(((key, every) for key, each in pairs for every in each.belongings), by=by, at=now)
    return keys, counts


def write_tokens(tokens):
    """Add tokens to customers that are there, given as ``{customer's pk: tokens}``, in one statement."""
    pairs = [(token, pk) for pk, found in tokens.items() for token in found]
    if not pairs:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {SearchToken._meta.db_table} (token, customer_id)"
            " SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS pair(token, customer) ON CONFLICT DO NOTHING",
            [copying.array(token for token, _pk in pairs), copying.array(pk for _token, pk in pairs)],
        )
