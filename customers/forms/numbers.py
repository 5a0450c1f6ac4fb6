"""A customer, named by the number."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers import reading
from customers.models import Customer


class CustomerField(forms.CharField):
    """A customer number in any width or case; gives the customer without values. One who was erased is found too."""

    def __init__(self, **options):
        options.setdefault("label", pgettext_lazy("desk", "Customer number"))
        widget = forms.TextInput({"autocomplete": "off", "spellcheck": "false"})
        super().__init__(max_length=32, widget=widget, **options)

    def clean(self, value):
        typed = super().clean(value)
        customer = find_customer(typed) if typed else None
        if typed and customer is None:
            raise forms.ValidationError(_("There is no customer of this number. Check the number."))
        return customer


def find_customer(typed):
    """The record of a number as it was typed, without its values, or ``None``."""
    try:
        number = reading.read_number(typed)
    except reading.Unreadable:
        return None
    rows = Customer.objects.defer(*Customer.PersonalData.personal)
    return rows.filter(number__in={number, number.upper()}).first()
