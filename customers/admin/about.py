"""What desks share whose rows are each about one customer."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.base import Fact
from customers.models import Customer


class AboutCustomer:
    """For a desk of rows with a ``customer``: no value of the customer is read, the number stands for them."""

    def get_queryset(self, request):
        return super().get_queryset(request).defer(*(f"customer__{name}" for name in Customer.PersonalData.personal))

    @admin.display(description=_("customer"))
    def customer_number(self, row):
        return row.customer.number

    def customer_fact(self, request, row):
        """The number, as a link where this person may open the page behind it."""
        number = row.customer.number
        if request.user.has_perm("customers.view_customer"):
            page = reverse("admin:customers_customer_change", args=[row.customer_id])
            number = format_html('<a href="{}">{}</a>', page, number)
        return Fact(pgettext_lazy("desk", "Customer"), number)
