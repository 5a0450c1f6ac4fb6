"""What is to be given to a third party, on which basis, and what came from others."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.calendar import today
from consent.bases import Basis, Recording, Refusal
from consent.models import Export, Receipt
from consent.services import provisions
from customers.categories import Category

from .consents import ThirdPartyField
from .notices import SUCH_AS, DayField, TextField
from .whom import NumbersForm, WhomForm

FORMATS = [("", _("No file: given in another way")), *Export.Format.choices]


class RecordingField(forms.ChoiceField):
    """How the record is made, which says how long it is kept."""

    def __init__(self):
        super().__init__(
            label=_("Way of recording"), choices=Recording, widget=forms.RadioSelect, initial=Recording.EACH,
            help_text=_("In bulk only what goes to the same party again and again. Kept for three years, by a contract"
                        " or another document for one (Articles 29(2) and 30(4))."),
        )  # fmt: skip


class ProvisionForm(WhomForm):
    """To whom, on which basis, what, of whom, when. ``foreseen``: what would be decided, where that is quickly said."""

    third_party = ThirdPartyField(help_text=_("Who is not in the list is entered as a third party first."))
    basis = forms.ChoiceField(
        label=_("Basis"), choices=Basis, widget=forms.RadioSelect,
        help_text=_("What permits it is looked up for each person. There is no opt-out here: the policy promises"
                    " consent."),
    )  # fmt: skip
    paper = forms.CharField(
        label=_("Paper"), max_length=200, required=False,
        help_text=_("On the bases of Article 27(1)(i) to (vii): what shows that it applies, with its number. With a"
                    " record by a document: which one. Else empty."),
    )  # fmt: skip
    paper_on = DayField(label=_("Day of that paper"), required=False)
    categories = forms.MultipleChoiceField(
        label=_("Categories"), widget=forms.CheckboxSelectMultiple, choices=Category.choices,
        help_text=_("Only what the recipient needs. What a consent or announcement does not name is refused."),
    )  # fmt: skip
    last_on = DayField(label=_("Day of provision"), help_text=SUCH_AS)
    recording = RecordingField()
    first_on = DayField(label=_("First day of the period"), required=False,
                        help_text=_("Only of a record in bulk: it then ends on the day of provision."))  # fmt: skip
    format = forms.ChoiceField(
        label=_("File"), widget=forms.RadioSelect, choices=FORMATS, required=False,
        help_text=_("The file holds those who are permitted, and is gone at the end of the day."),
    )  # fmt: skip
    field_order = [
        "third_party", "basis", "paper", "paper_on", "purpose", "categories", "selection", "registered_from",
        "registered_to", "numbers", "numbers_file", "last_on", "recording", "first_on", "format",
    ]  # fmt: skip
    foreseen = None

    def __init__(self, *args, third_party="", **kwargs):
        super().__init__(*args, initial={"third_party": third_party, "last_on": today()}, **kwargs)

    def prepare(self, **wanted):
        return provisions.prepare(**wanted, by=self.by)

    def count(self, row):
        counts = provisions.count(row)
        if counts.persons + counts.suspended <= provisions.BATCH:
            found = provisions.foresee(row)
            self.foreseen = {
                "permitted": found.pop(None, 0),
                "refused": [(Refusal(each), persons) for each, persons in sorted(found.items())],
            }
        return counts


class ReceiptForm(NumbersForm):
    """What came from a provider, and how it was confirmed where that had it from (Article 30)."""

    provider_name = forms.CharField(label=_("Provider"), max_length=200,
                                    help_text=_("The registered name of the company that gave the data."))  # fmt: skip
    provider_address = forms.CharField(label=_("Address of the provider"), max_length=300)
    provider_representative = forms.CharField(label=_("Representative of the provider"), max_length=200)
    ground = forms.ChoiceField(label=_("Ground"), choices=Receipt.Ground, widget=forms.RadioSelect)
    acquired_how = TextField(
        label=_("How the provider acquired them"), rows=3,
        help_text=_("From whom and how, as it was shown (Article 30(1)(ii)). What was not shown is not taken."),
    )  # fmt: skip
    confirmed = forms.ChoiceField(label=_("How that was confirmed"), choices=Receipt.Confirmed,
                                  widget=forms.RadioSelect)  # fmt: skip
    confirmed_by_what = forms.CharField(label=_("What was seen"), max_length=300,
                                        help_text=_("The paper with its number, or what else shows it."))  # fmt: skip
    confirmed_on = DayField(label=_("Confirmed on"), help_text=_("Before the data were taken."))
    categories = forms.MultipleChoiceField(label=_("Categories"), widget=forms.CheckboxSelectMultiple,
                                           choices=Category.choices)  # fmt: skip
    last_on = DayField(label=pgettext_lazy("receipt", "Day of receipt"), help_text=SUCH_AS)
    recording = RecordingField()
    first_on = DayField(label=_("First day of the period"), required=False,
                        help_text=_("Only of a record in bulk: it then ends on the day of receipt."))  # fmt: skip
    field_order = [
        "provider_name", "provider_address", "provider_representative", "ground", "acquired_how", "confirmed",
        "confirmed_by_what", "confirmed_on", "categories", "numbers", "numbers_file", "last_on", "recording",
        "first_on",
    ]  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, initial={"last_on": today(), "confirmed_on": today()}, **kwargs)
