from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from audit.models.constraints import at_exactly_with_by


class PolicyStatus(models.TextChoices):
    DRAFT = "DRAFT", pgettext_lazy("policy", "Draft")
    SUBMITTED = "SUBMITTED", pgettext_lazy("policy", "Waiting for approval")
    APPROVED = "APPROVED", pgettext_lazy("policy", "Approved")
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("policy", "Withdrawn")

    @property
    def next(self):
        """The statuses a version may move to from this one."""
        return POLICY_MOVES[self]

    @property
    def is_final(self):
        return not self.next


POLICY_MOVES = {
    PolicyStatus.DRAFT: {PolicyStatus.SUBMITTED, PolicyStatus.WITHDRAWN},
    PolicyStatus.SUBMITTED: {PolicyStatus.APPROVED, PolicyStatus.DRAFT, PolicyStatus.WITHDRAWN},
    PolicyStatus.APPROVED: set(),  # from here on the date alone decides which one is in force
    PolicyStatus.WITHDRAWN: set(),
}


class PurposeChange(models.TextChoices):
    """What a version does to the purposes of use, against the version before (Articles 17 and 18)."""

    NONE = "NONE", _("The purposes do not change")
    RELATED = "RELATED", _("They change within what is reasonably related: a notice is enough (Article 17(2))")
    NEW_ONLY = "NEW_ONLY", _("A new purpose, for information alone that is obtained from the date on (Article 21)")
    BEYOND = "BEYOND", _("They go beyond: each person’s consent is needed, a notice is not enough (Article 18(1))")


class PolicyVersionQuerySet(models.QuerySet):
    def approved(self):
        """What the public may read: in force now, earlier, or from a date to come."""
        return self.filter(status=PolicyStatus.APPROVED)

    def in_force_on(self, date):
        """The approved versions whose date has come, the one in force first."""
        return self.approved().filter(effective_on__lte=date).order_by("-effective_on")

    def after(self, date):
        """The approved versions whose date is still to come, the nearest first."""
        return self.approved().filter(effective_on__gt=date).order_by("effective_on")


class PolicyVersion(models.Model):
    """The privacy policy as it reads from one date on: Japanese is the text, English its translation.

    Written by :mod:`consent.services.policies` and nowhere else. Once approved it never changes: a trigger refuses it.
    """

    number = models.PositiveIntegerField(_("version"), unique=True)
    status = models.CharField(_("state"), max_length=12, choices=PolicyStatus, default=PolicyStatus.DRAFT)
    text_ja = models.TextField(_("text (Japanese)"), blank=True)
    text_en = models.TextField(_("text (English)"), blank=True)
    summary_ja = models.TextField(_("what changes (Japanese)"), blank=True)
    summary_en = models.TextField(_("what changes (English)"), blank=True)
    effective_on = models.DateField(_("in force from"), null=True, blank=True)
    purpose_change = models.CharField(_("purposes of use"), max_length=8, choices=PurposeChange, blank=True)
    purpose_reason = models.TextField(_("why it may change so"), blank=True)
    remark = models.TextField(_("why it was sent back"), blank=True)
    drafted_at = models.DateTimeField(_("drafted"), default=timezone.now)
    drafted_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("drafted by"))
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("submitted by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    approved_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("approved by")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("withdrawn by")
    )

    history = HistoricalRecords()
    objects = PolicyVersionQuerySet.as_manager()

    class PersonalData:
        personal = {}
        keep = {
            "id", "number", "status", "text_ja", "text_en", "summary_ja", "summary_en", "effective_on", "remark",
            "purpose_change", "purpose_reason",
            "drafted_at", "drafted_by", "submitted_at", "submitted_by", "approved_at", "approved_by", "withdrawn_at",
            "withdrawn_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("version of the privacy policy")
        verbose_name_plural = _("versions of the privacy policy")
        default_permissions = ["view"]
        permissions = [
            ("write_policyversion", "Can draft and submit a version of the policy"),
            ("approve_policyversion", "Can approve a version of the policy"),
        ]
        constraints = [
            at_exactly_with_by("policy_version", "drafted"),
            at_exactly_with_by("policy_version", "submitted"),
            at_exactly_with_by("policy_version", "approved"),
            at_exactly_with_by("policy_version", "withdrawn"),
            models.CheckConstraint(
                name="policy_version_submitted_exactly_when_past_draft",
                condition=Q(status="DRAFT", submitted_at__isnull=True)
                | Q(status__in=["SUBMITTED", "APPROVED"], submitted_at__isnull=False)
                | Q(status="WITHDRAWN"),
            ),
            models.CheckConstraint(
                name="policy_version_approved_exactly_when_approved",
                condition=Q(status="APPROVED", approved_at__isnull=False)
                | (~Q(status="APPROVED") & Q(approved_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="policy_version_withdrawn_exactly_when_withdrawn",
                condition=Q(status="WITHDRAWN", withdrawn_at__isnull=False)
                | (~Q(status="WITHDRAWN") & Q(withdrawn_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="policy_version_is_approved_by_a_second_person",
                condition=Q(approved_by__isnull=True)
                | (~Q(approved_by=F("drafted_by")) & ~Q(approved_by=F("submitted_by"))),
            ),
            models.CheckConstraint(
                name="policy_version_approved_has_texts_and_a_date",
                condition=~Q(status="APPROVED") | (Q(effective_on__isnull=False) & ~Q(text_ja="") & ~Q(text_en="")),
            ),
            models.CheckConstraint(
                name="policy_version_with_changed_purposes_says_why",
                condition=~Q(status="APPROVED", purpose_change__in=["RELATED", "NEW_ONLY"]) | ~Q(purpose_reason=""),
            ),
            models.CheckConstraint(
                name="policy_version_goes_not_beyond_its_purposes",
                condition=~Q(status="APPROVED", purpose_change="BEYOND"),
            ),
            models.UniqueConstraint(
                name="policy_version_is_the_only_one_of_its_date",
                fields=["effective_on"],
                condition=Q(status="APPROVED"),
            ),
        ]

    def __str__(self):
        return f"P{self.number}"

    @property
    def text(self):
        """In the language of the page."""
        return self.text_en if get_language() == "en" else self.text_ja

    @property
    def summary(self):
        """In the language of the page."""
        return self.summary_en if get_language() == "en" else self.summary_ja
