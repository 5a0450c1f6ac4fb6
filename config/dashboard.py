"""The first page of the desk: what first? Numbers that link to the lists which they count."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.calendar import today
from audit.models import Job, OutgoingMail
from audit.services import office
from consent.models import (
    Campaign,
    CampaignStatus,
    ChangeStatus,
    Export,
    ExportStatus,
    JointUse,
    Nudge,
    PolicyStatus,
    PolicyVersion,
    RegisterChange,
)
from consent.services import progress, third_parties, watch
from customers.categories import Category
from customers.models import Merge, MergeStatus
from requests_desk.models import DataRequest, Identity, Package, RetentionRule, Status

LONG_WAIT = dt.timedelta(minutes=10)


@dataclass
class Line:
    """One number, what it counts and the list that it counts; without a number, what is to be done and where."""

    label: Any
    count: int | None
    url: str
    width: int = 0
    tone: str = ""
    note: Any = ""


@dataclass
class Block:
    title: Any
    lines: list = field(default_factory=list)
    empty: Any = ""


def of(request):
    """What this person may see: the plot of what is due, and the blocks beside it."""
    user, today = request.user, timezone.localdate()
    blocks = _facts_that_lack(user)
    due = None
    if user.has_perm("requests_desk.view_datarequest"):
        due = _due(today)
        blocks += [_waiting_for_me(user), _waiting_for_the_person()]
    elif user.has_perm("consent.view_policyversion"):
        blocks.append(_waiting_for_me(user))
    if user.has_perm("consent.view_campaign"):
        blocks.append(_campaigns())
    if user.has_perm("consent.view_policyversion"):
        blocks.append(_policy_dates(today))
    if user.has_perm("audit.view_job"):
        blocks.append(_work(user))
    return {"due": due, "blocks": blocks}


def _list(model, **parameters):
    """The address of a list, narrowed."""
    try:
        address = reverse(f"admin:{model}_changelist")
    except NoReverseMatch:
        return reverse("admin:index")
    return f"{address}?{urlencode(parameters)}" if parameters else address


def _queue(**parameters):
    return _list("requests_desk_datarequest", **parameters)


def _facts_that_lack(user):
    """What the office must fill in before its promises can be kept, for who may."""
    if not user.has_perm("audit.change_office"):
        return []
    facts = office.current()
    if facts.bank_account:
        return []
    line = Line(
        _("Enter the account for the fee"), None, reverse("admin:audit_office_change", args=[facts.pk]), tone="late",
        note=_("Without it nobody can pay. The page of a request asks to write to you for the account."),
    )  # fmt: skip
    return [Block(_("Facts of the office that are missing"), [line])]


def _due(today):
    day = dt.timedelta(days=1)
    bounds = {
        "overdue": Q(due_on__lt=today),
        "today": Q(due_on=today),
        "3": Q(due_on__gt=today, due_on__lte=today + 3 * day),
        "7": Q(due_on__gt=today + 3 * day, due_on__lte=today + 7 * day),
        "later": Q(due_on__gt=today + 7 * day),
    }
    counts = DataRequest.objects.open().aggregate(
        **{f"n_{key}": Count("pk", filter=bound) for key, bound in bounds.items()}
    )
    words = {
        "overdue": _("Overdue"), "today": _("Due today"), "3": _("Due within 3 days"), "7": _("Due within 7 days"),
        "later": _("Due later"),
    }  # fmt: skip
    most = max(1, *counts.values())
    return [
        Line(
            words[key], counts[f"n_{key}"], _queue(due=key), round(300 * counts[f"n_{key}"] / most),
            "late" if key == "overdue" else "near" if key in ("today", "3") else "",
        )
        for key in bounds
    ]  # fmt: skip


def _waiting_for_me(user):
    block = Block(
        _("Waiting for me"),
        empty=_("Nothing waits for you. What is assigned to you, or needs your role, will stand here."),
    )
    add = block.lines.append
    if user.has_perm("requests_desk.view_datarequest"):
        mine = DataRequest.objects.open().filter(assigned_to=user).count()
        add(Line(_("Requests assigned to me"), mine, _queue(view="mine")))
    if user.has_perm("requests_desk.verify_identity"):
        add(Line(_("Identity documents to check"), DataRequest.objects.to_verify().count(), _queue(view="verify")))
    if user.has_perm("requests_desk.match_customer"):
        found = DataRequest.objects.filter(status=Status.IN_PROGRESS).count()
        add(Line(_("Requests to search and decide"), found, _queue(view="decide")))
    if user.has_perm("requests_desk.approve_decision"):
        add(Line(_("Decisions to approve"), DataRequest.objects.to_approve().count(), _queue(view="approve")))
    if user.has_perm("customers.approve_merge"):
        found = Merge.objects.filter(status=MergeStatus.PROPOSED).count()
        add(Line(_("Merges of records to approve"), found, _list("customers_merge", view="waiting")))
    if user.has_perm("consent.approve_policyversion"):
        found = PolicyVersion.objects.filter(status=PolicyStatus.SUBMITTED).count()
        add(
            Line(
                _("Policy versions to approve"),
                found,
                _list("consent_policyversion", status__exact="SUBMITTED"),
            )
        )
    if user.has_perm("consent.start_campaign"):
        found = Campaign.objects.filter(status=CampaignStatus.SUBMITTED).count()
        add(Line(_("Notices to start"), found, _list("consent_campaign", status__exact="SUBMITTED")))
    if user.has_perm("consent.approve_registerchange"):
        proposed = RegisterChange.objects.filter(status=ChangeStatus.PROPOSED)
        found = proposed.exclude(proposed_by__staff=user).count()  # a second person approves
        address = _list("consent_registerchange", view="waiting")
        add(Line(_("Changes of the register of purposes to approve"), found, address))
    if user.has_perm("consent.request_export"):
        found = Export.objects.filter(status=ExportStatus.READY, requested_by__staff=user).count()
        add(Line(_("Exports to download"), found, _list("consent_export", view="waiting")))
    if user.has_perm("consent.publish_jointuse"):
        drafts = JointUse.objects.filter(published_at__isnull=True, ended_at__isnull=True)
        found = drafts.exclude(drafted_by__staff=user).count()  # a second person publishes
        add(Line(_("Joint uses to publish"), found, _list("consent_jointuse", view="drafts")))
    if user.has_perm("consent.manage_thirdparty"):
        found = len({due.third_party.pk for due in third_parties.coming_checks(today())})
        add(Line(_("Third parties with a check due"), found, _list("consent_thirdparty", view="due")))
    if user.has_perm("requests_desk.decide_retention"):
        missing = len(Category) - RetentionRule.objects.count()
        add(Line(_("Categories without a period of retention"), missing, _list("requests_desk_retentionrule")))
    block.lines = [line for line in block.lines if line.count]
    return block


def _waiting_for_the_person():
    rows = DataRequest.objects.open()
    counts = rows.aggregate(
        document=Count("pk", filter=Q(identity__in=[Identity.AWAITED, Identity.ASKED_AGAIN], status=Status.RECEIVED)),
        unpaid=Count("pk", filter=Q(fee__state="DUE")),
        collect=Count("pk", filter=Q(status=Status.READY, package__state=Package.State.OFFERED)),
    )
    lines = [
        Line(_("Identity document awaited"), counts["document"], _queue(view="document")),
        Line(_("Fee not paid yet"), counts["unpaid"], _queue(view="unpaid")),
        Line(_("Answer ready, not collected yet"), counts["collect"], _queue(view="collect")),
    ]
    return Block(
        _("Waiting for the person"), [line for line in lines if line.count],
        _("We wait for nobody. Requests whose person has to send, pay or collect something will stand here."),
    )  # fmt: skip


def _campaigns():
    block = Block(
        _("Notices under way"), empty=_("No notice is being sent. A started notice will stand here with its progress.")
    )
    due = Campaign.objects.filter(status=CampaignStatus.SCHEDULED).order_by("scheduled_for")
    for campaign in due[:5]:
        label = _("Notice %(number)s starts by itself: days left") % {"number": campaign}
        at = timezone.localtime(campaign.scheduled_for)
        block.lines.append(
            Line(
                label, (at.date() - timezone.localdate()).days, _list("consent_campaign", status__exact="SCHEDULED"),
                note=formats.date_format(at, "DATETIME_FORMAT"),
            )
        )  # fmt: skip
    for campaign in Campaign.objects.under_way().order_by("-pk")[:5]:
        numbers = progress.numbers(campaign)
        if campaign.status == CampaignStatus.PAUSED:
            note, tone = pgettext_lazy("dashboard", "paused"), "near"
        elif numbers.is_stalled:
            note, tone = _("nothing was sent for 5 minutes"), "late"
        else:
            note, tone = _("being sent"), ""
        block.lines.append(
            Line(
                _("Notice %(number)s: left to send") % {"number": campaign}, numbers.waiting, _list("consent_campaign"),
                tone=tone, note=note,
            )
        )  # fmt: skip
    return block


def _policy_dates(today):
    block = Block(
        _("Policy dates to come"), empty=_("No approved version waits for its date. The version in force stays so.")
    )
    for waiting in watch.versions(today):
        version = waiting.thing
        label = (
            _("Version %(number)s is not approved: days until its date")
            if waiting.what == Nudge.What.DRAFT_LATE
            else _("No notice of version %(number)s has ended: days until its date")
        )
        block.lines.append(
            Line(
                label % {"number": version}, (version.effective_on - today).days,
                reverse("admin:consent_policyversion_change", args=[version.pk]), tone="late",
                note=formats.date_format(version.effective_on, "DATE_FORMAT"),
            )
        )  # fmt: skip
    for version in PolicyVersion.objects.after(today)[:5]:
        block.lines.append(
            Line(
                _("Days until version %(number)s is in force") % {"number": version},
                (version.effective_on - today).days, _list("consent_policyversion"),
                note=formats.date_format(version.effective_on, "DATE_FORMAT"),
            )
        )  # fmt: skip
    return block


def _work(user):
    late = timezone.now() - LONG_WAIT
    failed = Job.objects.filter(state=Job.State.FAILED).count()
    waiting = Job.objects.filter(state=Job.State.WAITING, due_at__lt=late).count()
    lines = [
        Line(_("Work that failed"), failed, _list("audit_job", state__exact="FAILED"), tone="late"),
        Line(
            _("Work that should have begun 10 minutes ago"), waiting, _list("audit_job", state__exact="WAITING"),
            tone="late",
        ),
    ]  # fmt: skip
    if user.has_perm("audit.view_outgoingmail"):
        bounced = OutgoingMail.objects.filter(state=OutgoingMail.State.BOUNCED).count()
        lines.append(
            Line(_("Mails that the mail server refused"), bounced, _list("audit_outgoingmail", state__exact="BOUNCED"))
        )
    return Block(
        _("Work that did not run"), [line for line in lines if line.count],
        _("All work ran. What failed or did not begin will stand here."),
    )  # fmt: skip
