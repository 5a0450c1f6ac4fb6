"""Joint use: announced with all five items before it begins, by two people (Article 27(5)(iii) and (6))."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services.trail import record
from consent.exceptions import NotReady, SamePerson
from consent.models import JointUse, ThirdParty
from consent.purposes import Purpose
from customers.categories import Category


@transaction.atomic
def draft(*, users, categories, purposes, replaces=None, by, **said):
    """Draft an announcement; nothing is public yet. ``users`` are third parties that were entered as joint users.

    ``replaces`` is one that is public: it ends in the moment in which this one is published.
    """
    users = list(users)
    if not users or any(each.kind != ThirdParty.Kind.JOINT_USER for each in users):
        raise NotReady([_("Choose third parties that are entered as joint users.")], field="users")
    if replaces and (replaces.published_at is None or replaces.ended_at):
        raise NotReady([_("Only what is public now can be replaced.")], field="replaces")
    if replaces and (set(categories) - set(replaces.categories) or set(users) - set(replaces.users.all())):
        raise NotReady(
            [
                _(
                    "More categories or other users than before need each person’s consent (Article 27(6)). Announce"
                    " them as a joint use of its own, for what is collected from then on."
                )
            ],
            field="replaces",
        )
    if replaces and JointUse.objects.filter(replaces=replaces, ended_at__isnull=True).exists():
        raise NotReady([_("Another draft replaces it already.")], field="replaces")
    joint_use = JointUse.objects.create(
        categories=[each for each in Category if each in set(categories)],
        purposes=[each for each in Purpose if each in set(purposes)], replaces=replaces, drafted_by=by, **said,
    )  # fmt: skip
    joint_use.users.set(users)
    record("joint_use.drafted", subject=joint_use, by=by, categories=joint_use.categories, users=[*map(str, users)])
    return joint_use


@transaction.atomic
def publish(joint_use, *, by):
    """Make it public now, and end what it replaces. Raises :class:`SamePerson` for who drafted it, and twice."""
    joint_use = JointUse.objects.select_for_update().get(pk=joint_use.pk)
    if joint_use.published_at or joint_use.ended_at:
        raise NotReady([_("%(number)s is no draft any more. Load the page again.") % {"number": joint_use}])
    if joint_use.drafted_by_id == by.pk:
        raise SamePerson(_("You drafted this announcement: another person publishes it."))
    now = timezone.now()
    if joint_use.replaces_id:
        replaced = JointUse.objects.select_for_update().get(pk=joint_use.replaces_id)
        if replaced.ended_at is None:
            _end(replaced, now, by=by)
    joint_use.published_at, joint_use.published_by = now, by
    joint_use.save(update_fields=["published_at", "published_by"])
    record("joint_use.published", subject=joint_use, by=by)
    return joint_use


@transaction.atomic
def end(joint_use, *, by):
    """End it now, or discard a draft: nothing is given on its strength from this day on."""
    joint_use = JointUse.objects.select_for_update().get(pk=joint_use.pk)
    if joint_use.ended_at:
        raise NotReady([_("%(number)s has ended already. Load the page again.") % {"number": joint_use}])
    return _end(joint_use, timezone.now(), by=by)


def _end(joint_use, at, *, by):
    joint_use.ended_at, joint_use.ended_by = at, by
    joint_use.save(update_fields=["ended_at", "ended_by"])
    record("joint_use.ended", subject=joint_use, by=by)
    return joint_use


def is_announced(third_party, categories, day, *, until=None, purpose=None):
    """Whether one announcement with this user and all these categories was public before that day (in Tokyo).

    With ``until`` it also has not ended before that other day, with ``purpose`` it names that one.
    """
    return JointUse.objects.before(day, third_party, categories, until=until, purpose=purpose).exists()
