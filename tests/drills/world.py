"""A world for one drill or benchmark: embedded servers, a migrated database, Django on it, real processes beside it."""

import atexit
import logging
import os
import secrets
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

import django
import psycopg
from cryptography.fernet import Fernet

from config.crew import Crew
from config.embedded import free_port, scratch, servers
from config.sink import Sink

OFFICE = Path(__file__).resolve().parents[2] / ".office"

_worlds = []


class World:
    """What a drill may start, stop and break. ``environment`` is what every process started from now on is given."""

    def __init__(self, folder, running, environment, stack):
        self.folder = folder
        self.environment = environment
        self.postgres = running.postgres
        self.valkey = running.valkey
        self.database_url, self.redis_url = running
        self.crew = Crew(folder / "logs", environment)
        self._stack = stack
        stack.callback(self.crew.stop)

    def start_worker(self, concurrency=2, **environment):
        """A worker process; ``.pid``, ``.kill()`` (with its pool), ``.stop()``, ``.start()`` again."""
        self.crew.environment.update(environment)
        return self.crew.worker(concurrency)

    def start_beat(self):
        return self.crew.beat()

    def start_web(self, **options):
        """The web server; its address is ``.url``."""
        return self.crew.web(int(self.environment["SITE_URL"].rsplit(":", 1)[1]), **options)

    def start_sink(self, delay=0, answer=None):
        """An SMTP server that keeps what it is sent in ``.mails``. Start it before what sends to it."""
        from django.conf import settings  # noqa: PLC0415  there are no settings before the world stands

        sink = self._stack.enter_context(Sink(delay=delay, answer=answer))
        settings.EMAIL_PORT = sink.port
        self.crew.environment["EMAIL_PORT"] = self.environment["EMAIL_PORT"] = str(sink.port)
        return sink

    def flush_broker(self):
        self.valkey.client().flushall()

    def stop_broker(self):
        self.valkey.stop()

    def start_broker(self):
        """At its old address."""
        self.valkey.start()

    def as_superuser(self, statement):
        """Run one statement as the server's superuser, which the application is not."""
        with psycopg.connect(self.postgres.url("office", "postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def crash_database(self):
        """Stop it as ``immediate`` does, and start it again."""
        self.postgres.crash()
        self.postgres.start()


@contextmanager
def world(size="small"):
    """The world of this process, as :class:`World`; it is made at the first call and stands until the process ends."""
    if not _worlds:
        stack = ExitStack()
        atexit.register(stack.close)
        _worlds.append(_make(stack))
    yield _worlds[0]


def _make(stack):
    folder = stack.enter_context(scratch(OFFICE, "drill"))
    running = stack.enter_context(servers(folder, durable=True))
    for name in ("TMPDIR", "files", "seals"):
        (folder / name).mkdir()
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_ENCRYPTION_KEY": Fernet.generate_key().decode(),
        "SEARCH_INDEX_KEY": secrets.token_hex(32),
        "AUDIT_KEY": secrets.token_hex(32),
        "SITE_URL": f"http://127.0.0.1:{free_port()}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "DATABASE_URL": running.database_url,
        "REDIS_URL": running.redis_url,
        "FILES_FOLDER": str(folder / "files"),
        "SEALS_FOLDER": str(folder / "seals"),
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(free_port()),
        "TMPDIR": str(folder / "TMPDIR"),
    }
    for name in environment:
        os.environ.pop(f"{name}_FILE", None)
    os.environ.update(environment)
    tempfile.tempdir = None  # read TMPDIR anew: what is left lying there is part of what drills look at
    django.setup()
    logging.getLogger("django").setLevel(logging.CRITICAL)  # a drill asks for what is refused by the thousand
    from django.core.management import call_command  # noqa: PLC0415  there was no Django to import from

    call_command("migrate", verbosity=0)
    return World(folder, running, environment, stack)
