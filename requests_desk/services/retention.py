"""What is past its time goes (Article 22): who decides how long, what a look finds, what the nightly run blanks.

A run counts first. Then it blanks in small batches, each with its entry and its count in one transaction, so that a
process which is killed loses nothing and the next goes on. Every batch asks anew for the rule, for holds and for open
requests: what was decided meanwhile holds for the very next batch.
"""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.calendar import midnight_after, today
from audit.services.jobs import enqueue
from audit.services.trail import record
from customers.categories import Category
from customers.services.blanking import part_of
from requests_desk.exceptions import RuleRefused
from requests_desk.models import CountedFrom, RetentionRule, RetentionRun

from . import periods
from .holds import Protection

WORK = "requests_desk.run_retention"


@transaction.atomic
def decide(category, *, months, counted_from, by, statute="", statute_months=0):
    """Say how long a category is kept, from what its time is counted, and which statute keeps it how long."""
    category, counted_from = Category(category), CountedFrom(counted_from)
    if reason := periods.why_not(category, counted_from):
        raise RuleRefused(str(reason))
    if not 1 <= months <= periods.LONGEST:
        raise RuleRefused(_("Choose from 1 to %(most)s months.") % {"most": periods.LONGEST})
    if bool(statute.strip()) != bool(statute_months):
        raise RuleRefused(_("A statute and its months belong together: enter both, or neither."))
    if months < statute_months:
        raise RuleRefused(
            _("The statute keeps it for %(months)s months. Nothing goes before that.") % {"months": statute_months}
        )
    rule = RetentionRule.objects.select_for_update().filter(category=category).first()
    rule = rule or RetentionRule(category=category)
    rule.months, rule.counted_from = months, counted_from
    rule.statute, rule.statute_months = statute.strip(), statute_months
    rule.decided_at, rule.decided_by = timezone.now(), by
    rule._history_user = by.staff
    rule.save()
    record(
        "retention.decided", subject=rule, by=by, months=months, counted_from=counted_from,
        statute_months=statute_months,
    )  # fmt: skip
    return rule


@transaction.atomic
def take_back(rule, *, by):
    """Decide nothing on this category any more: it is kept. The rule's history stays."""
    rule = RetentionRule.objects.select_for_update().get(pk=rule.pk)
    record("retention.taken_back", subject=rule, by=by, months=rule.months, counted_from=rule.counted_from)
    rule._history_user = by.staff
    rule.delete()


@transaction.atomic
def look(*, by):
    """Have a worker count what the next run would blank. Nothing is blanked by a look."""
    return _begin(is_dry=True, by=by)


@transaction.atomic
def run(*, by):
    """Begin the run of this day; ``None`` where there is no rule, or a run of today or one that is not finished."""
    if not list(RetentionRule.objects.select_for_update().order_by("pk").values_list("pk")):
        return None
    real = RetentionRun.objects.filter(is_dry=False)
    began_today = real.filter(started_at__gte=midnight_after(today() - dt.timedelta(days=1)))
    if began_today.exists() or real.filter(finished_at__isnull=True).exists():
        return None
    return _begin(is_dry=False, by=by)


def _begin(*, is_dry, by):
    this = RetentionRun.objects.create(is_dry=is_dry, started_by=by)
    job = enqueue(WORK, by=by, subject=this, run=this.pk)
    this.job_number = str(job.number)
    this.save(update_fields=["job_number"])
    record("retention.look_begun" if is_dry else "retention.begun", subject=this, by=by)
    return this


def carry_out(this, *, by, progress=lambda done, total: None):
    """Count, and (where it is no look) blank, as far as is left to be done. Safe to run twice."""
    protection = Protection()
    if this.finished_at:
        return this
    if not this.counts:
        this.counts = {
            rule.category: _count(rule, protection, timezone.localdate(this.started_at))
            for rule in RetentionRule.objects.all()
        }
        this.save(update_fields=["counts"])
    if not this.is_dry:
        for category in Category:
            if category in this.counts:
                this = _blank(this, category, protection, by, progress)
    return _finish(this, by)


def _count(rule, protection, day):
    """What is past under a rule on a day: how many in all, and of these kept by a hold or an open request."""
    cutoff = periods.cutoff(rule, day)
    part = part_of(rule.category, rule.counted_from, cutoff)
    return {
        "months": rule.months, "statute_months": rule.statute_months, "counted_from": rule.counted_from,
        "cutoff": cutoff.isoformat(), "unit": part.unit.value, "beside": part.beside().count(), "blanked": 0,
        "over": False, **_kept(part, rule.category, protection), "due": part.past().count(),
    }  # fmt: skip


def _kept(part, category, protection):
    held = protection.held(category)
    return {
        "held": part.of_customers(part.past(), held).count(),
        "asked": part.of_customers(part.past(), protection.asked() - held).count(),
    }


def _blank(this, category, protection, by, progress):
    found, after = this.counts[category], None
    part = part_of(category, found["counted_from"], dt.date.fromisoformat(found["cutoff"]))
    while not found["over"]:
        this, after = _batch(this, category, part, after, protection, by)
        found = this.counts[category]
        progress(this.blanked, this.total)
    return this


@transaction.atomic
def _batch(this, category, part, after, protection, by):
    """One batch, its entry and its count. The rule is locked: who changes it waits, and what it says then holds."""
    this = RetentionRun.objects.select_for_update().get(pk=this.pk)
    found = this.counts[category]
    rule = RetentionRule.objects.select_for_update().filter(category=category).first()
    said = (found["months"], found["statute_months"], found["counted_from"])
    if rule is None or (rule.months, rule.statute_months, rule.counted_from) != said:
        found |= {"over": True, "changed": True}
    else:
        taken = part.take(after, kept=lambda: protection.kept(category), by=by, subject=this)
        found["blanked"] += taken.count
        found["gone_through"] = found.get("gone_through", 0) + taken.beside
        after = taken.after
        found["over"] = after is None
    if found["over"]:
        left = part.past().count()
        found |= _kept(part, category, protection)
        found["due"] = found["blanked"] + left
    this.save(update_fields=["counts"])
    return this, after


@transaction.atomic
def _finish(this, by):
    this = RetentionRun.objects.select_for_update().get(pk=this.pk)
    if this.finished_at is None:
        this.finished_at, this.finished_by = timezone.now(), by
        this.save(update_fields=["finished_at", "finished_by"])
        record("retention.looked" if this.is_dry else "retention.finished", subject=this, by=by, **_sums(this))
    return this


def _sums(this):
    return {
        "past": sum(found["due"] for found in this.counts.values()),
        "held": sum(found["held"] for found in this.counts.values()),
        "asked": sum(found["asked"] for found in this.counts.values()),
        "blanked": this.blanked,
    }
