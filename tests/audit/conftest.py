"""Rows that are committed, for what only shows between transactions."""

import secrets

import psycopg
import pytest
from django.db import connection


@pytest.fixture
def committed(django_db_setup, django_db_blocker, tmp_path, settings):
    """A database of its own, cloned from the migrated one: what a test does there is committed, and gone after it."""
    settings.SEALS_FOLDER = tmp_path / "seals"
    template, name = connection.settings_dict["NAME"], f"committed_{secrets.token_hex(4)}"
    with django_db_blocker.unblock():
        connection.close()
        server = {**connection.get_connection_params(), "dbname": "postgres", "autocommit": True}
        for name_of_ours in ("context", "cursor_factory", "prepare_threshold"):
            server.pop(name_of_ours, None)
        with psycopg.connect(**server) as control:
            control.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
            connection.settings_dict["NAME"] = name
            try:
                yield
            finally:
                connection.close()
                connection.settings_dict["NAME"] = template
                control.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
