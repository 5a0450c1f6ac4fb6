from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

PAY_WITHIN_DAYS = 30


class Fee(models.Model):
    """What a disclosure request costs, from the moment of receipt, whatever its outcome (Article 38; the policy).

    The database insists that a request of :data:`FEE_KINDS` has one and that no other kind has.
    Written by :mod:`requests_desk.services.intake` and :mod:`requests_desk.services.fees`.
    """

    class State(models.TextChoices):
        DUE = "DUE", _("Due")
        RECEIVED = "RECEIVED", pgettext_lazy("fee", "Received")
        VOIDED = "VOIDED", _("Voided")
        LAPSED = "LAPSED", _("Lapsed")
        REFUNDED = "REFUNDED", _("Refunded")

    class Method(models.TextChoices):
        TRANSFER = "TRANSFER", _("Bank transfer")

    request = models.OneToOneField("requests_desk.DataRequest", models.PROTECT, related_name="fee")
    amount = models.PositiveIntegerField(_("amount (yen)"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DUE)
    pay_by = models.DateField(_("to be paid by"))
    method = models.CharField(_("paid by"), max_length=12, choices=Method, blank=True)
    received_on = models.DateField(_("received on"), null=True, blank=True)
    settled_at = models.DateTimeField(_("recorded"), null=True, blank=True)
    settled_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("recorded by")
    )

    history = HistoricalRecords()

    class PersonalData:
        personal = {}
        keep = {"id", "request", "amount", "state", "pay_by", "method", "received_on", "settled_at", "settled_by"}

    class Meta:
        verbose_name = _("fee")
        verbose_name_plural = _("fees")
        default_permissions = ["view"]
        indexes = [models.Index(fields=["request"], name="fee_due", condition=Q(state="DUE"))]
        constraints = [
            models.CheckConstraint(name="fee_is_more_than_nothing", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="fee_is_settled_by_somebody_exactly_when_no_longer_due",
                condition=Q(state="DUE", settled_at__isnull=True, settled_by__isnull=True)
                | Q(~Q(state="DUE"), settled_at__isnull=False, settled_by__isnull=False),
            ),
            models.CheckConstraint(
                name="fee_received_has_a_day_and_a_way",
                condition=Q(state__in=["RECEIVED", "REFUNDED"], received_on__isnull=False) & ~Q(method="")
                | Q(~Q(state__in=["RECEIVED", "REFUNDED"]), received_on__isnull=True, method=""),
            ),
        ]

    def __str__(self):
        return str(self.request)
