from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.categories import Category, Source

KEEP_PICTURE_DAYS = 30


class DocumentType(models.TextChoices):
    LICENCE = "LICENCE", _("Driver's licence")
    MY_NUMBER_CARD = "MY_NUMBER_CARD", _("My Number card (front only)")
    PASSPORT = "PASSPORT", _("Passport")
    RESIDENCE_CARD = "RESIDENCE_CARD", _("Residence card")
    OTHER_PHOTO = "OTHER_PHOTO", _("Another official document with a photo")


class Item(models.TextChoices):
    """What was compared. Never a number of the document."""

    NAME = "NAME", pgettext_lazy("identity", "Name")
    ADDRESS = "ADDRESS", pgettext_lazy("identity", "Address")
    BIRTH = "BIRTH", pgettext_lazy("identity", "Date of birth")


class RefusalReason(models.TextChoices):
    UNREADABLE = "UNREADABLE", _("It cannot be read.")
    CUT_OFF = "CUT_OFF", _("A part is missing from the picture.")
    EXPIRED = "EXPIRED", _("It is no longer valid.")
    NO_PHOTO = "NO_PHOTO", _("It is a document without a photo.")
    NUMBER_SHOWN = "NUMBER_SHOWN", _("It shows a number that we must not keep.")
    DIFFERS = "DIFFERS", _("It differs from what the request says.")


class IdentityDocumentQuerySet(models.QuerySet):
    def kept(self):
        """Whose picture still exists."""
        return self.filter(purged_at__isnull=True)


class IdentityDocument(models.Model):
    """A picture that the requester sent to prove who they are. Sealed, re-encoded, purged at closing."""

    class State(models.TextChoices):
        TO_CHECK = "TO_CHECK", _("To be checked")
        VERIFIED = "VERIFIED", _("Confirmed")
        REFUSED = "REFUSED", pgettext_lazy("document", "Refused")
        REPLACED = "REPLACED", _("Replaced by the requester")

    request = models.ForeignKey("requests_desk.DataRequest", models.PROTECT, related_name="documents")
    file = models.ForeignKey("customers.SealedFile", models.PROTECT, related_name="+", null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.TO_CHECK)
    size = models.PositiveIntegerField(_("bytes"))
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    uploaded_at = models.DateTimeField(_("sent"), default=timezone.now)
    uploaded_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("sent by"))
    purged_at = models.DateTimeField(_("purged"), null=True, blank=True)
    purged_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("purged by")
    )

    objects = IdentityDocumentQuerySet.as_manager()

    class PersonalData:
        personal = {}
        also = {Category.NAME, Category.BIRTH, Category.ADDRESS, Category.MEDIA}  # in its file
        sources = [Source.REQUEST]
        keep = {
            "id", "request", "file", "state", "size", "width", "height", "uploaded_at", "uploaded_by", "purged_at",
            "purged_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("identity document")
        verbose_name_plural = _("identity documents")
        default_permissions = ["view"]
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(state="TO_CHECK"), name="identity_document_to_check_is_one_per_request"
            ),
            models.CheckConstraint(
                name="identity_document_is_purged_exactly_when_its_file_is_gone",
                condition=Q(file__isnull=True, purged_at__isnull=False, purged_by__isnull=False)
                | Q(file__isnull=False, purged_at__isnull=True, purged_by__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.request}/{self.pk}"


class IdentityCheck(models.Model):
    """What came of looking at a document: kept when the picture is gone. It holds no number and no value."""

    class Method(models.TextChoices):
        PICTURE = "PICTURE", _("Picture of a document with a photo")

    class Result(models.TextChoices):
        VERIFIED = "VERIFIED", _("Confirmed")
        REFUSED = "REFUSED", pgettext_lazy("document", "Refused")

    request = models.ForeignKey("requests_desk.DataRequest", models.PROTECT, related_name="checks")
    document = models.OneToOneField("requests_desk.IdentityDocument", models.PROTECT, related_name="check_result")
    method = models.CharField(_("way"), max_length=12, choices=Method, default=Method.PICTURE)
    document_type = models.CharField(_("document"), max_length=16, choices=DocumentType, blank=True)
    matched_items = models.JSONField(_("what agrees"), default=list)
    result = models.CharField(_("result"), max_length=8, choices=Result)
    reason = models.CharField(_("reason"), max_length=16, choices=RefusalReason, blank=True)
    checked_at = models.DateTimeField(_("checked"), default=timezone.now)
    checked_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("checked by"))

    class PersonalData:
        personal = {}
        keep = {
            "id", "request", "document", "method", "document_type", "matched_items", "result", "reason", "checked_at",
            "checked_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("identity check")
        verbose_name_plural = _("identity checks")
        default_permissions = ["view"]
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="identity_check_has_a_reason_exactly_when_refused",
                condition=(Q(result="REFUSED") & ~Q(reason="")) | (Q(result="VERIFIED", reason="")),
            ),
            models.CheckConstraint(
                name="identity_check_names_the_document_when_verified",
                condition=Q(result="REFUSED") | ~Q(document_type=""),
            ),
            models.UniqueConstraint(
                fields=["request"], condition=Q(result="VERIFIED"), name="identity_is_verified_once_per_request"
            ),
        ]

    def __str__(self):
        return f"{self.request}/{self.pk}"
