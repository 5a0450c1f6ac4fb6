"""An SMTP server on loopback that keeps what it is sent: for the demo, tests and drills.

As small as it can be: a drill starts it where each answer is timed. It is strict about the order of commands, since a
sender of ours speaks to it that writes its own lines.
"""

import asyncio
import itertools
import os
import re
import threading
import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

DROP = -1  # as an answer: close the connection without a word
FINE = {"CONNECT": "220 sink.invalid", "RCPT": "250 recipient", "DATA": "250 kept"}
ADDRESS = re.compile(rb"[^:]*:\s*<([^<>]*)>.*", re.DOTALL)

GREETING = "250-sink.invalid\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8"


@dataclass(frozen=True)
class Mail:
    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self):
        return message_from_bytes(self.content, policy=policy.default)


class Conversation(asyncio.Protocol):
    """One connection. ``sink.said(phase, mail)`` gives the answer and ``sink.keep(mail)`` takes a whole mail."""

    def __init__(self, sink):
        self.sink = sink
        self.buffer = b""
        self.in_data = False
        self.forget()

    def forget(self):
        self.sender, self.recipients = None, ()

    def mail(self, content=b""):
        return Mail(self.sender or "", self.recipients, content)

    def connection_made(self, transport):
        self.transport = transport
        said = self.sink.said("CONNECT", self.mail())
        self.say(said)
        if said != FINE["CONNECT"]:
            transport.close()

    def data_received(self, data):
        self.buffer += data
        while True:
            mark = b"\r\n.\r\n" if self.in_data else b"\r\n"
            piece, end, rest = self.buffer.partition(mark)
            if not end:
                return
            self.buffer = rest
            if self.in_data:
                self.in_data = False
                self.take(piece)
            else:
                self.obey(piece)

    def obey(self, line):
        verb = line[:4].upper()
        if verb in (b"EHLO", b"HELO"):
            self.forget()
            self.say(GREETING if verb == b"EHLO" else "250 sink.invalid")
        elif verb == b"MAIL":
            self.begin(line)
        elif verb == b"RCPT":
            self.add(line)
        elif verb == b"DATA":
            self.in_data = bool(self.recipients)
            self.buffer = b"\r\n" + self.buffer if self.in_data else self.buffer  # a mail may begin with its end
            self.say("354 go on" if self.in_data else "503 to whom?")
        elif verb == b"QUIT":
            self.say("221 bye")
            self.transport.close()
        elif verb in (b"RSET", b"NOOP"):
            self.forget() if verb == b"RSET" else None
            self.say("250 fine")
        else:
            self.say("500 what?")

    def begin(self, line):
        found = ADDRESS.fullmatch(line)
        if self.sender is not None or not found:
            self.say("503 one after the other" if found else "501 from whom?")
            return
        self.sender = found[1].decode("utf-8", "replace")
        self.say("250 sender")

    def add(self, line):
        found = ADDRESS.fullmatch(line)
        if self.sender is None or not found:
            self.say("501 to whom?" if self.sender is not None else "503 from whom?")
            return
        before = self.recipients
        self.recipients = (*before, found[1].decode("utf-8", "replace"))
        said = self.sink.said("RCPT", self.mail())
        if said != FINE["RCPT"]:
            self.recipients = before
        self.say(said)

    def take(self, piece):
        mail = self.mail((piece + b"\r\n").replace(b"\r\n..", b"\r\n.")[2:])
        self.forget()
        said = self.sink.said("DATA", mail)
        if said == FINE["DATA"]:
            self.sink.keep(mail)
        if self.sink.delay:
            asyncio.get_running_loop().call_later(self.sink.delay, self.say, said)
        else:
            self.say(said)

    def say(self, said):
        if said == DROP:
            self.transport.abort()
        elif not self.transport.is_closing():
            self.transport.write(f"{said}\r\n".encode())
            if said.startswith("421"):
                self.transport.close()


class Sink:
    """``with Sink() as sink``: listens on ``sink.port`` in a thread and keeps mails in ``sink.mails``.

    With ``folder`` each mail is a file there instead. ``delay`` is how long the answer to a whole mail takes; a mail is
    kept before it. ``answer(phase, mail)`` may say something else than 250: a code, or a text such as ``"451 later"``,
    or :data:`DROP`. It is asked at ``"CONNECT"``, at each ``"RCPT"`` (the last of the mail's recipients) and at
    ``"DATA"``, when the mail is whole. ``asked`` lists these phases.
    """

    def __init__(self, folder=None, *, port=0, delay=0, answer=None):
        self.folder = Path(folder) if folder else None
        self.port = port
        self.delay = delay
        self.answer = answer
        self.mails = []
        self.asked = []
        self._numbers = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp sink", daemon=True)

    def __enter__(self):
        listening = self._loop.create_server(lambda: Conversation(self), "127.0.0.1", self.port, backlog=1024)
        self._server = self._loop.run_until_complete(listening)
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread.start()
        return self

    def __exit__(self, *error):
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def recipients(self):
        """Whom mails were kept for, one by one, sorted."""
        return sorted(recipient for mail in self.mails for recipient in mail.recipients)

    def wait_for(self, count=1, patience=20):
        """Return all mails as soon as there are ``count``; raise :class:`TimeoutError`."""
        end = time.monotonic() + patience
        while len(self.mails) < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(self.mails)} of {count} mails came in {patience} s")
            time.sleep(0.05)
        return list(self.mails)

    def said(self, phase, mail):
        self.asked.append(phase)
        other = self.answer(phase, mail) if self.answer else None
        if other is None or other == DROP:
            return other or FINE[phase]
        return f"{other} no" if isinstance(other, int) else other

    def keep(self, mail):
        if self.folder is None:
            self.mails.append(mail)
            return
        path = self.folder / f"{time.time_ns()}-{next(self._numbers):06}.eml"
        part = path.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(mail.content)
        part.rename(path)

    async def _end(self):
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
