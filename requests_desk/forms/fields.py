"""Controls of the public pages: typed text is read by :mod:`customers.reading`, and refused in words of our own."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from customers.reading import Unreadable

# One sentence that says what is wrong and one that says how to mend it. ``empty`` is each field's own.
WORDS = {
    "control_character": _("It contains a character that cannot be seen. Please type it instead of pasting it."),
    "bidi": _("It contains a character that cannot be seen. Please type it instead of pasting it."),
    "zero_width": _("It contains a character that cannot be seen. Please type it instead of pasting it."),
    "damaged": _("It contains a damaged character. Please type it again."),
    "too_long": _("It is too long. Please make it shorter."),
    "kana_other": _("The reading contains kanji or digits. Enter it in hiragana or katakana."),
    "email_no_at": _("There is no @ in the e-mail address. Enter it as in taro@example.com."),
    "email_no_domain": _("The part after the @ is not complete. Enter it as in taro@example.com."),
    "email_no_local": _("Nothing stands before the @. Enter it as in taro@example.com."),
    "email_several": _("Enter one e-mail address only."),
    "email_dots": _("Check the full stops before the @. There may be two in a row, or one at an end."),
    "email_characters": _("The e-mail address contains a character that it cannot have. Check for spaces."),
    "email_long": _("The e-mail address is too long. Enter at most 254 characters."),
    "telephone_letters": _("The telephone number contains letters. Enter it in digits."),
    "telephone_digits": _("Check the number of digits. A telephone number in Japan has 10 or 11."),
    "telephone_no_zero": _("Enter the telephone number from its first 0 on."),
    "postcode_digits": _("Enter the postcode in seven digits, as in 194-0032."),
    "date_unreadable": _("Enter the year, the month and the day, as in 1985, 4, 3 or 昭和60, 4, 3."),
    "date_impossible": _("There is no such day in the calendar. Check the month and the day."),
    "date_future": _("This day has not come yet. Check the year."),
    "date_too_old": _("This day is more than 130 years ago. Check the year."),
    "date_era": _("That era does not have this day. Taisho ended on 25 December 1926, Showa on 7 January 1989, "
                  "Heisei on 30 April 2019."),
}  # fmt: skip


class Field(forms.Field):
    """A control and how it looks. ``support`` stands above it, ``empty`` is said where an answer is missing."""

    control = "text"

    def __init__(self, *, label, empty="", support="", optional=False, **looks):
        self.support, self.optional, self.looks = support, optional, looks
        super().__init__(label=label, required=not optional, error_messages={"required": empty})

    @property
    def template(self):
        return f"requests_desk/controls/{self.control}.html"

    def names(self, name):
        """The names under which a page posts this field."""
        return [name]

    def refuse_if_missing(self, value):
        if self.required and value in (None, ""):
            raise ValidationError(self.error_messages["required"], code="required")


class Typed(Field):
    """Text that a person types. ``read`` is a function of :mod:`customers.reading`."""

    def __init__(self, read, *, control="text", **options):
        self.read, self.control = read, control
        super().__init__(**options)

    def clean(self, value):
        try:
            value = self.read(value or "")
        except Unreadable as refused:
            empty = refused.code.endswith("empty") and self.error_messages["required"]
            raise ValidationError(empty or WORDS.get(refused.code, refused.message), code=refused.code) from None
        self.refuse_if_missing(value)
        return value


class Choose(Field):
    """One of a few. ``choices`` are ``(value, label, support)``; what is not ``offered`` is asked for by mail."""

    control = "choices"

    def __init__(self, choices, *, offered=(), **options):
        self.choices, self.offered = choices, offered
        super().__init__(**options)

    def clean(self, value):
        if value not in [choice[0] for choice in self.choices]:
            raise ValidationError(self.error_messages["required"], code="required")
        return value


class Parts(forms.Widget):
    """Year, month and day as three texts."""

    parts = ("year", "month", "day")

    def value_from_datadict(self, data, files, name):
        return [data.get(f"{name}_{part}", "") for part in self.parts]


class DateParts(Field):
    """A day typed in three fields, of any era."""

    control = "date"
    widget = Parts

    def __init__(self, read, **options):
        self.read = read
        super().__init__(**options)

    def names(self, name):
        return [f"{name}_{part}" for part in Parts.parts]

    def clean(self, value):
        try:
            date = self.read(*(value or ("", "", "")))
        except Unreadable as refused:
            raise ValidationError(WORDS.get(refused.code, refused.message), code=refused.code) from None
        self.refuse_if_missing(date)
        return date


class Page(forms.Form):
    """One page of questions. ``heading`` is its ``<h1>``; where there is one field, the field's label is.

    Bound to what was typed, raw: nothing is trimmed or changed, so that it can be shown again as it was.
    """

    step = ""
    heading = ""
    intro = ""
    template = "requests_desk/question.html"
    use_required_attribute = False
    LONGEST = 20_000

    def __init__(self, data=None, *, quiet=False, refused=None):
        """``quiet`` shows what was typed without judging it. ``refused`` are words that a service said to a field."""
        self.quiet, self.refused = quiet, refused or {}
        super().__init__(data if data is not None else {})

    @classmethod
    def typed_in(cls, post):
        """What ``post`` holds of this page's fields, as text."""
        names = [name for key, field in cls.base_fields.items() for name in field.names(key)]
        return {name: post.get(name, "")[: cls.LONGEST] for name in names}

    def words_at(self, name):
        """What is wrong with one field, or nothing."""
        if self.quiet:
            return []
        return [self.refused[name]] if self.refused.get(name) else list(self.errors.get(name, []))

    @property
    def problems(self):
        """``(id of the control, words)`` for the summary, in the order of the page."""
        return [(self[name].focus_id, words) for name in self.fields for words in self.words_at(name)]

    @property
    def is_single(self):
        """One question: its label is the page's heading."""
        return len(self.fields) == 1

    def __getitem__(self, name):
        bound = super().__getitem__(name)
        bound.focus_id = bound.auto_id + {"choices": "_0", "date": "_year"}.get(bound.field.control, "")
        bound.words = self.words_at(name)
        return bound

    def __iter__(self):
        return (self[name] for name in self.fields)

    @classmethod
    def title(cls):
        """What the page is called where others point to it."""
        return cls.heading or next(iter(cls.base_fields.values())).label

    @property
    def is_by_mail(self):
        """The choice on this page that the form does not take yet, or ``""``."""
        if not self.is_valid():
            return ""
        return next(
            (
                self.cleaned_data[name]
                for name, field in self.fields.items()
                if isinstance(field, Choose) and field.offered and self.cleaned_data[name] not in field.offered
            ),
            "",
        )

    def kept(self):
        """The cleaned values as JSON can keep them; empty unless the page is answered rightly, for this form."""
        if not self.is_valid() or self.is_by_mail:
            return {}
        return {
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in self.cleaned_data.items()
        }
