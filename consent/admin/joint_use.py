from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, SavedView, facts_of
from consent.forms import ConfirmForm, JointUseForm
from consent.models import JointUse, ThirdParty
from consent.services import joint_use

DRAFT, PUBLISH = "consent.draft_jointuse", "consent.publish_jointuse"
OFFICER, SECOND = _("A privacy officer does this."), _("An approver or a second privacy officer does this.")


def state_of(row):
    """Where an announcement stands, in a word."""
    if row.ended_at:
        return pgettext_lazy("joint use", "Ended")
    return pgettext_lazy("joint use", "Public") if row.published_at else pgettext_lazy("joint use", "Draft")


def may_draft(request, _nothing):
    if ThirdParty.objects.filter(kind=ThirdParty.Kind.JOINT_USER).exists():
        return None
    return NotNow(
        _("No joint user is entered among the third parties. Enter who uses the data with us first."),
        reverse("admin:consent_thirdparty_changelist"), _("Third parties"),
    )  # fmt: skip


def may_publish(request, row):
    if row.published_at or row.ended_at:
        return NotNow(_("It is no draft any more."))
    if row.drafted_by_id == request.user.actor.pk:
        return NotNow(_("You drafted it: another person publishes it."))
    return None


def five_items(request, row):
    """What is public, or will be: also beside the decision to publish it."""
    names = [
        "range_ja", "range_en", "manager_ja", "manager_en", "address_ja", "address_en", "representative_ja",
        "representative_en",
    ]  # fmt: skip
    facts = [
        *facts_of(row, "title_ja", "title_en"),
        Fact(_("Categories"), row.category_labels),
        Fact(_("Users"), [f"{each} {each.name}" for each in row.users.order_by("name")]),
        Fact(_("Purposes of use"), row.purpose_labels),
        *facts_of(row, *names),
    ]
    url = reverse("consent:joint-use")
    return [Panel("items", _("The five items"), facts, more_url=url, more_label=_("The public page"))]


@admin.register(JointUse)
class JointUseAdmin(SafeModelAdmin):
    """With whom data is used jointly, as the public page says it."""

    list_display = ["reference", "name", "state", "published_at", "ended_at"]
    list_select_related = ["replaces", "drafted_by__staff", "published_by__staff", "ended_by__staff"]
    list_note = _(
        "All five items are public before anything is given (Article 27(5)(iii)): an announcement permits provisions"
        " from the day after its publication."
    )
    list_empty = _("No joint use is announced: nobody uses data of customers jointly with us.")
    no_acts = _("This announcement has ended. It stays in the register and on the public page as an earlier one.")
    saved_views = [
        SavedView("all", pgettext_lazy("joint uses", "All"), lambda rows, request: rows, counted=False),
        SavedView("drafts", pgettext_lazy("joint uses", "To be published"), lambda rows, request: rows.filter(
            published_at__isnull=True, ended_at__isnull=True)),
    ]  # fmt: skip
    decisions = [
        DecisionView(
            JointUseForm, joint_use.draft, _("Draft an announcement"), permission=DRAFT, name="draft", on_list=True,
            main=True, may=may_draft, role_words=OFFICER,
            explain=_("Nothing is public before a second person publishes it. It cannot be changed afterwards."),
            done=_("%(number)s is drafted. A second person publishes it."),
        ),
        DecisionView(
            ConfirmForm, joint_use.publish, _("Publish"), permission=PUBLISH, name="publish", main=True,
            may=may_publish, role_words=SECOND, panels=five_items,
            explain=_("The public page shows it from this moment. What it replaces ends."),
            cannot_undo=_("What was public stays on the public page, as an earlier announcement once it has ended."),
            call=lambda request, row, values: joint_use.publish(row, by=request.user.actor),
            done=_("%(number)s is public. It permits provisions from tomorrow on."),
        ),
        DecisionView(
            ConfirmForm, joint_use.end, _("End it"), permission=PUBLISH, name="end", role_words=SECOND,
            may=lambda request, row: NotNow(_("It has ended already.")) if row.ended_at else None,
            explain=_("Nothing is given on its strength from tomorrow on. A draft is discarded."),
            call=lambda request, row, values: joint_use.end(row, by=request.user.actor),
            done=_("%(number)s has ended."),
        ),
    ]  # fmt: skip

    @admin.display(description=pgettext_lazy("joint use", "title"))
    def name(self, row):
        return row.title

    @admin.display(description=_("state"))
    def state(self, row):
        return state_of(row)

    def get_head(self, request, row):
        return [Fact(_("State"), state_of(row)), Fact(pgettext_lazy("joint use", "Title"), row.title)]

    def get_panels(self, request, row):
        history = [Fact(_("Replaces"), row.replaces)]
        history += facts_of(row, "drafted_at", "drafted_by", "published_at", "published_by")
        if row.ended_at:
            history += facts_of(row, "ended_at", "ended_by")
        return [
            *five_items(request, row),
            Panel("history", pgettext_lazy("joint use", "Since when, and by whom"), history),
        ]
