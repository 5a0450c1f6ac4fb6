from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.models.constraints import at_exactly_with_by
from customers.categories import Category, Source


class LetterFileStatus(models.TextChoices):
    READY = "READY", pgettext_lazy("letters", "To be posted")
    POSTED = "POSTED", pgettext_lazy("letters", "Posted")
    SPOILT = "SPOILT", pgettext_lazy("letters", "Thrown away")

    @property
    def next(self):
        """The statuses a file of letters may move to from this one."""
        return LETTER_FILE_MOVES[self]


LETTER_FILE_MOVES = {
    LetterFileStatus.READY: {LetterFileStatus.POSTED, LetterFileStatus.SPOILT},
    LetterFileStatus.POSTED: set(),
    LetterFileStatus.SPOILT: set(),  # its letters are made anew, for who still wants one
}


class LetterFile(models.Model):
    """Letters of a notice for who has no mail address that works, as one sealed PDF in the order of postcodes.

    Whom it holds stands in :class:`Letter` and in :class:`customers.models.FilePerson`. Written by
    :mod:`consent.services.letters`. The content is purged when the letters were posted or thrown away.
    """

    campaign = models.ForeignKey(
        "consent.Campaign", models.PROTECT, related_name="letter_files", verbose_name=_("notice")
    )
    number = models.PositiveIntegerField(_("number of the file"))
    status = models.CharField(_("state"), max_length=6, choices=LetterFileStatus, default=LetterFileStatus.READY)
    file = models.ForeignKey("customers.SealedFile", models.PROTECT, related_name="+", verbose_name=_("file"))
    persons = models.PositiveIntegerField(_("letters"))
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    made_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("made by"))
    collected_at = models.DateTimeField(_("downloaded first"), null=True, blank=True)
    collected_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("downloaded first by")
    )
    posted_at = models.DateTimeField(pgettext_lazy("letters", "posted"), null=True, blank=True)
    posted_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("posted by")
    )
    spoilt_at = models.DateTimeField(_("thrown away"), null=True, blank=True)
    spoilt_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("thrown away by")
    )

    class PersonalData:
        personal = {}
        also = {Category.NAME, Category.ADDRESS}  # in its file
        sources = [Source.DERIVED]
        keep = {
            "id", "campaign", "number", "status", "file", "persons", "made_at", "made_by", "collected_at",
            "collected_by", "posted_at", "posted_by", "spoilt_at", "spoilt_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("file of letters")
        verbose_name_plural = _("letters by post")
        default_permissions = ["view"]
        permissions = [("post_letters", "Can download the letters of a notice and post them")]
        constraints = [
            *(at_exactly_with_by("letter_file", verb) for verb in ("made", "collected", "posted", "spoilt")),
            models.UniqueConstraint(name="letter_file_has_a_number_of_its_notice", fields=["campaign", "number"]),
            models.CheckConstraint(
                name="letter_file_is_posted_exactly_when_posted",
                condition=Q(status="POSTED", posted_at__isnull=False)
                | (~Q(status="POSTED") & Q(posted_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="letter_file_is_spoilt_exactly_when_thrown_away",
                condition=Q(status="SPOILT", spoilt_at__isnull=False)
                | (~Q(status="SPOILT") & Q(spoilt_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="letter_file_is_posted_by_who_had_it",
                condition=~Q(status="POSTED") | Q(collected_at__isnull=False),
            ),
            models.CheckConstraint(name="letter_file_holds_somebody", condition=Q(persons__gt=0)),
        ]

    def __str__(self):
        return f"{self.campaign}-L{self.number}"


class Letter(models.Model):
    """That a customer's letter of a notice stands in a file: posted when the file is. Gone when it is thrown away."""

    campaign = models.ForeignKey("consent.Campaign", models.PROTECT, related_name="letters", db_index=False)
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="letters")
    letter_file = models.ForeignKey(LetterFile, models.PROTECT, related_name="letters")

    class PersonalData:
        personal = {}
        keep = {"id", "campaign", "customer", "letter_file"}

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        default_permissions = []
        constraints = [
            models.UniqueConstraint(name="letter_is_the_only_one_of_its_notice", fields=["campaign", "customer"]),
        ]

    def __str__(self):
        return f"L{self.pk}"
