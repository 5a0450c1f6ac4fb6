"""Where reports are read from: a folder of mails (a Maildir, or files that end in .eml) or a mailbox by IMAP.

A mail is dealt with first and moved away then, so that a reader that is killed deals with it once more, and none is
lost.
"""

import imaplib
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

DONE, UNMATCHED = "Done", "Unmatched"
MOST_BYTES = 512 * 1024  # of a mail: a report has what counts in front
MOST_MAILS = 500  # at a time
SECONDS = 20


@contextmanager
def opened(url):
    """The mailbox that a setting names. Raises ``OSError`` or ``imaplib.IMAP4.error`` where it cannot be reached."""
    found = urlsplit(url)
    if found.scheme == "file":
        yield Folder(Path(unquote(found.path)))
        return
    opener = imaplib.IMAP4_SSL if found.scheme == "imaps" else imaplib.IMAP4
    port = found.port or (993 if found.scheme == "imaps" else 143)
    server = opener(found.hostname, port, timeout=SECONDS)
    try:
        server.login(unquote(found.username), unquote(found.password))
        yield Imap(server, unquote(found.path.strip("/")) or "INBOX")
    finally:
        for farewell in (server.logout, server.shutdown):
            with suppress(OSError, imaplib.IMAP4.error):
                farewell()


class Folder:
    """A Maildir where it has a folder ``new``, else files of mails side by side."""

    def __init__(self, root):
        self.root = root
        self.is_maildir = (root / "new").is_dir()

    def mails(self):
        """``(key, content)`` of each mail, the oldest first."""
        places = [self.root / "new", self.root / "cur"] if self.is_maildir else [self.root]
        found = [path for place in places if place.is_dir() for path in place.iterdir() if self._is_mail(path)]
        for path in sorted(found, key=lambda path: path.name)[:MOST_MAILS]:
            with suppress(FileNotFoundError):  # another reader was here
                with path.open("rb") as mail:
                    content = mail.read(MOST_BYTES)
                yield path, content

    def move(self, path, to):
        """Away from where mails are read from; of no matter where another reader has done so."""
        place = self.root / f".{to}" / "cur" if self.is_maildir else self.root / to
        place.mkdir(parents=True, exist_ok=True)
        if self.is_maildir:
            for each in ("new", "tmp"):
                (place.parent / each).mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            path.rename(place / path.name)

    def _is_mail(self, path):
        return path.is_file() and not path.is_symlink() and (self.is_maildir or path.suffix == ".eml")


class Imap:
    """One folder of a mailbox on a server."""

    def __init__(self, server, name):
        self.server = server
        _good(self.server.select(_quoted(name)))
        for folder in (DONE, UNMATCHED):
            self.server.create(folder)  # says no where it is there

    def mails(self):
        """``(key, content)`` of each mail, the oldest first."""
        (found,) = _good(self.server.uid("SEARCH", None, "UNDELETED"))
        for key in (found or b"").split()[:MOST_MAILS]:
            parts = _good(self.server.uid("FETCH", key.decode(), f"(BODY.PEEK[]<0.{MOST_BYTES}>)"))
            content = next((part[1] for part in parts if isinstance(part, tuple)), None)
            if content is not None:
                yield key.decode(), content

    def move(self, key, to):
        """Away from where mails are read from."""
        _good(self.server.uid("COPY", key, to))
        _good(self.server.uid("STORE", key, "+FLAGS", r"(\Deleted)"))
        self.server.expunge()


def _good(answer):
    kind, found = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(kind)
    return found


def _quoted(name):
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
