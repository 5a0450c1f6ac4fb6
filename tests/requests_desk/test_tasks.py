import datetime as dt

import pytest
from celery import current_app

from audit.models import Job
from requests_desk import schedule, tasks
from requests_desk.models import Draft, Status
from tests.factories.customers import make_customer
from tests.factories.keeping import a_customer, a_rule
from tests.factories.requests_desk import At, a_draft

pytestmark = pytest.mark.django_db


def test_the_worker_makes_the_answer_once():
    request = At.approved(make_customer())
    job = Job.objects.get(name="requests_desk.build_package")

    tasks.build_package(job_id=job.pk)
    tasks.build_package(job_id=job.pk)

    job.refresh_from_db()
    request.refresh_from_db()
    assert job.state == Job.State.DONE
    assert job.report["offered"]
    assert request.status == Status.READY


@pytest.mark.parametrize(
    "name",
    ["build_package", "purge_drafts", "purge_pictures", "purge_answers", "run_retention", "begin_retention"],
)
def test_every_task_is_registered_under_its_name(name):
    assert f"requests_desk.{name}" in current_app.tasks


def test_the_worker_carries_a_night_out_once():
    a_rule("SEX")
    customer = a_customer(left_on=dt.date(2016, 1, 31))
    schedule.begin_retention()
    job = Job.objects.get(name="requests_desk.run_retention")

    tasks.run_retention(job_id=job.pk)
    tasks.run_retention(job_id=job.pk)

    job.refresh_from_db()
    customer.refresh_from_db()
    assert (job.state, job.report, job.done, job.total) == (Job.State.DONE, {"blanked": 1}, 1, 1)
    assert customer.sex == ""


def test_the_clock_does_nothing_where_nothing_is_over():
    At.collected()
    a_draft()

    for tick in (schedule.purge_drafts, schedule.purge_pictures, schedule.purge_answers):
        tick()

    assert Draft.objects.count() == 1
