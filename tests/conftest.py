"""Fixtures that every test may use: a database whose rows are committed, and the office's real processes on it."""

import secrets

import psycopg
import pytest
import redis
from django.conf import global_settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from config.crew import Crew
from config.embedded import free_port
from config.sink import Sink
from tests.served import environment


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """The migrated database, whichever tests were chosen: ``committed`` is cloned from it."""
    with django_db_blocker.unblock():
        databases = setup_databases(verbosity=0, interactive=False, aliases={"default"})
    yield
    with django_db_blocker.unblock():
        teardown_databases(databases, verbosity=0)


@pytest.fixture(autouse=True)
def _no_counters_of_other_tests():
    """Limits and queued hints lie in Valkey, which knows no transactions."""
    cache.clear()


@pytest.fixture
def committed(django_db_setup, django_db_blocker, tmp_path, settings):
    """A database of its own, cloned from the migrated one: what a test does there is committed, and gone after it.

    For what only shows between transactions. The triggers of the trail refuse the flush by which Django would clean up.
    Its sealed files and seals lie in folders of its own.
    """
    settings.SEALS_FOLDER = tmp_path / "seals"
    settings.FILES_FOLDER = tmp_path / "files"
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
                yield name
            finally:
                connection.close()
                connection.settings_dict["NAME"] = template
                try:
                    control.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
                except psycopg.errors.InsufficientPrivilege:  # an autovacuum is in it: a plain DROP sends it away
                    control.execute(f'DROP DATABASE "{name}"')


@pytest.fixture
def smtp_sink():
    """A real SMTP server; what it was sent stands in ``smtp_sink.mails``."""
    with Sink() as sink:
        yield sink


@pytest.fixture
def crew(committed, smtp_sink, tmp_path, settings):
    """Starts real processes on the test's database: ``crew.worker()``, ``crew.beat()``, ``crew.web()``."""
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS  # the web process must know them
    settings.SITE_URL = f"http://127.0.0.1:{free_port()}"
    settings.EMAIL_PORT = smtp_sink.port
    crew = Crew(tmp_path / "logs", environment(database=committed))
    yield crew
    crew.stop()


@pytest.fixture
def worker(crew):
    """A real worker, with the clock beside it."""
    crew.beat()
    return crew.worker()


@pytest.fixture
def web(crew, settings):
    """A real web server; its address is ``web.url``, and mails link to it."""
    return crew.web(int(settings.SITE_URL.rsplit(":", 1)[1]))


@pytest.fixture
def limits_anew(settings):
    """Nobody has used up anything yet: the counters of visitors outlive a test's database."""
    store = redis.Redis.from_url(settings.REDIS_URL)
    for name in store.scan_iter("limit:*"):
        store.delete(name)
    store.close()
