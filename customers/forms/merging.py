"""That two records are of one person."""

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.forms import DeskForm

from .numbers import find_customer
from .values import text_field

THIS, OTHER = "this", "other"


class ProposeMergeForm(DeskForm):
    """The other record, and which of the two stays. Gives ``survivor`` and ``alias``.

    Nothing is proposed unseen: where the number is another than that which the page compared (``compared``), the page
    comes again with both beside each other.
    """

    def __init__(self, *args, customer, compared=None, **kwargs):
        self.customer, self.compared = customer, compared
        super().__init__(*args, **kwargs)
        self.fields["other"] = text_field(
            _("Number of the other record"), help_text=_("The customer number, as C0000123.")
        )
        self.fields["other"].initial = compared or ""
        self.fields["other"].required = True
        self.fields["other"].error_messages["required"] = _("Enter the number of the other record.")
        self.fields["stays"] = forms.ChoiceField(
            label=_("Which record stays"), widget=forms.RadioSelect, initial=THIS,
            choices=[(THIS, _("This one (%(number)s)") % {"number": customer}), (OTHER, _("The other one"))],
        )  # fmt: skip
        self.fields["stays"].error_messages["required"] = _("Choose which record stays.")
        self.fields["compared"] = forms.CharField(widget=forms.HiddenInput, required=False)
        self.fields["compared"].initial = str(compared or "")

    def clean(self):
        values = super().clean()
        if "other" not in values:
            return values
        other = find_customer(values.get("other") or "")
        if other is None:
            self.add_error("other", _("There is no record of this number."))
            return values
        if values.get("compared") != str(other):
            self.add_error("other", _("Look at the two records beside each other first; they now stand on this page."))
            self.data = self.data.copy()
            self.data[self.add_prefix("compared")] = str(other)
            return values
        pair = (self.customer, other) if values.get("stays") == THIS else (other, self.customer)
        return dict(zip(("survivor", "alias"), pair, strict=True))
