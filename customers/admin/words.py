"""How the acts of this app read on a timeline."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.acts import name_acts, name_work
from customers.categories import Category
from customers.importing.events_words import EVENT_REASONS
from customers.importing.words import FILE_REASONS
from customers.models import CorrectionReason, Import

name_acts(
    {
        "customer.registered": _("Customer registered"),
        "customer.corrected": _("Customer’s data corrected"),
        "customer.mail_bounced": _("Mail to the customer came back"),
        "customer.erased": _("Customer’s data erased"),
        "import.received": _("File received for import"),
        "import.finished": _("Import finished"),
        "event.kept": _("Events kept"),
        "event.kept_apart": _("Events of unknown persons kept apart"),
        "event.adopted": _("Events tied to a person who became known"),
        "event.erased": _("Events of the customer erased"),
        "event.expired": _("Events deleted at the end of their time"),
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
        "kept": pgettext_lazy("event", "new events"),
        "known": pgettext_lazy("event", "known already"),
        "apart": _("of unknown persons, kept apart"),
        "category": _("category"),
        "purpose": _("kept for"),
        "size": _("size"),
    },
    {
        "reason": CorrectionReason,
        "category": Category,
        "kind": Import.Kind,
        "update": {True: _("yes"), False: _("no")},
        "refusal": {code: reason for code, (reason, _remedy) in {**FILE_REASONS, **EVENT_REASONS}.items()},
        "purpose": {"import": _("import")},
    },
)

name_work({"customers.import_file": _("Import of customers"), "customers.import_events": _("Import of events")})
