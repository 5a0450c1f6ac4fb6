"""By which wording a customer was asked for consent by mail, and what the answer was."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.models.constraints import at_exactly_with_by
from customers.models import OfPersonQuerySet


class QuestionQuerySet(OfPersonQuerySet):
    def open(self):
        """Asked, not answered, and by a wording that is still in use."""
        return self.filter(answered_at__isnull=True, wording__retired_at__isnull=True)


class Question(models.Model):
    """One customer asked by mail whether they agree to a wording. Answered once: yes or no, on a page of ours.

    A yes is a :class:`consent.models.Consent` of its own, which may be withdrawn; a no stays a no here, whatever the
    person decides later. Written by :mod:`consent.services.asking`.
    """

    class Answer(models.TextChoices):
        YES = "YES", pgettext_lazy("question", "Yes")
        NO = "NO", pgettext_lazy("question", "No")

    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="questions", verbose_name=_("customer")
    )
    wording = models.ForeignKey("consent.Wording", models.PROTECT, related_name="questions", verbose_name=_("wording"))
    asked_at = models.DateTimeField(pgettext_lazy("question", "asked"), default=timezone.now)
    asked_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("asked by"))
    answer = models.CharField(pgettext_lazy("question", "answer"), max_length=3, choices=Answer, blank=True)
    answered_at = models.DateTimeField(pgettext_lazy("question", "answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("answered by")
    )

    objects = QuestionQuerySet.as_manager()

    class PersonalData:
        personal = {}
        keep = {"id", "customer", "wording", "asked_at", "asked_by", "answer", "answered_at", "answered_by"}

    class Meta:
        verbose_name = _("question for consent")
        verbose_name_plural = _("questions for consent")
        default_permissions = ["view"]
        permissions = [("ask_question", "Can ask customers for consent by mail")]
        constraints = [
            at_exactly_with_by("question", "asked"),
            at_exactly_with_by("question", "answered"),
            models.CheckConstraint(
                name="question_has_its_answer_exactly_when_answered",
                condition=Q(answered_at__isnull=True, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
            ),
            models.UniqueConstraint(
                name="question_is_open_once_for_each_customer_and_wording", fields=["customer", "wording"],
                condition=Q(answered_at__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"CQ{self.pk}"
