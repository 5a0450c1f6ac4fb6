"""Forms of the desk."""

from django import forms
from django.contrib import admin
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import Group
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


class OfficeForm(DeskForm):
    """The facts of the office, filled with what they are."""

    name_ja = forms.CharField(label=_("Name (Japanese)"), max_length=80)
    name_en = forms.CharField(label=_("Name (English)"), max_length=80)
    representative_ja = forms.CharField(label=_("Representative (Japanese)"), max_length=80)
    representative_en = forms.CharField(label=_("Representative (English)"), max_length=80)
    postcode = forms.RegexField(r"^\d{3}-\d{4}$", label=_("Postcode"), help_text=_("As 194-0032."))
    address_ja = forms.CharField(label=_("Address (Japanese)"), max_length=200)
    address_en = forms.CharField(label=_("Address (English)"), max_length=200)
    email = forms.EmailField(label=_("Contact (e-mail)"), max_length=254)
    established_on = forms.DateField(label=_("Established on"), help_text=_("As 2022-06-07."))
    disclosure_fee = forms.IntegerField(
        label=_("Fee for a disclosure request (yen)"), min_value=1, max_value=100_000,
        widget=forms.TextInput({"inputmode": "numeric"}),
        help_text=_("Holds for requests that arrive from now on. Law and policy allow it for disclosure only."),
    )  # fmt: skip
    bank_account_ja = forms.CharField(
        label=_("Account for the fee (Japanese)"), max_length=200, required=False,
        help_text=_("Where this is empty, nobody can pay: the page of a request asks to write to you for the account."),
    )  # fmt: skip
    bank_account_en = forms.CharField(label=_("Account for the fee (English)"), max_length=200, required=False)

    def __init__(self, *args, office, **kwargs):
        kwargs["initial"] = {name: getattr(office, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        for name in ("min_value", "max_value"):
            self.fields["disclosure_fee"].error_messages[name] = _("Enter a fee from 1 to 100,000 yen.")


class NewStaffForm(DeskForm):
    """Somebody new: user name, roles, and the first password."""

    username = forms.RegexField(
        r"^[a-z0-9][a-z0-9._-]*$", label=_("User name"), max_length=40,
        help_text=_("Small letters, digits, dot and hyphen. It stands in the trail for ever."),
    )  # fmt: skip
    display_name = forms.CharField(label=_("Name"), max_length=80, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    roles = forms.MultipleChoiceField(label=_("Roles"), widget=forms.CheckboxSelectMultiple)
    password = forms.CharField(
        label=_("First password"), strip=False, help_text=_("At least 12 characters, and none of the common ones."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = _role_choices()


class RolesForm(DeskForm):
    """The roles that a member of staff has from now on."""

    roles = forms.MultipleChoiceField(label=_("Roles"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, member, **kwargs):
        kwargs["initial"] = {"roles": [group.name for group in member.groups.all()]}
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = _role_choices()


class StaffPasswordForm(DeskForm):
    """A new password for somebody else."""

    password = forms.CharField(
        label=_("New password"), strip=False, help_text=_("At least 12 characters, and none of the common ones."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )  # fmt: skip


def _role_choices():
    """Every role there is, in the words of the page."""
    words = admin.site.words_of_roles
    return [(name, words([name])[0]) for name in Group.objects.order_by("pk").values_list("name", flat=True)]
