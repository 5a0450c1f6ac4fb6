"""A file to be imported."""

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.forms import DeskForm

LARGEST_FILE = 500 * 1024 * 1024


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
