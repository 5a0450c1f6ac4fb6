from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OneTimeCode(models.Model):
    """Six digits that were mailed, as a keyed digest. Written by :mod:`customers.services.codes` alone."""

    subject = models.CharField(max_length=120, db_index=True)
    salt = models.BinaryField(max_length=16)
    digest = models.BinaryField(max_length=32)
    tries_left = models.PositiveSmallIntegerField(default=3)
    is_used = models.BooleanField(default=False)
    valid_until = models.DateTimeField()

    class PersonalData:
        personal = {}
        keep = {"id", "subject", "salt", "digest", "tries_left", "is_used", "valid_until"}

    class Meta:
        verbose_name = _("one-time code")
        verbose_name_plural = _("one-time codes")
        default_permissions = []
        constraints = [
            models.CheckConstraint(name="one_time_code_gives_at_most_three_tries", condition=Q(tries_left__lte=3)),
        ]

    def __str__(self):
        return f"#{self.pk}"
