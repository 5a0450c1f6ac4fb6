"""Forms of the desk."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class DeskForm(forms.Form):
    """A form for staff whose messages name what is missing, and whose fields take no control characters.

    No placeholder, no browser validation: the summary above and the words at the field say the same.
    """

    required_css_class = "required"
    use_required_attribute = False

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            chosen = isinstance(
                field, forms.ChoiceField | forms.ModelChoiceField | forms.FileField | forms.BooleanField
            )
            words = _("Choose: %(label)s") if chosen else _("Fill in: %(label)s")
            label = field.label or name
            field.error_messages["required"] = words % {"label": label}
            if "invalid" in field.error_messages:
                field.error_messages["invalid"] = _("We cannot read this: %(label)s") % {"label": label}
            if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
                field.error_messages["invalid_choice"] = _("Choose one that is offered: %(label)s") % {"label": label}


class RevealForm(DeskForm):
    """Why somebody wants to see sealed values: a reason from the list and the number of the case."""

    reason = forms.ChoiceField(label=_("Reason"))
    case_number = forms.CharField(label=_("Case number"), max_length=40)

    def __init__(self, *args, reasons, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [("", _("Choose a reason")), *reasons]


class SignInForm(AuthenticationForm):
    """Who signs in. One sentence for every wrong pair, whether or not the name exists."""

    error_messages = {
        "invalid_login": _("User name and password do not go together. Please type both again."),
        "inactive": _("User name and password do not go together. Please type both again."),
    }
    use_required_attribute = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["username"].label = _("User name")
        self.fields["password"].label = _("Password")
        self.fields["username"].error_messages["required"] = _("Fill in: %(label)s") % {"label": _("User name")}
        self.fields["password"].error_messages["required"] = _("Fill in: %(label)s") % {"label": _("Password")}
        self.fields["username"].widget.attrs.pop("autofocus", None)


class OwnPasswordForm(DeskForm):
    """The old password, and twice the new one."""

    old = forms.CharField(
        label=_("Password until now"), strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )
    password = forms.CharField(
        label=_("New password"), strip=False, help_text=_("At least 12 characters, and none of the common ones."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )  # fmt: skip
    again = forms.CharField(
        label=_("New password again"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def __init__(self, *args, staff, **kwargs):
        self.staff = staff
        super().__init__(*args, **kwargs)

    def clean_old(self):
        if not self.staff.check_password(self.cleaned_data["old"]):
            raise forms.ValidationError(_("This is not your password until now."))
        return self.cleaned_data["old"]

    def clean(self):
        values = super().clean()
        if "password" in values and "again" in values and values["password"] != values["again"]:
            self.add_error("again", _("The two new passwords differ. Please type both again."))
        return values
