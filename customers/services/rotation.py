"""A change of the key under which values are sealed: every value of every table under the newest key, none lost.

Work goes over all tables in passes, until a pass finds nothing under an old key. What a process that has the old key
in front writes behind a pass is found by the next one. The content of sealed files is not touched: it lies under keys
of its own, and these lie sealed in a column like any other.
"""

import time
from collections import deque
from concurrent.futures import Future

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from audit.models import Job
from audit.services.jobs import enqueue
from audit.services.trail import record
from customers.exceptions import OtherKeys, RotationUnderWay
from customers.models import KeyRotation

from .keys import keyring
from .resealing import reseal_page, sealed_tables

PAGE = 500  # rows
AHEAD = 8  # pages handed out beyond the oldest that is not done
PASSES = 10
SAVED_EVERY = 0.2  # seconds between notes of the place; what lies between is looked at again after a kill
NAMED = 200  # so many values that do not open are named
WAIT = 0.1  # seconds between looks at transactions of others
WRITERS = """
    SELECT pid, xact_start::text FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
        AND (backend_xid IS NOT NULL OR state = 'active')
"""
LOCK = 0x0C05_0003  # advisory: beginning, as a transaction; carrying out, as a session
Outcome = KeyRotation.Outcome


@transaction.atomic
def begin(*, by):
    """The rotation to the newest key of this process: the one that was interrupted, or a new one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 1)", [LOCK])
    names = keyring().names
    rotation = KeyRotation.objects.filter(finished_at__isnull=True).first()
    if rotation and rotation.newest != names[0]:
        if is_under_way():
            raise RotationUnderWay(rotation)
        _finish(rotation, Outcome.REPLACED, by=by)
        rotation = None
    if rotation is None:
        rotation = KeyRotation.objects.create(keys=names, created_by=by)
        record("rotation.started", subject=rotation, by=by, key=names[0], keys=len(names))
    elif rotation.keys != names:
        rotation.keys = names
        rotation.save(update_fields=["keys"])
    return rotation


@transaction.atomic
def start(*, by):
    """Begin, or go on with what was interrupted, by a worker. Raises :class:`RotationUnderWay`."""
    rotation = begin(by=by)
    if is_under_way() or _has_job(rotation):
        raise RotationUnderWay(rotation)
    job = enqueue("customers.rotate_keys", by=by, subject=rotation, rotation_number=rotation.number)
    rotation.job_number = str(job.number)
    rotation.save(update_fields=["job_number"])
    return rotation


def under_way():
    """The rotation that a worker has or will have in hand, or a command is carrying out; else ``None``."""
    rotation = KeyRotation.objects.filter(finished_at__isnull=True).first()
    return rotation if rotation and (is_under_way() or _has_job(rotation)) else None


def is_under_way():
    """Whether some process is carrying out a rotation at this moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT NOT pg_try_advisory_xact_lock(%s, 2)", [LOCK])
        return cursor.fetchone()[0]


def _has_job(rotation):
    alive = Job.objects.filter(state__in=[Job.State.WAITING, Job.State.RUNNING])
    return bool(rotation.job_number) and alive.filter(number=rotation.job_number).exists()


def run(rotation, *, by, progress=None, pool=None):
    """Carry out a rotation from where it stopped, and return it finished. ``progress(done, total)``: rows of a pass.

    One process at a time does so; another one is told by :class:`RotationUnderWay`, as long as the first one lives.
    ``pool`` (an executor of :mod:`concurrent.futures`) does the pages; without one they are done here.
    Raises :class:`OtherKeys` where this process was not started with the newest key of the rotation.
    """
    if rotation.newest != keyring().names[0]:
        raise OtherKeys(rotation)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, 2)", [LOCK])
        if not cursor.fetchone()[0]:
            raise RotationUnderWay(rotation)
    try:
        rotation.refresh_from_db()
        while not rotation.finished_at:
            _Pass(rotation, pool or _Here(), progress, by).go()
    finally:
        _let_go()
    return rotation


def _let_go():
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, 2)", [LOCK])
    except DatabaseError:
        pass  # the lock went with the connection


class _Here:
    """In place of a pool: each page when it is handed out."""

    def submit(self, work, *arguments):
        done = Future()
        done.set_result(work(*arguments))
        return done


class _Pass:
    """One look at every row, from the place that the rotation remembers."""

    def __init__(self, rotation, pool, progress, by):
        self.rotation, self.pool, self.progress, self.by = rotation, pool, progress, by
        self.began = self.saved = time.monotonic()
        self.begun_with = rotation.done

    def go(self):
        tables = sealed_tables()
        labels = list(tables)
        if self.rotation.table not in tables:
            _look_anew(self.rotation, labels[0])
        if self.rotation.total is None:
            if self.rotation.passes > 1:
                self._wait_for_writers()
            self.rotation.total = sum(table.count() for table in tables.values())
            self.rotation.save()
        for label in labels[labels.index(self.rotation.table) :]:
            self._table(tables[label])
            with transaction.atomic():
                self._close(label, following=next(iter(labels[labels.index(label) + 1 :]), None))

    def _wait_for_writers(self):
        """Until the transactions open now have ended: they may hold copies of values from before the last pass."""
        open_then = open_now = _writers()
        while open_then & open_now:
            time.sleep(WAIT)
            open_now = _writers()
            if self.progress:
                self.progress(0, 1)

    def _table(self, table):
        waiting, end, more = deque(), self.rotation.place, True
        while more or waiting:
            while more and len(waiting) < AHEAD:
                begin, end = end, table.next_page(end, PAGE)
                if more := end is not None:
                    waiting.append((end, self.pool.submit(reseal_page, table.label, begin, end)))
                    if isinstance(self.pool, _Here):
                        break
            if waiting:
                upto, page = waiting.popleft()
                self._note(table.label, upto, page.result())

    def _note(self, label, upto, page):
        rotation = self.rotation
        under = rotation.counts.setdefault(label, {})
        for name, count in page.under.items():
            under[name] = under.get(name, 0) + count
        free = NAMED - len(rotation.unopened)
        rotation.unopened += [[label, column, key] for column, key in page.unopened[: max(free, 0)]]
        rotation.place = upto
        rotation.done += page.rows
        rotation.found += page.found
        rotation.resealed += page.resealed
        if time.monotonic() - self.saved >= SAVED_EVERY:
            self._save()
        if self.progress:
            self.progress(rotation.done, max(rotation.total, rotation.done))

    def _save(self):
        self.saved = time.monotonic()
        self.rotation.speed = int((self.rotation.done - self.begun_with) / max(self.saved - self.began, 0.001))
        self.rotation.save()

    def _close(self, label, *, following):
        """A table is done in this pass: what stands in it goes into the trail. With the last one the pass ends."""
        rotation = self.rotation
        if under := rotation.counts.get(label):
            record(
                "rotation.table_done", subject=rotation, by=self.by, table=label, turn=rotation.passes,
                **_summary(rotation, under),
            )  # fmt: skip
        rotation.table, rotation.place = following or label, None
        if following:
            self._save()
        elif not rotation.found:
            _finish(rotation, Outcome.CLEAN, by=self.by)
        elif rotation.passes >= PASSES:
            _finish(rotation, Outcome.REMAINS, by=self.by)
        else:
            rotation.passes += 1
            _look_anew(rotation)
            rotation.save()


def _writers():
    with connection.cursor() as cursor:
        cursor.execute(WRITERS)
        return set(cursor.fetchall())


def _look_anew(rotation, table=""):
    """Nothing was looked at yet in this pass."""
    rotation.table, rotation.place, rotation.total = table, None, None
    rotation.done = rotation.found = rotation.speed = 0
    rotation.counts, rotation.unopened = {}, []


def _finish(rotation, outcome, *, by):
    rotation.outcome, rotation.finished_at, rotation.finished_by = outcome, timezone.now(), by
    rotation.save()
    record(
        "rotation.finished", subject=rotation, by=by, ended=outcome, turn=rotation.passes,
        resealed=rotation.resealed, **_summary(rotation, rotation.under()),
    )  # fmt: skip


def _summary(rotation, under):
    unopened, newest = under.get("", 0), under.get(rotation.newest, 0)
    return {"newest": newest, "older": sum(under.values()) - newest - unopened, "unopened": unopened}
