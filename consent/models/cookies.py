"""Visitors' choices about analytics, and the register of what their browsers are made to send."""

from django.core.validators import URLValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from audit.models.constraints import at_exactly_with_by


class CookieChoice(models.Model):
    """That some browser said yes or no to analytics on a day: a random number, and nothing of who it was.

    Written by :mod:`consent.services.cookies` alone; a trigger refuses to change or remove a row.
    """

    class Choice(models.TextChoices):
        ACCEPTED = "ACCEPTED", pgettext_lazy("cookies", "Agreed")
        REFUSED = "REFUSED", pgettext_lazy("cookies", "Refused")
        WITHDRAWN = "WITHDRAWN", pgettext_lazy("cookies", "Withdrawn")

    number = models.CharField(_("random number"), max_length=22)
    choice = models.CharField(_("choice"), max_length=10, choices=Choice)
    wording = models.PositiveSmallIntegerField(_("version of the wording"))
    made_on = models.DateField(pgettext_lazy("cookies", "day"))

    class PersonalData:
        personal = {}
        keep = {"id", "number", "choice", "wording", "made_on"}

    class Meta:
        verbose_name = _("choice about cookies")
        verbose_name_plural = _("choices about cookies")
        default_permissions = ["view"]
        constraints = [
            models.UniqueConstraint(
                name="cookie_choice_is_recorded_once_a_day", fields=["number", "choice", "wording", "made_on"]
            ),
            models.CheckConstraint(name="cookie_choice_has_a_random_number", condition=Q(number__regex=r"^[\w-]{22}$")),
        ]
        indexes = [
            models.Index(fields=["choice", "-id"], name="cookie_choice_by_choice"),
            models.Index(fields=["made_on", "choice"], name="cookie_choice_by_day"),
        ]

    def __str__(self):
        return f"CC{self.pk}"


class TransmissionQuerySet(models.QuerySet):
    def shown_on(self, day):
        """What is sent on that day, in the order of its beginning."""
        living = Q(ends_on__isnull=True) | Q(ends_on__gt=day)
        return self.filter(living, starts_on__lte=day).order_by("starts_on", "pk")


class ExternalTransmission(models.Model):
    """One service to which a page of ours makes the visitor's browser send something (Telecommunications Business
    Act, Article 27-12): what, to whom, what for. All of it is public.

    Entered and ended by :mod:`consent.services.transmissions`; a trigger refuses any other change, and removal.
    """

    service = models.CharField(_("service"), max_length=100)
    recipient = models.CharField(_("sent to"), max_length=200)
    country = models.CharField(_("country"), max_length=100)
    sent_ja = models.TextField(_("what is sent (Japanese)"), max_length=1000)
    sent_en = models.TextField(_("what is sent (English)"), max_length=1000)
    our_purpose_ja = models.TextField(_("what we use it for (Japanese)"), max_length=1000)
    our_purpose_en = models.TextField(_("what we use it for (English)"), max_length=1000)
    their_purpose_ja = models.TextField(_("what they use it for (Japanese)"), max_length=1000)
    their_purpose_en = models.TextField(_("what they use it for (English)"), max_length=1000)
    opt_out_url = models.URLField(_("page to refuse"), blank=True, validators=[URLValidator(["https"])])
    starts_on = models.DateField(_("sent from"))
    ends_on = models.DateField(_("no longer sent from"), null=True, blank=True)
    entered_at = models.DateTimeField(_("entered"), default=timezone.now)
    entered_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("entered by"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("ended by")
    )

    objects = TransmissionQuerySet.as_manager()

    class PersonalData:
        personal = {}
        keep = {
            "id", "service", "recipient", "country", "sent_ja", "sent_en", "our_purpose_ja", "our_purpose_en",
            "their_purpose_ja", "their_purpose_en", "opt_out_url", "starts_on", "ends_on", "entered_at", "entered_by",
            "ended_at", "ended_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("external transmission")
        verbose_name_plural = _("external transmissions")
        default_permissions = ["view"]
        permissions = [("manage_externaltransmission", "Can enter and end external transmissions")]
        constraints = [
            at_exactly_with_by("external_transmission", "entered"),
            at_exactly_with_by("external_transmission", "ended"),
            models.CheckConstraint(
                name="external_transmission_has_its_end_exactly_when_ended",
                condition=Q(ended_at__isnull=True, ends_on__isnull=True)
                | Q(ended_at__isnull=False, ends_on__isnull=False),
            ),
            models.CheckConstraint(
                name="external_transmission_ends_after_it_began",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="external_transmission_says_what_to_whom_and_why",
                condition=~Q(sent_ja="") & ~Q(sent_en="") & ~Q(recipient="") & ~Q(our_purpose_ja="")
                & ~Q(our_purpose_en="") & ~Q(their_purpose_ja="") & ~Q(their_purpose_en=""),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"ET{self.pk}"

    def _said(self, name):
        return getattr(self, f"{name}_en" if (get_language() or "ja").startswith("en") else f"{name}_ja")

    @property
    def sent(self):
        """What is sent, in the language of the page."""
        return self._said("sent")

    @property
    def our_purpose(self):
        return self._said("our_purpose")

    @property
    def their_purpose(self):
        return self._said("their_purpose")
