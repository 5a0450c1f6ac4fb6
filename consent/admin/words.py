"""How the acts of this app read on a timeline."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.acts import name_acts, name_work
from consent.models import Export, OfficialInquiry, Relatedness, Suspension
from consent.purposes import Purpose
from customers.categories import Category

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
        "register.proposed": _("Change proposed"),
        "register.approved": _("Change approved"),
        "register.refused": _("Change refused"),
        "register.withdrawn": _("Proposal withdrawn"),
        "use.suspended": _("Use suspended"),
        "use.resumed": _("Suspension lifted"),
        "export.requested": _("Export asked for"),
        "export.persons_taken": _("Customers put into the file"),
        "export.made": _("File made"),
        "export.collected": _("File downloaded"),
        "export.collected_again": _("File downloaded again"),
        "export.expired": _("File purged before it was downloaded"),
        "export.refused": _("Export refused by the register"),
        "inquiry.entered": _("Official inquiry entered"),
        "inquiry.answered": _("Official inquiry answered"),
        "inquiry.declined": _("Official inquiry declined"),
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
        "permitted": pgettext_lazy("trail", "permitted"),
        "ended": pgettext_lazy("trail", "ended"),
        "relatedness": _("relation (Article 17(2))"),
        "purpose": _("purpose of use"),
        "categories": _("categories"),
        "scope": _("what is suspended"),
        "ground": _("ground"),
        "selection": _("whom"),
        "format": _("format"),
        "persons": _("customers in the file"),
        "suspended": _("left out: use suspended"),
        "erased": _("left out: erased or joined"),
        "unknown": _("left out: number not known"),
        "file": _("file"),
        "export": _("export"),
        "ended_because": _("ended because"),
        "law": _("under which law"),
    },
    {
        "relatedness": Relatedness,
        "purpose": Purpose,
        "categories": Category,
        "scope": Suspension.Scope,
        "ground": Suspension.Ground,
        "selection": Export.Selection,
        "format": Export.Format,
        "ended_because": Export.Ended,
        "law": OfficialInquiry.Kind,
    },
)

name_work({"consent.deliver_notices": _("Sending of a notice"), "consent.make_export": _("Making of an export")})
