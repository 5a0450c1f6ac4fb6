"""Which category may be used for which purpose. One function per decision; every day answers from its own rows."""

from collections import namedtuple

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from audit.services.trail import record
from consent.exceptions import MoveNotAllowed, NotReady, SamePerson
from consent.models import ChangeStatus, PermittedUse, PolicyStatus, RegisterChange, RegisterLine, Relatedness
from consent.purposes import Purpose
from customers.categories import Category

from . import policies

LOCK = 7_303  # advisory lock: one change of the table at a time

Line = namedtuple("Line", ["purpose", "category", "permits"])


def permits(purpose, category, on=None):
    """Whether the category may be used for the purpose on that day (today). What no row permits is not permitted."""
    return PermittedUse.objects.on(on or timezone.localdate()).filter(purpose=purpose, category=category).exists()


def not_permitted(purpose, categories, on=None):
    """Those of ``categories`` that may not be used for the purpose on that day (today), in the policy's order."""
    held = set(
        PermittedUse.objects.on(on or timezone.localdate()).filter(purpose=purpose).values_list("category", flat=True)
    )
    return [category for category in Category if category in set(categories) and category not in held]


def table(on=None):
    """What is permitted on that day (today): ``{(purpose, category): PermittedUse}``, read at once."""
    uses = PermittedUse.objects.on(on or timezone.localdate()).select_related("policy_version", "permitted_by_change")
    return {(use.purpose, use.category): use for use in uses}


def all_uses():
    """Every use there is and was: ``{(purpose, category): [PermittedUse, the newest first]}``, read at once."""
    found = {}
    for use in PermittedUse.objects.select_related("policy_version", "permitted_by_change").order_by("-since", "-pk"):
        found.setdefault((use.purpose, use.category), []).append(use)
    return found


def standing():
    """The cells that no change has ended, with those that begin on a day to come: what a proposal is compared with."""
    return {
        (Purpose(purpose), Category(category))
        for purpose, category in PermittedUse.objects.filter(until__isnull=True).values_list("purpose", "category")
    }


def is_empty():
    """Whether nothing was ever permitted or proposed: the first proposal can then be filled in beforehand."""
    return not PermittedUse.objects.exists() and not RegisterChange.objects.filter(status="PROPOSED").exists()


def differences(wanted):
    """The lines that lead from the table as it stands to the cells in ``wanted``, in the policy's order."""
    now = standing()
    return [
        Line(purpose, category, (purpose, category) in wanted)
        for purpose in Purpose
        for category in Category
        if ((purpose, category) in wanted) != ((purpose, category) in now)
    ]


def announcing():
    """The versions of the policy that can announce a use from now on: the one in force, and approved ones to come."""
    return [period.version for period in policies.periods() if period.is_in_force or period.is_coming]


def faults(lines, *, policy_version, relatedness, judgement):
    """Why these lines cannot be proposed or approved: ``(what is to be mended, sentence that names the article)``."""
    for sentence in _of_cells(lines):
        yield "cells", sentence
    widened = [line for line in lines if line.permits]
    if not widened:
        return
    if policy_version is None:
        yield (
            "policy_version",
            _("A use that is added must be announced (Article 21(3)): name the version of the policy that does it."),
        )
    elif policy_version.status != PolicyStatus.APPROVED:
        yield (
            "policy_version",
            _("%(version)s is not approved: only an approved text announces a purpose.") % {"version": policy_version},
        )
    elif policy_version not in announcing():
        yield (
            "policy_version",
            _("%(version)s is no longer in force: name the version in force, or one to come.")
            % {"version": policy_version},
        )
    if not relatedness:
        yield "relatedness", _("Say how the added use is related to what was said before (Article 17(2)).")
    elif relatedness == Relatedness.FIRST:
        purposes = [line.purpose for line in widened]
        used = set(PermittedUse.objects.filter(purpose__in=purposes).values_list("purpose", flat=True))
        if used:
            names = [str(purpose.label) for purpose in Purpose if purpose in used]
            yield (
                "relatedness",
                _("“For the first time” holds only for a purpose without any use before. These had one: %(purposes)s.")
                % {"purposes": _listed(names)},
            )
    if not judgement.strip():
        yield "judgement", _("Write why the added use is within the purpose that was specified (Article 17).")


def obstacles(change):
    """Why this proposal cannot be approved now, whoever wants to: sentences for staff; none where it can."""
    if refusal := goes_beyond(change.relatedness):
        return [refusal]
    return [sentence for _what, sentence in faults(lines_of(change), **_reasons(change))]


def goes_beyond(relatedness):
    """The sentence that refuses a use beyond what is reasonably related, or nothing."""
    if relatedness != Relatedness.UNRELATED:
        return ""
    return _(
        "The use goes beyond what is reasonably related to the purpose (Article 17(2)). Each person’s consent is needed"
        " beforehand (Article 18(1)); the register cannot permit it."
    )


@transaction.atomic
def propose(lines, *, policy_version=None, relatedness="", judgement="", by):
    """Propose cells to permit and to end. ``lines`` are ``(purpose, category, permits)``, each cell once.

    What widens names the approved version that announces it, its relation (Article 17(2)) and why; what only narrows
    needs none of these. Raises :class:`NotReady` with every reason at once.
    """
    _one_at_a_time()
    lines = [Line(Purpose(purpose), Category(category), bool(permits)) for purpose, category, permits in lines]
    widens = any(line.permits for line in lines)
    if not widens:
        policy_version, relatedness = None, ""
    reasons = {"policy_version": policy_version, "relatedness": relatedness, "judgement": judgement}
    if found := [sentence for _what, sentence in faults(lines, **reasons)]:
        raise NotReady(found)
    change = RegisterChange.objects.create(
        widens=widens, policy_version=policy_version, relatedness=relatedness, judgement=judgement.strip(),
        proposed_by=by,
    )  # fmt: skip
    RegisterLine.objects.bulk_create(
        RegisterLine(change=change, purpose=line.purpose, category=line.category, permits=line.permits)
        for line in lines
    )
    record("register.proposed", subject=change, by=by, **_said(change, lines))
    return change


@transaction.atomic
def approve(change, *, is_read=False, by):
    """Make the change hold, by a second person: what it permits from the later of today and the policy's date, what it
    ends from today on.

    ``is_read`` is the approver's word that the named version announces the purposes in its text; no machine can tell.
    """
    _one_at_a_time()
    change = _lock(change)
    if ChangeStatus.APPROVED not in ChangeStatus(change.status).next:
        raise MoveNotAllowed(change, ChangeStatus.APPROVED)
    if by.pk == change.proposed_by_id:
        raise SamePerson(_("You proposed %(change)s yourself: another person must approve it.") % {"change": change})
    lines, found = lines_of(change), obstacles(change)
    if change.widens and not is_read:
        found.append(
            _("Read in %(version)s that these purposes are announced there, and say so (Article 21(3)).")
            % {"version": change.policy_version}
        )
    if found:
        raise NotReady(found)
    change = _decide(change, ChangeStatus.APPROVED, by=by)
    today = timezone.localdate()
    for line in lines:
        if not line.permits:
            use = PermittedUse.objects.select_for_update().get(
                purpose=line.purpose, category=line.category, until__isnull=True
            )
            use.until, use.ended_by_change = max(today, use.since), change
            use.save(update_fields=["until", "ended_by_change"])
    added = [line for line in lines if line.permits]
    if added:
        since = max(today, change.policy_version.effective_on)
        PermittedUse.objects.bulk_create(
            PermittedUse(
                purpose=line.purpose, category=line.category, since=since, policy_version=change.policy_version,
                permitted_by_change=change,
            )
            for line in added
        )  # fmt: skip
    record("register.approved", subject=change, by=by, **_said(change, lines))
    return change


@transaction.atomic
def refuse(change, *, remark, by):
    """Decline the proposal, and tell its author why. Nothing in the register changes."""
    change = _decide(_lock(change), ChangeStatus.REFUSED, by=by, remark=remark)
    record("register.refused", subject=change, by=by)
    return change


@transaction.atomic
def withdraw(change, *, by):
    """Give the proposal up before it is decided."""
    change = _decide(_lock(change), ChangeStatus.WITHDRAWN, by=by)
    record("register.withdrawn", subject=change, by=by)
    return change


def lines_of(change):
    """What the change permits and ends, in the policy's order."""
    order = [*Purpose], [*Category]
    found = [Line(Purpose(line.purpose), Category(line.category), line.permits) for line in change.lines.all()]
    return sorted(found, key=lambda line: (order[0].index(line.purpose), order[1].index(line.category)))


def cell_in_words(line):
    """Purpose and category, as messages and lists say a cell."""
    return f"{line.purpose.label} / {line.category.label}"


def _reasons(change):
    return {name: getattr(change, name) for name in ("policy_version", "relatedness", "judgement")}


def _of_cells(lines):
    """Lines that no longer (or never did) change anything, each named."""
    if not lines:
        yield _("Nothing differs from the register as it stands.")
    now = standing()
    already = [cell_in_words(line) for line in lines if line.permits and (line.purpose, line.category) in now]
    not_there = [cell_in_words(line) for line in lines if not line.permits and (line.purpose, line.category) not in now]
    if already:
        yield _("This is permitted already: %(cells)s.") % {"cells": _listed(already)}
    if not_there:
        yield _("This is not permitted, so that nothing can be ended: %(cells)s.") % {"cells": _listed(not_there)}


def _listed(names):
    return pgettext("desk", ", ").join(names)


def _said(change, lines):
    details = {
        "permitted": sum(line.permits for line in lines),
        "ended": sum(not line.permits for line in lines),
        "relatedness": change.relatedness,
    }
    if change.policy_version:
        details["policy_version"] = change.policy_version
    return details


def _lock(change):
    return RegisterChange.objects.select_for_update().get(pk=change.pk)


def _one_at_a_time():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _decide(change, status, *, by, **changes):
    if status not in ChangeStatus(change.status).next:
        raise MoveNotAllowed(change, status)
    change.status, change.decided_at, change.decided_by = status, timezone.now(), by
    for field, value in changes.items():
        setattr(change, field, value)
    change.save()
    return change
