"""Forms of the desk."""

from django import forms
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
