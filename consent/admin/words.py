"""How the acts of this app read on a timeline."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.acts import name_acts, name_work

name_acts(
    {
        "policy.drafted": _("Version drafted"),
        "policy.revised": _("Draft changed"),
        "policy.submitted": _("Version submitted for approval"),
        "policy.sent_back": _("Version sent back"),
        "policy.approved": _("Version approved"),
        "policy.withdrawn": _("Version withdrawn"),
        "campaign.drafted": _("Notice drafted"),
        "campaign.revised": _("Draft changed"),
        "campaign.submitted": _("Notice submitted"),
        "campaign.sent_back": _("Notice sent back"),
        "campaign.started": _("Sending started"),
        "campaign.paused": _("Sending paused"),
        "campaign.resumed": _("Sending resumed"),
        "campaign.finished": _("Sending finished"),
        "campaign.stopped": _("Sending stopped for good"),
        "campaign.batch_taken": _("Batch handed to the mail server"),
    },
    {
        "effective_on": _("in force from"),
        "policy_version": _("version"),
        "count": _("rows"),
        "digest": _("digest"),
        "sent": pgettext_lazy("trail", "sent"),
        "bounced": pgettext_lazy("trail", "came back"),
        "skipped": pgettext_lazy("trail", "left out"),
        "waiting": pgettext_lazy("trail", "not sent yet"),
        "recipients": _("recipients"),
    },
)

name_work({"consent.deliver_notices": _("Sending of a notice")})
