from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.base import (
    Act,
    DecisionView,
    Fact,
    NotNow,
    Panel,
    SafeModelAdmin,
    SavedView,
    Table,
    facts_of,
    in_words,
    nothing,
)
from consent.forms import ApprovalForm, ConfirmForm, DayField, RegisterForm, RemarkForm
from consent.models import ChangeStatus, PermittedUse, RegisterChange
from consent.purposes import Purpose
from consent.services import register
from customers.categories import Category

from .policies import stands_at, texts

PROPOSE, APPROVE = "consent.propose_registerchange", "consent.approve_registerchange"
OFFICER, APPROVER = _("A privacy officer does this."), _("An approver does this.")
PROPOSE_LABEL = _("Propose a change")


@admin.register(PermittedUse)
class PermittedUseAdmin(SafeModelAdmin):
    """The register of purposes: one table on one page, and the history of each of its cells."""

    list_select_related = ["policy_version", "permitted_by_change", "ended_by_change"]
    page_template = "admin/consent/permitteduse/page.html"
    has_timeline = False
    note = _(
        "What is not marked is not permitted: no export leaves with it (Article 18). A change is proposed by one person"
        " and approved by another."
    )

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        today = timezone.localdate()
        day, typed, fault = today, request.GET.get("on", "")[:40], ""
        try:
            day = DayField(required=False).clean(typed) or today
        except ValidationError as refusal:
            fault = refusal.messages[0]
        uses = register.all_uses()
        rows = [(purpose, [self._cell(uses, purpose, category, day) for category in Category]) for purpose in Purpose]
        context = {
            **self.admin_site.each_context(request),
            "title": capfirst(self.opts.verbose_name_plural),
            "opts": self.opts,
            "note": self.note,
            "day": day,
            "is_today": day == today,
            "typed": typed,
            "fault": fault,
            "categories": list(Category),
            "rows": rows,
            "is_empty": not uses,
            "permitted": sum(cell["is_permitted"] for _purpose, cells in rows for cell in cells),
            "acts": [self._propose(request)],
            "changes_url": reverse("admin:consent_registerchange_changelist"),
            "waiting": RegisterChange.objects.filter(status=ChangeStatus.PROPOSED).order_by("pk"),
            "public_url": reverse("consent:purposes"),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/consent/permitteduse/table.html", context)

    def _cell(self, uses, purpose, category, day):
        found = uses.get((purpose, category), [])
        holds = next((use for use in found if use.holds_on(day)), None)
        coming = next((use for use in found if use.since > day and (not use.until or use.until > use.since)), None)
        use = holds or coming or (found[0] if found else None)
        return {
            "category": category,
            "use": use,
            "is_permitted": holds is not None,
            "is_coming": holds is None and coming is not None,
            "url": self.page_url(use) if use else "",
        }

    def _propose(self, request):
        not_now = None if request.user.has_perm(PROPOSE) else NotNow(OFFICER)
        return Act(PROPOSE_LABEL, reverse("admin:consent_registerchange_propose"), not_now, main=True)

    def get_head(self, request, use):
        today = timezone.localdate()
        state = _("permitted") if use.holds_on(today) else _("not permitted today")
        return [
            Fact(_("Purpose of use"), use.get_purpose_display()), Fact(_("Category"), use.get_category_display()),
            Fact(_("State"), state),
        ]  # fmt: skip

    def page(self, request, thing, panels, **options):
        response = super().page(request, thing, panels, **options)
        response.context_data["title"] = register.cell_in_words(
            register.Line(Purpose(thing.purpose), Category(thing.category), True)
        )
        return response

    def get_panels(self, request, use):
        rows = [
            [
                in_words(each.since), in_words(each.until) if each.until else nothing(), str(each.policy_version),
                _change_link(each.permitted_by_change),
                _change_link(each.ended_by_change) if each.ended_by_change else nothing(),
            ]
            for each in PermittedUse.objects.filter(purpose=use.purpose, category=use.category)
            .select_related("policy_version", "permitted_by_change", "ended_by_change").order_by("-since", "-pk")
        ]  # fmt: skip
        columns = [_("Since"), _("Until"), _("Announced in"), _("Permitted by"), _("Ended by")]
        return [
            Panel(
                "history", _("History of this cell"), table=Table(columns, rows),
                note=_("“Until” is the first day on which it is no longer permitted."),
                more_url=self.list_url(), more_label=_("The whole register"),
            )
        ]  # fmt: skip


def may_approve(request, change):
    if not_now := stands_at(change, ChangeStatus.PROPOSED):
        return not_now
    if request.user.actor.pk == change.proposed_by_id:
        return NotNow(_("You proposed it: another person approves it."))
    found = register.obstacles(change)
    return NotNow(" ".join(found)) if found else None


def may_decide(request, change):
    return stands_at(change, ChangeStatus.PROPOSED)


def lines(request, change):
    """What the change permits and ends, by purpose, and why."""
    panels = []
    if change.remark:
        panels.append(_text("remark", _("Refused because"), change.remark))
    if change.widens:
        facts = facts_of(change, "policy_version", "relatedness")
        facts.insert(1, Fact(_("In force from"), change.policy_version.effective_on))
        panels.append(Panel("announced", _("Announcement"), facts))
    if change.judgement:
        panels.append(_text("judgement", _("Why"), change.judgement))
    found = register.lines_of(change)
    for slug, title, permits in (
        ("permits", _("Will be permitted"), True), ("ends", _("Will be ended"), False),
    ):  # fmt: skip
        rows = [
            [purpose.label, in_words([line.category.label for line in found if (line.purpose, line.permits) == key])]
            for purpose in Purpose
            if (key := (purpose, permits)) in {(line.purpose, line.permits) for line in found}
        ]
        panels.append(Panel(slug, title, table=Table([_("Purpose of use"), _("Categories")], rows)))
    return panels


def to_judge(request, change):
    """What who approves must have seen: the lines, the reasons, and the text that announces them."""
    return [*lines(request, change), *(texts(change.policy_version) if change.policy_version else [])]


@admin.register(RegisterChange)
class RegisterChangeAdmin(SafeModelAdmin):
    """Changes of the register of purposes: proposed by one person, decided by another."""

    list_display = ["reference", "status", "what", "policy_version", "proposed_by", "proposed_at", "decided_by"]
    list_filter = ["status"]
    list_select_related = ["policy_version", "proposed_by__staff", "decided_by__staff"]
    saved_views = [
        SavedView("all", pgettext_lazy("register", "All"), lambda rows, request: rows, counted=False),
        SavedView(
            "waiting",
            _("To be approved"),
            lambda rows, request: rows.filter(status=ChangeStatus.PROPOSED).exclude(proposed_by__staff=request.user),
        ),
    ]
    list_empty = _("Proposals stand here. The first one comes filled in with what each purpose cannot do without.")
    no_acts = _("This change is decided. Nothing is left to be done here; another proposal changes the register.")
    decisions = [
        DecisionView(
            RegisterForm, register.propose, PROPOSE_LABEL, permission=PROPOSE, name="propose", on_list=True, main=True,
            title=_("Propose a change of the register of purposes"), role_words=OFFICER,
            template="admin/consent/registerchange/propose.html",
            explain=_(
                "Tick what each purpose may use, and take away what it no longer needs. Nothing changes before another"
                " person has approved it."
            ),
            done=_("%(number)s waits for approval by another person."),
        ),
        DecisionView(
            ApprovalForm, register.approve, _("Approve"), permission=APPROVE, name="approve", may=may_approve,
            main=True, arguments=lambda request, change: {"change": change}, panels=to_judge, role_words=APPROVER,
            template="admin/consent/policyversion/decision.html",
            explain=_(
                "What is added holds from the later of today and the date of the policy. What is ended is refused from"
                " today on, also in exports that wait for their download."
            ),
            cannot_undo=_("The change stays in the register’s history. Another proposal changes the table again."),
            done=_("%(number)s is approved. The table shows what is permitted since when."),
        ),
        DecisionView(
            RemarkForm, register.refuse, pgettext_lazy("register", "Refuse"), permission=APPROVE, name="refuse",
            may=may_decide, panels=lines, explain=_("Nothing in the register changes. Its author reads your remark."),
            role_words=APPROVER, done=_("%(number)s is refused. Its author sees your remark."),
        ),
        DecisionView(
            ConfirmForm, register.withdraw, _("Withdraw"), permission=PROPOSE, name="withdraw", may=may_decide,
            explain=_("The proposal is given up. It stays in the list."), role_words=OFFICER,
            done=_("%(number)s is withdrawn."),
        ),
    ]  # fmt: skip

    @admin.display(description=_("what"))
    def what(self, change):
        return _("permits more") if change.widens else _("ends uses")

    def get_acts(self, request, change):
        return super().get_acts(request, change) if change.status == ChangeStatus.PROPOSED else []

    def get_head(self, request, change):
        return [Fact(_("State"), change.get_status_display()), Fact(_("What"), self.what(change))]

    def get_panels(self, request, change):
        facts = facts_of(change, "proposed_at", "proposed_by")
        if change.decided_at:
            facts += facts_of(change, "decided_at", "decided_by")
        table = {"more_url": reverse("admin:consent_permitteduse_changelist"), "more_label": _("The whole register")}
        return [*lines(request, change), Panel("facts", _("Facts"), facts, **table)]


def _text(slug, title, text):
    return Panel(slug, title, template="admin/consent/registerchange/text.html", context={"text": text})


def _change_link(change):
    return format_html('<a href="{}">{}</a>', reverse("admin:consent_registerchange_change", args=[change.pk]), change)
