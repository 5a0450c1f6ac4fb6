"""How what is held on a customer is changed. The history keeps before and after, sealed."""

from django.db import connection, transaction
from django.utils import timezone

from audit.services.trail import record, record_batch
from customers.categories import Category
from customers.exceptions import CustomerErased, HeldAlready, NothingToCorrect
from customers.models import CorrectionReason, Customer, SearchToken

from . import belongings, copying, holdings, links
from .registration import VALUES, write_tokens

CAREER = [name for name, category in Customer.PersonalData.personal.items() if category == Category.CAREER]
COMPLETE = f"""
    UPDATE {Customer._meta.db_table} AS customer
    SET {", ".join(f"{name} = coalesce(customer.{name}, given.{name})" for name in CAREER)}, held = held | %s
    FROM unnest(%s::bigint[]{", %s::text[]" * len(CAREER)}) AS given(id, {", ".join(CAREER)})
    WHERE customer.id = given.id AND erased_at IS NULL
        AND ({" OR ".join(f"(customer.{name} IS NULL AND given.{name} IS NOT NULL)" for name in CAREER)})
    RETURNING customer.id, number
"""


@transaction.atomic
def correct(customer, *, changes, reason, by):
    """Change values of a customer and return it. The entry names the fields and the reason, never a value.

    ``changes`` are values as :mod:`customers.reading` gives them; those equal to what is held are left out, and
    :class:`NothingToCorrect` is raised where none remain. ``reason`` is a :class:`CorrectionReason`.
    """
    reason = CorrectionReason(reason)
    if unknown := changes.keys() - set(VALUES):
        raise TypeError(f"No such values of a customer: {sorted(unknown)}")
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    if customer.is_erased:
        raise CustomerErased(customer)
    changes = {name: value for name, value in changes.items() if not is_held(customer, name, value)}
    if not changes:
        raise NothingToCorrect(customer)
    before, own = customer.tokens(), holdings.of_values(customer)
    for name, value in changes.items():
        setattr(customer, name, None if value == "" and Customer._meta.get_field(name).null else value)
    if "email" in changes:
        customer.has_email = bool(customer.email)
        customer.mail_bounced_at = customer.mail_bounced_by = None
        links.revoke_all(customer)
    customer.held |= holdings.of_values(customer)
    customer._history_user = by.staff
    customer.save()
    if holdings.of_values(customer) != own:
        _recount(customer)
    after = customer.tokens()
    SearchToken.objects.filter(customer=customer, token__in=before - after).delete()
    write_tokens({customer.pk: after - before})
    record("customer.corrected", subject=customer, person=customer, by=by, fields=sorted(changes), reason=reason.value)
    return customer


def is_held(record_held, name, value):
    """Whether this value is held already; nothing is the same whether as ``""`` or ``None``."""
    held = getattr(record_held, name)
    return held == value or not (held or value)


@transaction.atomic
def correct_record(owned, *, changes, reason, by):
    """Change values of a record that belongs to a customer (a means of payment, an account, ...), and return it.

    Its fingerprint follows. As :func:`correct`, and raises :class:`HeldAlready` where another record of the customer
    says the same, and ``Unreadable`` where a card number stands in a text.
    """
    reason, model = CorrectionReason(reason), type(owned)
    if unknown := changes.keys() - set(belongings.VALUES[model]):
        raise TypeError(f"No such values of a {model.__name__}: {sorted(unknown)}")
    customer = Customer.objects.select_for_update().only("number", "erased_at").get(pk=owned.customer_id)
    if customer.is_erased:
        raise CustomerErased(customer)
    owned = model.objects.select_for_update().get(pk=owned.pk)
    changes = {name: value for name, value in changes.items() if not is_held(owned, name, value)}
    if not changes:
        raise NothingToCorrect(customer)
    belongings.check(model, changes)
    for name, value in changes.items():
        setattr(owned, name, value or None)
    owned.fingerprint = owned.identify()
    if model.objects.filter(customer=customer, fingerprint=owned.fingerprint).exclude(pk=owned.pk).exists():
        raise HeldAlready(customer)
    owned._history_user = by.staff
    owned.save()
    record("customer.corrected", subject=customer, person=customer, by=by, fields=sorted(changes), reason=reason.value)
    return owned


@transaction.atomic
def complete(changes, *, by, subject=""):
    """Fill in occupation, work history and education of up to 1,000 customers where nothing is held of them.

    ``changes`` is ``{customer's key: {name: value}}``. What is held already is left as it is. One entry for all;
    returns how many customers it concerned.
    """
    if unknown := {name for values in changes.values() for name in values} - set(CAREER):
        raise TypeError(f"Not filled in by the way: {sorted(unknown)}")
    keys = sorted(key for key in changes if any(changes[key].values()))
    if not keys:
        return 0
    fields = [Customer._meta.get_field(name) for name in CAREER]
    columns = zip(*(copying.seal_values(fields, changes[key]) for key in keys), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(COMPLETE, [Category.CAREER.bit, copying.array(keys), *map(list, columns)])
        changed = cursor.fetchall()
    if changed:
        copying.copy_to_history(Customer, [key for key, _number in changed], at=timezone.now(), by=by, change="~")
        owners = [f"customers.customer:{number}" for _key, number in changed]
        record_batch("customer.completed", subject=subject, by=by, references=owners, career=len(changed))
    return len(changed)


@transaction.atomic
def note_bounce(customer, *, by, is_of=lambda address: True):
    """The mail server of the address refused it for good: no notice goes there until the address is corrected.

    ``is_of`` says of the address that is held now whether it is the one that was refused.
    """
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    if customer.is_erased or customer.mail_bounced_at or not customer.has_email or not is_of(customer.email):
        return customer
    customer.mail_bounced_at, customer.mail_bounced_by = timezone.now(), by
    customer._history_user = by.staff
    customer.save(update_fields=["mail_bounced_at", "mail_bounced_by"])
    record("customer.mail_bounced", subject=customer, person=customer, by=by)
    return customer


def _recount(customer):
    """Categories came or went: those of this record, and of the one that it is an alias of."""
    holdings.recount(customer)
    if customer.merged_into_id:
        holdings.recount(customer.merged_into)
