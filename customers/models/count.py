from django.db import models
from django.utils.translation import gettext_lazy as _

RECORDS = 15  # the place that counts living records themselves, after the fifteen categories


class HeldCount(models.Model):
    """By how much a count went up or down: of records that hold a category, and of living records.

    Triggers on the customers write one row a statement, so that no two writers wait for each other; the clock folds
    the rows into one a place. ``place`` is the category's in the policy's order, or :data:`RECORDS`.
    """

    place = models.SmallIntegerField(db_index=True)
    change = models.BigIntegerField()

    class PersonalData:
        personal = {}
        keep = {"id", "place", "change"}

    class Meta:
        verbose_name = _("change of a count")
        verbose_name_plural = _("changes of counts")
        default_permissions = []

    def __str__(self):
        return f"#{self.pk}"
