"""How the acts and the work of this app read."""

from django.utils.translation import gettext_lazy as _

from audit.models import OutgoingMail

from .acts import name_acts, name_work

name_work(mails={"audit.daily_seal": _("Seal of the trail")})

name_acts(
    {
        "office.changed": _("Facts of the office were changed"),
        "staff.created": _("Member of staff was added"),
        "staff.roles_changed": _("Roles were changed"),
        "staff.deactivated": _("Account was closed"),
        "staff.reactivated": _("Account was opened again"),
        "staff.password_set": _("Password was set"),
        "mail.sent": _("Mail was sent"),
        "mail.bounced": _("Mail was refused by the mail server"),
        "mail.dropped": _("Mail was no longer needed"),
        "mail.failed": _("Mail could not be sent"),
        "job.retried": _("Work was started again"),
        "job.given_up": _("Work that failed was given up"),
    },
    {
        "before": _("before"), "after": _("after"), "roles": _("roles"), "kind": _("kind"), "about": _("about"),
        "answer": _("answer of the server"), "attempts": _("attempts"), "count": _("rows"), "digest": _("digest"),
        "work": _("work"),
    },
    {"state": OutgoingMail.State},
)  # fmt: skip
