import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """Work handed over: what a worker is to do, how far it is, and what came of it.

    The row is the truth; the message in Redis is a hint. Written by :mod:`audit.services.jobs` and nowhere else.
    ``arguments`` are ids and codes, never values of a person. ``failures`` and ``takeovers`` (of a worker that died)
    count since the work last went forward. What has failed can be started again; what was given up cannot, since what
    it needs is no longer kept. ``report`` is a small JSON object of counts and references; a long report is a sealed
    file of the app that made it.
    """

    class State(models.TextChoices):
        WAITING = "WAITING", _("Waiting")
        RUNNING = "RUNNING", _("Running")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")
        GIVEN_UP = "GIVEN_UP", _("Failed and given up")

    number = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("work"), max_length=80)
    subject = models.CharField(_("subject"), max_length=120, blank=True, db_index=True)
    arguments = models.JSONField(_("arguments"), default=dict)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    done = models.BigIntegerField(_("done"), default=0)
    total = models.BigIntegerField(_("of"), null=True, blank=True)
    report = models.JSONField(_("report"), default=dict)
    failures = models.PositiveIntegerField(_("failures"), default=0)
    takeovers = models.PositiveIntegerField(_("taken over"), default=0)
    error_code = models.CharField(_("error"), max_length=60, blank=True)
    log_reference = models.CharField(_("reference in the log"), max_length=16, blank=True)
    due_at = models.DateTimeField(_("due"))
    lease = models.UUIDField(null=True, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("handed over"), auto_now_add=True)
    created_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("by"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class PersonalData:
        personal = {}
        keep = {
            "id", "number", "name", "subject", "arguments", "state", "done", "total", "report", "failures", "takeovers",
            "error_code", "log_reference", "due_at", "lease", "leased_until", "created_at", "created_by", "started_at",
            "finished_at",
        }  # fmt: skip

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        default_permissions = ["view"]
        permissions = [("retry_job", "Can start failed work again")]
        constraints = [
            models.CheckConstraint(
                name="job_is_leased_exactly_while_running",
                condition=Q(state="RUNNING", lease__isnull=False, leased_until__isnull=False, started_at__isnull=False)
                | (~Q(state="RUNNING") & Q(lease__isnull=True, leased_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="job_is_finished_exactly_when_done_failed_or_given_up",
                condition=Q(state__in=["DONE", "FAILED", "GIVEN_UP"], finished_at__isnull=False)
                | (~Q(state__in=["DONE", "FAILED", "GIVEN_UP"]) & Q(finished_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="job_that_failed_says_why", condition=~Q(state__in=["FAILED", "GIVEN_UP"]) | ~Q(error_code="")
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="job_by_state"),
            models.Index(fields=["due_at"], name="job_due", condition=Q(state__in=["WAITING", "RUNNING"])),
        ]

    def __str__(self):
        return str(self.number)[:8]
