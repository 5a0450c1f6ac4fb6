"""After a restore who was erased is erased again, from the file beside the seals, and nobody works before that."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from audit.models import Actor
from config.checks import erasures_are_replayed
from customers.models import Customer
from requests_desk.models import Erasure
from requests_desk.services import erasure, ledger, progress, replaying
from tests.factories.customers import make_customer
from tests.factories.requests_desk import At
from tests.requests_desk.test_erasure import SAME, a_proposal, erased

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folders(tmp_path, settings):
    settings.FILES_FOLDER, settings.SEALS_FOLDER = tmp_path / "files", tmp_path / "seals"


def restored(build):
    """The database as a backup has it: what ``build`` erases is written outside and rolled back inside."""
    with transaction.atomic():
        build()
        ledger.write()
        transaction.set_rollback(True)


def test_who_was_erased_after_the_backup_is_erased_again_and_once():
    customer, alias = make_customer("C1", **SAME), make_customer("C2", name="見本 花")
    request = At.matched(customer)

    def build():
        Customer.objects.filter(pk=alias.pk).update(merged_into=customer)
        progress.withdraw(request, by=Actor.system())
        erased(customer)

    restored(build)
    assert not Customer.objects.filter(erased_at__isnull=False).exists()
    assert [each.id for each in erasures_are_replayed(None)] == ["office.W005"]

    call_command("replay_erasures")

    assert not Customer.objects.filter(erased_at__isnull=True).exists()
    request.refresh_from_db()
    assert request.name == ""
    this = Erasure.objects.get()
    assert (this.is_replayed, this.customer, this.reason, this.status) == (True, customer, "ASKED", "ERASED")
    assert ledger.missing() == [] == erasures_are_replayed(None)
    before = ledger.outside_file().read_bytes()
    assert replaying.replay(by=Actor.system()) == 0
    assert ledger.write() == 0
    assert ledger.outside_file().read_bytes() == before


def test_a_proposal_of_the_backup_becomes_the_erasure_that_it_was():
    customer = make_customer("C1")
    this = a_proposal(customer)

    restored(lambda: erasure.approve(this, by=Actor.system()))
    replaying.replay(by=Actor.system())

    this.refresh_from_db()
    assert (this.status, this.is_replayed, Erasure.objects.count()) == ("ERASED", True, 1)


def test_a_customer_whom_the_backup_does_not_know_is_not_missed():
    def build():
        erased(make_customer("C9"))

    restored(build)

    assert ledger.missing() == []


def test_one_that_was_killed_goes_on_with_the_next():
    people = [make_customer(f"C{number}", name="見本") for number in range(3)]
    restored(lambda: [erased(person) for person in people])

    def killed(line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replaying.replay(by=Actor.system(), told=killed)
    assert Customer.objects.filter(erased_at__isnull=False).count() == 1

    assert replaying.replay(by=Actor.system()) == 2
    assert not Customer.objects.filter(erased_at__isnull=True).exists()


def test_the_file_holds_numbers_and_no_value():
    customer = make_customer("C1", **SAME)
    restored(lambda: erased(customer))
    text = ledger.outside_file().read_text()

    assert set(json.loads(text)) == ledger.SIGNS
    assert json.loads(text)["customers"] == ["C1"]
    assert not [value for value in SAME.values() if str(value) in text]


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line | {"customers": ["C2"]}, lambda line: line | {"mac": ""}, lambda line: line | {"mac": 1},
        lambda line: line | {"more": 1}, lambda line: [line, "mac"], lambda line: {"mac": "é"},
        lambda line: line | {"kept": {"NAME": "9999-12-31"}}, lambda line: line | {"customers": "\ud800"},
    ],
)  # fmt: skip
def test_a_line_that_somebody_changed_is_named_and_erases_nobody(change):
    customer, other = make_customer("C1"), make_customer("C2")
    restored(lambda: erased(customer))
    path = ledger.outside_file()
    path.write_text(json.dumps(change(json.loads(path.read_text()))) + "\n")

    with pytest.raises(CommandError, match="1"):
        call_command("replay_erasures")

    assert not Customer.objects.filter(pk__in=[customer.pk, other.pk], erased_at__isnull=False).exists()
    assert [each.id for each in erasures_are_replayed(None)] == ["office.W006"]


def test_a_line_that_a_crash_tore_is_written_anew():
    erased(make_customer("C1"))
    ledger.write()
    path = ledger.outside_file()
    path.write_bytes(path.read_bytes()[:40])

    assert ledger.write() == 1
    assert len(ledger.read()) == 1
    assert ledger.write() == 0


def test_nobody_signs_in_before_it_ran(client):
    customer = make_customer("C1", **SAME)
    assert client.get("/admin/login/").status_code == 200
    restored(lambda: erased(customer))

    closed = client.get("/admin/login/")

    assert closed.status_code == 503
    assert "replay_erasures" in closed.text
    assert client.get("/").status_code == 200
    replaying.replay(by=Actor.system())
    assert client.get("/admin/login/").status_code == 200
