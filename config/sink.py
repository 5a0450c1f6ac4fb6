"""An SMTP server on loopback that keeps what it is sent: for the demo, tests and drills."""

import asyncio
import itertools
import logging
import os
import threading
import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.smtp import SMTP

logging.getLogger("mail.log").setLevel(logging.ERROR)  # it tells every address


@dataclass(frozen=True)
class Mail:
    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self):
        return message_from_bytes(self.content, policy=policy.default)


class Sink:
    """``with Sink() as sink``: listens on ``sink.port`` in a thread and keeps mails in ``sink.mails``.

    With ``folder`` each mail is a file there instead. ``delay`` is how long the answer to a mail takes. ``answer`` is
    called with each :class:`Mail`: ``None`` takes it, a text such as ``"451 later"`` is said instead.
    """

    def __init__(self, folder=None, *, port=0, delay=0, answer=None):
        self.folder = Path(folder) if folder else None
        self.port = port
        self.delay = delay
        self.answer = answer
        self.mails = []
        self._numbers = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp sink", daemon=True)

    def __enter__(self):
        listening = self._loop.create_server(self._protocol, "127.0.0.1", self.port, backlog=1024)
        self._server = self._loop.run_until_complete(listening)
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread.start()
        return self

    def __exit__(self, *error):
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def wait_for(self, count=1, patience=20):
        """Return all mails as soon as there are ``count``; raise :class:`TimeoutError`."""
        end = time.monotonic() + patience
        while len(self.mails) < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(self.mails)} of {count} mails came in {patience} s")
            time.sleep(0.05)
        return list(self.mails)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  the library's name
        mail = Mail(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content)
        if self.delay:
            await asyncio.sleep(self.delay)
        said = self.answer(mail) if self.answer else None
        if said:
            return said
        if self.folder:
            self._write(mail)
        else:
            self.mails.append(mail)
        return "250 kept"

    def _write(self, mail):
        path = self.folder / f"{time.time_ns()}-{next(self._numbers):06}.eml"
        part = path.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(mail.content)
        part.rename(path)

    def _protocol(self):
        return SMTP(self, hostname="sink.invalid", enable_SMTPUTF8=True, loop=self._loop)

    async def _end(self):
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
