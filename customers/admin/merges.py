from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, SavedView, facts_of
from audit.forms import DeskForm
from customers.exceptions import MergeNotAllowed
from customers.models import Merge, MergeStatus
from customers.services import merging

from . import sections

APPROVE = "customers.approve_merge"
DECIDED = _("This merge is decided.")


def _may_approve(request, merge):
    if not merge.is_open:
        return NotNow(DECIDED)
    if merge.proposed_by_id == request.user.actor.pk:
        return NotNow(_("You proposed it. Another person approves."))
    if code := merging.why_not(merge.survivor, merge.alias):
        return NotNow(MergeNotAllowed.REASONS[code])
    return None


def _may_refuse(request, merge):
    return None if merge.is_open else NotNow(DECIDED)


def _may_undo(request, merge):
    if merge.status != MergeStatus.APPROVED:
        return NotNow(_("Only what is merged can be undone."))
    if merge.survivor.is_erased or merge.alias.is_erased:
        return NotNow(MergeNotAllowed.REASONS["erased"])
    return None


def _what_will_happen(merge):
    return _(
        "%(alias)s becomes an alias of %(survivor)s. Nothing is moved: who looks at %(survivor)s finds both. Notices "
        "and exports go to %(survivor)s alone. It can be undone."
    ) % {"alias": merge.alias, "survivor": merge.survivor}


@admin.register(Merge)
class MergeAdmin(SafeModelAdmin):
    """That two records are of one person: proposed from a customer's page, decided here by somebody else."""

    list_display = ["reference", "survivor", "alias", "status", "proposed_at", "proposed_by"]
    list_select_related = ["survivor", "alias", "proposed_by__staff", "decided_by__staff", "undone_by__staff"]
    list_empty = _("Proposals will stand here. They begin on a customer’s page.")
    saved_views = [
        SavedView("waiting", _("Waiting"), lambda merges, request: merges.filter(status=MergeStatus.PROPOSED)),
        SavedView(
            "merged",
            pgettext_lazy("merge", "Merged"),
            lambda merges, request: merges.filter(status=MergeStatus.APPROVED),
            counted=False,
        ),
        SavedView("all", _("All"), lambda merges, request: merges, counted=False),
    ]
    reveal_permission = "customers.reveal_customer"
    decisions = [
        DecisionView(
            DeskForm, merging.approve, _("Approve"), permission=APPROVE, main=True, title=_("Approve the merge"),
            explain=_what_will_happen, may=_may_approve, done=_("%(number)s: the two records are one person’s now."),
        ),
        DecisionView(
            DeskForm, merging.refuse, _("Refuse"), permission=APPROVE, title=_("Refuse the merge"),
            explain=_("The two records stay apart. The proposal stays on record as refused."), may=_may_refuse,
            done=_("%(number)s was refused. The two records stay apart."),
        ),
        DecisionView(
            DeskForm, merging.undo, _("Undo the merge"), name="undo", permission=APPROVE, title=_("Undo the merge"),
            explain=_("Both records stand for themselves again, each with all that it held."), may=_may_undo,
            done=_("%(number)s was undone. Both records stand for themselves again."),
        ),
    ]  # fmt: skip

    def get_queryset(self, request):
        sealed = [f"{which}__{name}" for which in ("survivor", "alias") for name in sections.SEALED]
        return super().get_queryset(request).select_related("survivor", "alias").defer(*sealed)

    @admin.display(description=_("Merge"))
    def reference(self, merge):
        return str(merge)

    def get_head(self, request, merge):
        return [Fact(_("State"), merge.get_status_display())]

    def get_panels(self, request, merge):
        facts = [
            Fact(_("Record that stays"), sections.link_to(merge.survivor)),
            Fact(_("Record that becomes an alias"), sections.link_to(merge.alias)),
            *facts_of(merge, "proposed_at", "proposed_by", "decided_at", "decided_by", "undone_at", "undone_by"),
        ]
        permission = APPROVE if request.user.has_perm(APPROVE) else self.reveal_permission
        both = sections.comparison(merge.survivor, merge.alias, permission=permission)
        return [Panel("facts", _("Proposal"), facts), *both]
