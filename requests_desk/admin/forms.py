"""What staff fill in at the requests desk."""

import datetime as dt

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.forms import DeskForm
from audit.models import Staff
from customers.models import Customer
from customers.reading import Unreadable, fold_digits, read_date
from requests_desk.models import DocumentType, Held, Item, Outcome, RefusalReason, grounds_for
from requests_desk.models.decision import OFFERED_OUTCOMES


class DayField(forms.CharField):
    """A day as people type it: 2026-12-07, 2026年12月7日, 令和8年12月7日."""

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        try:
            day = read_date(text)
        except Unreadable as fault:
            raise forms.ValidationError(str(fault)) from None
        return day if isinstance(day, dt.date) else dt.date.fromisoformat(str(day))


class AssignForm(DeskForm):
    to = forms.ModelChoiceField(
        queryset=None, label=_("Who takes it"), required=False, empty_label=_("Nobody for now"),
        error_messages={"invalid_choice": _("Choose somebody who works at the desk.")},
    )  # fmt: skip

    def __init__(self, *args, request, staff, **kwargs):
        kwargs["initial"] = {"to": request.assigned_to_id or staff.pk}
        super().__init__(*args, **kwargs)
        sees = Q(groups__permissions__codename="view_datarequest") | Q(pk=staff.pk) | Q(pk=request.assigned_to_id)
        self.fields["to"].queryset = Staff.objects.filter(sees, is_active=True).distinct().order_by("username")
        self.fields["to"].label_from_instance = lambda one: one.display_name or one.username


class FeeForm(DeskForm):
    amount = forms.CharField(
        label=_("Amount (yen)"), max_length=12, widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"})
    )
    received_on = DayField(
        label=_("Day on which it came in"), max_length=30,
        help_text=_("As the bank's statement says, for example 2026-12-07."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args, fee, **kwargs):
        kwargs["initial"] = {"amount": fee.amount if fee else "", "received_on": timezone.localdate().isoformat()}
        super().__init__(*args, **kwargs)

    def clean_amount(self):
        text = fold_digits(self.cleaned_data["amount"]).replace(",", "").replace("円", "").strip()
        if not (text.isascii() and text.isdigit() and len(text) < 9):
            raise forms.ValidationError(_("Write the amount in digits, for example 1000."))
        return int(text)


class VerifyForm(DeskForm):
    document_type = forms.ChoiceField(
        label=_("Which document it is"), choices=DocumentType, widget=forms.RadioSelect,
        help_text=_("Its number is noted nowhere."),
    )  # fmt: skip
    matched_items = forms.MultipleChoiceField(
        label=_("What agrees with the request"), choices=Item, widget=forms.CheckboxSelectMultiple,
        help_text=_("The name must agree and, besides, the address or the date of birth."),
    )  # fmt: skip


class RefuseDocumentForm(DeskForm):
    reason = forms.ChoiceField(
        label=_("Why the document does not do"), choices=RefusalReason, widget=forms.RadioSelect,
        help_text=_("The person reads this sentence."),
    )  # fmt: skip


class MatchForm(DeskForm):
    """One of the customers found, another number, or nobody."""

    customer = forms.ChoiceField(label=_("The request is about"), widget=forms.RadioSelect)
    other_number = forms.CharField(
        label=_("Number of the other customer"), required=False, max_length=32,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Only if you chose “another customer”."),
    )  # fmt: skip

    OTHER, NOBODY = "other", "nobody"

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["customer"].choices = [
            *choices, (self.OTHER, _("Another customer, by number")), (self.NOBODY, _("Nobody: we hold nothing"))
        ]  # fmt: skip

    def clean(self):
        values = super().clean()
        choice = values.get("customer")
        if choice == self.NOBODY:
            values["customer"] = None
        elif choice:
            number = values.get("other_number", "").strip() if choice == self.OTHER else choice
            values["customer"] = Customer.objects.living().only("number").filter(number=number).first()
            if values["customer"] is None:
                self.add_error("other_number", _("There is no living customer of this number."))
        return values


class ProposeForm(DeskForm):
    outcome = forms.ChoiceField(label=_("What we answer"), widget=forms.RadioSelect)
    ground = forms.ChoiceField(
        label=_("Ground of the refusal"), required=False,
        help_text=_("The Act allows this kind of request to be refused on these grounds alone."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason in words"), required=False, max_length=4000, widget=forms.Textarea({"rows": 6}),
        help_text=_("Article 36: the person reads it in the letter. Needed for a refusal."),
    )  # fmt: skip

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        fitting = {
            Held.MATCHED: [Outcome.FULL, Outcome.REFUSED],
            Held.NOT_HELD: [Outcome.NOT_HELD, Outcome.REFUSED],
        }.get(request.held, OFFERED_OUTCOMES)
        self.fields["outcome"].choices = [(each.value, each.label) for each in fitting]
        grounds = grounds_for(request.kind, Outcome.REFUSED)
        self.fields["ground"].choices = [("", _("No refusal")), *((each.value, each.label) for each in grounds)]

    def clean(self):
        values = super().clean()
        refusal = values.get("outcome") == Outcome.REFUSED
        if refusal and not values.get("ground"):
            self.add_error("ground", _("A refusal needs its ground."))
        if refusal and not (values.get("reason") or "").strip():
            self.add_error("reason", _("A refusal needs its reason in words."))
        if values.get("outcome") and not refusal and values.get("ground"):
            self.add_error("ground", _("Only a refusal has a ground. Choose “No refusal”."))
        return values


class SendBackForm(DeskForm):
    remark = forms.CharField(
        label=_("What is to be mended"), max_length=4000, widget=forms.Textarea({"rows": 5}),
        help_text=_("Who proposed it reads this."),
    )  # fmt: skip


class NoFurtherWords(DeskForm):
    """A decision that needs nothing but the button."""
