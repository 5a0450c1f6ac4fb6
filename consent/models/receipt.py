"""Data of customers that came from others, and how it was confirmed where they had it from (Article 30)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.models.constraints import at_exactly_with_by
from audit.models.numbers import random_number
from consent.bases import Recording
from customers.categories import Category


def new_receipt_number():
    """A number that can be read out on the telephone."""
    return random_number("RC")


class Receipt(models.Model):
    """Data that a provider gave to the office: from whom, what, on whose consent, and how its origin was confirmed.

    No row without confirmation. Of whom stands in :class:`ReceiptPerson`. Written once by
    :mod:`consent.services.receipts`; triggers let nothing of it change.
    """

    class Ground(models.TextChoices):
        CONSENT = "CONSENT", _("The persons consented to it (Article 27(1))")
        OPT_OUT = "OPT_OUT", _("The provider filed for opt-out (Article 27(2)), as the Commission publishes")

    class Confirmed(models.TextChoices):
        """Rule 22(2): a paper that shows how the provider acquired the data, or another proper way."""

        CONTRACT = "CONTRACT", _("The contract by which it acquired them was shown")
        DOCUMENT = "DOCUMENT", _("Another document that shows how it acquired them")
        OTHER = "OTHER", pgettext_lazy("receipt", "In another proper way, said below")

    number = models.CharField(_("receipt number"), max_length=16, unique=True, default=new_receipt_number)
    provider_name = models.CharField(_("provider"), max_length=200)
    provider_address = models.CharField(_("address of the provider"), max_length=300)
    provider_representative = models.CharField(_("representative of the provider"), max_length=200)
    ground = models.CharField(_("ground"), max_length=8, choices=Ground)
    acquired_how = models.TextField(_("how the provider acquired them"), max_length=2000)
    confirmed = models.CharField(_("how that was confirmed"), max_length=8, choices=Confirmed)
    confirmed_by_what = models.CharField(_("what was seen"), max_length=300)
    confirmed_on = models.DateField(_("confirmed on"))
    categories = ArrayField(models.CharField(max_length=12, choices=Category), verbose_name=_("categories"))
    recording = models.CharField(_("way of recording"), max_length=8, choices=Recording)
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("day of receipt"))
    persons = models.BigIntegerField(_("customers"))
    kept_until = models.DateField(_("kept until"))
    entered_at = models.DateTimeField(_("entered"), default=timezone.now)
    entered_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("entered by"))

    class PersonalData:
        personal = {}
        keep = {
            "id", "number", "provider_name", "provider_address", "provider_representative", "ground", "acquired_how",
            "confirmed", "confirmed_by_what", "confirmed_on", "categories", "recording", "first_on", "last_on",
            "persons", "kept_until", "entered_at", "entered_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("provision received")
        verbose_name_plural = _("provisions received")
        default_permissions = ["view"]
        permissions = [("enter_receipt", "Can enter data of customers that came from others")]
        constraints = [
            at_exactly_with_by("receipt", "entered"),
            models.CheckConstraint(
                name="receipt_names_its_provider",
                condition=~Q(provider_name="") & ~Q(provider_address="") & ~Q(provider_representative=""),
            ),
            models.CheckConstraint(
                name="receipt_was_confirmed",
                condition=~Q(acquired_how="") & ~Q(confirmed="") & ~Q(confirmed_by_what="")
                & Q(confirmed_on__lte=F("first_on")),
            ),
            models.CheckConstraint(
                name="receipt_names_categories_and_persons", condition=Q(categories__len__gt=0, persons__gt=0)
            ),
            models.CheckConstraint(
                name="receipt_has_a_period_only_in_bulk",
                condition=Q(first_on=F("last_on")) | Q(recording="BULK", first_on__lt=F("last_on")),
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.number


class ReceiptPerson(models.Model):
    """One customer whose data came in a provision received. Never changed."""

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="people", verbose_name=_("provision received"))
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="receipts", verbose_name=_("customer")
    )

    class PersonalData:
        personal = {}
        keep = {"id", "receipt", "customer"}

    class Meta:
        verbose_name = _("person in a provision received")
        verbose_name_plural = _("persons in provisions received")
        default_permissions = []
        constraints = [models.UniqueConstraint(name="receipt_names_a_person_once", fields=["receipt", "customer"])]

    def __str__(self):
        return f"RP{self.pk}"
