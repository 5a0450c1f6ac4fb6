"""Whose data is not used, for what, and why."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.forms import DeskForm
from consent.models import Suspension
from consent.purposes import Purpose
from customers.forms import CustomerField


class SuspensionForm(DeskForm):
    """Of which customer what is suspended."""

    customer = CustomerField()
    scope = forms.ChoiceField(
        label=_("What is suspended"), choices=Suspension.Scope, widget=forms.RadioSelect,
        help_text=_("To the extent that cures the breach or prevents the harm (Article 35(1), (3), (5))."),
    )  # fmt: skip
    purpose = forms.ChoiceField(
        label=_("Purpose of use"), required=False, choices=[("", pgettext_lazy("purpose", "None")), *Purpose.choices],
        help_text=_("Only where use for one purpose is suspended."),
    )  # fmt: skip
    ground = forms.ChoiceField(
        label=pgettext_lazy("suspension", "Ground"), choices=Suspension.Ground, widget=forms.RadioSelect
    )
    case_number = forms.CharField(
        label=_("Case number"), max_length=40, required=False,
        help_text=_("The number of the case, not what it is about."),
    )  # fmt: skip

    def __init__(self, *args, customer="", **kwargs):
        super().__init__(*args, initial={"customer": customer}, **kwargs)

    def clean(self):
        values = super().clean()
        is_of_one = values.get("scope") == Suspension.Scope.PURPOSE
        if is_of_one and not values.get("purpose") and "purpose" not in self.errors:
            self.add_error("purpose", _("Choose the purpose whose use is suspended."))
        if values.get("scope") and not is_of_one and values.get("purpose"):
            self.add_error("purpose", _("Choose no purpose, or suspend use for one purpose."))
        return values
