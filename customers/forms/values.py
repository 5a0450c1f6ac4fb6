"""What all forms that change held values share: a reason, readers, and words for what changed meanwhile."""

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from audit.forms import DeskForm
from customers import reading
from customers.exceptions import ChangedMeanwhile
from customers.models import CorrectionReason
from customers.services import versions

LONGEST_STAMP = 19
WHOLE_NUMBERS = {  # nobody is to look for a file here
    "card_whole_number": _("This looks like a whole card number. Enter its last four digits only."),
    "card_number_inside": _("There is a whole card number in it. It is kept nowhere: take it out."),
    "account_whole_number": _("This looks like a whole account number. Enter its last four digits only."),
}


class ReasonForm(DeskForm):
    """Why something is changed. Fields of subclasses stand before the reason.

    With ``row`` the page carries where its history stands, and ``seen`` is where it stood when the page was shown. What
    somebody else changed meanwhile is said once; the next press is from the new state.
    """

    def __init__(self, *args, row=None, **kwargs):
        self.row = row
        super().__init__(*args, **kwargs)
        self.add_fields()
        offered = [choice for choice in CorrectionReason.choices if choice[0] != CorrectionReason.IMPORT]
        self.fields["reason"] = forms.ChoiceField(label=_("Reason"), choices=[("", _("Choose a reason")), *offered])
        self.fields["reason"].error_messages["required"] = _("Choose the reason of the correction.")
        self.fields["reason"].error_messages["invalid_choice"] = _("Choose the reason of the correction.")
        if row is not None:
            self.fields["seen"] = forms.CharField(widget=forms.HiddenInput, required=False)
            self.initial["seen"] = versions.stamp(row)

    def add_fields(self):
        """Add what stands before the reason."""

    def clean(self):
        values = super().clean()
        if self.row is not None:
            values["seen"] = self._still_as_shown(values.get("seen"))
        return values

    def _still_as_shown(self, seen):
        now = self.initial["seen"]
        if not seen:
            return now
        seen = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < LONGEST_STAMP else 0
        if seen != now and (changed := versions.changed_since(self.row, seen)):
            self.add_error(None, str(ChangedMeanwhile(self.row, changed)))
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = str(now)
        return now

    def read_into(self, changes, values, readers):
        """Read what was typed into ``changes``; what cannot be read is said at its field."""
        for name, read in readers.items():
            typed = values.get(name) or ""
            if not typed.strip():
                continue
            try:
                changes[name] = read(typed)
            except reading.Unreadable as fault:
                self.add_error(name, WHOLE_NUMBERS.get(fault.code) or str(fault))


def text_field(label, *, lines=1, help_text=""):
    """One text field as the desk has it: nothing remembered by the browser, nothing checked for spelling."""
    widget = forms.Textarea(attrs={"rows": lines}) if lines > 1 else forms.TextInput()
    widget.attrs.update(autocomplete="off", spellcheck="false")
    return forms.CharField(label=capfirst(label), required=False, strip=False, widget=widget, help_text=help_text)
