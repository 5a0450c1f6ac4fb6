"""A correction of a customer's own values."""

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from customers import reading
from customers.models import Customer

from .values import ReasonForm, text_field


def _read_occupation(text):
    return reading.read_text(text, limit=200)


def _read_long(text):
    return reading.read_text(text, limit=2000, multiline=True)


READERS = {
    "name": reading.read_name,
    "kana": reading.read_kana,
    "nickname": reading.read_other_name,
    "pen_name": reading.read_other_name,
    "birth_date": reading.read_date,
    "age": reading.read_age,
    "sex": reading.read_sex,
    "occupation": _read_occupation,
    "work_history": _read_long,
    "education": _read_long,
    "email": reading.read_email,
    "telephone": reading.read_telephone,
    "postcode": reading.read_postcode,
    "address": reading.read_address,
    "left_on": reading.read_date,
}
REMOVABLE = [name for name in READERS if name != "name"]
LINES = {"address": 2, "work_history": 4, "education": 3}
DATES = _("For example 1985-04-03, 1985年4月3日 or 昭和60年4月3日.")
HELP = {"birth_date": DATES, "left_on": DATES, "sex": _("女性, 男性, その他 or 回答しない.")}


def _label(name):
    return Customer._meta.get_field(name).verbose_name


class CorrectionForm(ReasonForm):
    """New values for some fields; what is left empty stays as it is, and what is ticked below is removed."""

    def add_fields(self):
        for name in READERS:
            self.fields[name] = text_field(_label(name), lines=LINES.get(name, 1), help_text=HELP.get(name, ""))
        self.fields["email_is_right"] = forms.BooleanField(
            label=_("The e-mail address is right as I typed it"), required=False
        )
        self.fields["remove"] = forms.MultipleChoiceField(
            label=_("Remove these values"), required=False, widget=forms.CheckboxSelectMultiple,
            choices=[(name, capfirst(_label(name))) for name in REMOVABLE],
        )  # fmt: skip

    def clean(self):
        """Give ``changes``, ``reason`` and ``seen``, as the service takes them."""
        values, changes = super().clean(), {}
        remove = values.get("remove") or []
        twice = [name for name in remove if (values.get(name) or "").strip()]
        for name in twice:
            self.add_error(name, _("Either enter a new value or remove it."))
        self.read_into(changes, values, {name: read for name, read in READERS.items() if name not in twice})
        meant = reading.near_miss(changes.get("email", ""))
        if meant and not values.get("email_is_right"):
            self.add_error(
                "email",
                _("Was %(domain)s meant? Correct it, or tick below that it is right.")
                % {"domain": meant.rpartition("@")[2]},
            )
        for name in remove:
            changes.setdefault(name, None if Customer._meta.get_field(name).null else "")
        if not changes and not self.errors:
            self.add_error(None, _("Enter at least one new value, or tick one to remove."))
        return {"changes": changes, **{name: values[name] for name in ("reason", "seen") if name in values}}
