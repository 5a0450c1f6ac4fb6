"""Who sends what: the places that senders of a notice hold, and the statements by which they take and mark mails."""

import re
import select
from contextlib import contextmanager, suppress

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection

LOCK_SPACE = 0x0C05 << 16  # advisory locks of slots: this and the slot, beside the campaign
DATABASE_AWAY = (DatabaseError, psycopg.Error)  # the second from statements that go past Django

LEASE = """
UPDATE consent_delivery SET slot = %s WHERE id = ANY(ARRAY(
    SELECT id FROM consent_delivery
    WHERE campaign_id = %s AND state = 'WAITING' AND slot IS NULL AND not_before <= statement_timestamp()
    ORDER BY not_before, id LIMIT %s FOR UPDATE SKIP LOCKED
)) RETURNING id, customer_id, attempts
"""
MARK = """
WITH marked AS (
    UPDATE consent_delivery
    SET state = %(state)s, slot = NULL, attempts = attempts + 1, answer_code = %(code)s, failure = %(failure)s,
        last_tried = clock_timestamp(),
        not_before = CASE WHEN %(wait)s > 0 THEN clock_timestamp() + %(wait)s * interval '1 second' ELSE not_before END
    WHERE id = %(id)s AND slot + 0 = %(slot)s AND state = 'WAITING'  -- + 0: by its id, not by the index of slots
    RETURNING campaign_id
)
INSERT INTO consent_tally AS tally (campaign_id, minute, slot, sent, bounced, skipped, deferred, last_sent)
SELECT campaign_id, date_trunc('minute', clock_timestamp()), %(slot)s, %(sent)s, %(bounced)s, %(skipped)s,
    %(deferred)s, CASE WHEN %(sent)s > 0 THEN clock_timestamp() END FROM marked
ON CONFLICT (campaign_id, minute, slot) DO UPDATE SET
    sent = tally.sent + excluded.sent, bounced = tally.bounced + excluded.bounced,
    skipped = tally.skipped + excluded.skipped, deferred = tally.deferred + excluded.deferred,
    last_sent = COALESCE(excluded.last_sent, tally.last_sent)
"""
RELEASE = "UPDATE consent_delivery SET slot = NULL WHERE campaign_id = %s AND slot = %s AND state = 'WAITING'"
HELD = "SELECT DISTINCT slot FROM consent_delivery WHERE campaign_id = %s AND state = 'WAITING' AND slot IS NOT NULL"


PACE = """
INSERT INTO consent_pace AS pace (id, free_from) VALUES (1, clock_timestamp() + %(span)s * interval '1 second')
ON CONFLICT (id) DO UPDATE SET
    free_from = greatest(pace.free_from, clock_timestamp()) + %(span)s * interval '1 second'
RETURNING extract(epoch FROM free_from - clock_timestamp())::float8 - %(span)s
"""
LATE_MARK = MARK.replace("slot + 0 = %(slot)s", "(slot IS NULL OR slot = %(slot)s)")  # freed meanwhile, or not yet


@contextmanager
def hold(campaign):
    """Hold one of the campaign's slots, as long as this database session lives; ``None`` where all are taken."""
    slot = next((slot for slot in range(settings.NOTICE_SENDERS) if lock(campaign, slot)), None)
    try:
        yield slot
    finally:
        if slot is not None:
            with suppress(*DATABASE_AWAY):  # then the lock went with the session
                unlock(campaign, slot)


def lock(campaign, slot):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_SPACE + slot, campaign.pk])
        return cursor.fetchone()[0]


def unlock(campaign, slot):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_SPACE + slot, campaign.pk])


TYPES = {"bigint": 20, "smallint": 21, "integer": 23, "text": 25}  # numbers by which PostgreSQL calls them
PARAMETERS = {
    "id": "bigint", "slot": "smallint", "state": "text", "code": "smallint", "failure": "smallint", "wait": "integer",
    "sent": "integer", "bounced": "integer", "skipped": "integer", "deferred": "integer",
}  # fmt: skip


class Pen:
    """Writes marks over a database session, one at a time: sent at once, its answer read when the next one comes.

    What was sent is written down whatever becomes of this process: the database reads it, and commits it by itself.
    Meanwhile nothing else may be asked of the session.
    """

    NAME = b"office_mark"

    def __init__(self, database):
        self.pgconn = database.pgconn
        rows = database.execute("SELECT 1 FROM pg_prepared_statements WHERE name = %s", [self.NAME.decode()])
        if not rows.fetchone():
            places = {name: f"${place}" for place, name in enumerate(PARAMETERS, 1)}
            sql = re.sub(r"%\((\w+)\)s", lambda found: places[found[1]], MARK)
            self._check(self.pgconn.prepare(self.NAME, sql.encode(), [TYPES[each] for each in PARAMETERS.values()]))

    def send(self, values):
        """Have the mark on its way to the database. Raises one of ``DATABASE_AWAY``."""
        given = [None if values[name] is None else str(values[name]).encode() for name in PARAMETERS]
        self.pgconn.send_query_prepared(self.NAME, given)
        while self.pgconn.flush():
            select.select([self.pgconn.socket], [self.pgconn.socket], [])
            self.pgconn.consume_input()

    def answer(self):
        """Wait for the answer to the mark that was sent: how many rows it marked."""
        while self.pgconn.is_busy():
            select.select([self.pgconn.socket], [], [])
            self.pgconn.consume_input()
        result = self.pgconn.get_result()
        while self.pgconn.get_result():
            pass
        return self._check(result).command_tuples or 0

    @staticmethod
    def _check(result):
        if result is None:
            raise psycopg.OperationalError("the session has ended")
        if result.status != psycopg.pq.ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result)
        return result
