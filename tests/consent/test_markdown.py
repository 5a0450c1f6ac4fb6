import re

import pytest

from consent.services.markdown import Block, blocks, render


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)", "![x](https://example.test/x.png)", "<style>*{}</style>",
        '<a href="https://example.test" onclick="x()">x</a>', "[x](vbscript:x)", "<iframe src=//example.test></iframe>",
    ],
)  # fmt: skip
def test_no_markup_of_a_text_reaches_the_page(hostile):
    html = render(hostile).html

    assert set(re.findall(r"<(\w+)", html)) <= {"p", "a"}
    assert all(
        re.fullmatch(r'a href="https://example.test[^"]*" rel="noopener noreferrer"', tag)
        for tag in re.findall(r"<(a [^>]*)>", html)
    )


def test_headings_begin_at_the_second_level_and_can_be_jumped_to():
    page = render("# 一\n\n## 二\n\n### 三")

    assert [(heading.id, heading.title) for heading in page.headings] == [("section-1", "一"), ("section-2", "二")]
    assert '<h2 id="section-1">一</h2>' in page.html
    assert "<h3>三</h3>" in page.html


def test_links_and_tables_stay():
    html = render("[規約](https://example.test/a)\n\n| 甲 | 乙 |\n| --- | --- |\n| 1 | 2 |").html

    assert 'href="https://example.test/a"' in html
    assert '<div class="table-wrap"><table>' in html


def test_blocks_are_the_parts_in_reading_order():
    assert blocks("## 章\n\n本文**強調**です。\n続き\n\n- 項目\n\n| 甲 | 乙 |\n| --- | --- |\n| 1 | |") == [
        Block("h2", "章"),
        Block("p", "本文強調です。 続き"),
        Block("li", "項目"),
        Block("tr", "甲 | 乙"),
        Block("tr", "1 | "),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[規約](https://example.test/a)を見る", "規約 (https://example.test/a)を見る"),
        ("<https://example.test/a>", "https://example.test/a"), ("<info@example.test>", "info@example.test"),
        ("| [規約](/a/) |\n| --- |", "規約 (/a/)"),
    ],
)  # fmt: skip
def test_a_block_says_where_its_links_lead(text, expected):
    assert [block.text for block in blocks(text)] == [expected]
