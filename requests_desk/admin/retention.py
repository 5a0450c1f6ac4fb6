"""How long each category is kept, and what the runs found and blanked."""

import datetime as dt

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import formats
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from audit.admin.base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, Table, in_words
from audit.admin.work import how_far, time_left
from audit.calendar import today
from audit.forms import DeskForm
from audit.models import Job
from audit.services import watching
from customers.categories import Category
from requests_desk.models import CountedFrom, RetentionRule, RetentionRun, months_in_words
from requests_desk.services import retention
from requests_desk.services.periods import PROPOSALS, cutoff

from .keeping import RuleForm

DECIDE = "requests_desk.decide_retention"
OFFICER = _("A privacy officer does this.")
REFRESH_SECONDS = 5


def not_decided():
    return format_html('<span class="none">{}</span>', _("not decided yet: kept"))


def statute_of(rule):
    if not rule.statute:
        return ""
    return _("%(statute)s: %(months)s") % {"statute": rule.statute, "months": months_in_words(rule.statute_months)}


def _when_decided(request, rule):
    return None if rule.pk else NotNow(_("Nothing is decided on this category. It is kept."))


def _proposed(request, rule):
    """What is proposed, and what holds, beside the form."""
    proposal = PROPOSALS[Category(rule.category)]
    words = RetentionRule(months=proposal.months, counted_from=proposal.counted_from).in_words
    facts = [
        Fact(_("Rule now"), rule.in_words if rule.pk else not_decided()),
        Fact(pgettext_lazy("retention", "Proposed"), words),
        Fact(pgettext_lazy("retention", "Why"), proposal.why),
    ]
    if proposal.statute:
        facts.append(Fact(pgettext_lazy("retention", "Statute"), statute_of(proposal)))
    return [Panel("proposal", _("Starting point"), facts, note=_("A proposal is no rule. Who decides answers for it."))]


@admin.register(RetentionRule)
class RetentionRuleAdmin(SafeModelAdmin):
    """Fifteen categories, each with its rule or none."""

    list_template = "admin/requests_desk/retentionrule/list.html"
    decisions = [
        DecisionView(
            RuleForm, retention.decide, _("Decide how long this is kept"), permission=DECIDE, name="decide", main=True,
            role_words=OFFICER, panels=_proposed,
            explain=_(
                "What is no longer needed is erased without delay, unless a law orders it to be kept (Article 22). "
                "Holds and open requests keep what is past its time."
            ),
            cannot_undo=_(
                "From the next night (2:30) on, what is past this period is blanked, with its history and files. "
                "It cannot be brought back. Look at what would go before that."
            ),
            arguments=lambda request, rule: {"rule": rule},
            call=lambda request, rule, values: retention.decide(rule.category, **values, by=request.user.actor),
            done=_("%(number)s: the period is decided. Next, look at what the coming night would blank."),
        ),
        DecisionView(
            DeskForm, retention.take_back, _("Take the rule back"), permission=DECIDE, name="take-back",
            may=_when_decided, title=_("Take the rule back"), role_words=OFFICER,
            explain=_("Nothing is decided on this category any more, so that it is kept. What is gone stays gone."),
            done=_("%(number)s: nothing is decided any more. It is kept."),
        ),
    ]  # fmt: skip

    def called(self, rule):
        return str(Category(rule.category).label)

    def page_url(self, rule):
        return self.url_of("change", rule.category)

    def decision_url(self, decision, rule, part=None):
        return self.url_of(decision.name, rule.category)

    def get_object(self, request, object_id, from_field=None):
        """The rule of a category, or an empty one where nothing is decided."""
        if object_id not in Category.values:
            return None
        rules = RetentionRule.objects.select_related("decided_by__staff")
        return rules.filter(category=object_id).first() or RetentionRule(category=object_id)

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return HttpResponseNotAllowed(["GET", "HEAD"])
        rules = {rule.category: rule for rule in RetentionRule.objects.select_related("decided_by__staff")}
        may = request.user.has_perm(DECIDE)
        columns = [
            _("Category"),
            pgettext_lazy("retention", "Kept"),
            pgettext_lazy("retention", "Statute"),
            pgettext_lazy("retention", "Decided"),
            _("Next"),
        ]
        rows = []
        for category in Category:
            rule = rules.get(category) or RetentionRule(category=category)
            page = format_html('<a href="{}">{}</a>', self.page_url(rule), category.label)
            words = _("Change…") if rule.pk else _("Decide…")
            act = format_html('<a href="{}">{}</a>', self.url_of("decide", category), words) if may else ""
            if rule.pk:
                decided = format_html("{} {}", in_words(rule.decided_at), rule.decided_by)
                rows.append([page, rule.in_words, in_words(statute_of(rule)), decided, act])
            else:
                rows.append([page, not_decided(), in_words(""), in_words(""), act])
        if not may:
            columns, rows = columns[:-1], [row[:-1] for row in rows]
        context = {
            **self.admin_site.each_context(request),
            "title": capfirst(self.opts.verbose_name_plural),
            "opts": self.opts,
            "panel": Panel("rules", _("Categories and their periods"), table=Table(columns, rows)),
            "runs_url": reverse("admin:requests_desk_retentionrun_changelist", current_app=self.admin_site.name),
            "missing": len(Category) - len(rules),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.list_template, context)

    def get_panels(self, request, rule):
        if not rule.pk:
            return [
                Panel("facts", pgettext_lazy("retention", "Rule"), empty=_(
                    "Nothing is decided on this category, so that it is kept. A rule will stand here once a privacy "
                    "officer has decided it."
                )),
                *_proposed(request, rule),
            ]  # fmt: skip
        facts = [
            Fact(pgettext_lazy("retention", "Kept"), rule.in_words),
            Fact(pgettext_lazy("retention", "Statute"), statute_of(rule)),
            Fact(_("Past today"), _("what began on %(day)s or before") % {
                "day": formats.date_format(cutoff(rule, today()), "DATE_FORMAT")}),
            Fact(pgettext_lazy("retention", "Decided"), rule.decided_at),
            Fact(_("Decided by"), rule.decided_by),
        ]  # fmt: skip
        return [Panel("facts", pgettext_lazy("retention", "Rule"), facts)]


def unit_in_words(unit, count):
    """A number with what it counts: persons, rows or events."""
    words = {
        "PERSON": ngettext("%(count)s person", "%(count)s persons", count),
        "ROW": ngettext("%(count)s row", "%(count)s rows", count),
        "EVENT": ngettext("%(count)s event", "%(count)s events", count),
    }[unit]
    return words % {"count": f"{count:,}"}


@admin.register(RetentionRun)
class RetentionRunAdmin(SafeModelAdmin):
    """Looks at what would go, and the nightly runs that blank it."""

    list_display = ["reference", "what", "started_at", "by", "state", "gone"]
    list_select_related = ["started_by__staff"]
    list_note = _("Each night at 2:30 what is past its period is blanked. A look counts the same and blanks nothing.")
    list_empty = _("Looks and nightly runs will stand here. Without a rule no night blanks anything.")
    decisions = [
        DecisionView(
            DeskForm, retention.look, _("Look at what would go"), permission="requests_desk.run_retention",
            name="look", on_list=True, main=True, title=_("Look at what the coming night would blank"),
            explain=_(
                "A worker counts, by category, what is past its period and what a hold or an open request keeps. "
                "Nothing is blanked by a look."
            ),
            done=_("Look %(number)s has begun. This page shows the newest state every few seconds."),
            role_words=OFFICER,
        ),
    ]  # fmt: skip

    @admin.display(description=_("what it is"))
    def what(self, this):
        return _("Look (nothing is blanked)") if this.is_dry else _("Nightly run")

    @admin.display(description=_("by"))
    def by(self, this):
        return str(this.started_by)

    @admin.display(description=_("state"))
    def state(self, this):
        if this.finished_at:
            return pgettext("retention", "finished")
        return _("blanking") if this.counts and not this.is_dry else _("counting")

    @admin.display(description=_("blanked (persons, rows and events together)"))
    def gone(self, this):
        return "—" if this.is_dry else f"{this.blanked:,}"

    def get_head(self, request, this):
        return [Fact(_("What it is"), self.what(this)), Fact(_("State"), self.state(this))]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        response = super().change_view(request, object_id)
        if not response.context_data["thing"].finished_at:
            watching.reload(response, REFRESH_SECONDS)
        return response

    def get_panels(self, request, this):
        panels = [] if this.finished_at else [self._progress(this)]
        if this.counts or this.finished_at:
            panels += [self._result(this), self._kept(this)]
        facts = [
            Fact(_("Started"), this.started_at), Fact(_("By"), str(this.started_by)),
            Fact(_("Finished"), this.finished_at),
        ]  # fmt: skip
        return [*panels, Panel("facts", _("Facts"), facts)]

    def _progress(self, this):
        job = Job.objects.filter(number=this.job_number).first() if this.job_number else None
        facts = [Fact(_("Done"), how_far(job))] if job and job.total else []
        if job and (left := time_left(job)):
            facts.append(Fact(_("Time left"), left))
        if job and job.state == Job.State.FAILED:
            note = _("It stopped, and somebody must look at the log. What was done so far is kept.")
        elif job is None or job.started_at is None:
            note = _("It waits for a worker and begins by itself.")
        else:
            note = _("It is under way. You may leave this page; it can be found again in the list.")
        return Panel(
            "progress", _("Progress"), facts, note=note,
            template="admin/audit/job/progress.html" if job else "",
            context={"job": job, "how_far": how_far(job) if job else ""},
        )  # fmt: skip

    def _result(self, this):
        columns = [
            _("Category"), pgettext_lazy("retention", "Period"), _("Past: began on or before"), _("Past its time"),
            _("Kept by a hold"), _("Kept by an open request"),
            _("Would be blanked") if this.is_dry else pgettext_lazy("retention", "Blanked"),
        ]  # fmt: skip
        rows, left, changed, beside = [], [], [], 0
        for category in Category:
            found = this.counts.get(category)
            if found is None:
                continue
            goes = found["due"] - found["held"] - found["asked"]
            beside += found["beside"] if this.is_dry else found.get("gone_through", 0)
            unit = found["unit"]
            rows.append([
                category.label, _rule_in_words(found), in_words(dt.date.fromisoformat(found["cutoff"])),
                *(unit_in_words(unit, found[name]) for name in ("due", "held", "asked")),
                unit_in_words(unit, goes if this.is_dry else found["blanked"]),
            ])  # fmt: skip
            if found.get("changed"):
                changed.append(category)
            elif this.finished_at and not this.is_dry and goes > found["blanked"]:
                left.append(category)
        return Panel(
            "result", _("What was found") if this.is_dry else _("What was blanked"), table=Table(columns, rows),
            note=self._note(this, beside, left, changed),
            empty=_("No category has a rule, so that everything is kept."),
        )  # fmt: skip

    def _note(self, this, beside, left, changed):
        words = [
            _("Past = kept by a hold + kept by an open request + would be blanked.")
            if this.is_dry
            else _("Past = kept by a hold + kept by an open request + blanked.")
        ]
        if beside:
            words.append(
                _(
                    "Besides, %(count)s without a present value: former values in the history, and events of unknown "
                    "persons."
                ) % {"count": f"{beside:,}"}
            )  # fmt: skip
        for found, sentence in (
            (left, _("Left for the next night: %(what)s.")),
            (changed, _("The rule was changed during the run. The next night goes by the new one: %(what)s.")),
        ):
            if found:
                words.append(sentence % {"what": in_words([category.label for category in found])})
        return " ".join(map(str, words))

    def _kept(self, this):
        missing = [category.label for category in Category if category not in this.counts]
        return Panel(
            "no-rule", _("Kept because nothing is decided"), [Fact(_("Categories"), missing)] if missing else [],
            empty=_("Every category has a rule."),
            more_url=reverse("admin:requests_desk_retentionrule_changelist", current_app=self.admin_site.name),
            more_label=_("Rules of retention"),
        )  # fmt: skip


def _rule_in_words(found):
    return RetentionRule(months=found["months"], counted_from=CountedFrom(found["counted_from"])).in_words
