"""From bytes to rows: which encoding, which line a row begins in, and rows that cannot be read as such.

Everything streams; of a file of any size only the row at hand is in memory.
"""

import codecs
import csv
import io
from collections import deque

ROW_LINES = 60  # so many lines one row may have (line breaks inside quotation marks)
LINE_LIMIT = 200_000  # characters; more is no row of a customer
HEAD = 65_536

csv.field_size_limit(LINE_LIMIT * ROW_LINES)


class FileRefused(Exception):
    """The file as a whole cannot be read. ``code`` is one of :data:`customers.importing.words.FILE_REASONS`."""

    def __init__(self, code, column=""):
        super().__init__(code)
        self.code, self.column = code, column


class Chunks(io.RawIOBase):
    """An iterable of byte strings as a readable file."""

    def __init__(self, chunks):
        self._chunks, self._rest = iter(chunks), b""

    def readable(self):
        return True

    def readinto(self, buffer):
        """Fill the whole buffer where there is enough, so that whoever peeks sees the whole first line."""
        filled = 0
        while filled < len(buffer):
            if not self._rest:
                piece = next(self._chunks, None)
                if piece is None:
                    break
                self._rest = piece
            taken = self._rest[: len(buffer) - filled]
            buffer[filled : filled + len(taken)] = taken
            self._rest = self._rest[len(taken) :]
            filled += len(taken)
        return filled


def encoding_of(head, is_header):
    """The encoding of a file that begins with ``head``, known by the names of the columns in its first line."""
    if not head.strip(b"\xef\xbb\xbf\r\n\t ,"):
        raise FileRefused("file_empty")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or any(
        is_header(head[:400].decode(encoding, "ignore")) for encoding in ("utf-16-le", "utf-16-be")
    ):
        raise FileRefused("file_utf16")
    if head.startswith((b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff")):
        raise FileRefused("file_workbook")
    line = head.lstrip(b"\xef\xbb\xbf").lstrip(b"\r\n").split(b"\n", 1)[0].split(b"\r", 1)[0]
    if b"\0" in line:
        raise FileRefused("file_workbook")
    decoded = {}
    for encoding in ("utf-8-sig", "cp932"):
        try:
            decoded[encoding] = line.decode(encoding)
        except UnicodeDecodeError as error:
            if error.end >= len(line) and len(line) >= HEAD - 3:  # cut within a character
                decoded[encoding] = line[: error.start].decode(encoding)
    for encoding, text in decoded.items():
        if is_header(text):
            return encoding
    if not decoded:
        raise FileRefused("file_encoding")
    text = next(iter(decoded.values()))
    if any(is_header(text.replace(mark, ",")) for mark in "\t;|"):
        raise FileRefused("file_delimiter")
    raise FileRefused("header_none")


def _bounded(text):
    while line := text.readline(LINE_LIMIT):
        if len(line) == LINE_LIMIT and line[-1] not in "\r\n":
            raise FileRefused("file_line")
        yield line


class _Lines:
    """The lines of the file for ``csv``, which can be taken back to try again after a row that does not close."""

    def __init__(self, text):
        self._text = _bounded(text)
        self._back = deque()
        self.row = []  # lines taken since the row began
        self.number = 0  # of the last line taken

    def __iter__(self):
        return self

    def __next__(self):
        if len(self.row) >= ROW_LINES:
            raise StopIteration
        line = self._back.popleft() if self._back else next(self._text)
        self.number += 1
        self.row.append(line)
        return line

    def begin(self):
        self.row = []

    def retreat(self):
        """Give back all lines of this row but its first."""
        self._back.extendleft(reversed(self.row[1:]))
        self.number -= len(self.row) - 1
        self.row = []

    @property
    def ended(self):
        if self._back:
            return False
        following = next(self._text, None)
        if following is not None:
            self._back.append(following)
        return following is None


def rows(text):
    """Yield ``(line, cells)`` for each row of a text file, the header first; blank lines are passed over.

    ``line`` is where the row begins, counted from 1. ``cells`` is ``None`` for a row whose quotation marks do not
    close: reading goes on with the next line.
    """
    lines = _Lines(text)
    reader = csv.reader(lines, strict=True)
    while True:
        lines.begin()
        line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            if lines.ended:
                return
            continue
        except csv.Error:
            lines.retreat()
            yield line, None
            reader = csv.reader(lines, strict=True)
            continue
        if any(cell.strip() for cell in cells):
            yield line, cells


def text_of(binary, is_header):
    """``(encoding, text file)`` of a binary file. Bytes that do not fit the encoding show as U+FFFD, and are faults."""
    binary = io.BufferedReader(binary, buffer_size=HEAD) if isinstance(binary, io.RawIOBase) else binary
    encoding = encoding_of(binary.peek(HEAD)[:HEAD], is_header)
    return encoding, io.TextIOWrapper(binary, encoding=encoding, errors="replace", newline="")
