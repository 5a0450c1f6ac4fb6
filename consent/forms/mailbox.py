"""A visitor's mail address, to which a link is sent."""

from django import forms
from django.utils.translation import gettext_lazy as _

from customers import reading


class MailboxForm(forms.Form):
    """One address, in any width."""

    use_required_attribute = False
    email = forms.CharField(
        label=_("E-mail address"), max_length=254,
        error_messages={"required": _("Enter your e-mail address.")},
        widget=forms.TextInput({"inputmode": "email", "autocomplete": "email", "spellcheck": "false"}),
    )  # fmt: skip

    def clean_email(self):
        try:
            return reading.read_email(self.cleaned_data["email"])
        except reading.Unreadable as refusal:
            raise forms.ValidationError(str(refusal)) from None
