import pytest
from django.db import DatabaseError, connection, transaction

from config.sink import Sink


@pytest.fixture
def sink(settings):
    """A real SMTP server on loopback, to which notices go."""
    with Sink() as server:
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = server.port
        yield server


@pytest.fixture
def assert_refused(db):
    """``assert_refused(sql, words, parameters)``: the database itself refuses it, and says these words (a pattern).

    What was deferred is checked before: else ``TRUNCATE`` fails for that, whatever a guard says.
    """

    def try_it(sql, words, parameters=None):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            with pytest.raises(DatabaseError, match=words), transaction.atomic():
                cursor.execute(sql, parameters)

    return try_it
