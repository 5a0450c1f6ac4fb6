from django.db import models
from django.utils.translation import gettext_lazy as _


class OneTimeLink(models.Model):
    """A link that was mailed or shown, as a digest of its token. Written by :mod:`customers.services.links` alone."""

    digest = models.BinaryField(max_length=32, unique=True)
    purpose = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=100)
    subject_id = models.BigIntegerField()
    is_used = models.BooleanField(default=False)
    valid_until = models.DateTimeField()

    class PersonalData:
        personal = {}
        keep = {"id", "digest", "purpose", "subject_kind", "subject_id", "is_used", "valid_until"}

    class Meta:
        verbose_name = _("one-time link")
        verbose_name_plural = _("one-time links")
        default_permissions = []
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="one_time_link_by_subject")]

    def __str__(self):
        return f"#{self.pk}"
