from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Nudge(models.Model):
    """That somebody was written to because a version or a notice waits: once for each occasion, named by ``key``.

    Written by :mod:`consent.services.watch`.
    """

    class What(models.TextChoices):
        DRAFT_LATE = "DRAFT_LATE", _("The date of a version is near or over, and it is not approved")
        NOT_TOLD = "NOT_TOLD", _("The date of a version is near, and no notice of it has ended")
        PAUSED = "PAUSED", _("A notice has been paused for more than a day")
        STALLED = "STALLED", _("Nothing of a notice was sent for five minutes")

    what = models.CharField(max_length=12, choices=What)
    version = models.ForeignKey("consent.PolicyVersion", models.PROTECT, related_name="nudges", null=True, blank=True)
    campaign = models.ForeignKey("consent.Campaign", models.PROTECT, related_name="nudges", null=True, blank=True)
    key = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class PersonalData:
        personal = {}
        keep = {"id", "what", "version", "campaign", "key", "at"}

    class Meta:
        default_permissions = []
        constraints = [
            models.UniqueConstraint(
                name="nudge_is_sent_once_for_its_occasion", fields=["what", "version", "campaign", "key"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="nudge_is_about_one_thing",
                condition=Q(version__isnull=True, campaign__isnull=False)
                | Q(version__isnull=False, campaign__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"NG{self.pk}"

    @property
    def thing(self):
        return self.version or self.campaign
