"""What people type -> the value that is kept, or a refusal in words that say how to mend it.

Used by the import and by the forms, so that both accept the same. Every ``read_x(text)`` returns the value to keep or
raises :class:`Unreadable`; an empty text is refused only where the docstring says so, and is ``""`` (``None`` for a
date) elsewhere. Names, readings, telephones and addresses are kept as typed; the search key folds them.
"""

import datetime as dt
import re
import unicodedata

import phonenumbers
from django.utils.translation import gettext_lazy as _

from audit import calendar

from .exceptions import CustomersError

SEX_WORDS = {
    "FEMALE": ("女性", "女", "f", "female", "woman"),
    "MALE": ("男性", "男", "m", "male", "man"),
    "OTHER": ("その他", "other", "x"),
    "UNSAID": ("回答しない", "無回答", "未回答", "答えない", "prefer not to say", "unsaid"),
}
SEXES = {word: code for code, words in SEX_WORDS.items() for word in words}

REASONS = {
    # code: (what is wrong, what to do)
    "empty": (_("Nothing stands here."), _("Enter it.")),
    "name_empty": (_("The name is empty."), _("Enter the name.")),
    "number_empty": (_("The customer number is empty."), _("Enter the customer number.")),
    "number_characters": (
        _("The customer number has characters other than letters, digits, hyphens and underscores."),
        _("Enter the number as it was issued, at most 32 characters."),
    ),
    "control_character": (
        _("There is an invisible control character in it."),
        _("Type it anew instead of pasting it."),
    ),
    "bidi": (
        _("There is an invisible character in it that reverses the direction of writing."),
        _("Type it anew instead of pasting it."),
    ),
    "zero_width": (
        _("There is an invisible character without width in it."),
        _("Type it anew instead of pasting it."),
    ),
    "damaged": (
        _("There is a damaged character in it."),
        _("Type it anew; if the whole file is damaged, save it again as UTF-8."),
    ),
    "too_long": (_("It is too long."), _("Shorten it.")),
    "kana_other": (
        _("There are kanji or digits in the reading."),
        _("Enter the reading in hiragana or katakana."),
    ),
    "email_no_at": (_("The e-mail address has no @."), _("Enter it as in taro@example.com.")),
    "email_no_domain": (
        _("After the @ of the e-mail address the rest is missing or incomplete."),
        _("Enter it as in taro@example.com."),
    ),
    "email_no_local": (_("Before the @ of the e-mail address nothing stands."), _("Enter it as in taro@example.com.")),
    "email_several": (_("There is more than one e-mail address."), _("Enter one address only.")),
    "email_dots": (
        _("In the part before the @ the full stops do not stand as they should."),
        _("Check for two in a row, or one at the beginning or just before the @."),
    ),
    "email_characters": (
        _("There is a character in the e-mail address that such an address cannot have."),
        _("Check for spaces, Japanese characters and brackets."),
    ),
    "email_long": (_("The e-mail address is too long."), _("Enter at most 254 characters, 64 of them before the @.")),
    "telephone_letters": (
        _("There are letters in the telephone number."),
        _("Enter digits; hyphens, spaces and brackets may stand between them."),
    ),
    "telephone_digits": (
        _("The telephone number has too few or too many digits."),
        _("Enter 10 or 11 digits beginning with 0, or a number beginning with + and the country."),
    ),
    "telephone_no_zero": (
        _("The telephone number does not begin with 0 or +."),
        _("Enter it from the first 0 on. Spreadsheets drop a 0 in front: set the column to text."),
    ),
    "postcode_digits": (
        _("A postcode has seven digits."),
        _("Enter it as in 194-0013. Spreadsheets drop a 0 in front: set the column to text."),
    ),
    "date_unreadable": (
        _("This cannot be read as a date."),
        _("Enter it as in 1985-04-03, 1985年4月3日 or 昭和60年4月3日."),
    ),
    "date_impossible": (_("There is no such day in the calendar."), _("Check year, month and day.")),
    "date_future": (_("This day is still to come."), _("Check the year.")),
    "date_too_old": (_("This day is more than 130 years ago."), _("Check the year and the era.")),
    "date_era": (
        _("There is no such day in that era."),
        _("Check the era. Taisho ended on 1926-12-24, Showa on 1989-01-07, Heisei on 2019-04-30."),
    ),
    "age_unreadable": (_("This cannot be read as an age."), _("Enter the age in digits, from 0 to 130.")),
    "sex_unknown": (_("This word for the sex is not known here."), _("Enter 女性, 男性, その他 or 回答しない.")),
    "card_whole_number": (
        _("This looks like a whole card number. Only the last four digits may be kept."),
        _("Remove all but the last four digits, from the file too, and find out why the number was in it."),
    ),
    "account_whole_number": (
        _("This looks like a whole account number. Only the last four digits may be kept."),
        _("Remove all but the last four digits, from the file too."),
    ),
    "last_four": (
        _("These are not four digits."),
        _("Enter the last four digits. Spreadsheets drop a 0 in front: set the column to text."),
    ),
    "payment_unknown": (
        _("This means of payment is not known here."),
        _("Enter クレジットカード, 銀行口座 or 電子マネー."),
    ),
}


class Unreadable(CustomersError):
    """A typed text that cannot be kept. ``code`` names the reason; ``message`` is a translated sentence or two.

    The text itself is in neither. ``detail`` says more than the reason and remedy of the code, where there is more.
    """

    def __init__(self, code, detail=""):
        self.code, self.detail = code, detail
        self.reason, self.remedy = REASONS[code]
        super().__init__(code)

    @property
    def message(self):
        return self.detail or _("%(reason)s %(remedy)s") % {"reason": self.reason, "remedy": self.remedy}

    def __str__(self):
        return str(self.message)


# -- text ------------------------------------------------------------------------------------------------------------
_HOSTILE = {
    "damaged": "\ud800-\udfff\ufffd\ufffe\uffff",
    "control_character": "\x00-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb",
    "bidi": "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069",
    "zero_width": "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\U0001bca0-\U0001bca3\U000e0000-\U000e007f",
}
_ANY_HOSTILE = re.compile("[" + "".join(_HOSTILE.values()) + "]")
_EACH_HOSTILE = {code: re.compile(f"[{characters}]") for code, characters in _HOSTILE.items()}
_BREAKS = str.maketrans("", "", "\r\n\t")
NAME_LIMIT = 200


def _refuse_hostile(text, limit):
    if _ANY_HOSTILE.search(text):
        raise Unreadable(next(code for code, pattern in _EACH_HOSTILE.items() if pattern.search(text)))
    if len(text) > limit:
        raise Unreadable("too_long")


def read_text(text, *, limit=500, multiline=False):
    """Any text without invisible characters; line breaks and tabs only where ``multiline``."""
    _refuse_hostile(text.translate(_BREAKS) if multiline else text, limit)
    return text if text.strip() else ""


def read_name(text):
    """A name, kept byte for byte: rare kanji, variation selectors and foreign names too. Empty is refused."""
    _refuse_hostile(text, NAME_LIMIT)
    if not text.strip():
        raise Unreadable("name_empty")
    return text


def read_other_name(text):
    """A nickname or pen name: as a name, but it may be empty."""
    return read_name(text) if text.strip() else ""


_KANJI = re.compile(
    "[\u2e80-\u2fdf\u3005\u3007\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def read_kana(text):
    """The reading of a name: hiragana, katakana of both widths, also Latin; kanji and digits are refused."""
    _refuse_hostile(text, NAME_LIMIT)
    if _KANJI.search(text) or any(unicodedata.category(character) in ("Nd", "No", "Nl") for character in text):
        raise Unreadable("kana_other")
    return text if text.strip() else ""


def read_number(text):
    """A customer number: letters, digits, hyphen, underscore. Empty is refused."""
    number = unicodedata.normalize("NFKC", text).strip()
    if not number:
        raise Unreadable("number_empty")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", number):
        raise Unreadable("number_characters")
    return number


# -- mail ------------------------------------------------------------------------------------------------------------
_CARRIERS = re.compile(
    r"(?:[\w-]+\.)*(?:docomo\.ne\.jp|ezweb\.ne\.jp|au\.com|softbank\.ne\.jp|i\.softbank\.jp|vodafone\.ne\.jp"
    r"|disney\.ne\.jp|disneymobile\.ne\.jp|willcom\.com|ymobile\.ne\.jp|ymobile1\.ne\.jp|emnet\.ne\.jp|pdx\.ne\.jp"
    r"|jp-[a-z]\.ne\.jp|uqmobile\.jp|sky\.tkc\.ne\.jp)",
    re.ASCII,
)
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def read_email(text):
    """One address, its width folded. Old carrier addresses (``abc..d.@docomo.ne.jp``) are accepted as they are."""
    address = unicodedata.normalize("NFKC", text).strip()
    _refuse_hostile(address, 10_000)
    if not address:
        return ""
    local, at, domain = address.rpartition("@")
    if not at:
        raise Unreadable("email_no_at")
    quoted = len(local) > 2 and local[0] == local[-1] == '"'
    bare = local[1:-1] if quoted else local
    if "@" in bare or re.search(r"[,;\s]\S*$", bare):
        raise Unreadable("email_several" if "@" in bare else "email_characters")
    if not bare:
        raise Unreadable("email_no_local")
    if not domain or "." not in domain.strip("."):
        raise Unreadable("email_no_domain")
    if not _LOCAL.fullmatch(bare):
        raise Unreadable("email_characters")
    if (".." in bare or bare[0] == "." or bare[-1] == ".") and not quoted and not _CARRIERS.fullmatch(domain.lower()):
        raise Unreadable("email_dots")
    _check_domain(domain)
    if len(address) > 254 or len(local) > 64:
        raise Unreadable("email_long")
    return address


def _check_domain(domain):
    try:
        labels = (domain if domain.isascii() else domain.encode("idna").decode()).split(".")
    except UnicodeError:
        raise Unreadable("email_characters") from None
    if "" in labels:
        raise Unreadable("email_no_domain")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise Unreadable("email_characters")
    if labels[-1].isdigit() or len(labels[-1]) < 2:
        raise Unreadable("email_no_domain")


_MAIL_HOSTS = (
    "gmail.com", "yahoo.co.jp", "icloud.com", "outlook.jp", "outlook.com", "hotmail.com", "hotmail.co.jp", "live.jp",
    "docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp", "ymobile.ne.jp", "me.com", "mac.com",
    "nifty.com", "so-net.ne.jp", "biglobe.ne.jp", "ocn.ne.jp",
)  # fmt: skip
_KNOWN_MISSES = {
    "gmail.co": "gmail.com", "gmail.jp": "gmail.com", "gmail.co.jp": "gmail.com", "gmail.ne.jp": "gmail.com",
    "gmail.con": "gmail.com", "googlemail.co": "gmail.com", "yahoo.jp": "yahoo.co.jp", "yahoo.ne.jp": "yahoo.co.jp",
    "yahoo.co": "yahoo.co.jp", "yahoo.cojp": "yahoo.co.jp", "docomo.jp": "docomo.ne.jp", "docomo.co.jp": "docomo.ne.jp",
    "docomo.com": "docomo.ne.jp", "docomo.ne": "docomo.ne.jp", "ezweb.jp": "ezweb.ne.jp", "ezweb.co.jp": "ezweb.ne.jp",
    "ezweb.ne": "ezweb.ne.jp", "softbank.jp": "softbank.ne.jp", "softbank.co.jp": "softbank.ne.jp",
    "i.softbank.ne.jp": "i.softbank.jp", "i.softbank.co.jp": "i.softbank.jp", "icloud.co": "icloud.com",
    "icloud.jp": "icloud.com", "icloud.ne.jp": "icloud.com", "au.ne.jp": "au.com", "hotmail.co": "hotmail.com",
    "outlook.co": "outlook.com", "outlook.co.jp": "outlook.jp",
}  # fmt: skip
_REAL_NEIGHBOURS = {"ymail.com", "mail.com", "gmx.com", "email.com", "live.com", "msn.com", "aol.com", "yahoo.com"}


def near_miss(address):
    """The address that was probably meant (``taro@gmail.co`` -> ``taro@gmail.com``), or ``None``. Ask, never refuse."""
    local, _at, domain = address.rpartition("@")
    domain = domain.lower()
    if not local or domain in _MAIL_HOSTS or domain in _REAL_NEIGHBOURS:
        return None
    meant = _KNOWN_MISSES.get(domain) or next(
        (host for host in _MAIL_HOSTS if len(host) > 7 and _one_slip_apart(domain, host)), None
    )
    return f"{local}@{meant}" if meant else None


def _one_slip_apart(first, second):
    """One letter too many, too few, wrong, or two neighbours swapped."""
    if abs(len(first) - len(second)) > 1 or first == second:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )
    first, second = first[start:], second[start:]
    return (
        first[1:] == second[1:]
        or first[1:] == second
        or first == second[1:]
        or (first[:2] == second[1::-1] and first[2:] == second[2:] and len(first) > 1)
    )


# -- numbers ---------------------------------------------------------------------------------------------------------
DASHES = "-‐‑‒–—―−ーｰ－﹣﹘⁃➖─━〜～~"  # what people type for a hyphen; NFKC folds few of them
_TO_HYPHEN = dict.fromkeys(map(ord, DASHES), "-")


def fold_digits(text):
    """Half-width, with every dash a hyphen and no white space: what numbers, postcodes and codes are read from."""
    folded = unicodedata.normalize("NFKC", text.translate(_TO_HYPHEN)).translate(_TO_HYPHEN)
    return "".join(folded.split())


def read_telephone(text):
    """A telephone number with any hyphens, brackets, spaces, +81, width; kept as typed."""
    _refuse_hostile(text, 10_000)
    number = fold_digits(text)
    if not number:
        return ""
    if not re.fullmatch(r"[0-9+()\[\]./-]*", number, re.ASCII):
        raise Unreadable("telephone_letters")
    bare = re.sub(r"[^0-9+]", "", re.sub(r"^(\+81)[-.]*\(0\)", r"\1", number))
    if len(text.strip()) > 40 or "+" in bare[1:]:
        raise Unreadable("telephone_digits")
    if bare.startswith("+81"):
        bare = "0" + bare[3:].lstrip("0")
    if bare.startswith("+"):
        try:
            possible = phonenumbers.is_possible_number(phonenumbers.parse(bare))
        except phonenumbers.NumberParseException:
            possible = False
    elif not bare.startswith("0"):
        raise Unreadable("telephone_no_zero" if len(bare) in (9, 10) else "telephone_digits")
    else:
        possible = len(bare) in (10, 11)
    if not possible:
        raise Unreadable("telephone_digits")
    return text.strip()


def read_postcode(text):
    """Seven digits in any form -> ``194-0013``."""
    digits = fold_digits(text).replace("〒", "").replace("-", "")
    if not digits:
        return ""
    if not re.fullmatch(r"[0-9]{7}", digits):
        raise Unreadable("postcode_digits")
    return f"{digits[:3]}-{digits[3:]}"


def read_address(text):
    """An address as typed; it may have line breaks."""
    return read_text(text, limit=500, multiline=True)


def read_age(text):
    """``83``, ``８３歳`` -> ``"83"``."""
    digits = fold_digits(text).removesuffix("歳").removesuffix("才")
    if not digits:
        return ""
    if not re.fullmatch(r"[0-9]{1,3}", digits) or int(digits) > 130:
        raise Unreadable("age_unreadable")
    return str(int(digits))


def read_sex(text):
    """A word or letter for the sex -> its code (``FEMALE``, ``MALE``, ``OTHER``, ``UNSAID``)."""
    word = unicodedata.normalize("NFKC", text).strip()
    if not word or word in SEX_WORDS:
        return word
    try:
        return SEXES[word.lower()]
    except KeyError:
        raise Unreadable("sex_unknown") from None


def read_last_four(text, *, whole="card_whole_number"):
    """The last four digits of a card or account; a whole number is refused by a name of its own."""
    digits = fold_digits(text).replace("-", "")
    if not digits:
        return ""
    if not re.fullmatch(r"[0-9]{4}", digits):
        long = re.fullmatch(r"[0-9]{7,19}", digits)
        raise Unreadable(whole if long else "last_four")
    return digits


def read_account_last_four(text):
    return read_last_four(text, whole="account_whole_number")


def read_payment_means(text):
    """One of the three means of payment."""
    word = unicodedata.normalize("NFKC", text).strip()
    if word and word not in ("クレジットカード", "銀行口座", "電子マネー"):
        raise Unreadable("payment_unknown")
    return word


# -- dates -----------------------------------------------------------------------------------------------------------
_YEAR = re.compile(r"(明治|大正|昭和|平成|令和|[mtshr])?\.?(元|[0-9]{1,4})年?")
_DATE = re.compile(
    r"(?P<year>(?:明治|大正|昭和|平成|令和|[mtshr]\.?)?(?:元|[0-9]{1,4}))[-/.年](?P<month>[0-9]{1,2})[-/.月]"
    r"(?P<day>[0-9]{1,2})日?"
)
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
        date = _era_day(f"{found[1]}{found[2]}", month, day)
    elif len(found[2]) != 4:
        raise Unreadable("date_unreadable")
    else:
        try:
            date = dt.date(int(found[2]), int(month), int(day))
        except ValueError:
            raise Unreadable("date_impossible") from None
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
