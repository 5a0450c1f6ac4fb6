"""Means of payment, external IDs, cookies, devices: one more of them, or other values of one."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django import forms
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from customers import reading
from customers.models import CookieIdentifier, Device, ExternalAccount, PaymentMethod

from .values import ReasonForm, text_field

LONGEST_AUTHORISATION = 2000


def _read_plain(text, *, limit):
    return reading.read_text(text.strip(), limit=limit)


def _read_payment(text, *, limit):
    return reading.refuse_card_number(_read_plain(text, limit=limit))


def _read_list(text):
    """One item a line, or divided by semicolons as in the file that is imported."""
    text = reading.read_text(text, limit=LONGEST_AUTHORISATION, multiline=True)
    items = [item.strip() for line in text.splitlines() for item in line.replace("；", ";").split(";")]  # noqa: RUF001
    return list(dict.fromkeys(filter(None, items)))


@dataclass(frozen=True)
class Belonging:
    """What staff may type about one kind of row: readers of its fields, those that it cannot be without, its words."""

    model: type[models.Model]
    readers: dict
    needed: tuple = ()
    fixed: dict = field(default_factory=dict)
    help: dict = field(default_factory=dict)
    one_of: Any = _("Enter at least one value.")

    def label(self, name):
        return self.model._meta.get_field(name).verbose_name


ONLY_LAST_FOUR = _("Only the last four digits. A whole number is kept nowhere.")
BELONGINGS = {
    "card": Belonging(
        PaymentMethod,
        {
            "brand": partial(_read_payment, limit=60),
            "last_four": reading.read_last_four,
            "expiry": reading.read_expiry,
            "provider_token": partial(_read_payment, limit=255),
        },
        needed=("last_four",),
        fixed={"kind": PaymentMethod.Kind.CARD},
        help={"last_four": ONLY_LAST_FOUR, "expiry": _("As in 2027-04, or as on the card: 04/27.")},
    ),
    "bank": Belonging(
        PaymentMethod,
        {
            "bank": partial(_read_payment, limit=100),
            "branch": partial(_read_payment, limit=100),
            "last_four": reading.read_account_last_four,
        },
        needed=("bank",),
        fixed={"kind": PaymentMethod.Kind.BANK},
        help={"last_four": ONLY_LAST_FOUR},
    ),
    "e-money": Belonging(
        PaymentMethod,
        {"service": partial(_read_payment, limit=100), "provider_token": partial(_read_payment, limit=255)},
        needed=("service",),
        fixed={"kind": PaymentMethod.Kind.E_MONEY},
    ),
    "external-id": Belonging(
        ExternalAccount,
        {
            "service": partial(_read_plain, limit=100),
            "account": partial(_read_plain, limit=255),
            "authorised": _read_list,
            "authorised_on": reading.read_date,
        },
        needed=("service",),
        help={
            "authorised": _("What the customer allowed the service to give us, one item a line."),
            "authorised_on": _("For example 1985-04-03, 1985年4月3日 or 昭和60年4月3日."),
        },
    ),
    "cookie": Belonging(CookieIdentifier, {"value": partial(_read_plain, limit=255)}, needed=("value",)),
    "device": Belonging(
        Device,
        {
            "system": partial(_read_plain, limit=100),
            "kind": partial(_read_plain, limit=100),
            "identifier": partial(_read_plain, limit=255),
        },
    ),
}
KINDS_OF_PAYMENT = {
    PaymentMethod.Kind.CARD: "card", PaymentMethod.Kind.BANK: "bank", PaymentMethod.Kind.E_MONEY: "e-money"
}  # fmt: skip


def belonging_of(row):
    """The words and rules for a row that is held."""
    if isinstance(row, PaymentMethod):
        return BELONGINGS[KINDS_OF_PAYMENT[row.kind]]
    return next(each for each in BELONGINGS.values() if each.model is type(row))


class _BelongingForm(ReasonForm):
    def __init__(self, *args, of, **kwargs):
        self.of = of
        super().__init__(*args, **kwargs)

    def add_fields(self):
        for name in self.of.readers:
            lines = 3 if name == "authorised" else 1
            self.fields[name] = text_field(self.of.label(name), lines=lines, help_text=self.of.help.get(name, ""))


class AddForm(_BelongingForm):
    """All values of a new row. Gives ``values`` and ``reason``."""

    def add_fields(self):
        super().add_fields()
        for name in self.of.needed:
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = _("Fill in: %(label)s") % {"label": self.of.label(name)}

    def clean(self):
        values, given = super().clean(), {}
        self.read_into(given, values, self.of.readers)
        given = {name: value for name, value in given.items() if value not in ("", [], None)}
        if "authorised_on" in given and "authorised" not in given:
            self.add_error("authorised", _("Enter what was authorised on that day, or leave the day empty."))
        if not given and not self.errors:
            self.add_error(None, self.of.one_of)
        return {"values": {**self.of.fixed, **given}, "reason": values.get("reason")}


class ChangeForm(_BelongingForm):
    """Other values for some fields of a row: empty stays, ticked goes. Gives ``changes``, ``reason`` and ``seen``."""

    def add_fields(self):
        super().add_fields()
        removable = [name for name in self.of.readers if name not in self.of.needed]
        if len(removable) > 1 or (removable and self.of.needed):
            self.fields["remove"] = forms.MultipleChoiceField(
                label=_("Remove these values"), required=False, widget=forms.CheckboxSelectMultiple,
                choices=[(name, capfirst(self.of.label(name))) for name in removable],
            )  # fmt: skip

    def clean(self):
        values, changes = super().clean(), {}
        remove = values.get("remove") or []
        twice = [name for name in remove if (values.get(name) or "").strip()]
        for name in twice:
            self.add_error(name, _("Either enter a new value or remove it."))
        self.read_into(changes, values, {name: read for name, read in self.of.readers.items() if name not in twice})
        for name in remove:
            changes.setdefault(name, None)
        if not changes and not self.errors:
            self.add_error(None, _("Enter at least one new value, or tick one to remove."))
        return {"changes": changes, "reason": values.get("reason"), "seen": values.get("seen")}
