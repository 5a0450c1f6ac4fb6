from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext

from audit.admin.base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, Table, facts_of, in_words
from consent import mail
from consent.forms import CampaignForm, ConfirmForm, RemarkForm, ScheduleForm
from consent.models import Campaign, CampaignKind, CampaignStatus, DeliveryState
from consent.services import bounces, campaigns, letters, statements
from consent.services.progress import numbers

from .progress import progress_of
from .statements import StatementDownload, StatementPages, may_take

WRITE, START = "consent.write_campaign", "consent.start_campaign"
AUTHOR, APPROVER = _("A notice author does this."), _("A notice approver does this.")
SHOWN = 20


def stands_at(campaign, *statuses):
    """``None`` where the campaign stands at one of ``statuses``, else why not now."""
    if campaign.status in statuses:
        return None
    return NotNow(
        _("%(number)s stands at “%(status)s”.") % {"number": campaign, "status": campaign.get_status_display()}
    )


def only_at(*statuses):
    return lambda request, campaign: stands_at(campaign, *statuses)


def may_submit(request, campaign):
    if not_now := stands_at(campaign, CampaignStatus.DRAFT):
        return not_now
    return _obstacle(campaign)


def may_schedule(request, campaign):
    return stands_at(campaign, CampaignStatus.SUBMITTED) or may_start(request, campaign)


def may_make_letters(request, campaign):
    why = letters.obstacle(campaign)
    if not why:
        return None
    if letters.is_refused_by_register(campaign):
        return NotNow(why, reverse("admin:consent_permitteduse_changelist"), _("Register of purposes"))
    return NotNow(why)


def may_start(request, campaign):
    if not_now := stands_at(campaign, CampaignStatus.SUBMITTED, CampaignStatus.SCHEDULED):
        return not_now
    if request.user.actor.pk in (campaign.drafted_by_id, campaign.submitted_by_id):
        return NotNow(_("You wrote or submitted it: another person starts it."))
    return _obstacle(campaign)


def _obstacle(campaign):
    found = campaigns.obstacles(campaign)
    if not found:
        return None
    if campaign.policy_version is None:
        return NotNow(
            " ".join(found), reverse("admin:consent_permitteduse_changelist"), _("Register of purposes")
        )  # fmt: skip
    url = reverse("admin:consent_policyversion_change", args=[campaign.policy_version_id])
    return NotNow(" ".join(found), url, campaign.policy_version)


def explain_start(campaign):
    people = campaigns.audience(campaign).recipients
    return ngettext(
        "The notice goes to %(people)s customer with a mail address.",
        "The notice goes to %(people)s customers with a mail address, to each once.",
        people,
    ) % {"people": f"{people:,}"}


def before_the_start(request, campaign):
    """Who gets it and who is left out, and the mail in both languages."""
    found = campaigns.audience(campaign)
    facts = [
        Fact(_("Recipients in all"), f"{found.recipients:,}"),
        Fact(_("Left out: no mail address"), f"{found.no_address:,}"),
        Fact(_("Left out: mail came back before"), f"{found.bounced:,}"),
        Fact(_("Left out: erased"), f"{found.erased:,}"),
    ]
    if not CampaignKind(campaign.kind).goes_to_everybody:
        facts.append(Fact(_("Left out: stopped such mails, or use suspended"), f"{found.suspended:,}"))
    if campaign.with_reminder:
        at = campaigns.reminder_at(campaign)
        facts.append(Fact(_("Reminder"), at or _("none: its day would be too near")))
    return [Panel("audience", _("Who gets the notice"), facts), *previews(request, campaign)]


def explain_letters(campaign):
    people = letters.due(campaign).count()
    return _("%(people)s customers get a letter: whom no mail reaches, and who have a postal address.") % {
        "people": f"{people:,}"
    }


def explain_resume(campaign):
    waiting = numbers(campaign).waiting
    return ngettext(
        "It goes to the %(people)s person to whom it was not sent yet. Nobody gets it twice.",
        "It goes only to the %(people)s people to whom it was not sent yet. Nobody gets it twice.",
        waiting,
    ) % {"people": f"{waiting:,}"}


def explain_stop(campaign):
    waiting = numbers(campaign).waiting
    return _("Sending ends for good. %(people)s people will not get this notice.") % {"people": f"{waiting:,}"}


def previews(request, campaign):
    """The mail as customers get it."""
    return [
        Panel(
            f"mail-{language}", title, template="admin/consent/campaign/mail.html",
            context=dict(zip(("subject", "body"), mail.preview(campaign, language), strict=True), language=language),
        )
        for language, title in (("ja", _("The mail (Japanese)")), ("en", _("The mail (English)")))
    ]  # fmt: skip


@admin.register(Campaign)
class CampaignAdmin(StatementPages, SafeModelAdmin):
    """Notices: written by one person, started by another, sent by workers."""

    page_template = "admin/consent/campaign/page.html"
    list_display = ["reference", "kind", "policy_version", "status", "recipients", "started_at", "finished_at"]
    list_filter = ["status", "kind"]
    list_select_related = [
        "policy_version", "reminds_of", "drafted_by__staff", "submitted_by__staff", "scheduled_by__staff",
        "started_by__staff", "paused_by__staff", "finished_by__staff",
    ]  # fmt: skip
    list_order = ["-number"]
    list_empty = _("Notices to customers stand here. A notice begins as a draft, once a version is approved.")
    no_acts = _("This notice has ended. Nothing is left to be done here.")
    decisions = [
        DecisionView(
            CampaignForm, campaigns.draft, _("Write a notice"), permission=WRITE, name="draft", on_list=True,
            main=True, role_words=AUTHOR,
            explain=_("Nothing is sent yet. Another person starts it."),
            done=_("%(number)s is saved as a draft. Look at the mail in both languages, then submit it."),
        ),
        DecisionView(
            CampaignForm, campaigns.revise, _("Change the draft"), permission=WRITE, name="revise",
            may=only_at(CampaignStatus.DRAFT), arguments=lambda request, campaign: {"campaign": campaign},
            done=_("%(number)s is changed. Look at the mail in both languages, then submit it."), role_words=AUTHOR,
        ),
        DecisionView(
            ConfirmForm, campaigns.try_out, _("Mail it to myself"), permission=WRITE, name="try",
            may=only_at(CampaignStatus.DRAFT, CampaignStatus.SUBMITTED), role_words=AUTHOR,
            explain=_("It comes in both languages to your own address; to the office’s, where you have none."),
            done=_("%(number)s is on its way to you, in both languages."),
        ),
        DecisionView(
            ConfirmForm, campaigns.submit, _("Submit"), permission=WRITE, name="submit", may=may_submit, main=True,
            panels=previews, explain=_("Another person reads it and starts it, or sends it back."),
            done=_("%(number)s waits for its start by another person."), role_words=AUTHOR,
        ),
        DecisionView(
            ConfirmForm, campaigns.start, _("Start sending"), permission=START, name="start", may=may_start,
            main=True, panels=before_the_start, explain=explain_start, role_words=APPROVER,
            cannot_undo=_("A mail that has left cannot be called back. Sending can be paused at any time."),
            done=_("%(number)s has started. This page shows how far it is; you may leave it."),
        ),
        DecisionView(
            ScheduleForm, campaigns.schedule, _("Start later"), permission=START, name="schedule", may=may_schedule,
            panels=before_the_start, role_words=APPROVER, title=_("Have it start by itself"),
            call=lambda request, campaign, values: campaigns.schedule(
                campaign, at=values["at"], by=request.user.actor
            ),
            explain=_("It starts by itself at that moment, in your name. Until then it can be taken back."),
            done=_("%(number)s starts by itself. Its page says when."),
        ),
        DecisionView(
            ConfirmForm, campaigns.unschedule, _("Do not start by itself"), permission=START, name="unschedule",
            may=only_at(CampaignStatus.SCHEDULED), role_words=APPROVER,
            explain=_("It waits for its start by a person again."),
            done=_("%(number)s does not start by itself any more."),
        ),
        DecisionView(
            RemarkForm, campaigns.send_back, _("Send back"), permission=START, name="send-back",
            may=only_at(CampaignStatus.SUBMITTED), explain=_("It becomes a draft again, with your remark."),
            done=_("%(number)s is a draft again. Its author sees your remark."), role_words=APPROVER,
        ),
        DecisionView(
            ConfirmForm, campaigns.pause, _("Pause"), permission=WRITE, name="pause", main=True,
            may=only_at(CampaignStatus.SENDING), role_words=AUTHOR,
            explain=_("Within five seconds no more mail is handed over. Those already sent stay sent."),
            done=_("%(number)s is paused. It can be resumed at any time."),
        ),
        DecisionView(
            ConfirmForm, campaigns.resume, _("Resume"), permission=WRITE, name="resume", main=True,
            may=only_at(CampaignStatus.PAUSED), explain=explain_resume, role_words=AUTHOR,
            done=_("%(number)s goes on with those to whom it was not sent yet."),
        ),
        DecisionView(
            ConfirmForm, campaigns.stop, _("Stop for good"), permission=START, name="stop",
            may=only_at(
                CampaignStatus.DRAFT, CampaignStatus.SUBMITTED, CampaignStatus.SCHEDULED, CampaignStatus.SENDING,
                CampaignStatus.PAUSED,
            ),
            explain=explain_stop, role_words=APPROVER,
            cannot_undo=_("A stopped notice cannot be resumed. To go on later, pause it."),
            done=_("%(number)s is stopped. What was sent by then is counted on its page."),
        ),
        DecisionView(
            ConfirmForm, letters.ask, _("Make letters"), permission=WRITE, name="letters", section="letters",
            may=may_make_letters, explain=explain_letters, role_words=AUTHOR,
            done=_("The letters of %(number)s are being made. You may leave this page."),
        ),
        StatementDownload(
            _("Download as PDF"), permission="consent.view_campaign", name="statement-pdf", section="statement",
            may=may_take, explain=_("Numbers, days and texts; nobody’s name. That you took it is noted."),
        ),
    ]  # fmt: skip

    @admin.display(description=_("notice"))
    def reference(self, campaign):
        return str(campaign)

    def get_acts(self, request, campaign):
        return [] if CampaignStatus(campaign.status).is_final else super().get_acts(request, campaign)

    def get_head(self, request, campaign):
        return [
            Fact(_("State"), campaign.get_status_display()),
            Fact(_("Kind"), campaign.get_kind_display()),
            *([Fact(_("Version of the policy"), _link(campaign.policy_version))] if campaign.policy_version else []),
            *([Fact(_("reminder of"), _link(campaign.reminds_of))] if campaign.reminds_of else []),
            *facts_of(campaign, *(["scheduled_for"] if campaign.status == CampaignStatus.SCHEDULED else [])),
        ]

    def get_panels(self, request, campaign):
        panels = []
        if campaign.started_at:
            panels += [self._progress(campaign), self.over_time(campaign), self._why(campaign)]
            panels.append(self._came_back(campaign))
            panels += [*self._letters(request, campaign), self._statement(request, campaign)]
        facts = facts_of(campaign, "drafted_at", "drafted_by", "submitted_at", "submitted_by")
        if campaign.kind == CampaignKind.POLICY_CHANGE and not campaign.reminds_of_id:
            facts += facts_of(campaign, "with_reminder")
        if reminder := getattr(campaign, "reminder", None):
            facts.append(Fact(_("Reminder"), _link(reminder)))
        for verb in ("scheduled", "started", "paused", "finished"):
            if getattr(campaign, f"{verb}_at"):
                facts += facts_of(campaign, f"{verb}_at", f"{verb}_by")
        if campaign.remark:
            facts.insert(0, Fact(_("Sent back because"), campaign.remark))
        return [*panels, Panel("facts", _("Facts"), facts), *previews(request, campaign)]

    def _letters(self, request, campaign):
        """How many letters stand where, and where they are found; nothing where a notice never goes by post."""
        if not CampaignKind(campaign.kind).goes_to_everybody or campaign.reminds_of_id:
            return []
        found = letters.counts(campaign)
        facts = [
            Fact(_("Left out: no mail address"), f"{campaign.without_email:,}"),
            Fact(_("Left out: mail came back before"), f"{campaign.bounced_before:,}"),
            Fact(_("Letters to be posted"), f"{found.waiting:,}"),
            Fact(_("Letters posted"), f"{found.posted:,}"),
        ]
        panel = Panel(
            "letters", _("Letters by post"), facts, acts=self.section_acts(request, campaign, "letters"),
            note=_("For customers whom no mail reached, and who have a postal address."),
            more_url=reverse("admin:consent_letterfile_changelist") + f"?campaign__id__exact={campaign.pk}&view=all"
            if request.user.has_perm("consent.view_letterfile") else "",
            more_label=_("Files of letters"),
        )  # fmt: skip
        if not letters.is_under_way(campaign):
            return [panel]
        going = progress_of(
            request, campaign.letters_job,
            waiting=_("The letters wait for a worker. It begins by itself."),
            going=_("The letters are being made. Load the page again to see how far they are."),
        )  # fmt: skip
        going.slug = "letters-progress"
        return [panel, going]

    def _statement(self, request, campaign):
        everybody = Fact(_("Customers in all at the start"), f"{statements.of(campaign).customers:,}")
        return Panel(
            "statement", _("Statement"), [everybody],
            note=_("The proof that it was notified: to whom by which way, and when."),
            acts=self.section_acts(request, campaign, "statement"), more_url=self.url_of("statement", campaign.pk),
            more_label=_("Read the statement"),
        )  # fmt: skip

    def _progress(self, campaign):
        found = numbers(campaign)
        return Panel(
            "progress", _("Progress"), template="admin/consent/campaign/progress.html",
            context={
                "numbers": found,
                "figures": [
                    *(Fact(state.label, f"{getattr(found, state.lower()):,}") for state in DeliveryState),
                    Fact(_("Recipients in all"), f"{found.total:,}"),
                ],
                "minutes_left": None if found.time_left is None else -(-found.time_left.total_seconds() // 60),
                "campaign": campaign,
                "is_sending": campaign.status == CampaignStatus.SENDING,
                "seen_at": timezone.now(),
                "page_url": self.page_url(campaign),
            },
        )  # fmt: skip

    def _why(self, campaign):
        """Why mails came back or were left out, with samples by number."""
        between = pgettext("desk", ", ")
        table = Table(
            [_("Why"), _("Number"), _("Samples")],
            [
                [words, f"{number:,}", format_html_join(between, "{}", [(_link(each),) for each in samples])]
                for words, number, samples in bounces.by_kind(campaign)
            ],
        )  # fmt: skip
        note = _("An address that does not exist is marked on its customer, until it is corrected.")
        return Panel("why", _("Failures by kind"), table=table, note=note, empty=_("Nothing failed so far."))

    def _came_back(self, campaign):
        states = [DeliveryState.BOUNCED, DeliveryState.SKIPPED]
        rows = campaign.deliveries.filter(state__in=states).select_related("customer").only(
            "state", "failure", "answer_code", "attempts", "last_tried", "campaign", "customer__number"
        )  # fmt: skip
        found = list(rows.order_by("state", "id")[:SHOWN])
        table = Table(
            [_("Delivery"), _("Customer"), _("State"), _("Why"), _("Answer of the server"), _("Last tried")],
            [
                [
                    _link(each), each.customer.number, each.get_state_display(), in_words(each.get_failure_display()),
                    in_words(each.answer_code), in_words(each.last_tried),
                ]
                for each in found
            ],
        )  # fmt: skip
        return Panel(
            "came-back", _("Came back or left out"), table=table,
            empty=_("No mail came back and nobody was left out so far."),
            more_url=reverse("admin:consent_delivery_changelist") + f"?campaign__id__exact={campaign.pk}"
            if len(found) == SHOWN else "",
            more_label=_("All deliveries of this notice"),
        )  # fmt: skip


def _link(thing):
    url = reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])
    return format_html('<a href="{}">{}</a>', url, thing)
