"""A month's part is made beside its table and then attached: who reads or writes events meanwhile waits for nothing.

The lock is taken on the table itself. Under an advisory lock the second of two that made the same month did not see
what the first had made, since a session learns of new tables when it takes a lock on one.
"""

from django.db import migrations

ATTACHED = """
CREATE OR REPLACE FUNCTION customers_event_month(moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first timestamptz := date_trunc('month', moment, 'UTC');
    part text := 'customers_event_' || to_char(first AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    IF to_regclass(part) IS NULL THEN
        LOCK TABLE customers_event IN SHARE UPDATE EXCLUSIVE MODE;
        IF to_regclass(part) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE customers_event INCLUDING DEFAULTS)', part);
            EXECUTE format('ALTER TABLE customers_event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                           part, first, date_trunc('month', first + interval '32 days', 'UTC'));
            EXECUTE format('CREATE TRIGGER event_is_never_truncated BEFORE TRUNCATE ON %I FOR EACH STATEMENT'
                           ' EXECUTE FUNCTION customers_refuse_truncate_of_events()', part);
        END IF;
    END IF;
END $$;
"""
MADE_IN_PLACE = """
CREATE OR REPLACE FUNCTION customers_event_month(moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first timestamptz := date_trunc('month', moment, 'UTC');
    part text := 'customers_event_' || to_char(first AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    IF to_regclass(part) IS NULL THEN
        PERFORM pg_advisory_xact_lock(205848578);
        IF to_regclass(part) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF customers_event FOR VALUES FROM (%L) TO (%L)',
                           part, first, date_trunc('month', first + interval '32 days', 'UTC'));
            EXECUTE format('CREATE TRIGGER event_is_never_truncated BEFORE TRUNCATE ON %I FOR EACH STATEMENT'
                           ' EXECUTE FUNCTION customers_refuse_truncate_of_events()', part);
        END IF;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0008_key_rotation")]

    operations = [migrations.RunSQL(ATTACHED, MADE_IN_PLACE)]
