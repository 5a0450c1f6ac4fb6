"""A nightly run whose workers are killed with -9: nothing is counted twice, and nothing is left."""

import datetime as dt
import time

from django.db.models import F, Sum

from audit.models import Actor, Entry, Job
from customers.categories import Category
from customers.models import Customer, SearchToken
from customers.services.registration import register_batch
from requests_desk.models import RetentionRun
from requests_desk.services import retention
from tests.factories.keeping import a_rule

PATIENCE = 120
PEOPLE = 2400
CATEGORIES = [Category.NAME, Category.SEX, Category.TELEPHONE]


def wait_until(true):
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "It did not come about in time."
        time.sleep(0.02)


def people():
    for start in range(0, PEOPLE, 800):
        rows = [
            {"number": f"K{number:06}", "name": "見本", "sex": "OTHER", "telephone": f"090-0000-{number:04}"}
            for number in range(start, start + 800)
        ]
        register_batch(rows, by=Actor.system())
    held = sum(category.bit for category in CATEGORIES)
    Customer.objects.update(registered_on=dt.date(2010, 1, 1), left_on=dt.date(2015, 1, 1), held=held)


def holding(category):
    return Customer.objects.annotate(now=F("held").bitand(category.bit)).filter(now__gt=0).count()


def test_what_a_killed_worker_left_the_next_one_does(crew, django_db_blocker):
    with django_db_blocker.unblock():
        people()
        for category in CATEGORIES:
            a_rule(category)
        night = retention.run(by=Actor.system())
        seen = 0

        for _kill in range(2):
            worker = crew.worker(concurrency=1)
            wait_until(lambda seen=seen: RetentionRun.objects.get(pk=night.pk).blanked > seen)
            worker.kill()
            now = RetentionRun.objects.get(pk=night.pk)
            seen = now.blanked
            assert now.finished_at is None
            assert {each: now.counts[each]["blanked"] for each in CATEGORIES} == {
                each: PEOPLE - holding(each) for each in CATEGORIES
            }
        crew.worker(concurrency=1)
        wait_until(lambda: RetentionRun.objects.get(pk=night.pk).finished_at)

        night.refresh_from_db()
        counts = {each: (night.counts[each]["due"], night.counts[each]["blanked"]) for each in CATEGORIES}
        assert counts == dict.fromkeys(CATEGORIES, (PEOPLE, PEOPLE))
        assert not SearchToken.objects.exists()
        assert Customer.objects.aggregate(Sum("held"))["held__sum"] == 0
        names = Customer.history.filter(history_type="+").order_by("?")[:50]
        assert {(row.name, row.telephone, row.sex) for row in names} == {("", "", "")}
        entries = Entry.objects.filter(action="retention.blanked").values_list("details", flat=True)
        assert sum(details["count"] for details in entries) == PEOPLE * len(CATEGORIES)
        wait_until(lambda: Job.objects.get(name=retention.WORK).state == Job.State.DONE)
        assert Job.objects.get(name=retention.WORK).takeovers + Job.objects.get(name=retention.WORK).failures <= 2
