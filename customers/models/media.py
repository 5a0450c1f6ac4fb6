from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.categories import Category, Source
from customers.fields import SealedCharField


class Media(models.Model):
    """A photo or video of a customer: a sealed file, and a small picture of it.

    Photos are re-encoded in the limited child process; videos are kept as received, with size and type checked.
    Written by :mod:`customers.services.media` and erasure alone; a row goes together with the content of its files.
    """

    class Kind(models.TextChoices):
        PHOTO = "PHOTO", _("Photo")
        VIDEO = "VIDEO", _("Video")

    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="media")
    kind = models.CharField(pgettext_lazy("media", "kind"), max_length=8, choices=Kind)
    file = models.OneToOneField("customers.SealedFile", models.PROTECT, related_name="+", verbose_name=_("file"))
    thumbnail = models.OneToOneField(
        "customers.SealedFile", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("small picture")
    )
    title = SealedCharField(_("title"), max_length=200, null=True, blank=True, context="media.title")
    width = models.PositiveIntegerField(_("width (px)"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height (px)"), null=True, blank=True)
    created_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)
    created_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("recorded by"))

    class PersonalData:
        personal = {"title": Category.MEDIA}
        sources = [Source.UPLOADED]
        keep = {"id", "customer", "kind", "file", "thumbnail", "width", "height", "created_at", "created_by"}

    class Meta:
        verbose_name = _("photo or video")
        verbose_name_plural = _("photos and videos")
        default_permissions = []
        constraints = [
            models.CheckConstraint(
                name="media_photo_has_a_small_picture_and_a_size",
                condition=~Q(kind="PHOTO") | Q(thumbnail__isnull=False, width__isnull=False, height__isnull=False),
            ),
        ]

    def __str__(self):
        return f"#{self.pk}"
