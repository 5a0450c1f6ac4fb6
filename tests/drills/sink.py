"""The mail sink as a process of its own, so that a drill's senders and its counting do not share a processor's turn.

``python -m tests.drills.sink FOLDER [--delay SECONDS]`` listens on a free port of 127.0.0.1, writes the number to
``FOLDER/port``, and one line ``<recipient> <Message-ID>`` per mail to ``FOLDER/taken`` at the moment at which the mail
is whole, before it answers: the strictest way to count what was sent twice.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from config.sink import Sink

MESSAGE_ID = re.compile(rb"^Message-ID: (<[^>]*>)", re.MULTILINE | re.IGNORECASE)


class Journal(Sink):
    """Keeps a line of each mail, in a file."""

    def __init__(self, path, **options):
        super().__init__(**options)
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def keep(self, mail):
        found = MESSAGE_ID.search(mail.content)
        said = found[1].decode() if found else "-"
        os.write(self.file, "".join(f"{recipient} {said}\n" for recipient in mail.recipients).encode())


class Process:
    """What a drill sees of the sink beside it."""

    def __init__(self, folder, process):
        self.taken = Path(folder) / "taken"
        self.port = int((Path(folder) / "port").read_text())
        self.process = process
        self._seen = 0
        self._position = 0

    def count(self):
        """How many mails it took so far; reads only what is new."""
        with self.taken.open("rb") as file:
            file.seek(self._position)
            for chunk in iter(lambda: file.read(1 << 20), b""):
                self._seen += chunk.count(b"\n")
                self._position += len(chunk)
        return self._seen

    def lines(self):
        """``(recipient, message_id)`` of every mail, in the order in which they came."""
        return [tuple(line.split(" ", 1)) for line in self.taken.read_text().splitlines()]


@contextmanager
def sink(folder, delay=0.0, *, module="tests.drills.sink", options=()):
    """Run the sink as a process with its data under ``folder``. ``module`` may be one with moods of its own."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "taken").touch()
    process = subprocess.Popen([sys.executable, "-m", module, str(folder), "--delay", str(delay), *options])
    try:
        while not (folder / "port").exists():
            if process.poll() is not None:
                raise RuntimeError("the sink did not start")
            time.sleep(0.02)
        yield Process(folder, process)
    finally:
        process.terminate()
        process.wait()


def serve(folder, journal):
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_signal: ended.set())
    with journal:
        waiting = folder / "port.new"
        waiting.write_text(str(journal.port))
        waiting.rename(folder / "port")
        ended.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--delay", type=float, default=0.0)
    options = parser.parse_args()
    serve(options.folder, Journal(options.folder / "taken", delay=options.delay))
