"""Which categories are held on whom: kept beside the customer as one number, so that no page opens a value to know."""

from django.db import connection

from customers.categories import Category, as_number
from customers.models import CookieIdentifier, Customer, Device, Event, EventKind, ExternalAccount, Media, PaymentMethod

OWN = Customer.PersonalData.personal
ROWS = {
    Category.PAYMENT: PaymentMethod,
    Category.EXTERNAL_ID: ExternalAccount,
    Category.COOKIE: CookieIdentifier,
    Category.DEVICE: Device,
    Category.MEDIA: Media,
}
EVENTS = [Category.SITE_USE, Category.APP_USE, Category.LOCATION]
OWN_NUMBER = as_number(set(OWN.values()))


def of_values(customer):
    """The categories that stand in the customer's own columns, as one number. Opens them where they are sealed."""
    return as_number({category for name, category in OWN.items() if getattr(customer, name)})


def note(customers, *categories):
    """Say that these customers (primary keys) hold these categories now, and with them whose aliases they are.

    Those of whom it was known cost no write.
    """
    number = as_number(categories)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer SET held = held | %s WHERE id IN ("
            "  SELECT id FROM customers_customer"
            "  WHERE (id = ANY(%s) OR id IN (SELECT merged_into_id FROM customers_customer WHERE id = ANY(%s)))"
            "  AND held & %s <> %s AND erased_at IS NULL ORDER BY id FOR NO KEY UPDATE"
            ")",  # in one order, so that two that note the same customers never wait for each other crosswise
            [number, list(customers), list(customers), number, number],
        )


def recount(customer):
    """What is held on this record now, in its own columns, in rows that point to it and in its aliases; written down.

    The record that it is an alias of is counted anew with it. Call it in the transaction of what may have taken the
    last value of a category away. Returns the number.
    """
    found = of_values(customer)
    for category, model in ROWS.items():
        if model.objects.filter(customer=customer).exists():
            found |= category.bit
    for category in EVENTS:
        if Event.objects.filter(customer=customer, kind__in=EventKind.of(category)).exists():
            found |= category.bit
    for held in customer.aliases.filter(erased_at__isnull=True).values_list("held", flat=True):
        found |= held
    if customer.is_erased:
        found = 0
    Customer.objects.filter(pk=customer.pk).exclude(held=found).update(held=found)
    customer.held = found
    if customer.merged_into_id:
        recount(Customer.objects.get(pk=customer.merged_into_id))
    return found


def counts():
    """``(living records, {category: how many of them hold it})``, from what the triggers wrote; no customer is read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT place, sum(change)::bigint FROM customers_heldcount GROUP BY place")
        found = dict(cursor.fetchall())
    return found.get(len(Category), 0), {category: found.get(place, 0) for place, category in enumerate(Category)}


def fold():
    """Make one row a place out of what the triggers wrote. Beside writers and beside itself nothing is lost."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH gone AS (DELETE FROM customers_heldcount WHERE id IN ("
            "  SELECT id FROM customers_heldcount ORDER BY id LIMIT 100000 FOR UPDATE SKIP LOCKED"
            ") RETURNING place, change)"
            " INSERT INTO customers_heldcount (place, change) SELECT place, sum(change) FROM gone GROUP BY place"
        )
