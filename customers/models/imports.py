from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.models.numbers import random_number
from customers.categories import Category, Source


def new_number():
    """A number that can be read out on the telephone."""
    return random_number("IM")


class ImportQuerySet(models.QuerySet):
    def running(self):
        return self.filter(finished_at__isnull=True)


class Import(models.Model):
    """One run over one file, of customers or of events: how far it is and what came of it, without any value.

    ``filled`` counts rows of customers known before of whom something was not held yet; ``kept`` is
    ``{category: new records}`` of what belongs to customers.
    Of events, ``created`` counts the new ones, ``unchanged`` those that were there, ``apart`` those of unknown persons.
    """

    class Kind(models.TextChoices):
        CUSTOMERS = "CUSTOMERS", _("Customers")
        EVENTS = "EVENTS", pgettext_lazy("import", "Events")

    kind = models.CharField(pgettext_lazy("import", "kind"), max_length=10, choices=Kind, default=Kind.CUSTOMERS)
    number = models.CharField(_("import number"), max_length=16, unique=True, default=new_number)
    file = models.ForeignKey(
        "customers.SealedFile", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("file")
    )
    job_number = models.CharField(_("job"), max_length=40, blank=True)
    update = models.BooleanField(_("apply differing values"), default=False)
    encoding = models.CharField(_("encoding"), max_length=16, blank=True)
    refusal = models.CharField(_("why the file was not read"), max_length=40, blank=True)
    total = models.BigIntegerField(_("rows in the file"), null=True, blank=True)
    lines = models.BigIntegerField(_("rows read"), default=0)
    created = models.BigIntegerField(_("new customers"), default=0)
    unchanged = models.BigIntegerField(_("unchanged"), default=0)
    filled = models.BigIntegerField(pgettext_lazy("import", "filled in"), default=0)
    corrected = models.BigIntegerField(_("corrected"), default=0)
    differing = models.BigIntegerField(_("differing, left as held"), default=0)
    apart = models.BigIntegerField(_("of unknown persons, kept apart"), default=0)
    faulty = models.BigIntegerField(_("left out"), default=0)
    kept = models.JSONField(_("new records by category"), default=dict)
    created_at = models.DateTimeField(_("started"), auto_now_add=True)
    created_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("by"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    finished_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("finished by")
    )

    objects = ImportQuerySet.as_manager()

    class PersonalData:
        personal = {}
        also = set(Category) - {Category.MEDIA}  # in its file
        sources = [Source.CUSTOMER_FILE, Source.EVENT_FILE]
        keep = {
            "id", "kind", "number", "file", "job_number", "update", "encoding", "refusal", "total", "lines", "created",
            "unchanged", "filled", "corrected", "differing", "apart", "faulty", "kept", "created_at", "created_by",
            "finished_at", "finished_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(
                name="import_finished_at_exactly_with_finished_by",
                condition=Q(finished_at__isnull=True, finished_by__isnull=True)
                | Q(finished_at__isnull=False, finished_by__isnull=False),
            ),
        ]

    def __str__(self):
        return self.number


class ImportFault(models.Model):
    """One place in a file that staff have to look at: where, and a code for why. Never the value."""

    class Kind(models.TextChoices):
        FAULT = "FAULT", _("row left out")
        DIFFERENCE = "DIFFERENCE", _("differs from what is held")
        NOTE = "NOTE", _("note on the file")

    of_import = models.ForeignKey(Import, models.CASCADE, related_name="faults")
    line = models.BigIntegerField(_("line"))
    column = models.CharField(_("column"), max_length=60, blank=True)
    code = models.CharField(_("reason"), max_length=40)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.FAULT)

    class PersonalData:
        personal = {}
        keep = {"id", "of_import", "line", "column", "code", "kind"}

    class Meta:
        verbose_name = _("fault of an import")
        verbose_name_plural = _("faults of an import")
        default_permissions = []
        constraints = [
            models.UniqueConstraint(fields=["of_import", "line", "column", "code"], name="import_fault_is_said_once"),
        ]

    def __str__(self):
        return f"{self.of_import_id}:{self.line}"
