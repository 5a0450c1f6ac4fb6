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
    SUBSTITUTE = "SUBSTITUTE", _("Take a substitute measure")
    ANSWERED = "ANSWERED", _("Answer the inquiry")


OFFERED_OUTCOMES = [Outcome.FULL, Outcome.REFUSED, Outcome.NOT_HELD]


class Ground(models.TextChoices):
    """The only grounds on which a request may be refused, each of its article. Which kind has which: ``kinds``."""

    HARM = "33-2-1", _("Article 33(2)(i): harm to somebody's life, body, property or rights")
    IMPEDIMENT = "33-2-2", _("Article 33(2)(ii): significant impediment to the proper conduct of business")
    OTHER_LAW = "33-2-3", _("Article 33(2)(iii): breach of another law")
    RECORD_HARM = "33-5-1", _("Articles 33(5) and 33(2)(i): harm to somebody's life, body, property or rights")
    RECORD_IMPEDIMENT = "33-5-2", _("Articles 33(5) and 33(2)(ii): significant impediment to business")
    RECORD_OTHER_LAW = "33-5-3", _("Articles 33(5) and 33(2)(iii): breach of another law")
    PURPOSE_CLEAR = "32-2-1", _("Article 32(2)(i): the purpose is already clear from what is published")
    PURPOSE_EXEMPT = "32-2-2", _("Article 32(2)(ii): a case of Article 21(4)(i) to (iii)")
    NO_ERROR = "34-2-a", _("Article 34(2): the content is not wrong")
    OTHER_PROCEDURE = "34-2-b", _("Article 34(2): another law has a procedure of its own")
    NOT_NECESSARY = "34-2-c", _("Article 34(2): the purpose does not need the correction")
    SUSPENSION_UNFOUNDED = "35-2-a", _("Article 35(2): no breach of Articles 18 to 20 was found")
    SUSPENSION_BEYOND = "35-2-b", _("Article 35(2): more than is needed to end the breach")
    SUSPENSION_DIFFICULT = "35-2-c", _("Article 35(2), proviso: difficult, and a substitute measure is taken")
    CESSATION_UNFOUNDED = "35-4-a", _("Article 35(4): no provision in breach of Articles 27(1) or 28 was found")
    CESSATION_DIFFICULT = "35-4-c", _("Article 35(4), proviso: difficult, and a substitute measure is taken")
    HARM_UNFOUNDED = "35-6-a", _("Article 35(6): no ground of paragraph 5 was found")
    HARM_BEYOND = "35-6-b", _("Article 35(6): more than is needed to prevent the harm")
    HARM_DIFFICULT = "35-6-c", _("Article 35(6), proviso: difficult, and a substitute measure is taken")
    ABROAD_IMPEDIMENT = "28-3", _("Article 28(3): significant impediment to the proper conduct of business")


class Decision(models.Model):
    """What one person proposes to answer and another approves. A request has one that stands."""

    class State(models.TextChoices):
        PROPOSED = "PROPOSED", _("Proposed")
        APPROVED = "APPROVED", _("Approved")
        SENT_BACK = "SENT_BACK", _("Sent back")
        DROPPED = "DROPPED", _("Dropped with its request")

    request = models.ForeignKey("requests_desk.DataRequest", models.PROTECT, related_name="decisions")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    ground = models.CharField(_("ground"), max_length=8, choices=Ground, blank=True)
    reason = SealedTextField(_("reason in words"), null=True, blank=True, context="decision.reason")
    promised_on = models.DateField(_("promised for"), null=True, blank=True)
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
            "id", "request", "state", "outcome", "ground", "promised_on", "proposed_at", "proposed_by", "approved_at",
            "approved_by", "sent_back_at", "sent_back_by",
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
                condition=(
                    Q(outcome__in=["REFUSED", "PARTIAL", "SUBSTITUTE"]) & ~Q(ground="") & Q(reason__isnull=False)
                )
                | (Q(outcome__in=["FULL", "NOT_HELD", "ANSWERED"]) & Q(ground="")),
            ),
            models.CheckConstraint(
                name="decision_promises_a_day_exactly_with_a_substitute_measure",
                condition=Q(outcome="SUBSTITUTE", promised_on__isnull=False)
                | Q(~Q(outcome="SUBSTITUTE"), promised_on__isnull=True),
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
