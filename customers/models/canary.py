from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.fields import SealedCharField


class Canary(models.Model):
    """The one row that tells, before anything is written, whether the keys are those of this database.

    Made by a migration when the database is made; read by :mod:`customers.services.canary`.
    """

    sealed = SealedCharField(max_length=40, context="canary.sealed")
    search_check = models.CharField(max_length=64)
    audit_check = models.CharField(max_length=64)

    class PersonalData:
        personal = {}
        keep = {"id", "sealed", "search_check", "audit_check"}

    class Meta:
        verbose_name = _("canary")
        verbose_name_plural = _("canary")
        default_permissions = []
        constraints = [models.CheckConstraint(name="there_is_one_canary", condition=Q(id=1))]

    def __str__(self):
        return "canary"
