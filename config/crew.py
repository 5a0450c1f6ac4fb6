"""The office's own processes, as the demo, tests and drills start them: web server, workers, clock."""

import os
import sys
import urllib.error
import urllib.request
from pathlib import Path

from .embedded import free_port
from .processes import Process, stop_all

BASE = Path(__file__).resolve().parents[1]


class Crew:
    """Starts processes that share one environment, and ends them all. Logs lie in ``folder``."""

    def __init__(self, folder, environment):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        self.environment = {**inherited, "PYTHONUNBUFFERED": "1", **environment}
        self.processes = []

    def web(self, port=None, *, workers=1, threads=4, wait=True):
        """gunicorn on loopback; returns when it answers. Its address is ``web.url``."""
        port = port or free_port()
        web = self._start(
            "web", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}", "--workers", workers,
            "--threads", threads, "--no-control-socket", "--worker-tmp-dir", self.folder, "--graceful-timeout", 5,
            "--log-level", "warning",
        )  # fmt: skip
        web.url = f"http://127.0.0.1:{port}"
        return wait_for(web) if wait else web

    def worker(self, concurrency=2, name=""):
        number = sum(process.name.startswith("worker") for process in self.processes) + 1
        return self._start(
            name or f"worker{number}", "celery", "-A", "config.celery", "worker", "--concurrency", concurrency,
            "--hostname", f"office{number}@localhost", "--without-gossip", "--without-mingle", "--without-heartbeat",
        )  # fmt: skip

    def beat(self):
        place = self.folder / "beat"
        return self._start("beat", "celery", "-A", "config.celery", "beat", "--pidfile=", "--schedule", place)

    def stop(self):
        stop_all(self.processes)
        self.processes.clear()

    def _start(self, name, module, *arguments):
        command = [sys.executable, "-m", module, *arguments]
        process = Process(name, command, log=self.folder / f"{name}.log", folder=BASE, environment=self.environment)
        self.processes.append(process)
        return process.start()


def wait_for(web):
    """Return the web process when it answers; raise ``DidNotStart``."""
    return web.wait_until(lambda: _answers(web.url), patience=60)


def _answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True  # whatever it says, it speaks
    except OSError:
        return False
