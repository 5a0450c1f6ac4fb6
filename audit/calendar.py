"""Days as the office counts them: in Tokyo, with Japan's holidays and eras."""

import calendar
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import jpholiday
from django.utils import formats, timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _


class DateRefused(ValueError):
    """Not a day. ``str(error)`` is a translated sentence that says why and how to mend it."""


@dataclass(frozen=True)
class Era:
    name: str
    letter: str
    latin: str
    first: dt.date
    last: dt.date | None


# Meiji is counted from the day on which Japan took over the present calendar: earlier days have other dates.
# The days on which Meiji and Taisho ended are also the first of the era after them, and stand in papers as both.
ERAS = [
    Era("明治", "M", "Meiji", dt.date(1873, 1, 1), dt.date(1912, 7, 30)),
    Era("大正", "T", "Taisho", dt.date(1912, 7, 30), dt.date(1926, 12, 25)),
    Era("昭和", "S", "Showa", dt.date(1926, 12, 25), dt.date(1989, 1, 7)),
    Era("平成", "H", "Heisei", dt.date(1989, 1, 8), dt.date(2019, 4, 30)),
    Era("令和", "R", "Reiwa", dt.date(2019, 5, 1), None),
]
MEIJI_1 = 1868
SHORT = {"明": "明治", "大": "大正", "昭": "昭和", "平": "平成", "令": "令和"}
YEAR = re.compile(r"(?P<era>[^\d\s.]*)[\s.]*(?P<year>\d{1,4}|元)年?")
NUMBER = re.compile(r"(\d{1,2})[月日]?")
TOKYO = ZoneInfo("Asia/Tokyo")
YEAR_END = {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}


def today():
    """The date in Tokyo now, whatever the server's clock is set to."""
    return dt.datetime.now(TOKYO).date()


def add_days(date, days):
    """``days`` calendar days after ``date``. The law counts from the day after, which is what this does."""
    return date + dt.timedelta(days=days)


def is_working_day(date):
    """No Saturday, Sunday or holiday of Japan, and not 29 December to 3 January."""
    return date.weekday() < 5 and (date.month, date.day) not in YEAR_END and not jpholiday.is_holiday(date)


def next_working_day(date):
    """``date`` itself where it is a working day, else the first one after it."""
    while not is_working_day(date):
        date += dt.timedelta(days=1)
    return date


def add_working_days(date, days):
    """The ``days``-th working day after ``date``."""
    for _each in range(days):
        date = next_working_day(date + dt.timedelta(days=1))
    return date


def working_days_between(start, end):
    """How many working days lie after ``start``, up to and with ``end``."""
    days = (start + dt.timedelta(days=number) for number in range(1, (end - start).days + 1))
    return sum(map(is_working_day, days))


def last_day_of(date, months):
    """The last day of a period of ``months`` that runs from ``date`` (Civil Code, Articles 140 and 143).

    The first day is not counted. The period ends on the eve of the day that answers to the day after ``date``; where
    the last month has no such day, with that month: a year from 28 February 2027 ends on 29 February 2028.
    """
    start = date + dt.timedelta(days=1)
    year, month = _month_after(start, months)
    if start.day > calendar.monthrange(year, month)[1]:
        return dt.date(year, month, calendar.monthrange(year, month)[1])
    return dt.date(year, month, start.day) - dt.timedelta(days=1)


def latest_past(today, months):
    """The latest day from which a period of ``months`` is over on ``today``: :func:`last_day_of` backwards."""
    year, month = _month_after(today, -months)
    start = dt.date(year, month, min(today.day, calendar.monthrange(year, month)[1]))
    return start - dt.timedelta(days=1)


def midnight_of(date):
    """The moment in Tokyo at which ``date`` begins."""
    return timezone.make_aware(dt.datetime.combine(date, dt.time()), timezone.get_default_timezone())


def midnight_after(date):
    """The moment in Tokyo at which ``date`` is over."""
    return midnight_of(date + dt.timedelta(days=1))


def _month_after(date, months):
    years, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return years, month + 1


def era_of(date):
    """The era of a day, or ``None`` before 1873."""
    return next((era for era in reversed(ERAS) if era.first <= date), None)


def era_date(date, language=None):
    """「1985年（昭和60年）4月3日」, in English "3 Apr 1985"; in the language of the page unless one is given."""
    if (language or get_language() or "ja").startswith("en"):
        with translation.override("en"):
            return formats.date_format(date, "DATE_FORMAT")
    era = era_of(date)
    in_era = f"（{era.name}{_first_year(_year_in(era, date))}年）" if era else ""
    return f"{date.year}年{in_era}{date.month}月{date.day}日"


def parse_era(year, month, day):
    """The day that three texts name, the year as 1985, 昭和60, S60, 令和元; any width. Raises :class:`DateRefused`.

    A day that its era does not have is refused by naming the era's last (or first) day: there is no 昭和64年1月8日.
    """
    era, number = _read_year(year)
    month = _read_number(month, _("Enter the month as a number from 1 to 12."), 12)
    day = _read_number(day, _("Enter the day as a number from 1 to 31."), 31)
    try:
        date = dt.date(number, month, day)
    except ValueError:
        raise DateRefused(
            _("There is no %(day)s in this month. Check the day.") % {"day": day}
            if number > 0
            else _("Enter the year with four digits, or with its era.")
        ) from None
    if era:
        _check_era(era, date)
    return date


def _check_era(era, date):
    names = {"era": era.name, "latin": era.latin}
    if era.last and date > era.last:
        raise DateRefused(
            _("The last day of %(latin)s (%(era)s) was %(day)s. Use the era after it, or a year of four digits.")
            % {**names, "day": _named(era, era.last)}
        )
    if date < era.first:
        raise DateRefused(
            _("The first day of %(latin)s (%(era)s) was %(day)s. Use the era before it, or a year of four digits.")
            % {**names, "day": _named(era, era.first)}
        )


def _named(era, date):
    japanese = f"{era.name}{_first_year(_year_in(era, date))}年{date.month}月{date.day}日"
    return japanese if get_language() != "en" else f"{japanese} ({era_date(date, 'en')})"


def _read_year(text):
    text = unicodedata.normalize("NFKC", str(text)).strip()
    found = YEAR.fullmatch(text)
    if not found:
        raise DateRefused(_("Enter the year as 1985, 昭和60, S60 or 令和元."))
    name = found["era"].removesuffix(".")
    number = 1 if found["year"] == "元" else int(found["year"])
    if not name:
        if len(found["year"]) != 4:
            raise DateRefused(_("Enter the year with four digits, or with its era."))
        return None, number
    era = next(
        (e for e in ERAS if SHORT.get(name, name) == e.name or name.casefold() in (e.letter.lower(), e.latin.lower())),
        None,
    )
    if era is None or not number:
        raise DateRefused(_("Enter the year as 1985, 昭和60, S60 or 令和元."))
    return era, _start(era) + number - 1


def _read_number(text, words, highest):
    found = NUMBER.fullmatch(unicodedata.normalize("NFKC", str(text)).strip())
    if not found or not 1 <= int(found[1]) <= highest:
        raise DateRefused(words)
    return int(found[1])


def _start(era):
    return MEIJI_1 if era.letter == "M" else era.first.year


def _year_in(era, date):
    return date.year - _start(era) + 1


def _first_year(number):
    return "元" if number == 1 else str(number)
