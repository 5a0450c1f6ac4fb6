"""How dates are written in Japanese: everywhere the same."""

DATE_FORMAT = SHORT_DATE_FORMAT = "Y年n月j日"
MONTH_DAY_FORMAT = "n月j日"
YEAR_MONTH_FORMAT = "Y年n月"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "Y年n月j日 H:i"
TO_THE_SECOND_FORMAT = "Y年n月j日 H:i:s"  # ours: where a page is looked at while something runs
