"""Of whom data are to leave: chosen by days or numbers, and confirmed once their count was seen."""

import hashlib
import re
import unicodedata

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.forms import DeskForm
from consent.exceptions import NotPermitted, NotReady
from consent.models import Export
from consent.purposes import Purpose

from .notices import DayField

LARGEST_LIST = 2_000_000  # bytes of a file of customer numbers
NUMBER_GAPS = re.compile(r"[\s,;、，\"']+")


class NumbersForm(DeskForm):
    """Customer numbers, typed or in a file: together in ``numbers``, each as it was given."""

    numbers = forms.CharField(
        label=_("Customer numbers"), required=False, widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=_("One on each line, or with commas or spaces between them. At most 50,000."),
    )  # fmt: skip
    numbers_file = forms.FileField(
        label=_("Or a file of numbers"), required=False, allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".txt,.csv,text/plain,text/csv"}),
        help_text=_("A text file with one number on each line."),
    )  # fmt: skip

    def clean(self):
        values = super().clean()
        uploaded = values.pop("numbers_file", None)
        numbers = NUMBER_GAPS.split(unicodedata.normalize("NFKC", values.get("numbers") or ""))
        if uploaded:
            numbers += self._numbers_in(uploaded)
        values["numbers"] = [number for number in numbers if number]
        self.data = self.data.copy()
        self.data["numbers"] = "\n".join(values["numbers"])
        return values

    def _numbers_in(self, uploaded):
        if uploaded.size > LARGEST_LIST:
            self.add_error("numbers_file", _("The file is too large. At most 50,000 numbers fit into one export."))
            return []
        content = b"".join(uploaded.chunks())
        for encoding in ("utf-8-sig", "cp932"):
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\0" not in text:
                return NUMBER_GAPS.split(unicodedata.normalize("NFKC", text))
        self.add_error("numbers_file", _("This is no text file. Save the numbers as text or CSV, one on each line."))
        return []


class WhomForm(NumbersForm):
    """A form in two steps: what is wanted, then how many are in it; valid only when that was seen and confirmed.

    ``preview`` is set when everything can be read: the row as it would be, and its ``counts``. Whoever extends it gives
    :meth:`prepare` and :meth:`count`.
    """

    purpose = forms.ChoiceField(
        label=_("Purpose of use"), widget=forms.RadioSelect, choices=Purpose.choices,
        help_text=_("Data may be used only within the purpose that was specified (Article 18(1))."),
    )  # fmt: skip
    selection = forms.ChoiceField(label=_("Whom"), widget=forms.RadioSelect, choices=Export.Selection.choices)
    registered_from = DayField(label=_("Registered from"), required=False, help_text=_("Such as 2026-04-01."))
    registered_to = DayField(label=_("Registered to"), required=False)
    confirmed = forms.CharField(widget=forms.HiddenInput, required=False)
    preview = counts = None

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by

    def prepare(self, **wanted):
        """The row as it would be, not saved; raises what the service does."""
        raise NotImplementedError

    def count(self, row):
        """Who would be in it, as :class:`consent.services.selection.Counts`."""
        raise NotImplementedError

    def is_valid(self):
        return super().is_valid() and self.is_confirmed

    @property
    def is_confirmed(self):
        return self.cleaned_data.get("confirmed") == self.digest

    @property
    def kept(self):
        """What the page of counts carries on: every name with its values."""
        return [(name, value) for name in self.fields for value in self.data.getlist(name) if name != "confirmed"]

    def clean(self):
        values = super().clean()
        if self.errors:
            return values
        wanted = {name: value for name, value in values.items() if name != "confirmed"}
        chosen = values["selection"]
        if chosen == Export.Selection.NUMBERS and not values["numbers"]:
            self.add_error("numbers", _("Give at least one customer number."))
        if chosen == Export.Selection.REGISTERED:
            for name in ("registered_from", "registered_to"):
                if not values.get(name):
                    self.add_error(name, _("Give the day."))
        if self.errors:
            return values
        try:
            row = self.prepare(**wanted)
        except (NotPermitted, NotReady) as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
            return values
        self.digest = hashlib.sha256(repr(sorted(wanted.items(), key=str)).encode()).hexdigest()[:16]
        counts = self.count(row)
        if "change" not in self.data:
            self.preview, self.counts = row, counts
        return values
