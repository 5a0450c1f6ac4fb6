"""F10: decide and record a provision for each customer; against a plain insert of the same rows.

Nine of ten customers agreed, each to one of two wordings; the basis is consent, abroad, which looks up the most. The
reference inserts the rows of the ledger in batches of the same size, one transaction each, into the same table with our
triggers off: its keys, indexes and foreign keys stay. Nothing is decided, locked or written to the trail for it.
"""

import os
import time

from django.db import connection, transaction

from audit.calendar import today
from audit.models import Actor
from consent.models import Consent, Provision, ProvisionPerson, ProvisionRefusal
from consent.services import provisions
from customers.models import Customer
from tests.drills.world import world
from tests.factories.consent import an_actor, make_register
from tests.factories.ledger import a_recipient, a_wording, wanted

GOAL = 5.0
PEOPLE = {"small": (20_000, 3), "full": (100_000, 3)}


def run(size):
    people, rounds = PEOPLE[size]
    with world(size):
        make_register()
        recipient = a_recipient("CONSENT", "OFFSHORE")
        crowd(recipient, people)
        figures, references = [], []
        for number in range(rounds):
            seconds, provision, steps = decided(recipient)
            rows = list(provision.persons.order_by("pk").values_list("customer_id", "consent_id"))
            left_out = list(provision.refusals.order_by("pk").values_list("customer_id", "refusal"))
            figures.append(seconds)
            references.append(plain(recipient, rows, left_out))
            load = f"load {os.getloadavg()[0]:.1f}"
            print(
                f"    round {number + 1}: {people:,} decided in {seconds:.1f} s ({1e6 * seconds / people:.0f} µs each,"
                f" {steps} steps of progress), plain {references[-1]:.1f} s, {provision.given:,} permitted, {load}",
                flush=True,
            )
        ratio = sorted(ours / theirs for ours, theirs in zip(figures, references, strict=True))[rounds // 2]
        return {
            "figure": round(1e6 * sum(figures) / rounds / people, 1),
            "reference": round(1e6 * sum(references) / rounds / people, 1),
            "ratio": round(ratio, 2), "goal": GOAL, "met": ratio <= GOAL,
        }  # fmt: skip


def crowd(recipient, people):
    """Customers, and a consent of nine in ten."""
    by, wordings = Actor.system(), [a_wording(recipient), a_wording(recipient)]
    Customer.objects.bulk_create(
        (Customer(number=f"F{number:07}", created_by=by) for number in range(people)), batch_size=1000
    )
    found = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    Consent.objects.bulk_create(
        (
            Consent(customer_id=pk, wording=wordings[pk % 2], language="ja", way="PAPER", given_on=today(),
                    recorded_by=by)
            for number, pk in enumerate(found) if number % 10
        ),
        batch_size=1000,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customers_customer; ANALYZE consent_consent")


def decided(recipient):
    """Seconds of the worker's whole work, the provision, and how often it said how far it was."""
    by, steps = an_actor(), []
    provision = provisions.ask(**wanted(recipient), by=by)
    begun = time.perf_counter()
    provisions.decide(provision, language="ja", by=by, progress=lambda done, total: steps.append(done))
    seconds = time.perf_counter() - begun
    provision.refresh_from_db()
    return seconds, provision, len(steps)


def plain(recipient, rows, left_out):
    """Seconds that the same rows take without a question."""
    provision = provisions.ask(**wanted(recipient), by=an_actor())
    tables = [ProvisionPerson._meta.db_table, ProvisionRefusal._meta.db_table]
    persons = (
        ProvisionPerson(provision=provision, third_party=recipient, customer_id=pk, consent_id=consent)
        for pk, consent in rows
    )
    refusals = (ProvisionRefusal(provision=provision, customer_id=pk, refusal=why) for pk, why in left_out)
    _triggers("DISABLE", tables)
    begun = time.perf_counter()
    for model, things in ((ProvisionPerson, list(persons)), (ProvisionRefusal, list(refusals))):
        for start in range(0, len(things), provisions.BATCH):
            with transaction.atomic():
                model.objects.bulk_create(things[start : start + provisions.BATCH])
    seconds = time.perf_counter() - begun
    _triggers("ENABLE", tables)
    assert Provision.objects.get(pk=provision.pk).persons.count() == len(rows)
    return seconds


def _triggers(verb, tables):
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} {verb} TRIGGER USER")
