"""Days as people write them, with eras."""

import datetime as dt
import re

from audit import calendar

from .numbers import fold_digits
from .reasons import Unreadable

_YEAR = re.compile(r"(明治|大正|昭和|平成|令和|[mtshr])?\.?(元|[0-9]{1,4})年?")
_DATE = re.compile(
    r"(?P<year>(?:明治|大正|昭和|平成|令和|[mtshr]\.?)?(?:元|[0-9]{1,4}))[-/.年](?P<month>[0-9]{1,2})[-/.月]"
    r"(?P<day>[0-9]{1,2})日?"
)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EIGHT = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")
_KANJI_DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")


def _fold_date(text):
    folded = fold_digits(text).lower().translate(_KANJI_DIGITS)
    if "十" in folded:
        folded = re.sub(r"([1-9]?)十([0-9]?)", lambda found: str(int(found[1] or 1) * 10 + int(found[2] or 0)), folded)
    return folded


def read_date(text):
    """A day in the past as people write it -> ``date``; empty -> ``None``.

    1993-07-03, 1993/7/3, 1993.07.03, 19930703, 1993年7月3日, 平成5年7月3日, H5.7.3, 令和元年5月1日, of any width.
    """
    if _ISO.fullmatch(text):  # most of a file is written so, and needs no folding
        return _possible(text[:4], text[5:7], text[8:])
    folded = _fold_date(text)
    if not folded:
        return None
    # a time of midnight is what spreadsheets add; it is no part of the day
    folded = re.sub(r"(?<=[0-9])[t]?0{1,2}:00(:00)?$", "", folded)
    found = _DATE.fullmatch(folded) or _EIGHT.fullmatch(folded)
    if not found:
        raise Unreadable("date_unreadable")
    return _day(found["year"], found["month"], found["day"])


def read_date_parts(year, month, day):
    """The three fields of a form -> ``date``; all empty -> ``None``. The month may be ``4月``, the year ``昭和60``."""
    year, month, day = (_fold_date(part) for part in (year, month, day))
    if not (year or month or day):
        return None
    return _day(year, month.removesuffix("月"), day.removesuffix("日"))


def _day(year, month, day):
    found = _YEAR.fullmatch(year)
    if not found or not all(re.fullmatch(r"[0-9]{1,2}", part) for part in (month, day)):
        raise Unreadable("date_unreadable")
    if found[1]:
        return _not_too_far(_era_day(f"{found[1]}{found[2]}", month, day))
    if len(found[2]) != 4:
        raise Unreadable("date_unreadable")
    return _possible(found[2], month, day)


def _possible(year, month, day):
    try:
        date = dt.date(int(year), int(month), int(day))
    except ValueError:
        raise Unreadable("date_impossible") from None
    return _not_too_far(date)


def _not_too_far(date):
    today = calendar.today()
    if date > today:
        raise Unreadable("date_future")
    if (date.year + 130, date.month, date.day) < (today.year, today.month, today.day):
        raise Unreadable("date_too_old")
    return date


def _era_day(year, month, day):
    try:
        return calendar.parse_era(year, month, day)
    except calendar.DateRefused as refusal:
        exists = 1 <= int(month) <= 12 and 1 <= int(day) <= (29 if int(month) == 2 else 31)
        raise Unreadable("date_era" if exists else "date_impossible", str(refusal)) from None
