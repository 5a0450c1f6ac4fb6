"""The servers of the demo, tests and drills: private, found again after a crash, gone when we are."""

import os
import signal
import socket
import stat
import subprocess
import sys

import psutil
import psycopg
import pytest
from django.conf import settings

from config.embedded import AlreadyRunning, Postgres, free_port, scratch, servers

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def far_away(tmp_path):
    """A folder with spaces, capitals, a quote, other scripts, and a path too long for a socket."""
    folder = tmp_path / "A Folder's name" / ("long-" * 20) / "事務所"
    folder.mkdir(parents=True)
    return folder


def test_both_servers_run_wherever_the_clone_lies(far_away):
    with servers(far_away / "demo", durable=False) as running:
        with psycopg.connect(running.database_url) as connection:
            user, superuser = connection.execute(
                "SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
        assert (user, superuser) == ("office", False)
        assert running.valkey.client().ping()
        assert stat.S_IMODE((far_away / "demo" / "postgres").stat().st_mode) == 0o700
        assert stat.S_IMODE(running.postgres.socket_folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((far_away / "demo" / "valkey" / "valkey.conf").stat().st_mode) == 0o600
        postgres, valkey = psutil.Process(running.postgres.pid), psutil.Process(running.valkey.pid)
        listening = [each.laddr.ip for process in (postgres, valkey) for each in process.net_connections("inet")]
        assert set(listening) <= {"127.0.0.1"}
        with pytest.raises(AlreadyRunning), servers(far_away / "demo"):
            pass

    assert not postgres.is_running()
    assert not valkey.is_running()


def test_a_pid_file_left_by_a_killed_server_is_no_hindrance(tmp_path):
    with servers(tmp_path, durable=False):
        pass
    lines = f"{os.getpid()}\n{tmp_path / 'postgres'}\n0\n5432\n\n\n0 0\nready\n"
    (tmp_path / "postgres" / "postmaster.pid").write_text(lines)

    with servers(tmp_path, durable=False) as running, psycopg.connect(running.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_server_that_outlived_its_keeper_is_stopped_first(tmp_path):
    with servers(tmp_path, durable=False) as running:
        Postgres(tmp_path).end_stray()

        assert running.postgres.child.wait(20) is not None


def test_a_crash_costs_nothing_that_was_committed(tmp_path):
    with servers(tmp_path, durable=False) as running:
        with psycopg.connect(running.database_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        for end in (running.postgres.crash, running.postgres.kill):
            end()
            running.postgres.start()
        running.valkey.kill()
        address = running.valkey.url
        running.valkey.start()

        assert running.valkey.url == address
        with psycopg.connect(running.database_url) as connection:
            assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone ties a child's life to its parent's")
def test_the_servers_end_with_a_keeper_that_is_killed(tmp_path):
    code = (
        "import sys, time; from config.embedded import servers\n"
        "with servers(sys.argv[1], durable=False) as s:\n"
        "    print(s.postgres.pid, s.valkey.pid, flush=True); time.sleep(60)"
    )
    keeper = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True
    )
    with keeper:
        servers_of_it = [psutil.Process(int(pid)) for pid in keeper.stdout.readline().split()]
        keeper.send_signal(signal.SIGKILL)
    _gone, left = psutil.wait_procs(servers_of_it, timeout=20)

    assert len(servers_of_it) == 2
    assert not left


def test_what_killed_runs_left_is_swept(tmp_path, monkeypatch):
    monkeypatch.setattr("config.embedded.YOUNG", 0)
    left = tmp_path / "test-left"
    left.mkdir()

    with scratch(tmp_path, "test") as kept, scratch(tmp_path, "test"):
        assert kept.exists()
        assert not left.exists()
    assert not list(tmp_path.glob("test-*"))


def test_the_next_free_port_is_found():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert free_port(port) > port
