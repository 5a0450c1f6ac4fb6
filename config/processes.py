"""Child processes that end with us: each in a process group of its own, so that Ctrl-C reaches only their keeper."""

import functools
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path


@functools.cache
def setpriv():
    """The path of Linux's `setpriv` where it can tie a child's life to ours, else ``None``."""
    path = shutil.which("setpriv", path="/usr/bin:/bin:/usr/sbin:/sbin")
    if path:
        said = subprocess.run([path, "--help"], capture_output=True, text=True, check=False).stdout
        if "--pdeathsig" in said:
            return path
    return None


class Process:
    """A command that can be started, watched, killed and started again.

    ``stop_signal`` asks it to end. ``options`` are given to `setpriv`, where there is one. On Linux it also ends when
    the keeper is killed with -9.
    """

    def __init__(self, name, command, *, log, folder, environment=None, stop_signal=signal.SIGTERM, options=()):
        self.name = name
        self.command = [str(part) for part in command]
        self.log = Path(log)
        self.folder = folder
        self.environment = environment
        self.stop_signal = stop_signal
        self.options = list(options)
        self.child = None

    @property
    def running(self):
        return self.child is not None and self.child.poll() is None

    @property
    def pid(self):
        return self.child.pid

    def start(self):
        command = self.command
        if setpriv():
            ends_with_us = f"--pdeathsig={signal.Signals(self.stop_signal).name.removeprefix('SIG')}"
            command = [setpriv(), ends_with_us, *self.options, "--", *command]
        with os.fdopen(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
            self.child = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def ask_to_stop(self):
        if self.running:
            self.child.send_signal(self.stop_signal)

    def stop(self, patience=15):
        """Ask it to end, wait, then end it and all that it started."""
        if self.child is None:
            return
        self.ask_to_stop()
        with suppress(subprocess.TimeoutExpired):
            self.child.wait(patience)
        self.kill()

    def kill(self):
        """End the whole group at once."""
        if self.child is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()

    def last_words(self, lines=15):
        """The end of its log, for an error message."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def wait_until(self, ready, *, patience=30, pause=0.05):
        """Return when ``ready()`` is true; raise :class:`DidNotStart` when the process ended or time is over."""
        end = time.monotonic() + patience
        while not ready():
            if not self.running or time.monotonic() > end:
                self.kill()
                raise DidNotStart(f"{self.name} did not start. The end of {self.log}:\n{self.last_words()}")
            time.sleep(pause)
        return self


class DidNotStart(Exception):
    """A child process ended, or was not ready in time; the message ends with the end of its log."""


def stop_all(processes, patience=15):
    """Ask all to end at once, then wait for each."""
    for process in processes:
        process.ask_to_stop()
    end = time.monotonic() + patience
    for process in processes:
        process.stop(max(0.1, end - time.monotonic()))
