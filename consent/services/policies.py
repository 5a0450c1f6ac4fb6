"""How the text of the privacy policy comes to be, and which one is in force. One function per decision."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from audit.services.trail import record
from consent.exceptions import MoveNotAllowed, NotReady, SamePerson
from consent.models import ChangeStatus, PolicyStatus, PolicyVersion, PurposeChange, RegisterChange, Relatedness

from . import completeness, markdown

FIRST_TEXTS = Path(__file__).resolve().parents[1] / "texts"  # our own words: policy_ja.md, policy_en.md
NUMBERS = 7_301  # advisory lock: one new number at a time


def in_force(on=None):
    """The version in force on that day in Tokyo (today), or ``None`` where there is none yet."""
    return PolicyVersion.objects.in_force_on(on or timezone.localdate()).first()


def announced(on=None):
    """The next version whose date is still to come on that day (today), or ``None``."""
    return PolicyVersion.objects.after(on or timezone.localdate()).first()


def predecessor(version):
    """The approved version that this one follows or would follow, or ``None`` for the first."""
    earlier = PolicyVersion.objects.approved().exclude(pk=version.pk)
    if version.effective_on:
        earlier = earlier.filter(effective_on__lt=version.effective_on)
    return earlier.order_by("-effective_on").first()


@dataclass(frozen=True)
class Period:
    """From when to when an approved version is in force; ``until`` is its last day, ``None`` for the newest."""

    version: PolicyVersion
    until: dt.date | None
    is_in_force: bool
    is_coming: bool


def periods(on=None):
    """All approved versions with the time in which they are in force, the newest first."""
    today = on or timezone.localdate()
    found, following = [], None
    for version in PolicyVersion.objects.approved().order_by("-effective_on"):
        until = following.effective_on - dt.timedelta(days=1) if following else None
        is_coming = version.effective_on > today
        found.append(Period(version, until, not is_coming and (until is None or until >= today), is_coming))
        following = version
    return found


def obstacles(version, on=None):
    """Why this version cannot be submitted or approved now: sentences for staff; none where it can."""
    today = on or timezone.localdate()
    found = []
    if not version.text_ja.strip():
        found.append(_("The Japanese text is empty."))
    if not version.text_en.strip():
        found.append(_("The English text is empty."))
    if predecessor(version) and not (version.summary_ja.strip() and version.summary_en.strip()):
        found.append(_("What changes is not written in both languages: the notice to customers must say it."))
    if version.text_ja.strip() and version.text_en.strip():
        found += completeness.sentences(version.text_ja, version.text_en)
    found += _not_judged(version)
    if version.effective_on is None:
        found.append(_("It has no date from which it is in force."))
        return found
    if version.effective_on < today:
        found.append(
            _("Its date, %(date)s, has passed: a policy cannot come into force in the past.")
            % {"date": date_format(version.effective_on, "DATE_FORMAT")}
        )
    rival = PolicyVersion.objects.approved().filter(effective_on=version.effective_on).exclude(pk=version.pk).first()
    if rival:
        found.append(
            _("%(rival)s is already approved for %(date)s: choose another date.")
            % {"rival": rival, "date": date_format(version.effective_on, "DATE_FORMAT")}
        )
    return found


def _not_judged(version):
    """What Article 17(2) wants to be judged and is not, or forbids: sentences; none for the first version."""
    earlier = predecessor(version)
    if earlier is None:
        return []
    judged = version.purpose_change
    if not judged:
        return [_("It is not said what happens to the purposes of use (Article 17(2)).")]
    if judged == PurposeChange.BEYOND:
        return [
            _(
                "The purposes go beyond what is reasonably related: a notice is not enough, each person’s consent is"
                " needed first (Article 18(1)). Ask for it by a wording, and leave the purpose out until then."
            )
        ]
    if judged == PurposeChange.NONE:
        return _purposes_changed(earlier, version)
    if not version.purpose_reason.strip():
        return [_("It is not said why the purposes may change so (Article 17(2)).")]
    return []


def _purposes_changed(earlier, version):
    """What says that the purposes did change since the version before: sentences, none where nothing does."""
    found = []
    if purposes_of(earlier.text_ja) != purposes_of(version.text_ja):
        found.append(_("The section on purposes reads otherwise than before: say how they change (Article 17(2))."))
    if changes := widened_since(earlier):
        words = _(
            "The register of purposes permits more than when %(version)s was approved: %(changes)s. Say how the"
            " purposes change (Article 17(2))."
        )
        found.append(words % {"version": earlier, "changes": pgettext("desk", ", ").join(map(str, changes))})
    return found


def widened_since(version):
    """The changes of the register that permit more for a purpose that was in use, approved after this version was.

    What fills a purpose for the first time is no change of it, and what only ends uses needs no judgement.
    """
    return list(
        RegisterChange.objects.filter(status=ChangeStatus.APPROVED, widens=True, decided_at__gt=version.approved_at)
        .exclude(relatedness=Relatedness.FIRST).order_by("decided_at", "pk")
    )  # fmt: skip


def purposes_of(text):
    """What a Japanese text says in its sections on purposes, in one width and spacing: to be compared."""
    found = completeness.below(markdown.blocks(text), completeness.PURPOSES[completeness.JA])
    return [completeness.plain(block.text) for block in found]


def fingerprint(version):
    """What names all that is approved, and what it was compared with: another one means that some of it changed."""
    said = [
        version.text_ja, version.text_en, version.summary_ja, version.summary_en, str(version.effective_on),
        version.purpose_change, version.purpose_reason, str(predecessor(version)),
    ]  # fmt: skip
    return hashlib.sha256("\x00".join(said).encode()).hexdigest()[:32]


@transaction.atomic
def draft(
    *, text_ja="", text_en="", summary_ja="", summary_en="", effective_on=None, purpose_change="", purpose_reason="", by
):  # fmt: skip
    """Begin a new version. ``purpose_change`` is a :class:`PurposeChange`, against the version before."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBERS])
    highest = PolicyVersion.objects.aggregate(highest=Max("number"))["highest"] or 0
    version = PolicyVersion.objects.create(
        number=highest + 1,
        text_ja=text_ja,
        text_en=text_en,
        summary_ja=summary_ja,
        summary_en=summary_en,
        effective_on=effective_on,
        purpose_change=purpose_change,
        purpose_reason=purpose_reason,
        drafted_by=by,
    )
    record("policy.drafted", subject=version, by=by)
    return version


@transaction.atomic
def revise(version, *, by, **changes):
    """Change the texts or the date of a draft. ``changes`` are the fields that :func:`draft` takes."""
    version = _lock(version)
    if version.status != PolicyStatus.DRAFT:
        raise MoveNotAllowed(version, PolicyStatus.DRAFT)
    changed = [name for name, value in changes.items() if getattr(version, name) != value]
    for name in changed:
        setattr(version, name, changes[name])
    version.save()
    record("policy.revised", subject=version, by=by, fields=sorted(changed))
    return version


@transaction.atomic
def submit(version, *, by):
    """Put a complete draft before the person who approves."""
    version = _lock(version)
    _check_complete(version, PolicyStatus.SUBMITTED)
    return _move(
        version, PolicyStatus.SUBMITTED, "submitted", by=by, submitted_at=timezone.now(), submitted_by=by, remark=""
    )


@transaction.atomic
def send_back(version, *, remark, by):
    """Give a submitted version back to its author, with what is to be mended."""
    return _move(
        _lock(version), PolicyStatus.DRAFT, "sent_back", by=by, submitted_at=None, submitted_by=None, remark=remark
    )


@transaction.atomic
def approve(version, *, seen=None, by):
    """Make a submitted version final, by a second person, in both texts. From its date on it is in force.

    ``seen`` is the :func:`fingerprint` of what that person read; raises :class:`NotReady` where it is another one now.
    """
    version = _lock(version)
    if seen is not None and seen != fingerprint(version):
        raise NotReady([_("%(version)s was changed since you opened it. Read it again.") % {"version": version}])
    if PolicyStatus.APPROVED in PolicyStatus(version.status).next and by.pk in (
        version.drafted_by_id,
        version.submitted_by_id,
    ):
        raise SamePerson(
            _("You wrote or submitted %(version)s yourself: another person must approve it.") % {"version": version}
        )
    _check_complete(version, PolicyStatus.APPROVED)
    return _move(version, PolicyStatus.APPROVED, "approved", by=by, approved_at=timezone.now(), approved_by=by)


@transaction.atomic
def withdraw(version, *, by):
    """Give a version up before it is approved."""
    return _move(
        _lock(version), PolicyStatus.WITHDRAWN, "withdrawn", by=by, withdrawn_at=timezone.now(), withdrawn_by=by
    )


def _lock(version):
    return PolicyVersion.objects.select_for_update().get(pk=version.pk)


def _check_complete(version, status):
    if status in PolicyStatus(version.status).next and (found := obstacles(version)):
        raise NotReady(found)


def _move(version, status, act, *, by, **changes):
    if status not in PolicyStatus(version.status).next:
        raise MoveNotAllowed(version, status)
    version.status = status
    for field, value in changes.items():
        setattr(version, field, value)
    version.save()
    details = {"effective_on": version.effective_on.isoformat()} if version.effective_on else {}
    if version.purpose_change:
        details["purpose_change"] = version.purpose_change
    record(f"policy.{act}", subject=version, by=by, **details)
    return version
