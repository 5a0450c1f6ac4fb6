"""How dates are written in English: everywhere the same, and never to be taken for a month of another country."""

DATE_FORMAT = SHORT_DATE_FORMAT = "j M Y"
MONTH_DAY_FORMAT = "j M"
YEAR_MONTH_FORMAT = "M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j M Y, H:i"
TO_THE_SECOND_FORMAT = "j M Y, H:i:s"  # ours: where a page is looked at while something runs
