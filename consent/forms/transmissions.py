"""What a page makes a visitor's browser send to another company."""

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.calendar import today
from audit.forms import DeskForm

from .notices import SUCH_AS, DayField


class WordsField(forms.CharField):
    """A few lines for a public page."""

    def __init__(self, **options):
        super().__init__(max_length=1000, widget=forms.Textarea({"rows": 3}), **options)


class TransmissionForm(DeskForm):
    """One service, in both languages."""

    service = forms.CharField(label=_("Service"), max_length=100)
    recipient = forms.CharField(label=_("Sent to"), max_length=200, help_text=_("The company, such as Google LLC."))
    country = forms.CharField(label=_("Country"), max_length=100)
    sent_ja = WordsField(label=_("What is sent (Japanese)"))
    sent_en = WordsField(label=_("What is sent (English)"))
    our_purpose_ja = WordsField(label=_("What we use it for (Japanese)"))
    our_purpose_en = WordsField(label=_("What we use it for (English)"))
    their_purpose_ja = WordsField(label=_("What they use it for (Japanese)"))
    their_purpose_en = WordsField(label=_("What they use it for (English)"))
    opt_out_url = forms.URLField(
        label=_("Page where it can be refused"), required=False, assume_scheme="https", max_length=200,
        help_text=_("The recipient’s own page, if it has one: https://…"),
    )  # fmt: skip
    starts_on = DayField(label=_("Sent from"), help_text=SUCH_AS)

    def clean_opt_out_url(self):
        url = self.cleaned_data["opt_out_url"]
        if url and not url.startswith("https://"):
            raise forms.ValidationError(_("Write an address that begins with https://."))
        return url


class TransmissionEndForm(DeskForm):
    """From which day on nothing is sent any more."""

    ends_on = DayField(label=_("No longer sent from"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["ends_on"].initial = today()
