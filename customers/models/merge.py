from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.models.constraints import at_exactly_with_by


class MergeStatus(models.TextChoices):
    PROPOSED = "PROPOSED", pgettext_lazy("merge", "Waiting for approval")
    APPROVED = "APPROVED", pgettext_lazy("merge", "Merged")
    REFUSED = "REFUSED", pgettext_lazy("merge", "Refused")
    UNDONE = "UNDONE", pgettext_lazy("merge", "Undone")

    @property
    def next(self):
        """The statuses a merge may move to from this one."""
        return MERGE_MOVES[self]

    @property
    def is_final(self):
        return not self.next


MERGE_MOVES = {
    MergeStatus.PROPOSED: {MergeStatus.APPROVED, MergeStatus.REFUSED},
    MergeStatus.APPROVED: {MergeStatus.UNDONE},
    MergeStatus.REFUSED: set(),
    MergeStatus.UNDONE: set(),
}


class Merge(models.Model):
    """That two records are of one person: the second becomes an alias of the first, and nothing of it is moved.

    Proposed by one person, approved by another, and undone by whoever may approve. Written by
    :mod:`customers.services.merging` and nowhere else.
    """

    status = models.CharField(_("state"), max_length=10, choices=MergeStatus, default=MergeStatus.PROPOSED)
    survivor = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="merges_kept", verbose_name=_("record that stays")
    )
    alias = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        related_name="merges_joined",
        verbose_name=_("record that becomes an alias"),
    )
    proposed_at = models.DateTimeField(_("proposed"), default=timezone.now)
    proposed_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("decided by")
    )
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("undone by")
    )

    class PersonalData:
        personal = {}
        keep = {
            "id", "status", "survivor", "alias", "proposed_at", "proposed_by", "decided_at", "decided_by", "undone_at",
            "undone_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("merge of two records")
        verbose_name_plural = _("merges of records")
        default_permissions = ["view"]
        permissions = [
            ("propose_merge", "Can propose that two records are of one person"),
            ("approve_merge", "Can approve, refuse or undo a merge"),
        ]
        constraints = [
            at_exactly_with_by("merge", "proposed"),
            at_exactly_with_by("merge", "decided"),
            at_exactly_with_by("merge", "undone"),
            models.CheckConstraint(name="merge_is_of_two_records", condition=~Q(survivor=F("alias"))),
            models.CheckConstraint(
                name="merge_is_approved_by_a_second_person",
                condition=Q(status__in=["PROPOSED", "REFUSED"]) | ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="merge_is_decided_exactly_when_no_longer_proposed",
                condition=Q(status="PROPOSED", decided_at__isnull=True)
                | (~Q(status="PROPOSED") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="merge_is_undone_exactly_when_undone",
                condition=Q(status="UNDONE", undone_at__isnull=False)
                | (~Q(status="UNDONE") & Q(undone_at__isnull=True)),
            ),
            models.UniqueConstraint(
                name="merge_of_a_record_is_the_only_one_that_counts",
                fields=["alias"],
                condition=Q(status__in=["PROPOSED", "APPROVED"]),
            ),
        ]

    def __str__(self):
        return f"M{self.pk}"

    @property
    def is_open(self):
        """Whether it still waits for a second person."""
        return self.status == MergeStatus.PROPOSED
