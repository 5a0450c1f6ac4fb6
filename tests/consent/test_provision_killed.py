"""A provision whose workers are killed with -9: nobody is decided twice, nobody is forgotten, one file comes of it."""

from audit.models import Actor, Entry
from consent.models import Export, ExportStatus, Provision, ProvisionPerson, ProvisionRefusal, ProvisionStatus
from consent.services import provisions
from customers.models import Customer, FilePerson
from tests.browser.people import wait_until
from tests.factories.consent import an_actor, make_register
from tests.factories.ledger import a_recipient, suspended, wanted

PEOPLE = 6000


def decided():
    return ProvisionPerson.objects.count() + ProvisionRefusal.objects.count()


def test_what_a_killed_worker_left_the_next_one_does(crew, django_db_blocker):
    with django_db_blocker.unblock():
        make_register()
        by = Actor.system()
        Customer.objects.bulk_create(Customer(number=f"K{number:06}", created_by=by) for number in range(PEOPLE))
        for customer in Customer.objects.order_by("pk")[:3]:
            suspended(customer)
        provision = provisions.ask(**wanted(a_recipient("ENTRUSTMENT"), "ENTRUSTMENT", format="CSV"), by=an_actor())
        seen = 0

        for _kill in range(2):
            worker = crew.worker(concurrency=1)
            wait_until(lambda seen=seen: decided() > seen)
            worker.kill()
            seen = decided()
            assert Provision.objects.get().status == ProvisionStatus.DECIDING
            assert seen % provisions.BATCH == 0
        crew.worker(concurrency=1)
        wait_until(lambda: Provision.objects.get().status == ProvisionStatus.RECORDED)
        wait_until(lambda: Export.objects.get().status == ExportStatus.READY)

        provision.refresh_from_db()
        assert (provision.given, provision.refused) == (PEOPLE - 3, 3)
        assert FilePerson.objects.count() == PEOPLE - 3
        for action, count in (("provision.persons_permitted", PEOPLE - 3), ("provision.persons_refused", 3)):
            entries = Entry.objects.filter(action=action).values_list("details", flat=True)
            assert sum(details["count"] for details in entries) == count
