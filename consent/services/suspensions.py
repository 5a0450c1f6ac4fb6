"""Whose data may not be used now: suspended and lifted here, and asked by every door through which data leave."""

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.calendar import midnight_after
from audit.models import Actor
from audit.services.trail import record
from consent.exceptions import AlreadySuspended, NotReady, NotSuspended
from consent.models import Suspension
from consent.purposes import Purpose
from customers.exceptions import CustomerErased
from customers.models import Customer

Scope = Suspension.Scope


@transaction.atomic
def suspend(customer, *, scope, ground, purpose="", case_number="", by):
    """Stop use of the customer's data from now on: all of it, for one purpose, or provision to third parties.

    Holds for every record of the same person. Raises :class:`AlreadySuspended` where it stands already, entered by the
    same side: what the person stopped and what the office stopped stand beside each other, and are lifted one by one.
    """
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    if customer.is_erased:
        raise CustomerErased(customer)
    if (scope == Scope.PURPOSE) != (purpose in Purpose.values):
        raise NotReady([_("A suspension of use for one purpose names that purpose, and no other does.")])
    living = Suspension.objects.living().filter(customer=customer, scope=scope, purpose=purpose)
    same_side = living.of_the_requester() if by.kind == Actor.Kind.REQUESTER else living.of_the_office()
    if same_side.exists():
        raise AlreadySuspended(customer)
    suspension = Suspension.objects.create(
        customer=customer, scope=scope, purpose=purpose, ground=ground, case_number=case_number.strip(),
        suspended_by=by,
    )  # fmt: skip
    record(
        "use.suspended", subject=suspension, person=customer, by=by, scope=scope, purpose=purpose, ground=ground,
        case=suspension.case_number,
    )  # fmt: skip
    return suspension


@transaction.atomic
def lift(suspension, *, by):
    """Let use go on from now. Raises :class:`NotSuspended` the second time."""
    suspension = Suspension.objects.select_for_update().get(pk=suspension.pk)
    if suspension.lifted_at:
        raise NotSuspended(suspension)
    suspension.lifted_at, suspension.lifted_by = timezone.now(), by
    suspension.save(update_fields=["lifted_at", "lifted_by"])
    record("use.resumed", subject=suspension, person=suspension.customer, by=by, scope=suspension.scope,
           purpose=suspension.purpose)  # fmt: skip
    return suspension


def suspended_for(purpose):
    """The customers whose data may not be used for the purpose now, as a queryset.

    A suspension on one record holds for all records of the same person: for the one that stays and its aliases.
    """
    return _records_of(Suspension.objects.of_use_for(purpose))


def suspended_from_provision(purpose, first_on, last_on):
    """The customers whose data may not be given to third parties for the purpose on some day of that period.

    Because provision is suspended, that purpose, or all use. The day on which a suspension was lifted is free again.
    """
    stops = Q(scope__in=[Scope.ALL, Scope.PROVISION]) | Q(scope=Scope.PURPOSE, purpose=purpose)
    lasts = Q(lifted_at__isnull=True) | Q(lifted_at__gte=midnight_after(first_on))
    return _records_of(Suspension.objects.filter(stops & lasts, suspended_at__lt=midnight_after(last_on)))


def _records_of(suspensions):
    persons = suspensions.values(person=Coalesce("customer__merged_into_id", "customer_id"))
    return Customer.objects.filter(Q(pk__in=persons) | Q(merged_into__in=persons))
