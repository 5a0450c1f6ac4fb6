"""How the acts of this app read on a timeline."""

from django.utils.translation import gettext_lazy as _

from audit.admin.acts import name_acts, name_work
from customers.importing.words import FILE_REASONS
from customers.models import CorrectionReason, Media

name_acts(
    {
        "customer.registered": _("Customer registered"),
        "customer.corrected": _("Customer’s data corrected"),
        "customer.mail_bounced": _("Mail to the customer came back"),
        "customer.erased": _("Customer’s data erased"),
        "payment.added": _("Means of payment added"),
        "payment.changed": _("Means of payment changed"),
        "payment.removed": _("Means of payment removed"),
        "external_id.added": _("External ID added"),
        "external_id.changed": _("External ID changed"),
        "external_id.withdrawn": _("Authorisation of an external service withdrawn"),
        "external_id.removed": _("External ID removed"),
        "cookie.added": _("Cookie identifier added"),
        "cookie.changed": _("Cookie identifier changed"),
        "cookie.removed": _("Cookie identifier removed"),
        "device.added": _("Device added"),
        "device.changed": _("Device changed"),
        "device.removed": _("Device removed"),
        "media.added": _("Photo or video added"),
        "media.removed": _("Photo or video removed with its content"),
        "merge.proposed": _("Merge proposed"),
        "merge.approved": _("Merge approved"),
        "merge.refused": _("Merge refused"),
        "merge.undone": _("Merge undone"),
        "import.received": _("File received for import"),
        "import.finished": _("Import finished"),
        "file.sealed": _("File sealed"),
        "file.purged": _("File purged"),
    },
    {
        "count": _("count"),
        "digest": _("digest"),
        "update": _("apply differing values"),
        "refusal": _("why the file was not read"),
        "lines": _("rows read"),
        "created": _("new customers"),
        "corrected": _("corrected"),
        "differing": _("differing, left as held"),
        "faulty": _("left out"),
        "purpose": _("kept for"),
        "size": _("size"),
        "survivor": _("record that stays"),
        "alias": _("alias"),
    },
    {
        "reason": CorrectionReason,
        "update": {True: _("yes"), False: _("no")},
        "refusal": {code: reason for code, (reason, _remedy) in FILE_REASONS.items()},
        "purpose": {"import": _("import"), "media": _("photo or video")},
        "kind": Media.Kind,
    },
)

name_work({"customers.import_file": _("Import of customers")})
