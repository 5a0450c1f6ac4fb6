"""What an authority asks, and what it is told."""

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.forms import DeskForm
from consent.models import OfficialInquiry
from customers.categories import Category
from customers.forms import CustomerField

from .notices import SUCH_AS, DayField

PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class InquiryForm(DeskForm):
    """The paper of the authority, and whom and what it is about."""

    kind = forms.ChoiceField(
        label=_("Under which law"), choices=OfficialInquiry.Kind, widget=forms.RadioSelect,
        help_text=_("Only laws of Japan count (Article 27(1)(i)). A call by telephone is no inquiry: ask for a paper."),
    )  # fmt: skip
    authority = forms.CharField(
        label=_("Who asks"), max_length=200, widget=forms.TextInput(PLAIN),
        help_text=_("The body, such as a police station or bar association; not the name of an officer."),
    )  # fmt: skip
    their_number = forms.CharField(label=_("Number of the paper"), max_length=60, widget=forms.TextInput(PLAIN))
    paper_on = DayField(label=_("Day of the paper"), help_text=SUCH_AS)
    received_on = DayField(label=_("Day on which we received it"))
    customer = CustomerField()
    categories = forms.MultipleChoiceField(
        label=_("What is asked for"), choices=Category.choices, widget=forms.CheckboxSelectMultiple
    )


class InquiryAnswerForm(DeskForm):
    """What was told of what was asked."""

    categories = forms.MultipleChoiceField(
        label=_("What is told"), widget=forms.CheckboxSelectMultiple,
        help_text=_("As little as the law demands: an inquiry that may be declined is weighed (Article 27(1)(i))."),
    )  # fmt: skip
    answered_on = DayField(label=_("Day of the answer"), help_text=SUCH_AS)

    def __init__(self, *args, inquiry, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["categories"].choices = [(each, Category(each).label) for each in inquiry.categories]
