from django.db import models
from django.utils.translation import gettext_lazy as _


class Access(models.Model):
    """Somebody was shown sealed values: whose, which fields, and why. Never the values."""

    class Reason(models.TextChoices):
        REQUEST = "REQUEST", _("Handling a request")
        INQUIRY = "INQUIRY", _("Answering an inquiry")
        IDENTITY = "IDENTITY", _("Checking identity")
        CORRECTION = "CORRECTION", _("Correcting data")
        AUDIT = "AUDIT", _("Audit")
        DISCLOSURE = "DISCLOSURE", _("Preparing a disclosure")

    at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)
    by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("by"))
    subject = models.CharField(_("subject"), max_length=120, db_index=True)
    person = models.CharField(_("person"), max_length=120, blank=True, db_index=True)
    fields = models.JSONField(_("fields"))
    reason = models.CharField(_("reason"), max_length=16, choices=Reason)
    case_number = models.CharField(_("case number"), max_length=40, db_index=True)

    class PersonalData:
        personal = {}
        keep = {"id", "at", "by", "subject", "person", "fields", "reason", "case_number"}

    class Meta:
        verbose_name = _("access to values")
        verbose_name_plural = _("accesses to values")
        default_permissions = ["view"]

    def __str__(self):
        return f"#{self.pk}"
