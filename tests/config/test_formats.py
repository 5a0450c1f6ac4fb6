import datetime as dt

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from audit.admin.panels import in_words
from audit.calendar import era_date
from config.formats.en import formats as english
from config.formats.ja import formats as japanese

DAY = dt.date(2026, 9, 4)
MOMENT = dt.datetime(2026, 9, 4, 9, 5, 7, tzinfo=timezone.get_default_timezone())
WRITTEN = {
    "en": {
        "DATE_FORMAT": "4 Sep 2026",
        "SHORT_DATE_FORMAT": "4 Sep 2026",
        "MONTH_DAY_FORMAT": "4 Sep",
        "YEAR_MONTH_FORMAT": "Sep 2026",
        "TIME_FORMAT": "09:05",
        "DATETIME_FORMAT": "4 Sep 2026, 09:05",
        "SHORT_DATETIME_FORMAT": "4 Sep 2026, 09:05",
        "TO_THE_SECOND_FORMAT": "4 Sep 2026, 09:05:07",
    },
    "ja": {
        "DATE_FORMAT": "2026年9月4日",
        "SHORT_DATE_FORMAT": "2026年9月4日",
        "MONTH_DAY_FORMAT": "9月4日",
        "YEAR_MONTH_FORMAT": "2026年9月",
        "TIME_FORMAT": "09:05",
        "DATETIME_FORMAT": "2026年9月4日 09:05",
        "SHORT_DATETIME_FORMAT": "2026年9月4日 09:05",
        "TO_THE_SECOND_FORMAT": "2026年9月4日 09:05:07",
    },
}


def names_of(formats):
    return {name for name in vars(formats) if name.endswith("_FORMAT")}


def test_both_languages_name_the_same_formats():
    assert names_of(english) == names_of(japanese) == WRITTEN["en"].keys() == WRITTEN["ja"].keys()


@pytest.mark.parametrize(
    ("language", "name", "written"), [(lang, *pair) for lang, pairs in WRITTEN.items() for pair in pairs.items()]
)
def test_a_format_writes_a_moment_in_the_language_of_the_page(language, name, written):
    with translation.override(language):
        assert Template(f'{{{{ moment|date:"{name}" }}}}').render(Context({"moment": MOMENT})) == written


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_desk_a_page_and_a_letter_write_a_day_alike(language):
    with translation.override(language):
        desk, page = str(in_words(DAY)), Template("{{ day }}").render(Context({"day": DAY}))

    assert desk == f"<time>{page}</time>"
    assert page == WRITTEN[language]["DATE_FORMAT"]
    assert era_date(DAY, language).replace("（令和8年）", "") == page  # Japanese adds the era for births


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_desk_and_a_page_write_a_moment_alike(language):
    with translation.override(language):
        desk, page = str(in_words(MOMENT)), Template("{{ moment }}").render(Context({"moment": MOMENT}))

    assert desk == f"<time>{page}</time>"
