"""The five items of joint use."""

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.forms import DeskForm
from audit.services import office as offices
from consent.models import JointUse, ThirdParty
from consent.purposes import Purpose
from customers.categories import Category

from .notices import TextField


class NamedChoices(forms.ModelMultipleChoiceField):
    """Rows by number and name."""

    def label_from_instance(self, row):
        return f"{row} {row.name}"


class TitledChoice(forms.ModelChoiceField):
    """Rows by number and title."""

    def label_from_instance(self, row):
        return f"{row} {row.title}"


class JointUseForm(DeskForm):
    """An announcement; the responsible party is the office unless another is entered."""

    title_ja = forms.CharField(label=_("Title (Japanese)"), max_length=200)
    title_en = forms.CharField(label=_("Title (English)"), max_length=200)
    replaces = TitledChoice(
        JointUse.objects.public_now(), required=False, label=_("Replaces"),
        help_text=_("A change of purpose or of the responsible party is announced before it happens; the categories and"
                    " users of a running joint use change only with consent (Article 27(6))."),
    )  # fmt: skip
    categories = forms.MultipleChoiceField(
        label=_("Categories"), widget=forms.CheckboxSelectMultiple, choices=Category.choices
    )
    users = NamedChoices(
        ThirdParty.objects.filter(kind=ThirdParty.Kind.JOINT_USER).order_by("name"), label=_("Users"),
        widget=forms.CheckboxSelectMultiple, help_text=_("Enter them as third parties of this kind first."),
    )  # fmt: skip
    range_ja = TextField(
        label=_("Range of the users (Japanese)"),
        rows=3,
        help_text=_("So clear that everybody can tell who is meant (Article 27(5)(iii))."),
    )
    range_en = TextField(label=_("Range of the users (English)"), rows=3)
    purposes = forms.MultipleChoiceField(
        label=_("Purposes of use"), widget=forms.CheckboxSelectMultiple, choices=Purpose.choices,
        help_text=_("All purposes of all users."),
    )  # fmt: skip
    manager_ja = forms.CharField(label=_("Responsible for the data (Japanese)"), max_length=200)
    manager_en = forms.CharField(label=_("Responsible for the data (English)"), max_length=200)
    address_ja = forms.CharField(label=_("Its address (Japanese)"), max_length=300)
    address_en = forms.CharField(label=_("Its address (English)"), max_length=300)
    representative_ja = forms.CharField(label=_("Its representative (Japanese)"), max_length=200)
    representative_en = forms.CharField(label=_("Its representative (English)"), max_length=200)

    def __init__(self, *args, **kwargs):
        office = offices.current()
        initial = {
            "manager_ja": office.name_ja, "manager_en": office.name_en, "address_ja": office.address_ja,
            "address_en": office.address_en, "representative_ja": office.representative_ja,
            "representative_en": office.representative_en,
        }  # fmt: skip
        super().__init__(*args, initial=initial, **kwargs)
