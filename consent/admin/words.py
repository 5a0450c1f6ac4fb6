"""How the acts of this app read on a timeline."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.acts import name_acts
from consent.models import CampaignStatus, PolicyStatus

STATUSES = dict([*CampaignStatus.choices, *PolicyStatus.choices])

name_acts(
    {
        "policy.drafted": _("Version drafted"),
        "policy.revised": _("Draft changed"),
        "policy.moved": _("State of the version changed"),
        "campaign.drafted": _("Notice drafted"),
        "campaign.revised": _("Draft changed"),
        "campaign.moved": _("State of the notice changed"),
        "campaign.batch_taken": _("Batch handed to the mail server"),
    },
    {
        "previous": pgettext_lazy("trail", "from"),
        "status": pgettext_lazy("trail", "to"),
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
    {"previous": STATUSES, "status": STATUSES},
)
