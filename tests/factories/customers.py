"""Customers for tests: the smallest valid row, made by the service that makes them, so that they can be found."""

import itertools

from audit.models import Actor
from customers.models import Customer
from customers.services.erasure import erase
from customers.services.registration import register

_numbers = itertools.count(1)


def make_customer(number=None, *, by=None, **values):
    """A registered customer. Values are as :mod:`customers.reading` gives them."""
    values = {"name": "見本 花子", **values}
    return register(number or f"T{next(_numbers):07d}", by=by or Actor.system(), **values)


def make_erased_customer(number=None, *, by=None, **values):
    customer = make_customer(number, by=by, **values)
    return erase(customer, by=by or Actor.system())


def newest_customer():
    return Customer.objects.order_by("-pk").first()
