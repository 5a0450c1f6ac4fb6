from django.contrib import admin
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from audit.admin.base import Act, DecisionView, Fact, NotNow, Panel, SafeModelAdmin, facts_of
from consent.forms import ApprovePolicyForm, ConfirmForm, PolicyForm, RemarkForm
from consent.models import CampaignStatus, PolicyStatus, PolicyVersion, PurposeChange
from consent.services import completeness, policies
from consent.services.comparison import compare
from consent.services.markdown import render

WRITE, APPROVE = "consent.write_policyversion", "consent.approve_policyversion"
REVISE, WITHDRAW = _("Change the draft"), _("Withdraw")
DECISION = "admin/consent/policyversion/decision.html"
AUTHOR, APPROVER = _("A notice author does this."), _("A notice approver does this.")


def stands_at(version, *statuses):
    """``None`` where the version stands at one of ``statuses``, else why not now."""
    if version.status in statuses:
        return None
    return NotNow(_("%(number)s stands at “%(status)s”.") % {"number": version, "status": version.get_status_display()})


def may_revise(request, version):
    if version.status == PolicyStatus.SUBMITTED:
        return NotNow(
            _("%(number)s is waiting for approval. It can be changed when it is sent back.") % {"number": version}
        )
    if version.status == PolicyStatus.APPROVED:
        return NotNow(_("An approved text never changes. A new version changes the policy."))
    return stands_at(version, PolicyStatus.DRAFT)


def may_submit(request, version):
    if not_now := stands_at(version, PolicyStatus.DRAFT):
        return not_now
    found = policies.obstacles(version)
    if not found:
        return None
    if version.purpose_change == PurposeChange.BEYOND:
        return NotNow(" ".join(found), *wordings(request))
    return NotNow(" ".join(found), reverse("admin:consent_policyversion_revise", args=[version.pk]), REVISE)


def wordings(request):
    """Where consent is asked for, as a link for who may see it, else as words."""
    if request.user.has_perm("consent.view_wording"):
        return reverse("admin:consent_wording_changelist"), _("Wordings of consents")
    return "", _("A privacy officer writes the wording.")


def may_approve(request, version):
    if not_now := stands_at(version, PolicyStatus.SUBMITTED):
        return not_now
    if request.user.actor.pk in (version.drafted_by_id, version.submitted_by_id):
        return NotNow(_("You wrote or submitted it: another person approves it."))
    found = policies.obstacles(version)
    if not found:
        return None
    more = wordings(request) if version.purpose_change == PurposeChange.BEYOND else ()
    return NotNow(" ".join(found), *more)


def may_send_back(request, version):
    return stands_at(version, PolicyStatus.SUBMITTED)


def may_withdraw(request, version):
    if version.status == PolicyStatus.APPROVED:
        return NotNow(_("An approved version stays. A newer one takes its place from its own date."))
    return stands_at(version, PolicyStatus.DRAFT, PolicyStatus.SUBMITTED)


def texts(version):
    """The two texts as the public will read them."""
    return [
        Panel(
            f"text-{language}", title, template="admin/consent/policyversion/text.html",
            context={"page": render(text, f"{language}-"), "language": language, "is_empty": not text.strip()},
        )
        for language, title, text in (
            ("ja", _("Text (Japanese)"), version.text_ja), ("en", _("Text (English)"), version.text_en),
        )
    ]  # fmt: skip


def differences(version):
    """What changes against the version before, as the public will see it."""
    earlier = policies.predecessor(version)
    if earlier is None:
        empty = _("There is no version before it to compare with.")
        return [Panel("changes", _("What changes"), empty=empty)]
    return [
        Panel(
            f"changes-{language}", title, note=_("Compared with %(number)s.") % {"number": earlier},
            template="admin/consent/policyversion/changes.html",
            context={"comparison": compare(old, new), "language": language, "prefix": f"{language}-"},
        )
        for language, title, old, new in (
            ("ja", _("What changes (Japanese)"), earlier.text_ja, version.text_ja),
            ("en", _("What changes (English)"), earlier.text_en, version.text_en),
        )
    ]  # fmt: skip


def to_judge(request, version):
    """What who submits or approves must have seen."""
    facts = facts_of(version, "effective_on", *judged(version), "summary_ja", "summary_en")
    note = _("The Japanese text counts, the English one is its translation. Both are approved together.")
    return [Panel("facts", _("Facts"), facts, note=note), what_it_says(version), *differences(version), *texts(version)]


def judged(version):
    """The facts of Article 17(2), where there is a version before."""
    return ["purpose_change", "purpose_reason"] if version.purpose_change else []


def what_it_says(version):
    """What the law and the office want the text to say, and whether it does: what is missing stands first."""
    found = completeness.check(version.text_ja, version.text_en)
    return Panel(
        "completeness", _("What it must say"), template="admin/consent/policyversion/completeness.html",
        note=_(
            "A subject counts as said where these words stand in the text, also as parts of longer ones. What is"
            " missing stops the approval."
        ),
        context={
            "missing": [each for each in found if not each.is_there],
            "there": [each for each in found if each.is_there],
        },
    )  # fmt: skip


def to_revise(request, version):
    """What who writes wants beside the form."""
    return [what_it_says(version)]


@admin.register(PolicyVersion)
class PolicyVersionAdmin(SafeModelAdmin):
    """The privacy policy, version by version."""

    page_template = "admin/consent/policyversion/page.html"
    list_display = ["reference", "status", "effective_on", "drafted_by", "approved_by"]
    list_filter = ["status"]
    list_select_related = ["drafted_by__staff", "submitted_by__staff", "approved_by__staff", "withdrawn_by__staff"]
    list_order = ["-number"]
    list_note = _("The version in force is decided by its date, from 0:00 in Japan.")
    list_empty = _("Versions of the policy stand here. Draft the first one; another person approves it.")
    no_acts = _("This version was withdrawn. Nothing is left to be done here.")
    decisions = [
        DecisionView(
            PolicyForm, policies.draft, _("Draft a version"), permission=WRITE, name="draft", on_list=True, main=True,
            title=_("Draft a version of the policy"), role_words=AUTHOR,
            explain=_("Nothing is published yet. You see the page and what changes before you submit it."),
            done=_("%(number)s is saved as a draft. Look at the text and at what changes, then submit it."),
        ),
        DecisionView(
            PolicyForm, policies.revise, REVISE, permission=WRITE, name="revise", may=may_revise,
            arguments=lambda request, version: {"version": version}, role_words=AUTHOR, panels=to_revise,
            template=DECISION,
            done=_("%(number)s is changed. Look at the text and at what changes, then submit it."),
        ),
        DecisionView(
            ConfirmForm, policies.submit, _("Submit for approval"), permission=WRITE, name="submit", may=may_submit,
            main=True, panels=to_judge, template=DECISION, role_words=AUTHOR,
            explain=_("Another person reads it and approves it or sends it back. Until then it cannot be changed."),
            done=_("%(number)s waits for approval by another person."),
        ),
        DecisionView(
            ApprovePolicyForm, policies.approve, _("Approve"), permission=APPROVE, name="approve", may=may_approve,
            arguments=lambda request, version: {"seen": policies.fingerprint(version)},
            main=True, panels=to_judge, template=DECISION, role_words=APPROVER,
            explain=lambda version: _(
                "The version is announced on the public site at once and is in force from %(date)s."
            ) % {"date": date_format(version.effective_on, "DATE_FORMAT") if version.effective_on else "—"},
            cannot_undo=_("Text, date and approval never change after this."),
            done=_("%(number)s is approved and announced. Next, a notice tells the customers."),
        ),
        DecisionView(
            RemarkForm, policies.send_back, _("Send back"), permission=APPROVE, name="send-back", may=may_send_back,
            explain=_("It becomes a draft again, with your remark."), role_words=APPROVER,
            done=_("%(number)s is a draft again. Its author sees your remark."),
        ),
        DecisionView(
            ConfirmForm, policies.withdraw, WITHDRAW, permission=WRITE, name="withdraw", may=may_withdraw,
            explain=_("The draft is given up. It stays in the list."), role_words=AUTHOR,
            cannot_undo=_("A withdrawn version cannot be taken up again; its text can be copied into a new one."),
            done=_("%(number)s is withdrawn."),
        ),
    ]  # fmt: skip

    @admin.display(description=_("version"))
    def reference(self, version):
        return str(version)

    def get_acts(self, request, version):
        if version.status == PolicyStatus.WITHDRAWN:
            return []
        acts = super().get_acts(request, version)
        if version.status == PolicyStatus.APPROVED:
            acts = [act for act in acts if act.label in (REVISE, WITHDRAW)]
            acts.insert(0, self._notice(request, version))
        return acts

    def _notice(self, request, version):
        """What comes after approval: telling the customers."""
        not_now = None
        campaign = version.campaigns.exclude(status=CampaignStatus.STOPPED).order_by("pk").first()
        if campaign:
            url = reverse("admin:consent_campaign_change", args=[campaign.pk])
            not_now = NotNow(_("There is a notice of it already:"), url, campaign)
        elif not request.user.has_perm("consent.write_campaign"):
            not_now = NotNow(AUTHOR)
        url = reverse("admin:consent_campaign_draft")
        return Act(_("Write a notice"), url, not_now, main=True)

    def get_head(self, request, version):
        head = [
            Fact(_("State"), version.get_status_display()),
            Fact(_("In force from"), version.effective_on),
        ]
        if version.status == PolicyStatus.APPROVED:
            period = next(each for each in policies.periods() if each.version == version)
            words = _("earlier version")
            if period.is_in_force:
                words = _("in force now")
            elif period.is_coming:
                words = _("to come")
            head.append(Fact(_("Today"), words))
        return head

    def get_panels(self, request, version):
        facts = facts_of(version, "drafted_at", "drafted_by", "submitted_at", "submitted_by")
        if version.approved_at:
            facts += facts_of(version, "approved_at", "approved_by")
        if version.withdrawn_at:
            facts += facts_of(version, "withdrawn_at", "withdrawn_by")
        facts += facts_of(version, *judged(version), "summary_ja", "summary_en")
        if version.remark:
            facts.insert(0, Fact(_("Sent back because"), version.remark))
        more = {}
        if version.status == PolicyStatus.APPROVED:
            more = {
                "more_url": reverse("consent:version", args=[version.number]),
                "more_label": _("This version on the public site"),
            }
        panels = [Panel("facts", _("Facts"), facts, **more)]
        if version.status in (PolicyStatus.DRAFT, PolicyStatus.SUBMITTED):
            panels.append(what_it_says(version))
        return [*panels, *differences(version), *texts(version)]
