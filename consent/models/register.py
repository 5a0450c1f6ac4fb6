"""The register of purposes: which category may be used for which purpose, since when, by whose decision."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.models.constraints import at_exactly_with_by
from consent.purposes import Purpose
from customers.categories import Category


class Relatedness(models.TextChoices):
    """How what is added stands to what was said before (Article 17(2))."""

    FIRST = "FIRST", _("The purpose is specified for the first time")
    RELATED = "RELATED", _("It is reasonably related to the purpose that was said")
    UNRELATED = "UNRELATED", _("It goes beyond; each person’s consent is needed (Article 18(1))")


class ChangeStatus(models.TextChoices):
    PROPOSED = "PROPOSED", pgettext_lazy("register", "Waiting for approval")
    APPROVED = "APPROVED", pgettext_lazy("register", "Approved")
    REFUSED = "REFUSED", pgettext_lazy("register", "Refused")
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("register", "Withdrawn")

    @property
    def next(self):
        """The statuses a change may move to from this one."""
        return CHANGE_MOVES[self]

    @property
    def is_final(self):
        return not self.next


CHANGE_MOVES = {
    ChangeStatus.PROPOSED: {ChangeStatus.APPROVED, ChangeStatus.REFUSED, ChangeStatus.WITHDRAWN},
    ChangeStatus.APPROVED: set(),
    ChangeStatus.REFUSED: set(),
    ChangeStatus.WITHDRAWN: set(),
}


class RegisterChange(models.Model):
    """A proposal to permit or to end uses, and what a second person decided.

    One that permits anything (``widens``) names the approved version of the policy that announces it, how it is related
    to what was said before, and why. Written by :mod:`consent.services.register` and nowhere else.
    """

    status = models.CharField(_("state"), max_length=10, choices=ChangeStatus, default=ChangeStatus.PROPOSED)
    widens = models.BooleanField(_("permits more"))
    policy_version = models.ForeignKey(
        "consent.PolicyVersion", models.PROTECT, related_name="register_changes", null=True, blank=True,
        verbose_name=_("announced in"),
    )  # fmt: skip
    relatedness = models.CharField(_("relation (Article 17(2))"), max_length=10, choices=Relatedness, blank=True)
    judgement = models.TextField(_("why"), blank=True)
    remark = models.TextField(_("refused because"), blank=True)
    proposed_at = models.DateTimeField(_("proposed"), default=timezone.now)
    proposed_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("decided by")
    )

    class PersonalData:
        personal = {}
        keep = {
            "id", "status", "widens", "policy_version", "relatedness", "judgement", "remark", "proposed_at",
            "proposed_by", "decided_at", "decided_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("change of the register of purposes")
        verbose_name_plural = _("changes of the register of purposes")
        default_permissions = ["view"]
        permissions = [
            ("propose_registerchange", "Can propose a change of the register of purposes"),
            ("approve_registerchange", "Can approve a change of the register of purposes"),
        ]
        constraints = [
            at_exactly_with_by("register_change", "proposed"),
            at_exactly_with_by("register_change", "decided"),
            models.CheckConstraint(
                name="register_change_is_decided_exactly_when_no_longer_proposed",
                condition=Q(status="PROPOSED", decided_at__isnull=True)
                | (~Q(status="PROPOSED") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="register_change_is_approved_by_a_second_person",
                condition=~Q(status="APPROVED") | ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="register_change_that_widens_names_its_policy_and_relation",
                condition=Q(widens=False) | (Q(policy_version__isnull=False) & ~Q(relatedness="") & ~Q(judgement="")),
            ),
            models.CheckConstraint(
                name="register_change_that_was_refused_says_why", condition=~Q(status="REFUSED") | ~Q(remark="")
            ),
            models.CheckConstraint(
                name="register_change_beyond_the_purpose_is_never_approved",
                condition=~Q(status="APPROVED", relatedness="UNRELATED"),
            ),
        ]

    def __str__(self):
        return f"R{self.pk}"


class RegisterLine(models.Model):
    """One cell of the table that a change permits or ends."""

    change = models.ForeignKey(RegisterChange, models.CASCADE, related_name="lines")  # nothing without its change
    purpose = models.CharField(_("purpose of use"), max_length=16, choices=Purpose)
    category = models.CharField(_("category"), max_length=12, choices=Category)
    permits = models.BooleanField(_("permits"))

    class PersonalData:
        personal = {}
        keep = {"id", "change", "purpose", "category", "permits"}

    class Meta:
        verbose_name = _("line of a change of the register")
        verbose_name_plural = _("lines of a change of the register")
        default_permissions = []
        constraints = [
            models.UniqueConstraint(
                fields=["change", "purpose", "category"], name="register_change_names_each_cell_once"
            ),
        ]

    def __str__(self):
        return f"{self.change_id}:{self.pk}"


class PermittedUseQuerySet(models.QuerySet):
    def on(self, day):
        """The uses that are permitted on that day."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=day), since__lte=day)


class PermittedUse(models.Model):
    """That a category may be used for a purpose, from one day on, by one approved change, until another ended it.

    ``until`` is the first day on which it is no longer permitted. A trigger refuses a row whose change is not approved,
    or whose policy version is not.
    """

    purpose = models.CharField(_("purpose of use"), max_length=16, choices=Purpose)
    category = models.CharField(_("category"), max_length=12, choices=Category)
    since = models.DateField(_("since"))
    policy_version = models.ForeignKey(
        "consent.PolicyVersion", models.PROTECT, related_name="+", verbose_name=_("announced in")
    )
    permitted_by_change = models.ForeignKey(RegisterChange, models.PROTECT, related_name="permitted")
    until = models.DateField(_("until"), null=True, blank=True)
    ended_by_change = models.ForeignKey(RegisterChange, models.PROTECT, related_name="ended", null=True, blank=True)

    objects = PermittedUseQuerySet.as_manager()

    class PersonalData:
        personal = {}
        keep = {
            "id", "purpose", "category", "since", "policy_version", "permitted_by_change", "until", "ended_by_change",
        }  # fmt: skip

    class Meta:
        verbose_name = _("permitted use")
        verbose_name_plural = _("register of purposes")
        default_permissions = ["view"]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "category"],
                condition=Q(until__isnull=True),
                name="use_is_permitted_once_at_a_time",
            ),
            models.CheckConstraint(
                name="use_ends_exactly_by_a_change",
                condition=Q(until__isnull=True, ended_by_change__isnull=True)
                | Q(until__isnull=False, ended_by_change__isnull=False),
            ),
            models.CheckConstraint(
                name="use_does_not_end_before_it_begins", condition=Q(until__isnull=True) | Q(until__gte=F("since"))
            ),
        ]

    def __str__(self):
        return f"{self.purpose}:{self.category}"

    def holds_on(self, day):
        """Whether it is permitted on that day."""
        return self.since <= day and (self.until is None or self.until > day)
