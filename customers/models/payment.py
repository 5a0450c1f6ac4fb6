from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from customers import search
from customers.categories import Category, Source
from customers.fields import SealedCharField


class PaymentMethod(models.Model):
    """A means by which a customer pays: what is needed to recognise it, never what is needed to use it.

    No full card or account number and no security code has a column here, and the service refuses any text in which a
    number passes the test of card numbers. Written by :mod:`customers.services.belongings` (in batches),
    :mod:`customers.services.changes` (by hand) and erasure alone. A row that is no longer current is deleted; its
    history keeps it. ``fingerprint`` is keyed, and tells whether two are the same, no more.
    """

    class Kind(models.TextChoices):
        CARD = "CARD", _("Credit card")
        BANK = "BANK", _("Bank account")
        E_MONEY = "E_MONEY", _("Electronic money")

    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="payment_methods")
    kind = models.CharField(pgettext_lazy("payment", "kind"), max_length=8, choices=Kind)
    brand = SealedCharField(_("card brand"), max_length=60, null=True, blank=True, context="payment.brand")
    last_four = SealedCharField(_("last four digits"), max_length=4, null=True, blank=True, context="payment.last_four")
    expiry = SealedCharField(
        _("valid until (year-month)"), max_length=7, null=True, blank=True, context="payment.expiry"
    )
    provider_token = SealedCharField(
        _("token of the payment provider"), max_length=255, null=True, blank=True, context="payment.provider_token"
    )
    bank = SealedCharField(_("bank"), max_length=100, null=True, blank=True, context="payment.bank")
    branch = SealedCharField(_("branch"), max_length=100, null=True, blank=True, context="payment.branch")
    service = SealedCharField(
        _("electronic money service"), max_length=100, null=True, blank=True, context="payment.service"
    )
    fingerprint = models.BigIntegerField(editable=False)
    created_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)
    created_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("recorded by"))

    history = HistoricalRecords(excluded_fields=["fingerprint"])

    class PersonalData:
        personal = dict.fromkeys(
            ("brand", "last_four", "expiry", "provider_token", "bank", "branch", "service", "fingerprint"),
            Category.PAYMENT,
        )
        sources = [Source.CUSTOMER_FILE, Source.STAFF]
        keep = {"id", "customer", "kind", "created_at", "created_by"}

    class Meta:
        verbose_name = _("means of payment")
        verbose_name_plural = _("means of payment")
        default_permissions = []
        constraints = [
            models.UniqueConstraint(fields=["customer", "fingerprint"], name="payment_method_is_kept_once_a_customer"),
            models.CheckConstraint(
                name="payment_method_says_only_what_belongs_to_its_kind",
                condition=Q(kind="CARD", bank__isnull=True, branch__isnull=True, service__isnull=True)
                | Q(
                    kind="BANK", brand__isnull=True, expiry__isnull=True, provider_token__isnull=True,
                    service__isnull=True,
                )
                | Q(
                    kind="E_MONEY", brand__isnull=True, last_four__isnull=True, expiry__isnull=True, bank__isnull=True,
                    branch__isnull=True,
                ),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"#{self.pk}"

    def identify(self):
        """The fingerprint of these values. Date of expiry and token are no part of it: they may be learned later."""
        return search.fingerprint(
            "payment", self.kind, self.brand, self.last_four, self.bank, self.branch, self.service
        )
