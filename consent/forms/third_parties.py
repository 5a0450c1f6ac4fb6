"""Third parties, their contracts, measures and checks."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.calendar import today
from audit.forms import DeskForm
from consent import countries
from consent.models import EquivalentMeasures, ThirdParty, YearlyCheck

from .notices import SUCH_AS, DayField, TextField


class NamesForm(DeskForm):
    """What a record of provision wants of a recipient (Article 29(1); Rule 20)."""

    name = forms.CharField(
        label=pgettext_lazy("third party", "Name"), max_length=200,
        help_text=_("The registered name of the company or body, not of a person in it."),
    )  # fmt: skip
    address = forms.CharField(label=pgettext_lazy("third party", "Address"), max_length=300)
    representative = forms.CharField(
        label=_("Representative"), max_length=200, required=False,
        help_text=_("A record of provision names who represents a corporation. Not needed of a state body."),
    )  # fmt: skip


class ThirdPartyForm(NamesForm):
    """A third party as it is entered."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=ThirdParty.Kind, widget=forms.RadioSelect,
        help_text=_("A company of the same group is a third party too; another department of ours is none."),
    )  # fmt: skip
    country = forms.ChoiceField(
        label=_("Country"), choices=countries.choices, initial=countries.HOME,
        help_text=_("Where the recipient is established: a branch of ours abroad is no third party (Article 28(1))."),
    )  # fmt: skip
    field_order = ["kind", "name", "address", "representative", "country"]


class NamesChangedForm(NamesForm):
    """The names as they stand, to be corrected."""

    def __init__(self, *args, third_party, **kwargs):
        names = ("name", "address", "representative")
        super().__init__(*args, initial={name: getattr(third_party, name) for name in names}, **kwargs)


class AgreementForm(DeskForm):
    """A contract by its title and days."""

    title = forms.CharField(label=pgettext_lazy("contract", "Title"), max_length=200)
    concluded_on = DayField(label=_("Concluded on"), help_text=SUCH_AS)
    starts_on = DayField(label=pgettext_lazy("contract", "In force from"))
    ends_on = DayField(label=_("Last day"), required=False, help_text=_("Empty where it has no end."))


class LastDayForm(DeskForm):
    """The last day of something."""

    ends_on = DayField(label=_("Last day"), help_text=SUCH_AS)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, initial={"ends_on": today()}, **kwargs)


class MeasuresForm(DeskForm):
    """What makes the recipient abroad treat data as the Act wants."""

    system = forms.ChoiceField(
        label=_("How the recipient is bound"), choices=EquivalentMeasures.System, widget=forms.RadioSelect
    )
    outline = TextField(
        label=_("Outline of the measures"),
        help_text=_("A person who asks is told this, how often it is checked and what was found (Article 28(3))."),
    )  # fmt: skip
    starts_on = DayField(label=_("In place from"), help_text=SUCH_AS)


class PackForm(DeskForm):
    """What a person must know before consenting to a provision abroad."""

    regime_ja = TextField(
        label=_("Its system of protection (Japanese)"),
        help_text=_("Whether there is a law, what it lacks of the eight OECD principles, and what reaches deep into the"
                    " data, such as wide access by the state (Rule 17(2)(ii))."),
    )  # fmt: skip
    regime_en = TextField(label=_("Its system of protection (English)"))
    measures_ja = TextField(
        label=_("What the recipient does (Japanese)"),
        help_text=_("Its measures, and which OECD principles they do not meet. Where that cannot be given, say so and"
                    " why (Rule 17(2)(iii), (4))."),
    )  # fmt: skip
    measures_en = TextField(label=_("What the recipient does (English)"))
    sources = TextField(label=_("Sources"), rows=3, help_text=_("Papers and addresses from which it was taken."))
    looked_up_on = DayField(label=_("Looked up on"), help_text=SUCH_AS)


class CheckForm(DeskForm):
    """What was looked at, and what was found."""

    subject = forms.ChoiceField(label=_("What was checked"), choices=YearlyCheck.Subject, widget=forms.RadioSelect)
    finding = forms.ChoiceField(
        label=_("Finding"), choices=YearlyCheck.Finding, widget=forms.RadioSelect,
        help_text=_("Measures that are not in order permit nothing until a later check finds them in order."),
    )  # fmt: skip
    remark = TextField(label=_("How it was checked, and what is to be done"))
    checked_on = DayField(label=_("Checked on"), help_text=SUCH_AS)
