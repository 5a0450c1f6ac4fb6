import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.categories import Category, Source
from customers.fields import SealedCharField


class SealedFile(models.Model):
    """A file kept sealed on the disk under a key of its own, which lies sealed in this row.

    Written, read and purged by :mod:`customers.services.files` and by nothing else. A purged file keeps its row, so
    that the trail still points somewhere; its key, name and content are gone.
    """

    number = models.UUIDField(_("file number"), default=uuid.uuid4, unique=True, editable=False)
    place = models.CharField(_("place on the disk"), max_length=64, unique=True)
    purpose = models.CharField(_("kept for"), max_length=40)
    media_type = models.CharField(_("type"), max_length=100)
    size = models.BigIntegerField(_("size"))
    name = SealedCharField(_("name"), max_length=255, null=True, blank=True, context="file.name")
    key = SealedCharField(max_length=64, null=True, editable=False, context="file.key")
    created_at = models.DateTimeField(_("kept since"), default=timezone.now, editable=False)
    created_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("kept by"))
    purged_at = models.DateTimeField(_("purged"), null=True, blank=True)
    purged_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("purged by")
    )
    persons = models.ManyToManyField("customers.Customer", through="FilePerson", related_name="sealed_files")

    class PersonalData:
        personal = {"name": Category.MEDIA, "key": Category.MEDIA}
        sources = [Source.CUSTOMER_FILE, Source.EVENT_FILE, Source.REQUEST, Source.UPLOADED, Source.DERIVED]
        keep = {
            "id", "number", "place", "purpose", "media_type", "size", "created_at", "created_by", "purged_at",
            "purged_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("sealed file")
        verbose_name_plural = _("sealed files")
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(
                name="sealed_file_has_its_key_exactly_until_purged",
                condition=Q(purged_at__isnull=True, purged_by__isnull=True, key__isnull=False)
                | Q(purged_at__isnull=False, purged_by__isnull=False, key__isnull=True, name__isnull=True),
            ),
            models.CheckConstraint(name="sealed_file_has_a_size", condition=Q(size__gte=0)),
        ]

    def __str__(self):
        return str(self.number)

    @property
    def is_purged(self):
        return self.purged_at is not None


class FilePerson(models.Model):
    """Says that a file holds data of a customer, so that erasure finds it."""

    file = models.ForeignKey(SealedFile, models.CASCADE, related_name="file_persons")  # nothing without its file
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="file_persons")

    class PersonalData:
        personal = {}
        keep = {"id", "file", "customer"}

    class Meta:
        verbose_name = _("person in a file")
        verbose_name_plural = _("persons in a file")
        default_permissions = []
        constraints = [models.UniqueConstraint(fields=["file", "customer"], name="file_names_a_person_once")]

    def __str__(self):
        return f"{self.file_id}:{self.customer_id}"
