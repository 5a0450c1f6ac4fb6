from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.models.constraints import at_exactly_with_by
from audit.models.numbers import random_number
from consent.purposes import Purpose
from customers.categories import Category, Source


def new_export_number():
    """A number that can be read out on the telephone."""
    return random_number("EX")


class ExportStatus(models.TextChoices):
    REQUESTED = "REQUESTED", pgettext_lazy("export", "Being made")
    READY = "READY", pgettext_lazy("export", "Ready")
    COLLECTED = "COLLECTED", pgettext_lazy("export", "Downloaded")
    EXPIRED = "EXPIRED", pgettext_lazy("export", "Expired")
    REFUSED = "REFUSED", pgettext_lazy("export", "Refused")

    @property
    def next(self):
        """The statuses an export may move to from this one."""
        return EXPORT_MOVES[self]

    @property
    def is_final(self):
        return not self.next


EXPORT_MOVES = {
    ExportStatus.REQUESTED: {ExportStatus.READY, ExportStatus.REFUSED},
    ExportStatus.READY: {ExportStatus.COLLECTED, ExportStatus.EXPIRED},
    ExportStatus.COLLECTED: set(),
    ExportStatus.EXPIRED: set(),
    ExportStatus.REFUSED: set(),  # the register changed before the worker came to it
}


class Export(models.Model):
    """Data of customers that leave in one file, under a purpose that permits their categories: the one door out.

    Whom the file holds stands in :class:`customers.models.FilePerson`. Where it goes to a third party it is tied to a
    provision, and a trigger lets it hold nobody who does not stand in the ledger. Written by
    :mod:`consent.services.exports`. The content is purged when it was downloaded or its hours are over; this row stays.
    """

    class Selection(models.TextChoices):
        ALL = "ALL", pgettext_lazy("export", "All customers")
        REGISTERED = "REGISTERED", _("Customers registered from one day to another")
        NUMBERS = "NUMBERS", _("Customers by their numbers")

    class Ended(models.TextChoices):
        """Why the content is no longer there, or never was, although nobody downloaded it."""

        NOT_PERMITTED = "NOT_PERMITTED", _("The register of purposes does not permit it any more (Article 18)")
        HOURS = "HOURS", _("It was not downloaded within 24 hours")
        ERASED = "ERASED", _("Data of a customer in it were erased")
        SUSPENDED = "SUSPENDED", _("Use of the data of a customer in it was suspended")
        FALLEN = "FALLEN", _("What the provision rested on holds no more, or its day is over (Articles 27 and 28)")

    class Format(models.TextChoices):
        XLSX = "XLSX", _("Workbook (XLSX)")
        CSV = "CSV", "CSV"

    number = models.CharField(_("export number"), max_length=16, unique=True, default=new_export_number)
    status = models.CharField(_("state"), max_length=10, choices=ExportStatus, default=ExportStatus.REQUESTED)
    purpose = models.CharField(_("purpose of use"), max_length=16, choices=Purpose)
    categories = ArrayField(models.CharField(max_length=12, choices=Category), verbose_name=_("categories"))
    provision = models.OneToOneField(
        "consent.Provision",
        models.PROTECT,
        related_name="export",
        null=True,
        blank=True,
        verbose_name=pgettext_lazy("model", "provision"),
    )  # to a third party; without one it is for use within the office
    selection = models.CharField(_("whom"), max_length=12, choices=Selection)
    registered_from = models.DateField(_("registered from"), null=True, blank=True)
    registered_to = models.DateField(_("registered to"), null=True, blank=True)
    numbers = ArrayField(models.CharField(max_length=32), null=True, blank=True, verbose_name=_("customer numbers"))
    format = models.CharField(_("format"), max_length=4, choices=Format)
    job_number = models.CharField(_("job"), max_length=40, blank=True)
    file = models.ForeignKey(
        "customers.SealedFile", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("file")
    )
    persons = models.BigIntegerField(_("customers in the file"), null=True, blank=True)
    suspended = models.BigIntegerField(_("left out: use suspended"), null=True, blank=True)
    erased = models.BigIntegerField(_("left out: erased or joined"), null=True, blank=True)
    unknown = models.BigIntegerField(_("left out: number not known"), null=True, blank=True)
    requested_at = models.DateTimeField(_("asked for"), default=timezone.now)
    requested_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("asked for by"))
    ended_because = models.CharField(_("ended because"), max_length=16, choices=Ended, blank=True)
    refused_categories = ArrayField(
        models.CharField(max_length=12, choices=Category), default=list, blank=True,
        verbose_name=_("categories not permitted"),
    )  # fmt: skip
    available_until = models.DateTimeField(_("to be downloaded until"), null=True, blank=True)
    collected_at = models.DateTimeField(_("downloaded"), null=True, blank=True)
    collected_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("downloaded by")
    )

    class PersonalData:
        personal = {}
        also = set(Category) - {Category.MEDIA}  # in its file
        sources = [Source.DERIVED]
        keep = {
            "id", "number", "status", "purpose", "categories", "provision", "selection", "registered_from",
            "registered_to", "numbers", "format", "job_number", "file", "persons", "suspended", "erased", "unknown",
            "ended_because", "refused_categories", "requested_at", "requested_by", "available_until", "collected_at",
            "collected_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        default_permissions = ["view"]
        permissions = [("request_export", "Can take data of customers out of the system under a purpose")]
        constraints = [
            at_exactly_with_by("export", "requested"),
            at_exactly_with_by("export", "collected"),
            models.CheckConstraint(
                name="export_is_downloaded_only_by_who_asked_for_it",
                condition=Q(collected_by__isnull=True) | Q(collected_by=models.F("requested_by")),
            ),
            models.CheckConstraint(name="export_names_categories", condition=Q(categories__len__gt=0)),
            models.CheckConstraint(
                name="export_has_its_file_and_hours_while_ready",
                condition=~Q(status="READY") | Q(file__isnull=False, available_until__isnull=False),
            ),
            models.CheckConstraint(
                name="export_is_collected_exactly_when_collected",
                condition=Q(status="COLLECTED", collected_at__isnull=False)
                | (~Q(status="COLLECTED") & Q(collected_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="export_that_ended_unused_says_why",
                condition=(Q(status__in=["EXPIRED", "REFUSED"]) & ~Q(ended_because=""))
                | (~Q(status__in=["EXPIRED", "REFUSED"]) & Q(ended_because="")),
            ),
            models.CheckConstraint(
                name="export_selects_as_it_says",
                condition=Q(selection="ALL", numbers__isnull=True, registered_from__isnull=True)
                | Q(selection="REGISTERED", numbers__isnull=True, registered_from__isnull=False,
                    registered_to__isnull=False)
                | Q(selection="NUMBERS", numbers__isnull=False, registered_from__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.number
