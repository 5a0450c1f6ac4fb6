from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from customers.categories import Category, Source
from customers.fields import SealedTextField


class Outcome(models.TextChoices):
    FULL = "FULL", _("Disclose everything")
    PARTIAL = "PARTIAL", _("Disclose in part")
    REFUSED = "REFUSED", _("Refuse")
    NOT_HELD = "NOT_HELD", _("Nothing is held")


OFFERED_OUTCOMES = [Outcome.FULL, Outcome.REFUSED, Outcome.NOT_HELD]


class Ground(models.TextChoices):
    """The only grounds on which disclosure may be refused: Article 33(2)."""

    HARM = "33-2-1", _("Article 33(2)(i): harm to somebody's life, body, property or rights")
    IMPEDIMENT = "33-2-2", _("Article 33(2)(ii): significant impediment to the proper conduct of business")
    OTHER_LAW = "33-2-3", _("Article 33(2)(iii): breach of another law")


class Decision(models.Model):
    """What one person proposes to answer and another approves. A request has one that stands."""

    class State(models.TextChoices):
        PROPOSED = "PROPOSED", _("Proposed")
        APPROVED = "APPROVED", _("Approved")
        SENT_BACK = "SENT_BACK", _("Sent back")
        DROPPED = "DROPPED", _("Dropped with its request")

    request = models.ForeignKey("requests_desk.DataRequest", models.PROTECT, related_name="decisions")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    ground = models.CharField(_("ground"), max_length=8, choices=Ground, blank=True)
    reason = SealedTextField(_("reason in words"), null=True, blank=True, context="decision.reason")
    proposed_at = models.DateTimeField(_("proposed"), default=timezone.now)
    proposed_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    approved_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("approved by")
    )
    sent_back_at = models.DateTimeField(_("sent back"), null=True, blank=True)
    sent_back_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("sent back by")
    )
    remark = SealedTextField(_("why it was sent back"), null=True, blank=True, context="decision.remark")

    history = HistoricalRecords()

    class PersonalData:
        personal = {"reason": Category.NAME, "remark": Category.NAME}
        sources = [Source.STAFF]
        keep = {
            "id", "request", "state", "outcome", "ground", "proposed_at", "proposed_by", "approved_at", "approved_by",
            "sent_back_at", "sent_back_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        default_permissions = ["view"]
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(state__in=["PROPOSED", "APPROVED"]),
                name="decision_that_stands_is_one_per_request",
            ),
            models.CheckConstraint(
                name="decision_has_a_ground_exactly_when_something_is_refused",
                condition=(Q(outcome__in=["REFUSED", "PARTIAL"]) & ~Q(ground="") & Q(reason__isnull=False))
                | (Q(outcome__in=["FULL", "NOT_HELD"]) & Q(ground="")),
            ),
            models.CheckConstraint(
                name="decision_is_approved_by_somebody_exactly_when_approved",
                condition=Q(state="APPROVED", approved_at__isnull=False, approved_by__isnull=False)
                | Q(~Q(state="APPROVED"), approved_at__isnull=True, approved_by__isnull=True),
            ),
            models.CheckConstraint(
                name="decision_is_approved_by_another_than_proposed_it",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="decision_is_sent_back_by_somebody_exactly_when_sent_back",
                condition=Q(state="SENT_BACK", sent_back_at__isnull=False, sent_back_by__isnull=False)
                | Q(~Q(state="SENT_BACK"), sent_back_at__isnull=True, sent_back_by__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.request}/{self.pk}"
