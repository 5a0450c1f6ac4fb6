"""Fixtures that every test may use."""

import secrets

import psycopg
import pytest
from django.db import connection
from django.test.utils import setup_databases, teardown_databases


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """The migrated database, whichever tests were chosen: ``committed`` is cloned from it."""
    with django_db_blocker.unblock():
        databases = setup_databases(verbosity=0, interactive=False, aliases={"default"})
    yield
    with django_db_blocker.unblock():
        teardown_databases(databases, verbosity=0)


@pytest.fixture
def committed(django_db_setup, django_db_blocker, tmp_path, settings):
    """A database of its own, cloned from the migrated one: what a test does there is committed, and gone after it.

    For what only shows between transactions. The triggers of the trail refuse the flush by which Django would clean up.
    """
    settings.SEALS_FOLDER = tmp_path / "seals"
    template, name = connection.settings_dict["NAME"], f"committed_{secrets.token_hex(4)}"
    with django_db_blocker.unblock():
        connection.close()
        server = {**connection.get_connection_params(), "dbname": "postgres", "autocommit": True}
        for only_for_django in ("context", "cursor_factory", "prepare_threshold"):
            server.pop(only_for_django, None)
        with psycopg.connect(**server) as control:
            control.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
            connection.settings_dict["NAME"] = name
            try:
                yield
            finally:
                connection.close()
                connection.settings_dict["NAME"] = template
                control.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
