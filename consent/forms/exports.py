"""What is to leave for use within the office, and of whom."""

from django import forms
from django.utils.translation import gettext_lazy as _

from consent.models import Export
from consent.services import answers, exports, selection
from customers.categories import Category

from .whom import WhomForm


class ExportForm(WhomForm):
    """What is to leave, under which purpose."""

    categories = forms.MultipleChoiceField(
        label=_("Categories"), widget=forms.CheckboxSelectMultiple, choices=Category.choices,
        help_text=_("Only what the purpose needs. What it does not permit is refused."),
    )  # fmt: skip
    format = forms.ChoiceField(label=_("Format"), widget=forms.RadioSelect, choices=Export.Format.choices,
                               initial=Export.Format.XLSX,
                               help_text=_("CSV comes as a ZIP file with one file for each table."))  # fmt: skip
    field_order = [
        "purpose", "categories", "selection", "registered_from", "registered_to", "numbers", "numbers_file", "format",
    ]  # fmt: skip

    def prepare(self, **wanted):
        return exports.prepare(**wanted, by=self.by)

    def count(self, row):
        return selection.count(row, answers.barred_from(row))
