"""How the acts of this app read on a timeline."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.acts import name_acts, name_work
from customers.categories import Category
from customers.importing.words import FILE_REASONS
from customers.models import CorrectionReason

name_acts(
    {
        "customer.registered": _("Customer registered"),
        "customer.corrected": _("Customer’s data corrected"),
        "customer.completed": _("Customers’ data filled in"),
        "customer.mail_bounced": _("Mail to the customer came back"),
        "customer.erased": _("Customer’s data erased"),
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
        "filled": pgettext_lazy("import", "filled in"),
        "corrected": _("corrected"),
        "differing": _("differing, left as held"),
        "faulty": _("left out"),
        "purpose": _("kept for"),
        "size": _("size"),
        "events_removed": _("events removed"),
        "strays_removed": _("events of unknown persons removed"),
        "records_removed": _("records removed"),
        "files_removed": _("files removed"),
        **{category.lower(): category.label for category in Category},
    },
    {
        "reason": CorrectionReason,
        "update": {True: _("yes"), False: _("no")},
        "refusal": {code: reason for code, (reason, _remedy) in FILE_REASONS.items()},
        "purpose": {"import": _("import")},
    },
)

name_work({"customers.import_file": _("Import of customers")})
