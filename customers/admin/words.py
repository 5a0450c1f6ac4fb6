"""How the acts of this app read on a timeline."""

from django.apps import apps
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from audit.admin.acts import name_acts, name_work
from customers.categories import Category
from customers.importing.events_words import EVENT_REASONS
from customers.importing.words import FILE_REASONS
from customers.models import CorrectionReason, Import, KeyRotation, Media
from customers.services.resealing import sealed_tables


def table_in_words(label):
    """A table with sealed columns as staff call what stands in it."""
    try:
        model = apps.get_model(label)
    except LookupError:  # a table of the past
        return label
    of = getattr(model, "instance_type", None)
    if of:
        return pgettext("keys", "%(records)s (history)") % {"records": of._meta.verbose_name}
    return str(model._meta.verbose_name)


name_acts(
    {
        "customer.registered": _("Customer registered"),
        "customer.corrected": _("Customer’s data corrected"),
        "customer.completed": _("Customers’ data filled in"),
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
        "import.abandoned": _("Stopped import given up, its file discarded"),
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
        "filled": pgettext_lazy("import", "filled in"),
        "corrected": _("corrected"),
        "differing": _("differing, left as held"),
        "faulty": _("left out"),
        "kept": pgettext_lazy("event", "new events"),
        "known": pgettext_lazy("event", "known already"),
        "apart": _("of unknown persons, kept apart"),
        "category": _("category"),
        "purpose": _("kept for"),
        "size": _("size"),
        "events_removed": _("events removed"),
        "records_removed": _("records removed"),
        "files_removed": _("files removed"),
        **{category.lower(): category.label for category in Category},
        "survivor": _("record that stays"),
        "alias": _("alias"),
    },
    {
        "reason": CorrectionReason,
        "category": Category,
        "update": {True: _("yes"), False: _("no")},
        "refusal": {code: reason for code, (reason, _remedy) in {**FILE_REASONS, **EVENT_REASONS}.items()},
        "purpose": {"import": _("import"), "media": _("photo or video")},
        "kind": {**dict(Media.Kind.choices), **dict(Import.Kind.choices)},
    },
)

name_work({"customers.import_file": _("Import of customers"), "customers.import_events": _("Import of events")})

name_acts(
    {
        "rotation.started": _("Change of keys begun"),
        "rotation.table_done": _("Table sealed under the newest key"),
        "rotation.finished": _("Change of keys ended"),
    },
    {
        "key": _("key"),
        "keys": _("number of keys"),
        "table": pgettext_lazy("keys", "table"),
        "turn": pgettext_lazy("keys", "pass"),
        "newest": _("values under the newest key"),
        "older": _("values under an old key"),
        "unopened": _("values under none of the keys"),
        "resealed": _("values sealed anew"),
        "ended": pgettext_lazy("keys", "result"),
    },
    {
        "table": {label: lazy(table_in_words, str)(label) for label in sealed_tables()},
        "ended": KeyRotation.Outcome,
    },
)

name_work({"customers.rotate_keys": _("Sealing under the newest key")})
