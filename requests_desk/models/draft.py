import datetime as dt
import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.categories import Category, Source
from customers.fields import SealedJSONField

DRAFT_HOURS = 24


def a_day_from_now():
    return timezone.now() + dt.timedelta(hours=DRAFT_HOURS)


class DraftQuerySet(models.QuerySet):
    def good(self):
        """Drafts within their 24 hours."""
        return self.filter(good_until__gt=timezone.now())

    def spent(self):
        return self.filter(good_until__lte=timezone.now())


class Draft(models.Model):
    """What somebody has typed into the public form so far. Kept 24 hours, sealed, and nothing else is.

    Found by the hash of a key that only the visitor's browser has. Written by :mod:`requests_desk.services.drafts`.
    """

    number = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key_hash = models.CharField(max_length=64, unique=True)
    answers = SealedJSONField(default=dict, context="draft.answers")
    language = models.CharField(_("language"), max_length=5, default="ja")
    good_until = models.DateTimeField(_("kept until"), default=a_day_from_now, db_index=True)

    objects = DraftQuerySet.as_manager()

    class PersonalData:
        personal = {"answers": Category.NAME}
        also = {Category.BIRTH, Category.EMAIL, Category.TELEPHONE, Category.ADDRESS}
        sources = [Source.REQUEST]
        keep = {"id", "number", "key_hash", "language", "good_until"}

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        default_permissions = []

    def __str__(self):
        return str(self.number)
