"""Who may sign in, and as what. Every change ends the member's other sessions."""

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils.translation import gettext as _

from audit.exceptions import OfficeError
from audit.models import Staff

from .trail import record

KEEPER = "privacy_officer"  # the role that changes roles: somebody must always have it


class StaffError(OfficeError):
    """A change of staff that is refused."""


class NotOnOneself(StaffError):
    def __str__(self):
        return _("Nobody changes their own roles or account: ask another privacy officer.")


class LastOfficer(StaffError):
    def __str__(self):
        return _("At least one privacy officer must remain who may sign in. Give somebody else the role first.")


class UnknownRole(StaffError):
    def __str__(self):
        return _("There is no such role: %(role)s") % {"role": self.args[0]}


class NameTaken(StaffError):
    def __str__(self):
        return _("This user name is taken: %(name)s") % {"name": self.args[0]}


@transaction.atomic
def create(username, *, roles, by, display_name="", email="", password=None):
    """A new member of staff who may sign in with ``password`` (None: not before one is set) in these roles."""
    if Staff.objects.filter(username=username).exists():
        raise NameTaken(username)
    staff = Staff(username=username, display_name=display_name, email=email)
    if password is not None:
        validate_password(password, staff)
    staff.set_password(password)
    staff.full_clean(exclude=["password"])
    staff.save()
    staff.groups.set(_groups(roles))
    record("staff.created", subject=staff, by=by, roles=sorted(roles))
    return staff


@transaction.atomic
def change_roles(staff, *, roles, by):
    """Give exactly these roles."""
    staff = _locked(staff, by)
    groups, before = _groups(roles), sorted(staff.groups.values_list("name", flat=True))
    if before == sorted(roles):
        return staff
    if KEEPER in before and KEEPER not in roles:
        _another_officer_remains(staff)
    staff.groups.set(groups)
    _end_sessions(staff)
    record("staff.roles_changed", subject=staff, by=by, before=before, after=sorted(roles))
    return staff


@transaction.atomic
def deactivate(staff, *, by):
    """From now on this member may not sign in; what they did keeps their name."""
    staff = _locked(staff, by)
    if staff.is_active:
        if staff.groups.filter(name=KEEPER).exists():
            _another_officer_remains(staff)
        staff.is_active = False
        _end_sessions(staff)
        record("staff.deactivated", subject=staff, by=by)
    return staff


@transaction.atomic
def reactivate(staff, *, by):
    """This member may sign in again, with the roles that they had."""
    staff = _locked(staff, by)
    if not staff.is_active:
        staff.is_active = True
        _end_sessions(staff)
        record("staff.reactivated", subject=staff, by=by)
    return staff


@transaction.atomic
def set_password(staff, *, password, by):
    """Set a password, one's own or another's. Raises ``ValidationError`` where it is too weak."""
    staff = Staff.objects.select_for_update().get(pk=staff.pk)
    validate_password(password, staff)
    staff.set_password(password)
    _end_sessions(staff)
    record("staff.password_set", subject=staff, by=by)
    return staff


def _locked(staff, by):
    staff = Staff.objects.select_for_update().get(pk=staff.pk)
    if by.staff_id == staff.pk:
        raise NotOnOneself
    return staff


def _groups(roles):
    groups = list(Group.objects.filter(name__in=roles))
    if missing := set(roles) - {group.name for group in groups}:
        raise UnknownRole(sorted(missing)[0])
    return groups


def _another_officer_remains(staff):
    # Locked in one order, so that two officers cannot each take the other's role away.
    officers = Staff.objects.select_for_update().filter(is_active=True, groups__name=KEEPER).order_by("pk")
    if not [other for other in officers if other.pk != staff.pk]:
        raise LastOfficer


def _end_sessions(staff):
    staff.session_epoch += 1
    staff.save()
