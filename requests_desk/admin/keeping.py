"""What staff fill in where they decide how long something is kept, or that it is kept longer."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.forms import DeskForm
from customers.categories import Category
from customers.forms import CustomerField
from customers.reading import fold_digits
from requests_desk.models import CountedFrom, DataRequest, Erasure, Hold
from requests_desk.services.periods import LONGEST, PROPOSALS, offered

DIGITS = forms.TextInput({"inputmode": "numeric", "autocomplete": "off"})


class MonthsField(forms.CharField):
    """A whole number of months, in digits of any width."""

    def __init__(self, **options):
        super().__init__(max_length=8, widget=DIGITS, **options)

    def clean(self, value):
        text = fold_digits(super().clean(value)).strip()
        if not text:
            return 0
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LONGEST):
            raise forms.ValidationError(
                _("Write the months in digits, from 1 to %(most)s, for example 60.") % {"most": LONGEST}
            )
        return int(text)


class RuleForm(DeskForm):
    """How long one category is kept; filled with the rule that holds, or else with what is proposed."""

    months = MonthsField(label=_("How many months it is kept"), help_text=_("60 months are five years."))
    counted_from = forms.ChoiceField(label=_("From what the months are counted"), widget=forms.RadioSelect)
    statute = forms.CharField(
        label=_("Statute that keeps it"), max_length=200, required=False,
        help_text=_("Only where a law orders it to be kept: law and article. Nothing goes before its months are over."),
    )  # fmt: skip
    statute_months = MonthsField(label=_("Months that the statute keeps it"), required=False)

    def __init__(self, *args, rule, **kwargs):
        source = rule if rule.pk else PROPOSALS[Category(rule.category)]
        kwargs["initial"] = {
            "months": source.months, "counted_from": source.counted_from, "statute": source.statute,
            "statute_months": source.statute_months or "",
        }  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["counted_from"].choices = [(each, CountedFrom(each).label) for each in offered(rule.category)]

    def clean(self):
        values = super().clean()
        statute, months = values.get("statute", "").strip(), values.get("statute_months")
        if statute and not months and "statute_months" not in self.errors:
            self.add_error("statute_months", _("Enter how many months the statute keeps it."))
        if months and not statute:
            self.add_error("statute", _("Enter the statute that keeps it for these months."))
        if months and values.get("months") and values["months"] < months:
            self.add_error("months", _("The statute keeps it longer than that: nothing may go before."))
        return values


class HoldForm(DeskForm):
    """Of whom what is kept, and why."""

    customer = CustomerField()
    category = forms.ChoiceField(label=_("What is kept"), required=False)
    ground = forms.ChoiceField(label=_("Why it is kept"), choices=Hold.Ground, widget=forms.RadioSelect)
    case_number = forms.CharField(
        label=_("Case number"), max_length=40, help_text=_("The number of the case, not what it is about.")
    )

    def __init__(self, *args, customer="", **kwargs):
        super().__init__(*args, initial={"customer": customer}, **kwargs)
        self.fields["category"].choices = [("", _("All categories")), *Category.choices]


class ErasureForm(DeskForm):
    """Who is to be erased, and why."""

    customer = CustomerField()
    reason = forms.ChoiceField(label=pgettext_lazy("erasure", "Why"), choices=Erasure.Reason, widget=forms.RadioSelect)
    case_number = forms.CharField(
        label=_("Case number"), max_length=40, help_text=_("The number of the case, not what it is about.")
    )
    request = forms.CharField(
        label=_("Request that asks for it"), max_length=14, required=False,
        help_text=_("Its number, where one asks for it. It stays until it is closed."),
    )  # fmt: skip

    def __init__(self, *args, customer="", **kwargs):
        super().__init__(*args, initial={"customer": customer}, **kwargs)

    def clean_request(self):
        typed = self.cleaned_data["request"].strip().upper()
        if not typed:
            return None
        found = DataRequest.objects.defer(*DataRequest.PersonalData.personal).filter(reference=typed).first()
        if found is None:
            raise forms.ValidationError(_("There is no request of this number. Check the number."))
        return found
