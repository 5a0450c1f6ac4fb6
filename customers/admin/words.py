"""How the acts of this app read on a timeline."""

from django.utils.translation import gettext_lazy as _

from audit.admin.acts import name_acts, name_work
from customers.importing.words import FILE_REASONS
from customers.models import CorrectionReason

name_acts(
    {
        "customer.registered": _("Customer registered"),
        "customer.corrected": _("Customer’s data corrected"),
        "customer.mail_bounced": _("Mail to the customer came back"),
        "customer.erased": _("Customer’s data erased"),
        "import.received": _("File received for import"),
        "import.finished": _("Import finished"),
        "import.abandoned": _("Stopped import given up, its file discarded"),
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
    },
    {
        "reason": CorrectionReason,
        "update": {True: _("yes"), False: _("no")},
        "refusal": {code: reason for code, (reason, _remedy) in FILE_REASONS.items()},
        "purpose": {"import": _("import")},
    },
)

name_work({"customers.import_file": _("Import of customers")})
