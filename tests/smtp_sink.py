"""A small SMTP server for tests, drills and benchmarks: takes every mail on loopback and writes down what it took.

As a process of its own: ``python -m tests.smtp_sink FOLDER [--delay SECONDS]``. It listens on a free port of 127.0.0.1,
writes the number to ``FOLDER/port``, and one line ``<recipient> <Message-ID>`` per mail to ``FOLDER/taken`` at the
moment at which the mail is whole, before it answers: the strictest way to count what was sent twice.
"""

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

MESSAGE_ID = re.compile(rb"^Message-ID: (<[^>]*>)", re.MULTILINE | re.IGNORECASE)
DROP = -1  # as an answer: close the connection without a word


class Conversation(asyncio.Protocol):
    """One connection. ``server.answer(phase, recipient)`` gives the code for ``RCPT`` and ``DATA``."""

    def __init__(self, server):
        self.server = server
        self.buffer = b""
        self.in_data = False
        self.recipient = ""

    def connection_made(self, transport):
        self.transport = transport
        code = self.server.answer("CONNECT", "")
        self.say(code, "sink")
        if code != 220:
            transport.close()

    def data_received(self, data):
        self.buffer += data
        while True:
            if self.in_data:
                mail, end, rest = self.buffer.partition(b"\r\n.\r\n")
                if not end:
                    return
                self.buffer, self.in_data = rest, False
                self.take(mail)
            else:
                line, end, rest = self.buffer.partition(b"\r\n")
                if not end:
                    return
                self.buffer = rest
                self.obey(line)

    def obey(self, line):
        verb = line[:4].upper()
        if verb == b"RCPT":
            self.recipient = line[line.index(b"<") + 1 : line.rindex(b">")].decode()
            self.say(self.server.answer("RCPT", self.recipient), "recipient")
        elif verb == b"DATA":
            self.in_data = True
            self.say(354, "go on")
        elif verb == b"EHLO":
            self.transport.write(b"250-sink\r\n250 8BITMIME\r\n")
        elif verb == b"QUIT":
            self.say(221, "bye")
            self.transport.close()
        else:
            self.say(250, "fine")

    def take(self, mail):
        code = self.server.answer("DATA", self.recipient)
        if code == 250:
            found = MESSAGE_ID.search(mail)
            self.server.take(self.recipient, found[1].decode() if found else "-", mail)
        if self.server.delay:
            asyncio.get_running_loop().call_later(self.server.delay, self.say, code, "taken")
        else:
            self.say(code, "taken")

    def say(self, code, words):
        if code == DROP:
            self.transport.abort()
        elif not self.transport.is_closing():
            self.transport.write(f"{code} {words}\r\n".encode())
            if code == 421:
                self.transport.close()


class Sink:
    """The server in a thread of the test: ``mails`` holds what it took, ``answers`` says how to answer."""

    def __init__(self, answers=None, delay=0.0):
        self.answers = answers or (lambda phase, recipient: None)
        self.delay = delay
        self.mails = []
        self.asked = []
        self.port = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()

    def answer(self, phase, recipient):
        self.asked.append((phase, recipient))
        return self.answers(phase, recipient) or (220 if phase == "CONNECT" else 250)

    def take(self, recipient, message_id, mail):
        self.mails.append((recipient, message_id, mail))

    @property
    def recipients(self):
        return sorted(recipient for recipient, _message_id, _mail in self.mails)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(lambda: Conversation(self), "127.0.0.1", self.port or 0)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.close()

    def __enter__(self):
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_error):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()


class File:
    """The server as a process: takes everything and writes a line for each."""

    def __init__(self, path, delay):
        self.delay = delay
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def answer(self, phase, recipient):
        return 220 if phase == "CONNECT" else 250

    def take(self, recipient, message_id, mail):
        os.write(self.file, f"{recipient} {message_id}\n".encode())


class Process:
    """What a drill sees of a sink that runs as a process of its own."""

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
def sink(folder, delay=0.0):
    """Run the sink as a process with its data under ``folder``."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "taken").touch()
    process = subprocess.Popen([sys.executable, "-m", "tests.smtp_sink", str(folder), "--delay", str(delay)])
    try:
        while not (folder / "port").exists():
            if process.poll() is not None:
                raise RuntimeError("the sink did not start")
            time.sleep(0.02)
        yield Process(folder, process)
    finally:
        process.terminate()
        process.wait()


async def serve(folder, delay):
    server_side = File(folder / "taken", delay)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Conversation(server_side), "127.0.0.1", 0)
    waiting = folder / "port.new"
    waiting.write_text(str(server.sockets[0].getsockname()[1]))
    waiting.rename(folder / "port")
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--delay", type=float, default=0.0)
    options = parser.parse_args()
    asyncio.run(serve(options.folder, options.delay))
