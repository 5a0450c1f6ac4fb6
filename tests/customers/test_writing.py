import csv
import io
import tracemalloc
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from customers import writing
from customers.writing import Sheet

HEADER = ["Number", "Text"]


def workbook(*sheets, **limits):
    return load_workbook(io.BytesIO(b"".join(writing.xlsx(sheets, **limits))))


def cells(sheet):
    return [[unescape(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]


def csv_files(*sheets, **limits):
    with ZipFile(io.BytesIO(b"".join(writing.csv_zip(sheets, **limits)))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rows_of(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.lists(st.lists(text, min_size=2, max_size=2), max_size=5))
def test_a_workbook_gives_back_every_text_as_it_was(rows):
    assert cells(workbook(Sheet("Data", HEADER, rows)).active) == [HEADER, *rows]


@given(st.lists(st.lists(text, min_size=2, max_size=2), max_size=5))
def test_a_csv_gives_back_every_text_but_for_the_mark_before_a_formula(rows):
    found = rows_of(csv_files(Sheet("Data", HEADER, rows))["Data.csv"])

    assert found == [HEADER, *[[writing.safe_cell(cell) for cell in row] for row in rows]]


@pytest.mark.parametrize("hostile", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")'])
def test_no_cell_is_a_formula(hostile):
    sheet = Sheet("Data", HEADER, [["1", hostile]])

    (cell,) = workbook(sheet).active["B2:B2"][0]
    assert cell.data_type != "f"
    assert unescape(cell.value) == hostile
    assert rows_of(csv_files(sheet)["Data.csv"])[1][1] == f"'{hostile}"


def test_what_looks_like_an_escape_of_a_workbook_stays_as_it_was():
    rows = [["1", "_x0041_"], ["2", "a_x000D_b"], ["3", "\x01\x0b"]]

    assert cells(workbook(Sheet("Data", HEADER, rows)).active)[1:] == rows


def test_a_csv_opens_rightly_in_spreadsheets():
    assert csv_files(Sheet("顧客", ["氏名"], [["𠮷野家"]]))["顧客.csv"] == "\ufeff氏名\r\n𠮷野家\r\n".encode()


def test_several_sheets_stand_in_their_order_and_an_empty_one_has_its_header():
    sheets = [Sheet("One", HEADER, [["1", "a"]]), Sheet("Two", HEADER, [])]

    assert [(sheet.title, cells(sheet)) for sheet in workbook(*sheets)] == [
        ("One", [HEADER, ["1", "a"]]), ("Two", [HEADER]),
    ]  # fmt: skip
    assert list(csv_files(*sheets)) == ["One.csv", "Two.csv"]


@pytest.mark.parametrize(("rows", "sheets"), [(0, 1), (2, 1), (3, 1), (4, 2), (6, 2), (7, 3)])
def test_a_full_sheet_goes_on_in_another_under_its_header(rows, sheets):
    given = [[str(number), "x"] for number in range(rows)]

    book = workbook(Sheet("Data", HEADER, iter(given)), most_rows=4)

    assert book.sheetnames == ["Data", "Data 2", "Data 3"][:sheets]
    assert all(cells(sheet)[0] == HEADER and sheet.max_row <= 4 for sheet in book)
    assert [row for sheet in book for row in cells(sheet)[1:]] == given


def test_a_sheet_and_a_file_end_before_they_are_too_large():
    given = [[str(number), f"{number:x}" * 40] for number in range(8000)]

    book = workbook(Sheet("Data", HEADER, iter(given)), largest=1_000_000)
    files = csv_files(Sheet("Data", HEADER, iter(given)), largest=1_000_000)

    assert book.sheetnames == ["Data", "Data 2", "Data 3"][: len(book.sheetnames)]
    assert len(book.sheetnames) > 1
    assert [row for sheet in book for row in cells(sheet)[1:]] == given
    assert len(files) > 1
    assert [row for content in files.values() for row in rows_of(content)[1:]] == given


@pytest.mark.parametrize("sign", ["あ", "𠮷"])
def test_a_text_longer_than_a_cell_goes_on_below_and_nothing_is_lost(sign):
    long = sign * 70_000

    found = cells(workbook(Sheet("Data", ["Number", "A", "B"], [["7", long, "b"], ["8", "", ""]])).active)[1:]

    assert "".join(row[1] for row in found if row[0] == "7") == long
    assert all(len(row[1].encode("utf-16-le")) // 2 <= writing.LONGEST_CELL for row in found)
    assert [row[2] for row in found if row[2]] == ["b"]
    assert found[-1] == ["8", "", ""]


@pytest.mark.parametrize("title", ["a/b:c*d?e[f]g\\h", "x" * 40, "'quoted'", "顧客"])
def test_a_title_is_one_that_a_workbook_takes(title):
    (found,) = workbook(Sheet(title, HEADER, [])).sheetnames

    assert 1 <= len(found) <= 31


def test_two_sheets_of_one_title_are_told_apart():
    assert len(set(workbook(Sheet("x" * 40, HEADER, []), Sheet("x" * 40, HEADER, [])).sheetnames)) == 2


@pytest.mark.parametrize("write", [writing.xlsx, writing.csv_zip])
def test_memory_stays_flat_whatever_the_number_of_rows(write):
    def peak(count):
        rows = ([str(number), f"text {number} " * 5] for number in range(count))
        tracemalloc.start()
        try:
            size = sum(len(piece) for piece in write([Sheet("Data", HEADER, rows)]))
            return size, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small, large = peak(20_000), peak(100_000)

    assert large[0] > 3 * small[0]
    assert large[1] < small[1] * 1.3 + 500_000
