"""Work is done once, taken up again, and never lost; an error shows without its words."""

import datetime as dt
import time

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import Actor, Entry, Job
from audit.services import jobs
from tests.factories.audit import JobFactory

pytestmark = pytest.mark.django_db


def fail(job, words="Yamada Taro"):
    with jobs.running(job.pk):
        raise ValueError(words)
    job.refresh_from_db()
    return job


def make_due(job):
    Job.objects.filter(pk=job.pk).update(due_at=timezone.now())


def test_work_runs_once_and_keeps_its_report():
    job = JobFactory(total=3)

    with jobs.running(job.pk) as running:
        jobs.progress(running, 2)
        jobs.progress(running, 3)
        running.report = {"good": 3}
    with jobs.running(job.pk) as again:
        assert again is None

    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.report) == ("DONE", 3, 3, {"good": 3})
    assert job.finished_at


def test_an_error_is_kept_by_its_kind_and_a_reference_and_the_work_waits_longer_each_time(caplog):
    job = JobFactory()

    waits = []
    for _each in range(jobs.FAILURES - 1):
        make_due(job)
        fail(job)
        assert (job.state, job.error_code) == ("WAITING", "ValueError")
        waits.append(round((job.due_at - timezone.now()).total_seconds()))
    make_due(job)
    fail(job)

    assert waits == jobs.WAITS
    assert (job.state, job.failures) == ("FAILED", jobs.FAILURES)
    assert job.log_reference in caplog.text
    assert "Yamada" not in caplog.text
    assert "test_jobs.py" in caplog.text


def test_progress_forgives_earlier_failures():
    job = fail(JobFactory())
    make_due(job)

    with jobs.running(job.pk) as running:
        assert running.failures == 1
        jobs.progress(running, 1)

    job.refresh_from_db()
    assert (job.failures, job.state) == (0, "DONE")


def test_work_that_is_not_due_is_left_alone():
    job = JobFactory(due_at=timezone.now() + dt.timedelta(minutes=1))

    with jobs.running(job.pk) as running:
        assert running is None


def test_work_that_kills_every_worker_fails_in_the_end():
    job = JobFactory(
        state="RUNNING", lease="00000000-0000-0000-0000-000000000001", started_at=timezone.now(),
        leased_until=timezone.now(), takeovers=jobs.TAKEOVERS,
    )  # fmt: skip

    with jobs.running(job.pk) as running:
        assert running is None

    job.refresh_from_db()
    assert (job.state, job.error_code) == ("FAILED", "WorkerDied")


def test_failed_work_that_was_given_up_is_neither_claimed_nor_started_again():
    job = JobFactory(state="FAILED", error_code="ValueError", finished_at=timezone.now())

    jobs.give_up(job, by=Actor.system())

    with jobs.running(job.pk) as running:
        assert running is None
    with pytest.raises(jobs.GivenUp):
        jobs.retry(job, by=Actor.system())
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("GIVEN_UP", "ValueError")
    assert Entry.objects.get(action="job.given_up").details == {"work": "test.work"}


@pytest.mark.parametrize("state", ["WAITING", "DONE"])
def test_work_that_has_not_failed_is_not_given_up(state):
    job = JobFactory(state=state, finished_at=timezone.now() if state == "DONE" else None)

    with pytest.raises(jobs.NotFailed):
        jobs.give_up(job, by=Actor.system())


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ({"finished_at": None}, "job_is_finished_exactly_when_done_failed_or_given_up"),
        ({"error_code": ""}, "job_that_failed_says_why"),
    ],
)
@pytest.mark.parametrize("state", ["FAILED", "GIVEN_UP"])
def test_work_that_is_over_keeps_when_and_why(state, columns, name):
    job = JobFactory(state="FAILED", error_code="ValueError", finished_at=timezone.now())

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(state=state, **columns)


def test_a_worker_told_to_stop_gives_its_work_back():
    job = JobFactory()

    with pytest.raises(SystemExit), jobs.running(job.pk):
        raise SystemExit

    job.refresh_from_db()
    assert (job.state, job.failures) == ("WAITING", 0)


def test_the_hint_follows_the_commit_and_the_clock_repeats_a_lost_one(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as callbacks, transaction.atomic():
        job = jobs.enqueue("test.work", by=Actor.system(), subject="x:1", batch=7)

    assert len(callbacks) == 1
    assert (job.arguments, job.subject, job.state) == ({"batch": 7}, "x:1", "WAITING")
    assert jobs.due_again() == 1


def test_an_act_succeeds_quickly_where_the_broker_is_away(settings, django_capture_on_commit_callbacks, monkeypatch):
    app = jobs.current_app._get_current_object()
    monkeypatch.setattr(jobs, "_quiet_until", 0.0)
    started = time.monotonic()
    for address in ("redis://127.0.0.1:1/0", "redis://10.255.255.1:6379/0"):
        app.conf.broker_url = address
        try:
            with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
                job = jobs.enqueue("test.work", by=Actor.system())
        finally:
            app.conf.broker_url = settings.CELERY_BROKER_URL
        assert Job.objects.filter(pk=job.pk, state="WAITING").exists()
        monkeypatch.setattr(jobs, "_quiet_until", 0.0)

    assert time.monotonic() - started < 6


def test_a_broker_that_answers_nothing_holds_nobody_up(monkeypatch):
    monkeypatch.setattr(jobs, "_quiet_until", time.monotonic() + 10)

    assert jobs.hint("test.work", job_id=1) is False
    assert settings.CELERY_TASK_ACKS_LATE
