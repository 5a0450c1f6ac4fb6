"""What others' systems call a customer: IDs in external services, cookies, devices.

Each is kept once a customer (``fingerprint``, keyed), and is deleted when it is no longer current; history keeps it.
Written by :mod:`customers.services.belongings` (in batches), :mod:`customers.services.changes` (by hand) and erasure
alone.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from audit.models.constraints import at_exactly_with_by
from customers import search
from customers.categories import Category, Source
from customers.fields import SealedCharField, SealedJSONField


class ExternalAccount(models.Model):
    """An ID in an external service, what the customer authorised that service to give us, since when, and its end.

    ``authorised`` is a list of texts in the customer's order, or ``None`` where nothing was authorised.
    """

    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="external_accounts")
    service = SealedCharField(_("service"), max_length=100, context="external_account.service")
    account = SealedCharField(_("ID in the service"), max_length=255, null=True, blank=True,
                              context="external_account.account")  # fmt: skip
    authorised = SealedJSONField(_("authorised by the customer"), null=True, blank=True,
                                 context="external_account.authorised")  # fmt: skip
    authorised_on = models.DateField(_("authorised since"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("authorisation withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("withdrawn by")
    )
    fingerprint = models.BigIntegerField(editable=False)
    created_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)
    created_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("recorded by"))

    history = HistoricalRecords(excluded_fields=["fingerprint"])

    class PersonalData:
        personal = dict.fromkeys(("service", "account", "authorised", "fingerprint"), Category.EXTERNAL_ID)
        sources = [Source.CUSTOMER_FILE, Source.STAFF]
        keep = {
            "id", "customer", "authorised_on", "withdrawn_at", "withdrawn_by", "created_at", "created_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("ID in an external service")
        verbose_name_plural = _("IDs in external services")
        default_permissions = []
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "fingerprint"], name="external_account_is_kept_once_a_customer"
            ),
            at_exactly_with_by("external_account", "withdrawn"),
            models.CheckConstraint(
                name="external_account_authorised_nothing_after_withdrawal",
                condition=Q(withdrawn_at__isnull=True) | Q(authorised__isnull=False),
            ),
        ]

    def __str__(self):
        return f"#{self.pk}"

    def identify(self):
        """The fingerprint of these values: which account of which service."""
        return search.fingerprint("external account", self.service, self.account)


class CookieIdentifier(models.Model):
    """An identifier that a cookie carries. Events that name it belong to its customer."""

    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="cookies")
    value = SealedCharField(_("cookie identifier"), max_length=255, context="cookie.value")
    fingerprint = models.BigIntegerField(editable=False, db_index=True)
    created_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)
    created_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("recorded by"))

    history = HistoricalRecords(excluded_fields=["fingerprint"])

    class PersonalData:
        personal = {"value": Category.COOKIE, "fingerprint": Category.COOKIE}
        sources = [Source.CUSTOMER_FILE, Source.STAFF]
        keep = {"id", "customer", "created_at", "created_by"}

    class Meta:
        verbose_name = _("cookie identifier")
        verbose_name_plural = _("cookie identifiers")
        default_permissions = []
        constraints = [
            models.UniqueConstraint(fields=["customer", "fingerprint"], name="cookie_is_kept_once_a_customer"),
        ]

    def __str__(self):
        return f"#{self.pk}"

    def identify(self):
        """The fingerprint of this value, by which events are tied to its customer."""
        return search.fingerprint("cookie", self.value)


class Device(models.Model):
    """A device of a customer: its system, its kind, and the identifier that the system made, as far as we know them."""

    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="devices")
    system = SealedCharField(_("operating system"), max_length=100, null=True, blank=True, context="device.system")
    kind = SealedCharField(_("kind of device"), max_length=100, null=True, blank=True, context="device.kind")
    identifier = SealedCharField(
        _("device identifier"), max_length=255, null=True, blank=True, context="device.identifier"
    )
    fingerprint = models.BigIntegerField(editable=False, db_index=True)
    created_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)
    created_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("recorded by"))

    history = HistoricalRecords(excluded_fields=["fingerprint"])

    class PersonalData:
        personal = dict.fromkeys(("system", "kind", "identifier", "fingerprint"), Category.DEVICE)
        sources = [Source.CUSTOMER_FILE, Source.STAFF]
        keep = {"id", "customer", "created_at", "created_by"}

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        default_permissions = []
        constraints = [
            models.UniqueConstraint(fields=["customer", "fingerprint"], name="device_is_kept_once_a_customer"),
            models.CheckConstraint(
                name="device_says_something",
                condition=Q(system__isnull=False) | Q(kind__isnull=False) | Q(identifier__isnull=False),
            ),
        ]

    def __str__(self):
        return f"#{self.pk}"

    def identify(self):
        """The fingerprint of these values: of the identifier where there is one, by which events are tied to it."""
        if self.identifier:
            return search.fingerprint("device", self.identifier)
        return search.fingerprint("device without identifier", self.system, self.kind)
