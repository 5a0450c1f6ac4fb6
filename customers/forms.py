"""What staff fill in about customers. The rules of reading are those of the import."""

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.forms import DeskForm
from customers import reading
from customers.models import CorrectionReason, Customer

READERS = {
    "name": reading.read_name,
    "kana": reading.read_kana,
    "nickname": reading.read_other_name,
    "pen_name": reading.read_other_name,
    "birth_date": reading.read_date,
    "age": reading.read_age,
    "sex": reading.read_sex,
    "email": reading.read_email,
    "telephone": reading.read_telephone,
    "postcode": reading.read_postcode,
    "address": reading.read_address,
}
REMOVABLE = [name for name in READERS if name != "name"]
LARGEST_FILE = 500 * 1024 * 1024


def _label(name):
    return Customer._meta.get_field(name).verbose_name


class CorrectionForm(DeskForm):
    """New values for some fields; what is left empty stays as it is, and what is ticked below is removed."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in READERS:
            widget = forms.Textarea(attrs={"rows": 2}) if name == "address" else None
            self.fields[name] = forms.CharField(label=_label(name), required=False, strip=False, widget=widget)
            self.fields[name].widget.attrs.update(autocomplete="off", spellcheck="false")
        self.fields["birth_date"].help_text = _("For example 1985-04-03, 1985年4月3日 or 昭和60年4月3日.")
        self.fields["sex"].help_text = _("女性, 男性, その他 or 回答しない.")
        self.fields["email_is_right"] = forms.BooleanField(
            label=_("The e-mail address is right as I typed it"), required=False
        )
        self.fields["remove"] = forms.MultipleChoiceField(
            label=_("Remove these values"), required=False, widget=forms.CheckboxSelectMultiple,
            choices=[(name, _label(name)) for name in REMOVABLE],
        )  # fmt: skip
        offered = [choice for choice in CorrectionReason.choices if choice[0] != CorrectionReason.IMPORT]
        self.fields["reason"] = forms.ChoiceField(label=_("Reason"), choices=[("", _("Choose a reason")), *offered])
        self.fields["reason"].error_messages["required"] = _("Choose the reason of the correction.")

    def clean(self):
        """Give ``changes`` and ``reason``, as the service of corrections takes them."""
        values, changes = super().clean(), {}
        remove = values.get("remove") or []
        for name, read in READERS.items():
            typed = values.get(name) or ""
            if not typed.strip():
                continue
            if name in remove:
                self.add_error(name, _("Either enter a new value or remove it."))
                continue
            try:
                changes[name] = read(typed)
            except reading.Unreadable as fault:
                self.add_error(name, str(fault))
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
        return {"changes": changes, "reason": values.get("reason")}


class ImportForm(DeskForm):
    """A CSV file, and whether what differs from it is to be changed."""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=_("CSV with a first line of Japanese column names, in UTF-8 or Shift JIS (cp932), at most 500 MB."),
    )
    update = forms.BooleanField(
        label=_("Apply values that differ from what is held"),
        required=False,
        help_text=_("Without this they are reported and left. Each change is kept in the customer’s history."),
    )

    nothing = _("The file is empty. Save it once more from the spreadsheet and choose it again.")

    def clean_file(self):
        file = self.cleaned_data["file"]
        if not file.size:
            raise forms.ValidationError(self.nothing)
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(
                _("The file has %(size)s MB. At most 500 MB can be imported at once; divide it.")
                % {"size": file.size // 1024 // 1024 + 1}
            )
        return file


class EventsForm(ImportForm):
    """A file of events."""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".jsonl,.ndjson,.json,.txt"}),
        help_text=_("JSON Lines in UTF-8: one event a line, at most 500 MB."),
    )
    update = None
    nothing = _("The file is empty. Have it written out once more and choose it again.")
