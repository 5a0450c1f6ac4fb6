"""The trail refuses to be changed, and the rows that every office begins with."""

import datetime as dt

from django.db import migrations

INSERT_ONLY = ["audit_entry", "audit_link", "audit_seal", "audit_access"]

REFUSE = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: its rows are only ever added', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""
# Per statement, so that adding rows costs nothing and a statement that would hit no row is refused as well. An upsert
# (INSERT ... ON CONFLICT DO UPDATE) fires it too, whether or not a row is there.
GUARD = """
CREATE TRIGGER {table}_is_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""
UNGUARD = "DROP TRIGGER {table}_is_insert_only ON {table};"


def first_actors(apps, schema_editor):
    actor = apps.get_model("audit", "Actor")
    actor.objects.create(pk=1, kind="SYSTEM")
    actor.objects.create(pk=2, kind="REQUESTER")
    schema_editor.execute("SELECT setval(pg_get_serial_sequence('audit_actor', 'id'), 10)")


def first_office(apps, schema_editor):
    # The spelling in Japanese of the name and of the representative is not among the confirmed facts: the office enters
    # its registered spelling in the admin. An empty account is announced by mail, which its readers say.
    apps.get_model("audit", "Office").objects.create(
        pk=1,
        name_ja="Office Ant Ltd.（オフィスアント）",
        name_en="Office Ant Ltd.",
        representative_ja="ヤマザキ トモヒコ",
        representative_en="Tomohiko Yamazaki",
        postcode="194-0032",
        address_ja="東京都町田市本町田2918-1 オークテラスK102",
        address_en="Oak Terrace K102, 2918-1 Honmachida, Machida City, Tokyo 194-0032",
        email="info@office-ant.co.jp",
        established_on=dt.date(2022, 6, 7),
        disclosure_fee=1000,
    )


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(
            REFUSE + "".join(GUARD.format(table=table) for table in INSERT_ONLY),
            "".join(UNGUARD.format(table=table) for table in INSERT_ONLY) + "DROP FUNCTION audit_refuse_change();",
        ),
        migrations.RunPython(first_actors, migrations.RunPython.noop),
        migrations.RunPython(first_office, migrations.RunPython.noop),
    ]
