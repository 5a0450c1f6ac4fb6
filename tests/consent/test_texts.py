import re

import pytest

from consent.services import policies
from consent.services.markdown import blocks, render

TEXTS = {language: (policies.FIRST_TEXTS / f"policy_{language}.md").read_text("utf-8") for language in ("ja", "en")}


@pytest.mark.parametrize("language", TEXTS)
def test_the_two_texts_have_the_same_parts(language):
    tags = [block.tag for block in blocks(TEXTS[language])]

    assert tags.count("h2") == 9
    assert [block.tag for block in blocks(TEXTS["ja"])].count("li") == tags.count("li")
    assert [block.tag for block in blocks(TEXTS["ja"])].count("tr") == tags.count("tr")


@pytest.mark.parametrize(("section", "items"), [(1, 15), (2, 10)])
@pytest.mark.parametrize("language", TEXTS)
def test_all_categories_and_purposes_are_named(language, section, items):
    part = re.split(r"(?m)^## [0-9]+. ", TEXTS[language])[section + 1]

    assert len(re.findall(r"(?m)^\d+\. ", part)) == items


def test_no_japanese_sentence_is_longer_than_sixty_characters():
    text = re.sub(r"\]\([^)]*\)", "]", TEXTS["ja"])

    sentences = [
        re.sub(r"^[-#\d. *]+", "", sentence.strip())
        for line in text.splitlines() for cell in line.split("|") for sentence in re.split(r"(?<=。)", cell)
    ]  # fmt: skip

    assert [sentence for sentence in sentences if len(sentence) > 60] == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "ja",
            [
                "第16条第3項",
                "1,000円",
                "町田市本町田2918-1",
                "ヤマザキ トモヒコ",
                "info@office-ant.co.jp",
                "マイナンバー",
            ],
        ),
        (
            "en",
            [
                "Article 16, paragraph 3",
                "1,000 yen",
                "Honmachida",
                "Tomohiko Yamazaki",
                "info@office-ant.co.jp",
                "My Number",
            ],
        ),
    ],
)
def test_what_the_law_wants_published_is_there(language, words):
    for word in words:
        assert word in TEXTS[language]


@pytest.mark.parametrize("language", TEXTS)
def test_the_text_becomes_a_page(language):
    page = render(TEXTS[language])

    assert len(page.headings) == 9
    assert page.html.count("<table>") == 3
