"""What keeps a customer's data beyond its time: holds that staff place, and requests that are open."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit.services.trail import record
from customers.categories import Category
from customers.exceptions import CustomerErased
from customers.models import Customer
from customers.services.blanking import family
from requests_desk.exceptions import HoldOver, HoldTwice
from requests_desk.models import DataRequest, Held, Hold

from .matching import may_be


@transaction.atomic
def place(customer, *, ground, case_number, by, category=""):
    """Keep a category of a customer (or, without one, all) from being blanked until the hold is lifted.

    It waits for a batch of retention that has just begun on this customer; what that took is gone.
    """
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    if customer.is_erased:
        raise CustomerErased(customer)
    category = Category(category) if category else ""
    wanted = {"category": category, "ground": Hold.Ground(ground), "case_number": case_number}
    if Hold.objects.living().filter(customer=customer, **wanted).exists():
        raise HoldTwice(customer)
    hold = Hold.objects.create(customer=customer, placed_by=by, **wanted)
    record("hold.placed", subject=hold, person=customer, by=by, category=category, ground=hold.ground, case=case_number)
    return hold


@transaction.atomic
def lift(hold, *, by):
    """End a hold. The next run blanks what is past its time by then, unless something else keeps it."""
    hold = Hold.objects.select_for_update(of=["self"]).select_related("customer").get(pk=hold.pk)
    if hold.lifted_at:
        raise HoldOver(hold)
    hold.lifted_at, hold.lifted_by = timezone.now(), by
    hold.save(update_fields=["lifted_at", "lifted_by"])
    record("hold.lifted", subject=hold, person=hold.customer, by=by, category=hold.category, ground=hold.ground)
    return hold


class Protection:
    """Whose data is kept now, whatever its age. Asks anew each time; looks only once for whom a request may be of."""

    def __init__(self):
        self._may_be = {}

    def held(self, category):
        """Customers with a living hold on this category or on all, with the other records of the same persons."""
        rows = Hold.objects.living().filter(Q(category=category) | Q(category=""))
        return family(rows.values_list("customer", flat=True))

    def asked(self):
        """Customers with an open request, and those of whom a request may be that nobody has matched yet."""
        found, unmatched = set(), []
        for request, held, customer in DataRequest.objects.open().values_list("pk", "held", "customer"):
            if customer:
                found.add(customer)
            elif held == Held.UNKNOWN:
                unmatched.append(request)
        for request in DataRequest.objects.filter(pk__in=[each for each in unmatched if each not in self._may_be]):
            self._may_be[request.pk] = may_be(request)
        for request in unmatched:
            found |= self._may_be[request]
        return family(found)

    def kept(self, category):
        return self.held(category) | self.asked()
