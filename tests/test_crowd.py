"""The crowd of the benchmarks is real: what it writes is what the services write."""

import itertools

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Exists, ForeignKey, OuterRef

from audit.models import Actor
from customers.models import Customer, Event, HeldCount, SearchToken
from customers.services import holdings
from customers.services.registration import register
from requests_desk.models import DataRequest, Status
from tests.benchmarks import crowd

CUSTOMERS = 80


@pytest.fixture
def crowded(committed, django_db_blocker):
    server = connection.get_connection_params()
    url = f"host={server['host']} dbname={committed} user=postgres"
    with django_db_blocker.unblock():
        crowd.build(url, customers=CUSTOMERS, events=150, entries=20, requests=200, deliveries=30)
        yield url


def test_a_crowd_is_what_registration_would_have_written(crowded):
    by = Actor.system()
    names = list(Customer.PersonalData.personal)

    for customer in list(Customer.objects.order_by("pk")):
        values = {name: getattr(customer, name) for name in names}
        twin = register(f"T{customer.pk}", by=by, registered_on=customer.registered_on, **values)
        twin = Customer.objects.get(pk=twin.pk)

        assert {name: getattr(twin, name) for name in names} == values
        assert twin.has_email == customer.has_email
        assert tokens_of(customer) == tokens_of(twin) == customer.tokens()
        assert customer.history.get().name == customer.name
        assert holdings.of_values(customer) == customer.held & holdings.OWN_NUMBER
        assert holdings.recount(customer) == Customer.objects.get(pk=customer.pk).held


def tokens_of(customer):
    return set(SearchToken.objects.filter(customer=customer).values_list("token", flat=True))


def test_what_is_held_is_what_recounting_finds_and_what_triggers_would_have_counted(crowded):
    said = dict(Customer.objects.values_list("pk", "held"))
    counted = holdings.counts()

    for customer in Customer.objects.all():
        assert holdings.recount(customer) == said[customer.pk]
    HeldCount.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE customers_customer DISABLE TRIGGER customer_aliases_make_no_chain")
        cursor.execute("UPDATE customers_customer SET merged_into_id = CASE id WHEN 1 THEN 2 ELSE 1 END")
        cursor.execute("UPDATE customers_customer SET merged_into_id = NULL")

    assert counted[0] == CUSTOMERS
    assert holdings.counts()[0] == 0  # out and in again
    with connection.cursor() as cursor:
        cursor.execute("SELECT place, sum(change) FROM customers_heldcount WHERE change > 0 GROUP BY place")
        again = dict(cursor.fetchall())
    assert counted[1] == {category: again.get(category.bit.bit_length() - 1, 0) for category in counted[1]}


def test_every_row_of_a_crowd_points_to_a_row(crowded):
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and field.db_constraint:
                there = field.related_model.objects.filter(**{field.target_field.name: OuterRef(field.attname)})
                lost = model.objects.filter(~Exists(there), **{f"{field.name}__isnull": False})
                assert not lost.exists(), field


def test_values_of_a_crowd_open(crowded):
    persons = {person.pk: person for person in crowd.people(CUSTOMERS)}

    assert [customer.name for customer in Customer.objects.order_by("pk")] == [
        person.name for person in persons.values()
    ]
    assert Event.objects.count() == 150
    assert all(event.data["path"] for event in Event.objects.all())
    assert {request.status for request in DataRequest.objects.all() if request.name} == set(Status)
    assert [str(one) for one in Customer.objects.search(persons[7].name)] >= [crowd.number_of(7)]


def test_the_next_customer_of_a_crowd_takes_the_next_key(crowded):
    assert register("next", by=Actor.system(), name="次").pk == CUSTOMERS + 1


def test_a_crowd_is_built_in_an_empty_database_alone(crowded):
    with pytest.raises(ValueError):
        crowd.build(crowded, customers=1)


def test_people_are_the_same_each_time():
    assert list(crowd.people(50)) == list(itertools.islice(crowd.people(60), 50))
