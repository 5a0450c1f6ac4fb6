"""L2: UPDATE, DELETE, TRUNCATE and upsert on the trail as the application's role. All are refused."""

import psycopg
from django.db import connection, transaction
from django.utils import timezone

from audit.models import Access, Actor, Office, Seal
from audit.services import access, sequencer
from audit.services.trail import record

from .world import world

QUICK = True
KEYS = {"audit_entry": "id", "audit_link": "position", "audit_seal": "id", "audit_access": "id"}
STATEMENTS = {
    "UPDATE one": "UPDATE {table} SET {key} = {key} WHERE {key} = (SELECT min({key}) FROM {table})",
    "UPDATE all": "UPDATE {table} SET {key} = {key} + 1",
    "UPDATE none": "UPDATE {table} SET {key} = {key} WHERE false",
    "UPDATE by join": "UPDATE {table} SET {key} = o.{key} FROM {table} o WHERE o.{key} = {table}.{key}",
    "UPDATE in WITH": "WITH changed AS (UPDATE {table} SET {key} = {key} RETURNING 1) SELECT count(*) FROM changed",
    "DELETE one": "DELETE FROM {table} WHERE {key} = (SELECT max({key}) FROM {table})",
    "DELETE all": "DELETE FROM {table}",
    "DELETE in WITH": "WITH gone AS (DELETE FROM {table} RETURNING *) SELECT count(*) FROM gone",
    "TRUNCATE": "TRUNCATE {table}",
    "TRUNCATE CASCADE": "TRUNCATE {table} RESTART IDENTITY CASCADE",
    "TRUNCATE several": "TRUNCATE audit_job, {table}",
    "upsert": "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET {key} = EXCLUDED.{key}",
    "upsert that meets nothing": "INSERT INTO {table} SELECT * FROM {table} WHERE false"
                                 " ON CONFLICT ({key}) DO UPDATE SET {key} = EXCLUDED.{key}",
    "MERGE update": "MERGE INTO {table} t USING {table} s ON t.{key} = s.{key}"
                    " WHEN MATCHED THEN UPDATE SET {key} = s.{key}",
    "MERGE delete": "MERGE INTO {table} t USING {table} s ON t.{key} = s.{key} WHEN MATCHED THEN DELETE",
    "row lock then DELETE by cursor": "DO $$ DECLARE c CURSOR FOR SELECT * FROM {table} FOR UPDATE; r record;"
                                      " BEGIN OPEN c; FETCH c INTO r; DELETE FROM {table} WHERE CURRENT OF c; END $$",
    "triggers off for the session": "SET session_replication_role = replica; DELETE FROM {table}",
}  # fmt: skip


def run(size):
    with world(size) as here:
        fill()
        before = contents()
        tried, refused = 0, 0
        with psycopg.connect(here.database_url, autocommit=True) as office:
            role, is_super, is_owner = office.execute(
                "SELECT current_user, rolsuper, tableowner = current_user FROM pg_roles, pg_tables"
                " WHERE rolname = current_user AND tablename = 'audit_entry'"
            ).fetchone()
            print(f"    as {role}: superuser {is_super}, owner of the tables {is_owner}")
            for table, key in KEYS.items():
                for name, statement in STATEMENTS.items():
                    tried += 1
                    try:
                        office.execute(statement.format(table=table, key=key))
                    except (psycopg.errors.RestrictViolation, psycopg.errors.InsufficientPrivilege):
                        refused += 1
                    else:
                        print(f"    NOT REFUSED: {name} on {table}")
                    office.execute("ROLLBACK")
        unchanged = contents() == before
        fill()
        grows = contents() != before
        counts = {
            "statements": len(STATEMENTS), "tables": len(KEYS), "tried": tried, "refused": refused,
            "rows unchanged": unchanged, "rows can still be added": grows,
        }  # fmt: skip
        return {"counts": counts, "met": tried == refused and unchanged and grows and not is_super}


def fill():
    for number in range(5):
        with transaction.atomic():
            record("drill.done", subject=f"drill:{number}", by=Actor.system())
        access.note(
            Office.objects.get(), fields=["email"], reason=Access.Reason.AUDIT, case_number="L2", by=Actor.system()
        )
    sequencer.sequence()
    if not Seal.objects.exists():
        sequencer.seal_if_due(force=True, now=timezone.now())


def contents():
    with connection.cursor() as cursor:
        found = {}
        for table, key in KEYS.items():
            cursor.execute(f"SELECT * FROM {table} ORDER BY {key}")
            found[table] = [tuple(map(str, row)) for row in cursor.fetchall()]
        return found
