"""The events' table by month, what may not be done to it, and counts that triggers keep."""

from django.db import migrations

from customers.categories import Category, as_number

# In place of the plain table of the migration before: the key holds the column by which it is divided.
EVENTS = """
DROP TABLE customers_event;
CREATE TABLE customers_event (
    at timestamptz NOT NULL,
    line uuid NOT NULL,
    customer_id bigint NOT NULL REFERENCES customers_customer (id) DEFERRABLE INITIALLY DEFERRED,
    kind varchar(16) NOT NULL,
    data text NOT NULL,
    PRIMARY KEY (at, line)
) PARTITION BY RANGE (at);
CREATE INDEX event_of_customer ON customers_event (customer_id, at DESC);

CREATE FUNCTION customers_refuse_change_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('office.may_change_events', true), '') <> 'on' THEN
        RAISE EXCEPTION '% of an event is refused: erasure, retention and rotation of keys alone may', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE ON customers_event
    FOR EACH ROW EXECUTE FUNCTION customers_refuse_change_of_events();
CREATE FUNCTION customers_refuse_truncate_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'TRUNCATE of events is refused' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER event_is_never_truncated BEFORE TRUNCATE ON customers_event
    FOR EACH STATEMENT EXECUTE FUNCTION customers_refuse_truncate_of_events();

-- A month's part, made when the first event of that month comes. The month is that of UTC.
CREATE FUNCTION customers_event_month(moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
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
NO_EVENTS = """
DROP TABLE customers_event;
CREATE TABLE customers_event (
    at timestamptz NOT NULL, line uuid NOT NULL, customer_id bigint NOT NULL, kind varchar(16) NOT NULL,
    data text NOT NULL, PRIMARY KEY (at, line)
);
CREATE INDEX event_of_customer ON customers_event (customer_id, at DESC);
DROP FUNCTION customers_refuse_change_of_events;
DROP FUNCTION customers_refuse_truncate_of_events;
DROP FUNCTION customers_event_month;
"""

# One row a statement and place, so that writers never wait for each other. An alias counts with the record it joined.
COUNTS = """
CREATE FUNCTION customers_count_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO customers_heldcount (place, change)
            SELECT place, count(*) FROM new_rows, generate_series(0, 15) AS place
            WHERE erased_at IS NULL AND merged_into_id IS NULL AND (place = 15 OR (held >> place) & 1 = 1)
            GROUP BY place;
    ELSE
        INSERT INTO customers_heldcount (place, change)
            SELECT place, sum(sign) FROM (
                SELECT held, erased_at, merged_into_id, 1 AS sign FROM new_rows
                UNION ALL SELECT held, erased_at, merged_into_id, -1 FROM old_rows
            ) AS both_rows, generate_series(0, 15) AS place
            WHERE erased_at IS NULL AND merged_into_id IS NULL AND (place = 15 OR (held >> place) & 1 = 1)
            GROUP BY place HAVING sum(sign) <> 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER customer_inserts_are_counted AFTER INSERT ON customers_customer
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION customers_count_held();
CREATE TRIGGER customer_updates_are_counted AFTER UPDATE ON customers_customer
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION customers_count_held();
INSERT INTO customers_heldcount (place, change)
    SELECT 15, count(*) FROM customers_customer WHERE erased_at IS NULL AND merged_into_id IS NULL
    HAVING count(*) > 0;
"""
NO_COUNTS = """
DROP TRIGGER customer_inserts_are_counted ON customers_customer;
DROP TRIGGER customer_updates_are_counted ON customers_customer;
DROP FUNCTION customers_count_held;
DELETE FROM customers_heldcount;
"""
COLUMNS = {
    "name": Category.NAME, "birth_date": Category.BIRTH, "age": Category.BIRTH, "sex": Category.SEX,
    "email": Category.EMAIL, "telephone": Category.TELEPHONE, "address": Category.ADDRESS,
}  # fmt: skip


def say_what_is_held(apps, schema_editor):
    """For rows that were there before: whether a sealed value is empty shows only when it is opened."""
    customers = apps.get_model("customers", "Customer").objects
    rows = customers.filter(erased_at__isnull=True, held=0).only("pk", *COLUMNS).order_by("pk")
    changed = []
    for row in rows.iterator(chunk_size=1000):
        row.held = as_number({category for name, category in COLUMNS.items() if getattr(row, name)})
        changed.append(row)
        if len(changed) == 1000:
            customers.bulk_update(changed, ["held"])
            changed = []
    customers.bulk_update(changed, ["held"])


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_categories_events_media_merges")]

    operations = [
        migrations.RunSQL(EVENTS, NO_EVENTS),
        migrations.RunSQL(COUNTS, NO_COUNTS),
        migrations.RunPython(say_what_is_held, migrations.RunPython.noop),
    ]
