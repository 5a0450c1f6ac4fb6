import pytest
from django.db import IntegrityError, transaction

from audit.calendar import today
from audit.models import Actor, Entry
from consent.exceptions import AlreadySuspended, NotReady, NotSuspended
from consent.models import Suspension
from consent.purposes import Purpose
from consent.services import suspensions
from customers.exceptions import CustomerErased
from customers.models import Customer
from tests.factories.customers import make_customer, make_erased_customer

pytestmark = pytest.mark.django_db
Scope, Ground = Suspension.Scope, Suspension.Ground


def suspend(customer, scope=Scope.ALL, purpose=""):
    return suspensions.suspend(
        customer, scope=scope, purpose=purpose, ground=Ground.ASKED, case_number="R-1", by=Actor.system()
    )


@pytest.mark.parametrize("asked", Purpose)
@pytest.mark.parametrize("suspended", [None, *Purpose])
def test_a_suspension_of_all_use_holds_for_each_purpose_and_one_of_a_purpose_for_that_alone(suspended, asked):
    customer = make_customer()
    suspend(customer, *([Scope.PURPOSE, suspended] if suspended else [Scope.ALL]))

    assert suspensions.suspended_for(asked).filter(pk=customer.pk).exists() == (suspended in (None, asked))


@pytest.mark.parametrize("scope", [Scope.ALL, Scope.PROVISION])
def test_provision_is_suspended_by_name_and_with_all_use(scope):
    customer = make_customer()
    suspend(customer, scope)

    assert list(suspensions.suspended_from_provision(Purpose.PAYMENT, today(), today())) == [customer]


def test_a_suspension_of_provision_leaves_our_own_use():
    suspend(make_customer(), Scope.PROVISION)

    assert not suspensions.suspended_for(Purpose.PAYMENT).exists()


@pytest.mark.parametrize("on", [0, 1])
def test_a_suspension_on_either_record_of_a_person_holds_for_both(on):
    records = [make_customer(), make_customer()]
    bystander = make_customer()
    Customer.objects.filter(pk=records[1].pk).update(merged_into=records[0])
    suspend(records[on])

    assert set(suspensions.suspended_for(Purpose.USAGE)) == set(records)
    assert bystander not in suspensions.suspended_for(Purpose.USAGE)


def test_what_is_lifted_holds_no_longer_and_can_be_entered_again():
    customer = make_customer()
    suspension = suspensions.lift(suspend(customer), by=Actor.system())

    assert not suspensions.suspended_for(Purpose.USAGE).exists()
    with pytest.raises(NotSuspended):
        suspensions.lift(suspension, by=Actor.system())
    suspend(customer)
    assert suspensions.suspended_for(Purpose.USAGE).exists()


def test_the_same_use_is_suspended_once():
    customer = make_customer()
    suspend(customer)

    with pytest.raises(AlreadySuspended):
        suspend(customer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Suspension.objects.create(customer=customer, scope=Scope.ALL, ground=Ground.OFFICE, suspended_by=Actor.system())


@pytest.mark.parametrize(("scope", "purpose"), [(Scope.PURPOSE, ""), (Scope.ALL, Purpose.USAGE), (Scope.PURPOSE, "X")])
def test_a_purpose_is_named_exactly_where_one_is_suspended(scope, purpose):
    with pytest.raises(NotReady):
        suspend(make_customer(), scope, purpose)


def test_nothing_is_suspended_of_who_is_erased():
    with pytest.raises(CustomerErased):
        suspend(make_erased_customer())


def test_each_act_leaves_its_entry_on_the_person():
    customer = make_customer()
    suspensions.lift(suspend(customer, Scope.PURPOSE, Purpose.USAGE), by=Actor.system())

    entries = Entry.objects.filter(person=f"customers.customer:{customer}", action__startswith="use.").order_by("id")

    assert [entry.action for entry in entries] == ["use.suspended", "use.resumed"]
    assert entries[0].details["purpose"] == "USAGE"
