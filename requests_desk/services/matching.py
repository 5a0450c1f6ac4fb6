"""Whose data a request is about."""

from django.db import transaction
from django.utils import timezone

from audit.services.trail import record
from customers.models import Customer
from customers.search import digits, fold
from requests_desk.models import Held

from .steps import Step, demand, lock

CANDIDATES = 20


def candidates(request):
    """Customers who may be the requester, best first, each with what agrees: ``[(customer, ["NAME", "EMAIL"])]``.

    Found through the blind index by mail, telephone, name and reading; compared in the open. Only for pages that
    have noted the access.
    """
    found = {}
    for text in _searched(request):
        for customer in Customer.objects.search(text)[:CANDIDATES]:
            found[customer.pk] = customer
    ranked = [(customer, agreeing(request, customer)) for customer in found.values()]
    return sorted(ranked, key=lambda pair: (-len(pair[1]), pair[0].number))[:CANDIDATES]


def may_be(request):
    """The keys of all customers who may be the requester, however many. Shows nothing to anybody."""
    return {customer.pk for text in _searched(request) for customer in Customer.objects.search(text)}


def _searched(request):
    return filter(None, [request.email, request.telephone, request.name, request.kana])


def agreeing(request, customer):
    """Which values of the request and of the customer agree, by name of field; widths and old kanji forms aside."""
    return [
        field
        for field in ("name", "kana", "birth_date", "email", "telephone", "postcode", "address")
        if _key(field, request) and _key(field, request) == _key(field, customer)
    ]


def _key(field, row):
    value = str(getattr(row, field) or "")
    return digits(value) if field in ("telephone", "postcode") else fold(value)


@transaction.atomic
def match(request, *, customer, by):
    """Say that the request is about this customer."""
    request = lock(request)
    demand(request, Step.MATCH, by=by)
    request.customer, request.held = customer, Held.MATCHED
    request.matched_at, request.matched_by = timezone.now(), by
    request.save()
    record("request.matched", subject=request, person=customer, by=by)
    return request


@transaction.atomic
def none_held(request, *, by):
    """Say that we searched and hold nothing on this person."""
    request = lock(request)
    demand(request, Step.MATCH, by=by)
    request.customer, request.held = None, Held.NOT_HELD
    request.matched_at, request.matched_by = timezone.now(), by
    request.save()
    record("request.nothing_held", subject=request, by=by)
    return request
