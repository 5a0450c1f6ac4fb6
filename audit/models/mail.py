import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OutgoingMail(models.Model):
    """One mail that must leave: written in the transaction of its act, sent by a worker, marked.

    Neither address nor text is kept here. ``kind`` names a composer (``requests_desk.confirmation_code`` is
    ``requests_desk.mail.confirmation_code``) which is given the subject when the mail is sent. Secrets that a mail
    carries (codes, links) are made by the composer at that moment, and only their hashes are stored.
    """

    class State(models.TextChoices):
        WAITING = "WAITING", _("Waiting")
        SENT = "SENT", _("Sent")
        BOUNCED = "BOUNCED", _("Refused by the mail server")
        DROPPED = "DROPPED", _("Not sent: no longer needed")
        FAILED = "FAILED", _("Not sent: gave up")

    number = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=80)
    subject = models.CharField(_("subject"), max_length=120, db_index=True)
    subject_pk = models.BigIntegerField()
    language = models.CharField(_("language"), max_length=5, default="ja")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"))
    leased_until = models.DateTimeField(null=True, blank=True)
    answer_code = models.CharField(_("last answer"), max_length=60, blank=True)
    log_reference = models.CharField(_("reference in the log"), max_length=16, blank=True)
    created_at = models.DateTimeField(_("posted"), auto_now_add=True)
    created_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("by"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class PersonalData:
        personal = {}
        keep = {
            "id", "number", "kind", "subject", "subject_pk", "language", "state", "attempts", "due_at",
            "leased_until", "answer_code", "log_reference", "created_at", "created_by", "finished_at",
        }  # fmt: skip

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(
                name="mail_is_finished_exactly_when_not_waiting",
                condition=Q(state="WAITING", finished_at__isnull=True)
                | (~Q(state="WAITING") & Q(finished_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="mail_by_state"),
            models.Index(fields=["due_at"], name="mail_due", condition=Q(state="WAITING")),
        ]

    def __str__(self):
        return str(self.number)[:8]
