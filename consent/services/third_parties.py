"""Third parties, their contracts and measures, and the looks at them that are due each year."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.calendar import add_days, last_day_of, today
from audit.models import Actor
from audit.services import outbox
from audit.services.trail import record
from consent.bases import Place
from consent.countries import EQUIVALENT, HOME
from consent.exceptions import NotReady
from consent.models import Agreement, EquivalentMeasures, OffshorePack, ThirdParty, YearlyCheck

MONTHS = 12  # between two checks: about once a year (Article 25 and Guidelines 3-4-4; Article 28(3) and Rule 18)
REMIND_DAYS = 30  # before a check is due, and again after as many
Subject = YearlyCheck.Subject


@transaction.atomic
def enter(*, by, **said):
    """Enter a third party. ``said``: ``kind``, ``name``, ``address``, ``representative``, ``country`` (two letters)."""
    _say_who(said)
    third_party = ThirdParty.objects.create(entered_by=by, **said)
    record("third_party.entered", subject=third_party, by=by, kind_of=third_party.kind, country=third_party.country)
    return third_party


@transaction.atomic
def revise(third_party, *, by, **said):
    """Write down what changed of it. Its kind and country stay: another kind or country is another third party."""
    third_party = _lock(third_party)
    _say_who({"kind": third_party.kind, "country": third_party.country, **said})
    changed = [name for name, value in said.items() if getattr(third_party, name) != value]
    if not changed:
        raise NotReady([_("Nothing was changed.")])
    for name in changed:
        setattr(third_party, name, said[name])
    third_party.save()
    record("third_party.revised", subject=third_party, by=by, fields=changed)
    return third_party


def _say_who(said):
    if said["kind"] == ThirdParty.Kind.STATE_BODY and said["country"] != HOME:
        raise NotReady(
            [_("A body of another state is no state body in the sense of Article 16(2). Choose another kind.")],
            field="kind",
        )
    if said["kind"] != ThirdParty.Kind.STATE_BODY and not said["representative"]:
        raise NotReady([_("Name the representative: a record of provision wants it (Article 29(1)).")],
                       field="representative")  # fmt: skip


@transaction.atomic
def agree(third_party, *, title, concluded_on, starts_on, ends_on=None, by):
    """Enter a contract. ``ends_on`` is its last day, where it has one. Raises :class:`NotReady` for impossible days."""
    third_party = _lock(third_party)
    if concluded_on > today():
        raise NotReady([_("The contract cannot have been concluded on a day to come.")], field="concluded_on")
    if starts_on < concluded_on:
        raise NotReady([_("It is in force from the day of its conclusion at the earliest.")], field="starts_on")
    if ends_on and ends_on < starts_on:
        raise NotReady([_("It cannot end before it began.")], field="ends_on")
    agreement = Agreement.objects.create(
        third_party=third_party, title=title, concluded_on=concluded_on, starts_on=starts_on, ends_on=ends_on,
        entered_by=by,
    )  # fmt: skip
    record("third_party.agreed", subject=third_party, by=by, agreement=str(agreement), in_force_from=starts_on)
    return third_party


@transaction.atomic
def end_agreement(third_party, *, agreement, ends_on, by):
    """End a contract on a last day, before it ends by itself. Raises :class:`NotReady`."""
    third_party = _lock(third_party)
    agreement = Agreement.objects.select_for_update().get(pk=agreement.pk, third_party=third_party)
    if agreement.ended_at:
        raise NotReady([_("%(number)s has ended already. Load the page again.") % {"number": agreement}])
    if ends_on < agreement.starts_on:
        raise NotReady([_("It cannot end before it began.")], field="ends_on")
    if agreement.ends_on and ends_on > agreement.ends_on:
        raise NotReady([_("It ends before that day by itself. Enter the new contract instead.")], field="ends_on")
    _end(agreement, ends_on, by=by)
    record(
        "third_party.agreement_ended",
        subject=third_party,
        by=by,
        agreement=str(agreement),
        last_day=ends_on,
    )
    return third_party


@transaction.atomic
def put_measures_in_place(third_party, *, system, outline, starts_on, by):
    """Enter equivalent measures of a recipient abroad (Article 28(1)). Raises :class:`NotReady`."""
    third_party = _lock(third_party)
    _is_abroad(third_party)
    if starts_on > today():
        raise NotReady([_("Enter measures once they are in place, not before.")], field="starts_on")
    if third_party.standing_measures:
        raise NotReady([_("Measures are entered already. End them before others take their place.")])
    measures = EquivalentMeasures.objects.create(
        third_party=third_party, system=system, outline=outline, starts_on=starts_on, entered_by=by
    )
    record("third_party.measures_entered", subject=third_party, by=by, measures=str(measures), system=system)
    return third_party


@transaction.atomic
def end_measures(third_party, *, ends_on, by):
    """Say on which day the measures stood for the last time. Nothing may be given on their strength after it."""
    third_party = _lock(third_party)
    measures = third_party.standing_measures
    if measures is None:
        raise NotReady([_("No measures are in place. Load the page again.")])
    if not measures.starts_on <= ends_on <= today():
        raise NotReady([_("The last day lies between the first one and today.")], field="ends_on")
    _end(measures, ends_on, by=by)
    record("third_party.measures_ended", subject=third_party, by=by, measures=str(measures), last_day=ends_on)
    return third_party


@transaction.atomic
def inform(third_party, *, looked_up_on, by, **said):
    """Enter what Article 28(2) wants told before a consent. The newest counts; older ones stay."""
    third_party = _lock(third_party)
    _is_abroad(third_party)
    if looked_up_on > today():
        raise NotReady([_("It cannot have been looked up on a day to come.")], field="looked_up_on")
    pack = OffshorePack.objects.create(
        third_party=third_party, country=third_party.country, looked_up_on=looked_up_on, entered_by=by, **said
    )
    record("third_party.informed", subject=third_party, by=by, pack=str(pack))
    return third_party


@transaction.atomic
def check(third_party, *, subject, finding, remark, checked_on, by):
    """Enter a check. Trouble with measures ends what they permit until a later check finds them in order."""
    third_party = _lock(third_party)
    if checked_on > today():
        raise NotReady([_("It cannot have been checked on a day to come.")], field="checked_on")
    if subject == Subject.MEASURES:
        _is_abroad(third_party)
    elif third_party.kind != ThirdParty.Kind.CONTRACTOR:
        raise NotReady([_("This is no contractor: Article 25 wants no check.")], field="subject")
    YearlyCheck.objects.create(
        third_party=third_party, subject=subject, finding=finding, remark=remark, checked_on=checked_on, entered_by=by
    )
    ThirdParty.objects.filter(pk=third_party.pk).update(reminded_on=None)
    record("third_party.checked", subject=third_party, by=by, checked=subject, finding=finding,
           checked_on=checked_on)  # fmt: skip
    return third_party


def _is_abroad(third_party):
    if third_party.country == HOME:
        raise NotReady([_("This third party is in Japan: Article 28 does not touch it.")])


def _end(row, ends_on, *, by):
    row.ends_on, row.ended_at, row.ended_by = ends_on, timezone.now(), by
    row.save(update_fields=["ends_on", "ended_at", "ended_by"])


def _lock(third_party):
    return ThirdParty.objects.select_for_update().get(pk=third_party.pk)


# questions


def place_of(third_party, day):
    """Where it stands in Article 28(1) on that day, as a :class:`consent.bases.Place`.

    Measures count only while they were checked within a year, and the newest check found them in order (28(3)).
    """
    if third_party.country == HOME:
        return Place.HOME
    if third_party.country in EQUIVALENT:
        return Place.EQUIVALENT
    measures = third_party.measures.in_force_on(day).order_by("starts_on").first()
    if measures is None:
        return Place.OFFSHORE
    checks = third_party.checks.filter(subject=Subject.MEASURES, checked_on__gte=measures.starts_on)
    newest = checks.filter(checked_on__lte=day).order_by("checked_on", "pk").last()
    if newest and newest.finding == YearlyCheck.Finding.TROUBLE:
        return Place.OFFSHORE
    is_kept_up = day <= last_day_of(newest.checked_on if newest else measures.starts_on, MONTHS)
    return Place.MEASURES if is_kept_up else Place.OFFSHORE


def place_in(third_party, first_on, last_on):
    """As :func:`place_of` for a period: what holds on its last day, unless nothing held on its first."""
    if place_of(third_party, first_on) == Place.OFFSHORE:
        return Place.OFFSHORE
    return place_of(third_party, last_on)


def has_contract(third_party, day, until=None):
    """Whether one contract with it is in force on that day, or from it to another (Articles 25 and 27(5))."""
    return third_party.agreements.in_force_on(day).in_force_on(until or day).exists()


@dataclass(frozen=True)
class Due:
    """A check that is wanted, and the last day for it."""

    third_party: ThirdParty
    subject: str
    on: object

    @property
    def label(self):
        return Subject(self.subject).label


def due_checks(day, third_party=None):
    """The next check of everything that wants one on that day, the earliest first; of one third party where given.

    A contractor is checked while a contract is in force, measures while they are in place: within a year from the last
    check, the first time within a year from their beginning.
    """
    agreements, measures = Agreement.objects.in_force_on(day), EquivalentMeasures.objects.in_force_on(day)
    agreements = agreements.filter(third_party__kind=ThirdParty.Kind.CONTRACTOR)
    if third_party:
        agreements, measures = agreements.filter(third_party=third_party), measures.filter(third_party=third_party)
    begun = {}
    for subject, rows in ((Subject.CONTRACTOR, agreements), (Subject.MEASURES, measures)):
        for row in rows.select_related("third_party"):
            key = row.third_party, subject
            begun[key] = min(row.starts_on, begun.get(key, row.starts_on))
    newest = {}
    found = YearlyCheck.objects.filter(checked_on__lte=day, third_party__in={party for party, _subject in begun})
    for row in found.order_by("checked_on"):
        newest[row.third_party_id, row.subject] = row.checked_on
    dues = [
        Due(party, subject, last_day_of(max(since, newest.get((party.pk, subject), since)), MONTHS))
        for (party, subject), since in begun.items()
    ]
    return sorted(dues, key=lambda due: (due.on, due.third_party.pk))


def coming_checks(day):
    """Those of :func:`due_checks` that are overdue or due within thirty days."""
    return [due for due in due_checks(day) if due.on <= add_days(day, REMIND_DAYS)]


@transaction.atomic
def remind_of_checks():
    """Mail the office what is due, at most every thirty days for each third party. Returns of how many it wrote."""
    day = today()
    named = {due.third_party.pk for due in coming_checks(day)}
    silent = ThirdParty.objects.select_for_update().filter(pk__in=named).exclude(
        reminded_on__gt=add_days(day, -REMIND_DAYS)
    )  # fmt: skip
    silent = list(silent.order_by("pk"))
    for third_party in silent:
        outbox.post("consent.check_due", subject=third_party, by=Actor.system())
    ThirdParty.objects.filter(pk__in=[each.pk for each in silent]).update(reminded_on=day)
    return len(silent)
