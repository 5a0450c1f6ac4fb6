"""Tables as files that spreadsheets open: XLSX and zipped CSV, made piece by piece, never on the disk.

Nothing is kept but the row at hand: memory stays flat whatever the number of rows, and no readable copy is laid
anywhere, as libraries do that write through a temporary file. Every cell is text, so that no formula runs.
"""

import csv
import io
import re
from collections import namedtuple
from itertools import chain
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"

LONGEST_CELL = 32_767  # what a cell of a workbook takes
MOST_ROWS = 1_048_576  # what a sheet takes, its header among them
LARGEST_PART = 1 << 30  # bytes of one sheet or file: below what makes a member ZIP64, which Excel does not open
PIECE = 256 * 1024
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NO_TITLE = re.compile(r"[\[\]:*?/\\]")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\r\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")

Sheet = namedtuple("Sheet", ["title", "header", "rows"])
Sheet.__doc__ = """One table: its title, the names of its columns, and its rows, each a sequence of texts.

The first column says whom or what the row is about; it is repeated where a row has to be continued below.
"""

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def xlsx(sheets, *, most_rows=MOST_ROWS, largest=LARGEST_PART):
    """The sheets as pieces of a workbook. A sheet that is full goes on in another one, under its header again."""
    out = _Pieces()
    titles = []
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for sheet in sheets:
            rows, number = iter(sheet.rows), 0
            while number == 0 or (first := next(rows, None)) is not None:
                rows = rows if number == 0 else chain([first], rows)
                number += 1
                titles.append(_title(sheet.title, number, titles))
                with archive.open(_member(f"xl/worksheets/sheet{len(titles)}.xml"), "w") as member:
                    for piece in _sheet(sheet.header, rows, most_rows, largest):
                        member.write(piece)
                        yield from out.take()
        for name, text in _frame(titles):
            archive.writestr(_member(name), HEAD + text)
    yield from out.take(at_least=0)


def csv_zip(sheets, *, largest=LARGEST_PART):
    """The sheets as pieces of a ZIP of CSV files, in UTF-8 with BOM, in which no cell begins a formula."""
    out = _Pieces()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for sheet in sheets:
            rows, number = iter(sheet.rows), 0
            while number == 0 or (first := next(rows, None)) is not None:
                rows = rows if number == 0 else chain([first], rows)
                number += 1
                name = _title(sheet.title, number, []) + ".csv"
                with archive.open(_member(name), "w") as member:
                    for piece in _lines(sheet.header, rows, largest):
                        member.write(piece)
                        yield from out.take()
    yield from out.take(at_least=0)


def safe_cell(text):
    """``text`` so that no spreadsheet takes it for a formula when it opens a CSV."""
    return f"'{text}" if text.startswith(FORMULA) else text


def zipped(members):
    """A ZIP of ``(name, pieces of bytes)`` as pieces, members of any size; the pieces of each are asked for in turn."""
    out = _Pieces()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, pieces in members:
            with archive.open(_member(name), "w", force_zip64=True) as member:
                for piece in pieces:
                    member.write(piece)
                    yield from out.take()
    yield from out.take(at_least=0)


class _Pieces(io.RawIOBase):
    """What the archive writes, to be taken away again. It cannot be sought, so that the archive never looks back."""

    def __init__(self):
        self._held, self._size = [], 0

    def writable(self):
        return True

    def write(self, data):
        self._held.append(bytes(data))
        self._size += len(data)
        return len(data)

    def take(self, at_least=PIECE):
        if self._size > at_least:
            yield b"".join(self._held)
            self._held, self._size = [], 0


def _member(name):
    member = ZipInfo(name)  # dated 1980: when a file was made stands in the trail
    member.compress_type = ZIP_DEFLATED
    member.external_attr = 0o600 << 16
    return member


def _title(title, number, taken):
    """A title that a workbook takes: 31 characters, none of its marks, none twice."""
    plain = NO_TITLE.sub(" ", title).strip("' ") or "-"
    tail = f" {number}" if number > 1 else ""
    while (found := plain[: 31 - len(tail)] + tail) in taken:
        number += 1
        tail = f" {number}"
    return found


def _lines(header, rows, largest):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    size = 0
    text.write("\ufeff")
    writer.writerow([safe_cell(name) for name in header])
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
        if text.tell() >= PIECE:
            piece = _taken(text)
            size += len(piece)
            yield piece
            if size >= largest:
                break
    yield _taken(text)


def _taken(text):
    piece = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return piece


def _sheet(header, rows, most_rows, largest):
    held = [
        HEAD,
        f'<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
        ' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols><col min="1" max="{max(1, len(header))}" width="18"'
        ' customWidth="1"/></cols><sheetData>',
        _row(header),
    ]
    count, size, length = 1, 0, 0
    for row in rows:
        parts = [row] if all(len(cell) <= LONGEST_CELL // 2 for cell in row) else list(_continued(row))
        for part in parts:
            held.append(_row(part))
            length += len(held[-1])
            count += 1
        if length >= PIECE:
            piece = "".join(held).encode()
            size += len(piece)
            yield piece
            held, length = [], 0
        if count >= most_rows or size >= largest:
            break
    held.append("</sheetData></worksheet>")
    yield "".join(held).encode()


def _continued(row):
    """A row with cells that are too long, as several under each other. Nothing is cut off."""
    rest = list(row)
    while True:
        yield [row[0][:LONGEST_CELL], *[_begin(cell) for cell in rest[1:]]]
        rest = [row[0], *[cell[len(_begin(cell)) :] for cell in rest[1:]]]
        if not any(rest[1:]):
            return


def _begin(cell):
    """As much of a text as one cell takes; Excel counts in UTF-16, where a rare sign counts twice."""
    if len(cell) <= LONGEST_CELL // 2:
        return cell
    return cell.encode("utf-16-le")[: LONGEST_CELL * 2].decode("utf-16-le", "ignore")


def _row(cells):
    return "<row>" + "".join([_cell(cell) if cell else "<c/>" for cell in cells]) + "</row>"


def _cell(text):
    text = escape(NOT_IN_XML.sub(lambda sign: f"_x{ord(sign[0]):04X}_", text))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _frame(titles):
    """The parts of a workbook that name its sheets."""
    numbers = range(1, len(titles) + 1)
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{TYPE}.worksheet+xml"/>'
        for number in numbers
    )
    sheets = "".join(
        f'<sheet name={quoteattr(title)} sheetId="{number}" r:id="rId{number}"/>'
        for number, title in zip(numbers, titles, strict=True)
    )
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATION}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    yield "xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><sheets>{sheets}</sheets></workbook>'
    yield (
        "xl/_rels/workbook.xml.rels",
        f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
    )
    yield (
        "_rels/.rels",
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    )
    yield (
        "[Content_Types].xml",
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml"'
        f' ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
        f"{parts}</Types>",
    )
