from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from audit.forms import DeskForm, NewStaffForm, RolesForm, StaffPasswordForm
from audit.models import Staff
from audit.services import staff

from .base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, in_words

CHANGE = "audit.change_staff"
OFFICER = _("A privacy officer does this.")


def not_oneself(request, member):
    if request.user.pk == member.pk:
        return NotNow(_("This is your own account: another privacy officer changes it."))
    return None


def when_active(request, member):
    if not member.is_active:
        return NotNow(_("The account is closed already."))
    return not_oneself(request, member)


def when_closed(request, member):
    return NotNow(_("The account is open.")) if member.is_active else not_oneself(request, member)


@admin.register(Staff)
class StaffAdmin(SafeModelAdmin):
    """Who may sign in, and as what."""

    list_display = ["username", "display_name", "roles", "is_active", "signed_in"]
    list_order = ["username"]
    list_note = _("A closed account cannot sign in. What its owner did keeps their name.")
    search_label = _("Beginning of a user name")
    search_fields = ["username"]
    decisions = [
        DecisionView(
            NewStaffForm, staff.create, _("Add a member of staff…"), permission="audit.add_staff", name="add",
            on_list=True, main=True, title=_("Add a member of staff"),
            explain=_("Tell them the password in person; they change it after signing in."),
            done=_("%(number)s was added and may sign in now."),
        ),
        DecisionView(
            RolesForm, staff.change_roles, _("Change roles…"), permission=CHANGE, name="roles", may=not_oneself,
            title=_("Change roles"), explain=_("Their sessions end at once; they sign in again with the new roles."),
            arguments=lambda request, member: {"member": member}, role_words=OFFICER,
            done=_("Roles of %(number)s were changed. Their sessions have ended."),
        ),
        DecisionView(
            StaffPasswordForm, staff.set_password, _("Set a password…"), permission=CHANGE, name="password",
            may=not_oneself, title=_("Set a password"), role_words=OFFICER,
            explain=_("Their sessions end at once. Tell them the new password in person."),
            done=_("%(number)s has a new password. Their sessions have ended."),
        ),
        DecisionView(
            DeskForm, staff.deactivate, _("Close the account…"), permission=CHANGE, name="close", may=when_active,
            title=_("Close the account"), role_words=OFFICER,
            explain=_("They cannot sign in any more, and their sessions end at once. It can be opened again."),
            done=_("The account %(number)s was closed."),
        ),
        DecisionView(
            DeskForm, staff.reactivate, _("Open the account again…"), permission=CHANGE, name="open", may=when_closed,
            title=_("Open the account again"), explain=_("They may sign in again, with the roles that they had."),
            role_words=OFFICER, done=_("The account %(number)s was opened again."),
        ),
    ]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("roles"))
    def roles(self, member):
        return in_words(self.admin_site.words_of_roles(sorted(group.name for group in member.groups.all())))

    @admin.display(description=_("signed in last"))
    def signed_in(self, member):
        return member.last_login

    def get_panels(self, request, member):
        return [
            Panel("facts", _("Account"), [
                Fact(_("User name"), member.username),
                Fact(_("Name"), member.display_name),
                Fact(_("E-mail"), member.email),
                Fact(_("Roles"), self.roles(member)),
                Fact(_("May sign in"), member.is_active),
                Fact(_("Added"), member.created_at),
                Fact(_("Signed in last"), member.last_login),
            ])
        ]  # fmt: skip
