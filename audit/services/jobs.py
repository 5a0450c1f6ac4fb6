"""Work handed over to workers. The row in the database is the truth, Redis a hint."""

import datetime as dt
import logging
import secrets
import time
import traceback
import uuid
from contextlib import contextmanager

from celery import current_app
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.exceptions import OfficeError
from audit.models import Job

from .trail import record, reference

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=120)
FAILURES = 8  # so many errors without progress, and a person must look
TAKEOVERS = 100  # so many dead workers without progress
WAITS = [5, 15, 60, 300, 900, 3600, 3600]  # seconds after the first, second, ... failure
HINT_SECONDS = 1  # how long the broker may take to accept a connection
QUIET_SECONDS = 10  # how long no hint is tried after one that failed
LOCK_SPACE = 0x0A0B << 48  # advisory locks of jobs: this and the row's number

_quiet_until = 0.0


class LeaseLost(Exception):
    """Another worker holds this job by now; whoever sees this stops."""


class NotFailed(OfficeError):
    """Only work that has failed is started again by hand."""

    def __str__(self):
        return _("%(number)s has not failed: it goes on by itself, or is done.") % {"number": self.args[0]}


class GivenUp(OfficeError):
    """Work that was given up is not started again."""

    def __str__(self):
        return _("%(number)s was given up, because what it needs is no longer kept.") % {"number": self.args[0]}


@transaction.atomic
def enqueue(name, *, by, subject=None, due_at=None, total=None, **arguments):
    """Hand over ``name`` (a registered Celery task), in the caller's transaction. Returns the :class:`Job`.

    The task is called with the keyword ``job_id`` alone; ``arguments`` (ids and codes, JSON) stand in the row.
    """
    now = timezone.now()
    job = Job.objects.create(
        name=name, subject=reference(subject), arguments=arguments, due_at=due_at or now, total=total, created_by=by
    )
    if job.due_at <= now:
        transaction.on_commit(lambda: hint(name, job_id=job.pk), robust=True)
    return job


def hint(name, **arguments):
    """Tell a worker now; returns whether the broker took it. Never raises, and never waits long.

    A lost hint is no loss: the clock looks every 30 seconds for work that is due.
    """
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return False
    options = {**current_app.conf.broker_transport_options, "socket_connect_timeout": HINT_SECONDS}
    options |= {"socket_timeout": HINT_SECONDS, "max_retries": 0, "retry_on_timeout": False}
    try:
        with current_app.connection_for_write(connect_timeout=HINT_SECONDS, transport_options=options) as broker:
            current_app.send_task(name, kwargs=arguments, connection=broker, retry=False, ignore_result=True)
    except Exception as error:  # whatever a broken broker does, the act is committed and must not look failed
        _quiet_until = time.monotonic() + QUIET_SECONDS
        logger.warning("broker away, no hint for %s (%s)", name, type(error).__name__)
        return False
    return True


@contextmanager
def running(job_id):
    """Claim the job and do its work in the block: ``with jobs.running(job_id) as job: if job: ...``.

    Yields ``None`` when it is not to be done now: done, failed, not due, or in other hands. When the block ends, the
    job is DONE, with ``job.report`` and ``job.total`` kept. When it raises, the error is logged under a reference
    (its kind and place, never its words) and the job waits, longer each time, until it has FAILED ``FAILURES`` times
    without progress. A worker that dies leaves the job to the next one that asks, at once: the claim holds a lock
    that ends with the connection, and a lease for the case that the connection outlives the work.
    """
    job = _claim(job_id)
    if job is None:
        yield None
        return
    try:
        yield job
    except LeaseLost:
        logger.warning("job %s is in other hands", job)
    except Exception as error:  # the row remembers; a raised error would only put its words into the worker's log
        _give_back(job, error)
    except BaseException:
        _release(job)
        raise
    else:
        _finish(job)
    finally:
        _unlock(job)


def progress(job, done, total=None):
    """Say how far the work is, and keep the lease. Raises :class:`LeaseLost` where another worker has taken over."""
    changes = {"done": done, "leased_until": timezone.now() + LEASE, "report": job.report}
    if total is not None:
        changes["total"] = total
    if done > job.done:
        changes |= {"failures": 0, "takeovers": 0}
    _update(job, **changes)


@transaction.atomic
def retry(job, *, by):
    """Start work again that has failed for good; it goes on where it stopped."""
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.state == Job.State.GIVEN_UP:
        raise GivenUp(job)
    if job.state != Job.State.FAILED:
        raise NotFailed(job)
    job.state, job.due_at, job.finished_at = Job.State.WAITING, timezone.now(), None
    job.failures = job.takeovers = 0
    job.save()
    record("job.retried", subject=job, by=by, work=job.name)
    transaction.on_commit(lambda: hint(job.name, job_id=job.pk), robust=True)
    return job


@transaction.atomic
def give_up(job, *, by):
    """End work that has failed and whose material its app throws away in the same transaction."""
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.state != Job.State.FAILED:
        raise NotFailed(job)
    job.state = Job.State.GIVEN_UP
    job.save(update_fields=["state"])
    record("job.given_up", subject=job, by=by, work=job.name)
    return job


def due_again():
    """Hint every job that is due or whose worker may have died; returns how many. Claiming sorts out the living."""
    now = timezone.now()
    due = Q(state=Job.State.WAITING, due_at__lte=now) | Q(state=Job.State.RUNNING)
    found = list(Job.objects.filter(due).order_by("due_at").values_list("name", "pk")[:1000])
    return sum(hint(name, job_id=pk) for name, pk in found)


@transaction.atomic
def _claim(job_id):
    now = timezone.now()
    job = Job.objects.select_for_update(skip_locked=True).filter(pk=job_id).first()
    if job is None or job.state in (Job.State.DONE, Job.State.FAILED, Job.State.GIVEN_UP):
        return None
    if job.state == Job.State.WAITING and job.due_at > now:
        return None
    alone = _lock(job)
    if job.state == Job.State.RUNNING:
        if not alone and job.leased_until > now:
            return None
        job.takeovers += 1
        if job.takeovers > TAKEOVERS:
            job.state, job.lease, job.leased_until = Job.State.FAILED, None, None
            job.finished_at, job.error_code = now, "WorkerDied"
            job.save()
            if alone:
                _unlock(job)
            return None
    job.state, job.lease, job.leased_until = Job.State.RUNNING, uuid.uuid4(), now + LEASE
    job.started_at = job.started_at or now
    job.save()
    return job


def _finish(job):
    try:
        _update(
            job, state=Job.State.DONE, lease=None, leased_until=None, finished_at=timezone.now(), report=job.report,
            error_code="", log_reference="",
        )  # fmt: skip
    except LeaseLost:
        logger.warning("job %s was finished by another worker", job)


def _give_back(job, error):
    log_reference = note_error(logger, f"job {job} ({job.name})", error)
    now, failures = timezone.now(), job.failures + 1
    changes = {
        "lease": None, "leased_until": None, "failures": failures, "error_code": type(error).__name__[:60],
        "log_reference": log_reference, "report": job.report,
    }  # fmt: skip
    if failures >= FAILURES:
        changes |= {"state": Job.State.FAILED, "finished_at": now}
    else:
        wait = WAITS[min(failures, len(WAITS)) - 1]
        changes |= {"state": Job.State.WAITING, "due_at": now + dt.timedelta(seconds=wait)}
    _close_if_broken()
    try:
        _update(job, **changes)
    except (LeaseLost, DatabaseError) as trouble:
        logger.warning("job %s could not be given back (%s)", job, type(trouble).__name__)


def _release(job):
    """The worker is told to stop: the work is due at once, by somebody else."""
    _close_if_broken()
    try:
        _update(job, state=Job.State.WAITING, lease=None, leased_until=None, due_at=timezone.now(), report=job.report)
    except (LeaseLost, DatabaseError):
        logger.warning("job %s could not be released", job)


def _update(job, **changes):
    if not Job.objects.filter(pk=job.pk, lease=job.lease).update(**changes):
        raise LeaseLost(str(job))
    for name, value in changes.items():
        if name != "lease":
            setattr(job, name, value)


def _lock(job):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK_SPACE + job.pk])
        return cursor.fetchone()[0]


def _unlock(job):
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_SPACE + job.pk])
    except DatabaseError:
        pass  # the lock went with the connection


def _close_if_broken():
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def note_error(log, what, error):
    """Log what went wrong by kind and place, never by its words, which may hold a value; returns the reference."""
    log_reference = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = [f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno}" for frame in frames]
    log.error("%s failed: %s [%s] at %s", what, type(error).__name__, log_reference, " < ".join(reversed(places)))
    return log_reference
