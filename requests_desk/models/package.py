import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.categories import Category, Source

COLLECT_WITHIN_DAYS = 14
GRACE = dt.timedelta(minutes=5)


class Package(models.Model):
    """The answer as one file: a ZIP of letter, data to read and data for machines; or the letter alone.

    Collected once. A browser that was pressed twice, or lost its connection, may have dropped the file: for
    :data:`GRACE` after the first collection it can be collected again. ``offered_until`` is the last day; after it, or
    after the download, it can be offered again.
    """

    class State(models.TextChoices):
        OFFERED = "OFFERED", _("Ready to collect")
        COLLECTED = "COLLECTED", _("Collected")
        EXPIRED = "EXPIRED", _("Not collected in time")

    request = models.OneToOneField("requests_desk.DataRequest", models.PROTECT, related_name="package")
    decision = models.ForeignKey("requests_desk.Decision", models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OFFERED)
    file = models.ForeignKey("customers.SealedFile", models.PROTECT, related_name="+", null=True, blank=True)
    is_letter = models.BooleanField(_("letter alone"), default=False)
    size = models.PositiveIntegerField(_("bytes"))
    offered_at = models.DateTimeField(_("ready"), default=timezone.now)
    offered_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("made by"))
    offered_until = models.DateField(_("can be collected until"))
    collected_at = models.DateTimeField(_("collected"), null=True, blank=True)
    collected_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("collected by")
    )
    last_collected_at = models.DateTimeField(_("collected last"), null=True, blank=True)
    purged_at = models.DateTimeField(_("purged"), null=True, blank=True)
    purged_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("purged by")
    )

    class PersonalData:
        personal = {}
        also = set(Category)  # in its file
        sources = [Source.DERIVED]
        keep = {
            "id", "request", "decision", "state", "file", "is_letter", "size", "offered_at", "offered_by",
            "offered_until", "collected_at", "collected_by", "last_collected_at", "purged_at", "purged_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(
                name="package_is_collected_by_somebody_exactly_when_collected",
                condition=Q(state="COLLECTED", collected_at__isnull=False, collected_by__isnull=False)
                | Q(~Q(state="COLLECTED"), collected_at__isnull=True, collected_by__isnull=True),
            ),
            models.CheckConstraint(
                name="package_is_collected_again_only_within_five_minutes",
                condition=Q(
                    state="COLLECTED",
                    last_collected_at__isnull=False,  # without it NULL would pass
                    last_collected_at__gte=F("collected_at"),
                    last_collected_at__lt=F("collected_at") + GRACE,
                )
                | Q(~Q(state="COLLECTED"), last_collected_at__isnull=True),
            ),
            models.CheckConstraint(
                name="package_is_purged_exactly_when_its_file_is_gone",
                condition=Q(file__isnull=True, purged_at__isnull=False, purged_by__isnull=False)
                | Q(file__isnull=False, purged_at__isnull=True, purged_by__isnull=True),
            ),
            models.CheckConstraint(
                name="package_offered_has_its_file", condition=~Q(state="OFFERED") | Q(file__isnull=False)
            ),
        ]

    def __str__(self):
        return str(self.request)

    @property
    def again_until(self):
        """Until when a file that was collected can be collected again, or ``None``."""
        return self.collected_at + GRACE if self.collected_at and self.file_id else None
