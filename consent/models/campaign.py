from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from audit.models.constraints import at_exactly_with_by
from consent.purposes import Purpose


class CampaignKind(models.TextChoices):
    POLICY_CHANGE = "POLICY_CHANGE", _("Change of the privacy policy")
    TERMS_CHANGE = "TERMS_CHANGE", _("Change of terms")
    SERVICE_CHANGE = "SERVICE_CHANGE", _("Change or end of a service")
    INFORMATION = "INFORMATION", _("Information about services")

    @property
    def purpose(self):
        """The purpose of use under which its mails are sent (section 2 of the policy)."""
        return PURPOSES[self]

    @property
    def goes_to_everybody(self):
        """Whether it must reach everybody, whatever somebody suspended: all but information about services."""
        return self != CampaignKind.INFORMATION


PURPOSES = {
    CampaignKind.POLICY_CHANGE: Purpose.TERMS_CHANGES,
    CampaignKind.TERMS_CHANGE: Purpose.TERMS_CHANGES,
    CampaignKind.SERVICE_CHANGE: Purpose.SERVICE_CHANGES,
    CampaignKind.INFORMATION: Purpose.INFORMATION,
}


class CampaignStatus(models.TextChoices):
    DRAFT = "DRAFT", pgettext_lazy("notice", "Draft")
    SUBMITTED = "SUBMITTED", pgettext_lazy("notice", "Waiting for its start")
    SCHEDULED = "SCHEDULED", pgettext_lazy("notice", "Starts by itself")
    SENDING = "SENDING", pgettext_lazy("notice", "Sending")
    PAUSED = "PAUSED", pgettext_lazy("notice", "Paused")
    DONE = "DONE", pgettext_lazy("notice", "Finished")
    STOPPED = "STOPPED", pgettext_lazy("notice", "Stopped")

    @property
    def next(self):
        """The statuses a campaign may move to from this one."""
        return CAMPAIGN_MOVES[self]

    @property
    def is_final(self):
        return not self.next


CAMPAIGN_MOVES = {
    CampaignStatus.DRAFT: {CampaignStatus.SUBMITTED, CampaignStatus.STOPPED},
    CampaignStatus.SUBMITTED: {
        CampaignStatus.SCHEDULED, CampaignStatus.SENDING, CampaignStatus.DRAFT, CampaignStatus.STOPPED,
    },
    CampaignStatus.SCHEDULED: {CampaignStatus.SENDING, CampaignStatus.SUBMITTED, CampaignStatus.STOPPED},
    CampaignStatus.SENDING: {CampaignStatus.PAUSED, CampaignStatus.DONE, CampaignStatus.STOPPED},
    CampaignStatus.PAUSED: {CampaignStatus.SENDING, CampaignStatus.STOPPED},
    CampaignStatus.DONE: set(),
    CampaignStatus.STOPPED: set(),
}  # fmt: skip
FINAL = [status for status in CampaignStatus if status.is_final]


class CampaignQuerySet(models.QuerySet):
    def sending(self):
        return self.filter(status=CampaignStatus.SENDING)

    def due(self, now):
        """Whose hour has come to start by themselves."""
        return self.filter(status=CampaignStatus.SCHEDULED, scheduled_for__lte=now)

    def under_way(self):
        """Started and not ended."""
        return self.filter(status__in=[CampaignStatus.SENDING, CampaignStatus.PAUSED])


class Campaign(models.Model):
    """One notice to every customer who has a mail address; of information about services, who did not stop that.

    Written by :mod:`consent.services.campaigns` and nowhere else. Title and body are filled from the fixed list in
    :mod:`consent.mail`; they carry no name and no value of a person.
    """

    number = models.PositiveIntegerField(_("campaign"), unique=True)
    kind = models.CharField(_("kind"), max_length=16, choices=CampaignKind, default=CampaignKind.POLICY_CHANGE)
    policy_version = models.ForeignKey(
        "consent.PolicyVersion", models.PROTECT, related_name="campaigns", null=True, blank=True,
        verbose_name=_("version of the policy"),
    )  # fmt: skip
    title_ja = models.CharField(_("subject (Japanese)"), max_length=120)
    title_en = models.CharField(_("subject (English)"), max_length=120)
    body_ja = models.TextField(_("text (Japanese)"))
    body_en = models.TextField(_("text (English)"))
    status = models.CharField(_("state"), max_length=12, choices=CampaignStatus, default=CampaignStatus.DRAFT)
    with_reminder = models.BooleanField(_("with a reminder a week before the date"), default=False)
    reminds_of = models.OneToOneField(
        "self", models.PROTECT, related_name="reminder", null=True, blank=True, verbose_name=_("reminder of")
    )
    recipients = models.PositiveIntegerField(_("recipients"), default=0, help_text=_("counted when it started"))
    without_email = models.PositiveIntegerField(_("left out: no mail address"), default=0)
    bounced_before = models.PositiveIntegerField(_("left out: mail came back before"), default=0)
    suspended = models.PositiveIntegerField(_("left out: stopped such mails, or use suspended"), default=0)
    letters_job = models.CharField(max_length=40, blank=True)
    remark = models.TextField(_("why it was sent back"), blank=True)
    drafted_at = models.DateTimeField(_("drafted"), default=timezone.now)
    drafted_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("drafted by"))
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("submitted by")
    )
    scheduled_for = models.DateTimeField(_("starts by itself"), null=True, blank=True)
    scheduled_at = models.DateTimeField(_("scheduled"), null=True, blank=True)
    scheduled_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("scheduled by")
    )
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    started_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("started by")
    )
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    paused_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("paused by")
    )
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)
    finished_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("ended by")
    )

    history = HistoricalRecords()
    objects = CampaignQuerySet.as_manager()

    class PersonalData:
        personal = {}
        keep = {
            "id", "number", "kind", "policy_version", "title_ja", "title_en", "body_ja", "body_en", "status",
            "with_reminder", "reminds_of", "recipients", "without_email", "bounced_before", "suspended", "letters_job",
            "remark", "drafted_at", "drafted_by", "submitted_at", "submitted_by", "scheduled_for", "scheduled_at",
            "scheduled_by", "started_at", "started_by", "paused_at", "paused_by", "finished_at", "finished_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        default_permissions = ["view"]
        permissions = [
            ("write_campaign", "Can draft, pause and resume a notice"),
            ("start_campaign", "Can start, send back and stop a notice"),
        ]
        constraints = [
            *(
                at_exactly_with_by("campaign", verb)
                for verb in ("drafted", "submitted", "scheduled", "started", "paused", "finished")
            ),
            models.CheckConstraint(
                name="campaign_names_a_version_exactly_when_the_policy_changes",
                condition=Q(kind="POLICY_CHANGE", policy_version__isnull=False)
                | (~Q(kind="POLICY_CHANGE") & Q(policy_version__isnull=True)),
            ),
            models.CheckConstraint(
                name="campaign_started_exactly_when_it_was_under_way",
                condition=Q(status__in=["DRAFT", "SUBMITTED", "SCHEDULED"], started_at__isnull=True)
                | Q(status__in=["SENDING", "PAUSED", "DONE"], started_at__isnull=False)
                | Q(status="STOPPED"),
            ),
            models.CheckConstraint(
                name="campaign_submitted_exactly_when_past_draft",
                condition=Q(status="DRAFT", submitted_at__isnull=True)
                | Q(status="STOPPED")
                | (~Q(status__in=["DRAFT", "STOPPED"]) & Q(submitted_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="campaign_has_an_hour_exactly_when_scheduled",
                condition=Q(status__in=["DRAFT", "SUBMITTED"], scheduled_at__isnull=True, scheduled_for__isnull=True)
                | Q(status="SCHEDULED", scheduled_at__isnull=False, scheduled_for__isnull=False)
                | Q(status__in=["SENDING", "PAUSED", "DONE", "STOPPED"]),
            ),
            models.CheckConstraint(
                name="campaign_is_scheduled_by_a_second_person",
                condition=Q(scheduled_by__isnull=True)
                | (~Q(scheduled_by=F("drafted_by")) & ~Q(scheduled_by=F("submitted_by"))),
            ),
            models.CheckConstraint(
                name="campaign_reminds_only_of_a_change_of_the_policy",
                condition=Q(kind="POLICY_CHANGE") | Q(with_reminder=False, reminds_of__isnull=True),
            ),
            models.CheckConstraint(
                name="campaign_paused_exactly_when_paused",
                condition=Q(status="PAUSED", paused_at__isnull=False)
                | (~Q(status="PAUSED") & Q(paused_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="campaign_finished_exactly_when_final",
                condition=Q(status__in=FINAL, finished_at__isnull=False)
                | (~Q(status__in=FINAL) & Q(finished_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="campaign_is_started_by_a_second_person",
                condition=Q(started_by__isnull=True)
                | (~Q(started_by=F("drafted_by")) & ~Q(started_by=F("submitted_by"))),
            ),
        ]

    def __str__(self):
        return f"N{self.number}"
