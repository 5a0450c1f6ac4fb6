from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.models.constraints import at_exactly_with_by
from audit.models.numbers import random_number
from customers.categories import Category


def new_inquiry_number():
    """A number that can be read out on the telephone."""
    return random_number("OI")


class InquiryStatus(models.TextChoices):
    RECEIVED = "RECEIVED", pgettext_lazy("official inquiry", "To be decided")
    ANSWERED = "ANSWERED", pgettext_lazy("official inquiry", "Answered")
    DECLINED = "DECLINED", pgettext_lazy("official inquiry", "Declined")

    @property
    def next(self):
        """The statuses an inquiry may move to from this one."""
        return INQUIRY_MOVES[self]

    @property
    def is_final(self):
        return not self.next


INQUIRY_MOVES = {
    InquiryStatus.RECEIVED: {InquiryStatus.ANSWERED, InquiryStatus.DECLINED},
    InquiryStatus.ANSWERED: set(),
    InquiryStatus.DECLINED: set(),
}


class OfficialInquiry(models.Model):
    """What an authority or a bar association asked about a customer under a law, and what it was told.

    That there was such an inquiry is no personal data that the person may see (Article 16(4); Cabinet Order, Article
    5): it stands on no page of the customer, in no dossier and on no timeline but its own, and few may read it. Answers
    need no record under Article 29, nor consent (Article 27(1)(i)). Written by :mod:`consent.services.inquiries` alone.
    """

    class Kind(models.TextChoices):
        POLICE = "POLICE", _("Inquiry on matters of an investigation (Code of Criminal Procedure, Article 197(2))")
        WARRANT = "WARRANT", _("Warrant (Code of Criminal Procedure, Article 218)")
        TAX = "TAX", _("Tax examination")
        COURT = "COURT", _("Request or order of a court")
        BAR = "BAR", _("Inquiry of a bar association (Attorneys Act, Article 23-2)")
        OTHER = "OTHER", pgettext_lazy("official inquiry", "Another law")

    number = models.CharField(_("inquiry number"), max_length=16, unique=True, default=new_inquiry_number)
    status = models.CharField(_("state"), max_length=10, choices=InquiryStatus, default=InquiryStatus.RECEIVED)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    authority = models.CharField(
        pgettext_lazy("official inquiry", "who asks"), max_length=200
    )  # a body, never the name of an officer
    their_number = models.CharField(_("number of the paper"), max_length=60)
    paper_on = models.DateField(_("day of the paper"))
    received_on = models.DateField(pgettext_lazy("official inquiry", "received"))
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="+", verbose_name=_("customer"))
    categories = ArrayField(models.CharField(max_length=12, choices=Category), verbose_name=_("asked for"))
    answered = ArrayField(
        models.CharField(max_length=12, choices=Category), default=list, blank=True, verbose_name=_("told")
    )
    answered_on = models.DateField(_("told on"), null=True, blank=True)
    entered_at = models.DateTimeField(_("entered"), default=timezone.now)
    entered_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("entered by"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("decided by")
    )

    class PersonalData:
        personal = {}
        keep = {
            "id", "number", "status", "kind", "authority", "their_number", "paper_on", "received_on", "customer",
            "categories", "answered", "answered_on", "entered_at", "entered_by", "decided_at", "decided_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("official inquiry")
        verbose_name_plural = _("official inquiries")
        default_permissions = ["view"]
        permissions = [
            ("enter_officialinquiry", "Can enter an official inquiry"),
            ("decide_officialinquiry", "Can decide what an official inquiry is told"),
        ]
        constraints = [
            at_exactly_with_by("official_inquiry", "entered"),
            at_exactly_with_by("official_inquiry", "decided"),
            models.CheckConstraint(
                name="official_inquiry_is_decided_exactly_when_no_longer_received",
                condition=Q(status="RECEIVED", decided_at__isnull=True)
                | (~Q(status="RECEIVED") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="official_inquiry_is_decided_by_a_second_person",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("entered_by")),
            ),
            models.CheckConstraint(
                name="official_inquiry_is_told_something_exactly_when_answered",
                condition=Q(status="ANSWERED", answered__len__gt=0, answered_on__isnull=False)
                | (~Q(status="ANSWERED") & Q(answered__len=0, answered_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="official_inquiry_is_told_no_more_than_it_asked",
                condition=Q(categories__len__gt=0, answered__contained_by=F("categories")),
            ),
            models.CheckConstraint(
                name="official_inquiry_names_its_paper",
                condition=~Q(authority="") & ~Q(their_number="") & Q(received_on__gte=F("paper_on")),
            ),
            models.CheckConstraint(
                name="official_inquiry_is_told_after_it_was_received",
                condition=Q(answered_on__isnull=True) | Q(answered_on__gte=F("received_on")),
            ),
            models.UniqueConstraint(
                name="official_inquiry_is_entered_once", fields=["authority", "their_number", "customer"]
            ),
        ]

    def __str__(self):
        return self.number
