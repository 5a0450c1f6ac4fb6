import datetime as dt

import pytest
from django.utils import translation

from audit import calendar


@pytest.mark.parametrize(
    ("date", "japanese", "english"),
    [
        (dt.date(1985, 4, 3), "1985年（昭和60年）4月3日", "3 Apr 1985"),
        (dt.date(1989, 1, 7), "1989年（昭和64年）1月7日", "7 Jan 1989"),
        (dt.date(1989, 1, 8), "1989年（平成元年）1月8日", "8 Jan 1989"),
        (dt.date(2019, 4, 30), "2019年（平成31年）4月30日", "30 Apr 2019"),
        (dt.date(2019, 5, 1), "2019年（令和元年）5月1日", "1 May 2019"),
        (dt.date(1926, 12, 24), "1926年（大正15年）12月24日", "24 Dec 1926"),
        (dt.date(1912, 7, 30), "1912年（大正元年）7月30日", "30 Jul 1912"),
        (dt.date(1912, 7, 29), "1912年（明治45年）7月29日", "29 Jul 1912"),
        (dt.date(1873, 1, 1), "1873年（明治6年）1月1日", "1 Jan 1873"),
        (dt.date(1872, 12, 31), "1872年12月31日", "31 Dec 1872"),
    ],
)
def test_a_day_is_written_with_its_era(date, japanese, english):
    assert calendar.era_date(date, "ja") == japanese
    assert calendar.era_date(date, "en") == english


@pytest.mark.parametrize(
    ("typed", "date"),
    [
        (("1985", "4", "3"), dt.date(1985, 4, 3)),
        (("１９８５", "０４", "３"), dt.date(1985, 4, 3)),
        (("1985年", "4月", "3日"), dt.date(1985, 4, 3)),
        (("昭和60", "04", "03"), dt.date(1985, 4, 3)),
        (("昭和６０年", "4", "3"), dt.date(1985, 4, 3)),
        (("㍼60", "4", "3"), dt.date(1985, 4, 3)),
        (("S60", "4", "3"), dt.date(1985, 4, 3)),
        (("s.60", "4", "3"), dt.date(1985, 4, 3)),
        (("Ｓ６０", "4", "3"), dt.date(1985, 4, 3)),
        (("昭 60", "4", "3"), dt.date(1985, 4, 3)),
        (("Showa 60", "4", "3"), dt.date(1985, 4, 3)),
        (("昭和64", "1", "7"), dt.date(1989, 1, 7)),
        (("平成元", "1", "8"), dt.date(1989, 1, 8)),
        (("平成31", "4", "30"), dt.date(2019, 4, 30)),
        (("令和元", "5", "1"), dt.date(2019, 5, 1)),
        (("R1", "5", "1"), dt.date(2019, 5, 1)),
        (("大正15", "12", "25"), dt.date(1926, 12, 25)),
        (("昭和元", "12", "25"), dt.date(1926, 12, 25)),
        (("明治45", "7", "30"), dt.date(1912, 7, 30)),
        (("2000", "2", "29"), dt.date(2000, 2, 29)),
    ],
)
def test_a_day_is_read_as_people_type_it(typed, date):
    assert calendar.parse_era(*typed) == date


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        (("昭和64", "1", "8"), "昭和64年1月7日"),
        (("昭和65", "4", "1"), "昭和64年1月7日"),
        (("平成31", "5", "1"), "平成31年4月30日"),
        (("H32", "1", "1"), "平成31年4月30日"),
        (("大正15", "12", "26"), "大正15年12月25日"),
        (("明治45", "7", "31"), "明治45年7月30日"),
        (("令和元", "4", "30"), "令和元年5月1日"),
        (("昭和元", "12", "24"), "昭和元年12月25日"),
        (("明治5", "12", "1"), "明治6年1月1日"),
    ],
)
def test_a_day_that_its_era_does_not_have_is_refused_by_naming_the_eras_end(typed, named):
    with pytest.raises(calendar.DateRefused, match=named):
        calendar.parse_era(*typed)


@pytest.mark.parametrize(
    "typed",
    [
        ("", "", ""), ("85", "4", "3"), ("198", "4", "3"), ("0000", "1", "1"), ("1985", "13", "1"), ("1985", "2", "30"),
        ("1985", "0", "1"), ("慶応3", "1", "1"), ("昭和", "1", "1"), ("昭和0", "1", "1"), ("昭和-1", "1", "1"),
        ("1985", "4", "x"), ("1985\x00", "4", "3"), ("\ud800", "4", "3"), ("9" * 5000, "4", "3"), ("S9999", "1", "1"),
    ],
)  # fmt: skip
def test_what_is_no_day_is_refused_with_a_sentence(typed):
    for language in ("ja", "en"):
        with translation.override(language), pytest.raises(calendar.DateRefused, match=r".{8,}"):
            calendar.parse_era(*typed)


def test_holidays_weekends_and_the_turn_of_the_year_are_no_working_days():
    days = [dt.date(2026, 12, 25) + dt.timedelta(days=number) for number in range(15)]

    assert [day.day for day in days if calendar.is_working_day(day)] == [25, 28, 4, 5, 6, 7, 8]
    assert not calendar.is_working_day(dt.date(2026, 9, 22))  # between two holidays, hence one
    assert calendar.next_working_day(dt.date(2026, 12, 29)) == dt.date(2027, 1, 4)
    assert calendar.next_working_day(dt.date(2026, 12, 28)) == dt.date(2026, 12, 28)
    assert calendar.add_working_days(dt.date(2026, 12, 25), 2) == dt.date(2027, 1, 4)
    assert calendar.working_days_between(dt.date(2026, 12, 25), dt.date(2027, 1, 4)) == 2


def test_today_is_the_day_in_tokyo(time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 23, 15, 30, tzinfo=dt.UTC))

    assert calendar.today() == dt.date(2026, 11, 24)


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        ("2026-11-25", 1, "2026-12-25"),
        ("2026-11-25", 84, "2033-11-25"),
        ("2026-01-27", 1, "2026-02-27"),
        ("2026-01-28", 1, "2026-02-28"),
        ("2026-01-29", 1, "2026-02-28"),
        ("2026-01-30", 1, "2026-02-28"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-30", 1, "2028-02-29"),
        ("2026-02-28", 1, "2026-03-31"),
        ("2027-02-28", 12, "2028-02-29"),
        ("2028-02-28", 12, "2029-02-28"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-04-30", 1, "2026-05-31"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-11-30", 3, "2027-02-28"),
    ],
)
def test_a_period_of_months_ends_as_the_civil_code_says(start, months, last):
    assert calendar.last_day_of(dt.date.fromisoformat(start), months) == dt.date.fromisoformat(last)


@pytest.mark.parametrize("months", [1, 2, 3, 6, 11, 12, 13, 24, 84])
def test_the_latest_day_whose_period_is_over_is_the_period_backwards(months):
    for number in range(4 * 366):
        today = dt.date(2026, 1, 1) + dt.timedelta(days=number)
        day = calendar.latest_past(today, months)

        assert calendar.last_day_of(day, months) < today <= calendar.last_day_of(day + dt.timedelta(days=1), months)


def test_a_day_is_over_at_midnight_in_tokyo():
    assert calendar.midnight_after(dt.date(2026, 2, 28)) == dt.datetime(2026, 2, 28, 15, tzinfo=dt.UTC)
