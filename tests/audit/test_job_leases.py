"""Whose work it is when a worker dies or is slow: only committed rows and a second connection show it."""

import datetime as dt
import time

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import Job
from audit.services import jobs
from tests.factories.audit import JobFactory


def test_work_whose_lease_ran_out_is_taken_over_and_the_slow_worker_stops(committed):
    job = JobFactory()

    with jobs.running(job.pk) as first:
        jobs._unlock(first)
        holder = connection.copy()  # as if the first worker had it, and still lived
        with holder.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [jobs.LOCK_SPACE + job.pk])
        with jobs.running(job.pk) as second:
            assert second is None

        Job.objects.filter(pk=job.pk).update(leased_until=timezone.now() - dt.timedelta(seconds=1))
        with jobs.running(job.pk) as second:
            assert second.takeovers == 1
            with pytest.raises(jobs.LeaseLost):
                jobs.progress(first, 1)
        holder.close()

    job.refresh_from_db()
    assert job.state == "DONE"


def test_work_of_a_worker_that_died_is_taken_over_at_once(committed):
    job = JobFactory()
    dead = connection.copy()
    with dead.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [jobs.LOCK_SPACE + job.pk])
    Job.objects.filter(pk=job.pk).update(
        state="RUNNING", lease="00000000-0000-0000-0000-000000000001", started_at=timezone.now(),
        leased_until=timezone.now() + dt.timedelta(minutes=2),
    )  # fmt: skip
    with jobs.running(job.pk) as running:
        assert running is None

    dead.close()
    time.sleep(0.2)

    with jobs.running(job.pk) as running:
        assert running.takeovers == 1
