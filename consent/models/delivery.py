from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DeliveryState(models.TextChoices):
    WAITING = "WAITING", pgettext_lazy("notice", "Not sent yet")
    SENT = "SENT", pgettext_lazy("notice", "Sent")
    BOUNCED = "BOUNCED", pgettext_lazy("notice", "Came back")
    SKIPPED = "SKIPPED", pgettext_lazy("notice", "Left out")


class Failure(models.IntegerChoices):
    """Why a mail came back or was left out; ``MARKING`` speak of the address itself."""

    UNKNOWN = 1, _("The address does not exist")
    FULL = 2, _("The mailbox is full")
    REFUSED = 3, _("Refused for its content, or by a rule of the mail server")
    GAVE_UP = 4, _("The mail server did not take it, however often it was tried")
    NOWHERE = 5, _("No mail can go to this address as it is written")
    LEFT = 6, _("Left out since the start: erased, corrected or stopped")


MARKING = {Failure.UNKNOWN, Failure.NOWHERE}


class Delivery(models.Model):
    """One notice to one customer: the memory of a campaign.

    A sender leases rows by writing its ``slot`` into them. Whoever holds the slot's advisory lock owns its rows; the
    lock ends with the sender's database session, so the rows of a dead sender are free at once, and those of a slow
    one never are. The row's id stands in the Message-ID, the same at every try.
    """

    campaign = models.ForeignKey(
        "consent.Campaign", models.PROTECT, related_name="deliveries", db_index=False, verbose_name=_("notice")
    )
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="deliveries", verbose_name=_("customer")
    )
    state = models.CharField(_("state"), max_length=8, choices=DeliveryState, default=DeliveryState.WAITING)
    slot = models.SmallIntegerField(_("held by sender"), null=True, blank=True)
    attempts = models.SmallIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(_("not before"), default=timezone.now)
    last_tried = models.DateTimeField(_("last tried"), null=True, blank=True)
    answer_code = models.SmallIntegerField(_("answer of the server"), null=True, blank=True)
    failure = models.SmallIntegerField(_("why"), choices=Failure, null=True, blank=True)

    class PersonalData:
        personal = {}
        keep = {
            "id", "campaign", "customer", "state", "slot", "attempts", "not_before", "last_tried", "answer_code",
            "failure",
        }  # fmt: skip

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        default_permissions = ["view"]
        constraints = [
            models.UniqueConstraint(name="delivery_is_the_only_one_of_its_recipient", fields=["campaign", "customer"]),
            models.CheckConstraint(
                name="delivery_is_held_only_while_waiting", condition=Q(slot__isnull=True) | Q(state="WAITING")
            ),
            models.CheckConstraint(
                name="delivery_says_why_only_where_it_failed",
                condition=Q(failure__isnull=True) | Q(state__in=["BOUNCED", "SKIPPED"]),
            ),
        ]
        indexes = [
            models.Index(
                name="delivery_free",
                fields=["campaign", "not_before", "id"],
                condition=Q(state="WAITING", slot__isnull=True),
            ),
            models.Index(
                name="delivery_held", fields=["campaign", "slot"], condition=Q(state="WAITING", slot__isnull=False)
            ),
            models.Index(
                name="delivery_by_failure", fields=["campaign", "failure", "id"], condition=Q(failure__isnull=False)
            ),
            models.Index(
                name="delivery_of_note",
                fields=["campaign", "state", "id"],
                condition=Q(state__in=["BOUNCED", "SKIPPED"]),
            ),
        ]

    def __str__(self):
        return f"D{self.pk}"


class Tally(models.Model):
    """What one sender did for a campaign in one minute: written in the statement that marks the delivery.

    So a page adds up a few rows where it would have to count a million, and the sums are exact.
    """

    campaign = models.ForeignKey("consent.Campaign", models.PROTECT, related_name="tallies", db_index=False)
    minute = models.DateTimeField()
    slot = models.SmallIntegerField()
    sent = models.IntegerField(default=0)
    bounced = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)
    deferred = models.IntegerField(default=0)
    last_sent = models.DateTimeField(null=True)

    class PersonalData:
        personal = {}
        keep = {"id", "campaign", "minute", "slot", "sent", "bounced", "skipped", "deferred", "last_sent"}

    class Meta:
        default_permissions = []
        constraints = [
            models.UniqueConstraint(name="tally_is_one_per_sender_and_minute", fields=["campaign", "minute", "slot"]),
        ]

    def __str__(self):
        return f"{self.campaign_id} {self.minute:%Y-%m-%d %H:%M} {self.slot}"


class Pace(models.Model):
    """The one row that says when the next mail may leave, for all senders on all machines: a limit per second."""

    free_from = models.DateTimeField(default=timezone.now)

    class PersonalData:
        personal = {}
        keep = {"id", "free_from"}

    class Meta:
        default_permissions = []
        constraints = [models.CheckConstraint(name="pace_is_one_row", condition=Q(id=1))]

    def __str__(self):
        return f"{self.free_from:%Y-%m-%d %H:%M:%S}"
