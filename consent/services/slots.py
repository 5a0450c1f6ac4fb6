"""Who sends what: the places that senders of a notice hold, and the statements by which they take and mark mails."""

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
