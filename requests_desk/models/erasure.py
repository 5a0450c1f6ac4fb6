"""That one person was erased, across all apps: what was decided by whom, and how much went. Never what it was."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.models.constraints import at_exactly_with_by
from audit.models.numbers import random_number


def new_number():
    return random_number("ER")


class ErasureStatus(models.TextChoices):
    PROPOSED = "PROPOSED", pgettext_lazy("erasure", "Waiting for approval")
    PARTLY = "PARTLY", pgettext_lazy("erasure", "Erased, a rest is kept")
    ERASED = "ERASED", pgettext_lazy("erasure", "Erased")
    REFUSED = "REFUSED", pgettext_lazy("erasure", "Refused")
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("erasure", "Withdrawn")

    @property
    def next(self):
        """The statuses an erasure may move to from this one."""
        return ERASURE_MOVES[self]

    @property
    def is_final(self):
        return not self.next


ERASURE_MOVES = {
    ErasureStatus.PROPOSED: {
        ErasureStatus.PARTLY, ErasureStatus.ERASED, ErasureStatus.REFUSED, ErasureStatus.WITHDRAWN,
    },
    ErasureStatus.PARTLY: {ErasureStatus.ERASED},
    ErasureStatus.ERASED: set(),
    ErasureStatus.REFUSED: set(),
    ErasureStatus.WITHDRAWN: set(),
}  # fmt: skip
DONE = [ErasureStatus.PARTLY, ErasureStatus.ERASED]


class ErasureQuerySet(models.QuerySet):
    def open(self):
        """Waiting for a second person."""
        return self.filter(status=ErasureStatus.PROPOSED)

    def done(self):
        """The person is erased, whether or not a statute still keeps a rest."""
        return self.filter(status__in=DONE)


class Erasure(models.Model):
    """One line of the ledger of erasures: proposed by one person, approved (and thereby done) by another.

    ``kept`` names the categories that a statute keeps, each with the first day on which it goes; ``request`` is the
    one that asked for it, whose values go once it is closed. ``counts`` says how many things of which kind went.
    ``is_replayed`` says that it was done again by the system after a restore. Written by
    :mod:`requests_desk.services.erasure` and :mod:`requests_desk.services.replaying` alone.
    """

    class Reason(models.TextChoices):
        ASKED = "ASKED", _("The person asked for it (Article 35)")
        NO_LONGER_NEEDED = "NO_LONGER_NEEDED", _("It is no longer needed (Article 22)")
        BREACH = "BREACH", _("Handled or acquired in breach of the law (Article 35)")

    number = models.CharField(_("erasure"), max_length=11, unique=True, default=new_number, editable=False)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="erasures", verbose_name=_("customer")
    )
    request = models.ForeignKey(
        "requests_desk.DataRequest", models.PROTECT, related_name="erasures", null=True, blank=True,
        verbose_name=_("request that asks for it"),
    )  # fmt: skip
    reason = models.CharField(pgettext_lazy("erasure", "reason"), max_length=16, choices=Reason)
    case_number = models.CharField(_("case number"), max_length=40)
    status = models.CharField(_("state"), max_length=9, choices=ErasureStatus, default=ErasureStatus.PROPOSED)
    counts = models.JSONField(_("what went"), default=dict)
    kept = models.JSONField(_("kept by a statute"), default=dict)
    is_replayed = models.BooleanField(_("done again after a restore"), default=False)
    proposed_at = models.DateTimeField(_("proposed"), default=timezone.now)
    proposed_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("decided by")
    )
    completed_at = models.DateTimeField(_("nothing left"), null=True, blank=True)
    completed_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("nothing left, by")
    )

    objects = ErasureQuerySet.as_manager()

    class PersonalData:
        personal = {}
        keep = {
            "id", "number", "customer", "request", "reason", "case_number", "status", "counts", "kept", "is_replayed",
            "proposed_at", "proposed_by", "decided_at", "decided_by", "completed_at", "completed_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("erasure of a person")
        verbose_name_plural = _("erasures of persons")
        default_permissions = ["view"]
        permissions = [
            ("propose_erasure", "Can propose that a person is erased"),
            ("approve_erasure", "Can approve or refuse that a person is erased"),
        ]
        constraints = [
            at_exactly_with_by("erasure", "proposed"),
            at_exactly_with_by("erasure", "decided"),
            at_exactly_with_by("erasure", "completed"),
            models.CheckConstraint(
                name="erasure_is_decided_exactly_when_no_longer_proposed",
                condition=Q(status="PROPOSED", decided_at__isnull=True)
                | (~Q(status="PROPOSED") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="erasure_is_approved_by_another_than_proposed_it",
                condition=~Q(status__in=DONE) | ~Q(decided_by=F("proposed_by")) | Q(is_replayed=True),
            ),
            models.CheckConstraint(
                name="erasure_is_complete_exactly_when_erased",
                condition=Q(status="ERASED", completed_at__isnull=False)
                | (~Q(status="ERASED") & Q(completed_at__isnull=True)),
            ),
            models.CheckConstraint(name="erasure_status_is_known", condition=Q(status__in=ErasureStatus.values)),
            models.CheckConstraint(name="erasure_has_a_case_number", condition=~Q(case_number="")),
            models.UniqueConstraint(
                name="erasure_of_a_person_is_proposed_once", fields=["customer"], condition=Q(status="PROPOSED")
            ),
            models.UniqueConstraint(
                name="erasure_of_a_person_is_done_once", fields=["customer"], condition=Q(status__in=DONE)
            ),
        ]

    def __str__(self):
        return self.number

    @property
    def is_open(self):
        """Whether it still waits for a second person."""
        return self.status == ErasureStatus.PROPOSED

    @property
    def kept_until(self):
        """The first day on which nothing is kept any more, as text; ``""`` where no statute keeps anything."""
        return max(self.kept.values(), default="")
