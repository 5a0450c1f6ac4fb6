"""Wordings, and consents as they came in."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from audit.calendar import today
from audit.forms import DeskForm
from consent.models import Consent, ThirdParty, Wording
from consent.purposes import Purpose
from customers.categories import Category
from customers.forms import CustomerField

from .notices import SUCH_AS, DayField, TextField

BY_STAFF = [(way, way.label) for way in Consent.Way if way != Consent.Way.FORM]  # what staff can have seen or heard


class ThirdPartyField(forms.ModelChoiceField):
    """A third party of the register, by number and name."""

    def __init__(self, **options):
        super().__init__(ThirdParty.objects.order_by("name"), label=_("Third party"), **options)

    def label_from_instance(self, third_party):
        return f"{third_party} {third_party.name}"


class WordingField(forms.ModelChoiceField):
    """A wording in use, by its number, its third party and its categories."""

    def __init__(self, **options):
        rows = Wording.objects.filter(retired_at__isnull=True).select_related("third_party").order_by("-pk")
        super().__init__(rows, label=_("Wording"), **options)

    def label_from_instance(self, wording):
        names = pgettext("desk", ", ").join(map(str, Category.labels_of(wording.categories)))
        return f"{wording} {wording.third_party.name} ({names})"


class WordingForm(DeskForm):
    """A text by which consent is asked."""

    third_party = ThirdPartyField()
    purpose = forms.ChoiceField(
        label=_("Purpose of use"), choices=Purpose, widget=forms.RadioSelect,
        help_text=_("Data may be used only within the purpose that was specified (Article 18(1))."),
    )  # fmt: skip
    categories = forms.MultipleChoiceField(
        label=_("Categories"), widget=forms.CheckboxSelectMultiple, choices=Category.choices,
        help_text=_("Who agrees, agrees to all of them. Ask for different ones by another wording."),
    )  # fmt: skip
    text_ja = TextField(
        label=_("Text (Japanese)"),
        help_text=_("Who gets what, and what for, in words that everybody understands (Article 27(1))."),
    )
    text_en = TextField(label=_("Text (English)"))


class AskForm(DeskForm):
    """Who is asked by mail, and by which wording."""

    customer = CustomerField()
    wording = WordingField(help_text=_("The mail has a link alone. The text, with yes and no, stands on its page."))

    def __init__(self, *args, customer="", **kwargs):
        super().__init__(*args, initial={"customer": customer}, **kwargs)


class ConsentForm(DeskForm):
    """A consent that came by paper, by telephone or at the counter."""

    customer = CustomerField()
    wording = WordingField(
        help_text=_("The text that was shown or read out. Abroad, what Article 28(2) wants was shown with it.")
    )
    language = forms.ChoiceField(label=_("In which language"), choices=settings.LANGUAGES, widget=forms.RadioSelect)
    way = forms.ChoiceField(
        label=_("How it was given"), choices=BY_STAFF, widget=forms.RadioSelect,
        help_text=_("It must be certain who agreed."),
    )  # fmt: skip
    given_on = DayField(label=_("Given on"), help_text=SUCH_AS)

    def __init__(self, *args, customer="", **kwargs):
        super().__init__(*args, initial={"customer": customer, "given_on": today()}, **kwargs)


class WithdrawalForm(DeskForm):
    """How and when a consent was withdrawn. No ground is asked for."""

    way = forms.ChoiceField(label=_("How it was withdrawn"), choices=BY_STAFF, widget=forms.RadioSelect)
    withdrawn_on = DayField(label=_("Withdrawn on"), help_text=_("From this day on nothing is given on its strength."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, initial={"withdrawn_on": today()}, **kwargs)
