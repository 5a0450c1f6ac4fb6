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

    def clean_file(self):
        file = self.cleaned_data["file"]
        if not file.size:
            raise forms.ValidationError(
                _("The file is empty. Save it once more from the spreadsheet and choose it again.")
            )
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(
                _("The file has %(size)s MB. At most 500 MB can be imported at once; divide it.")
                % {"size": file.size // 1024 // 1024 + 1}
            )
        return file
