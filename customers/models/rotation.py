from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.models.numbers import random_number


def new_number():
    return random_number("KR")


class KeyRotation(models.Model):
    """One change of the key under which values are sealed: how far it is, and what stands under which key.

    Written by :mod:`customers.services.rotation` and nothing else. Keys are named by fingerprints, newest first.
    ``place`` is the key of the last row of ``table`` that was looked at, as texts; ``found`` counts what this pass met
    under an old key; ``counts`` is ``{table: {fingerprint: values}}`` as the present pass left it, with ``""`` for
    values that open under none of the keys; ``unopened`` names the first of those by table, column and row.
    """

    class Outcome(models.TextChoices):
        CLEAN = "CLEAN", _("nothing is left under an old key")
        REMAINS = "REMAINS", _("values are still written under an old key")
        REPLACED = "REPLACED", _("ended by a rotation to a newer key")

    number = models.CharField(_("rotation number"), max_length=16, unique=True, default=new_number)
    keys = models.JSONField(_("keys"))
    job_number = models.CharField(_("job"), max_length=40, blank=True)
    passes = models.PositiveIntegerField(_("pass"), default=1)
    table = models.CharField(_("table"), max_length=100, blank=True)
    place = models.JSONField(_("last row"), null=True, blank=True)
    total = models.BigIntegerField(_("rows of this pass"), null=True, blank=True)
    done = models.BigIntegerField(_("rows looked at"), default=0)
    speed = models.PositiveIntegerField(_("rows a second"), default=0)
    found = models.BigIntegerField(_("found under an old key"), default=0)
    resealed = models.BigIntegerField(_("values sealed anew"), default=0)
    counts = models.JSONField(_("values under each key"), default=dict)
    unopened = models.JSONField(_("values that do not open"), default=list)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, blank=True)
    created_at = models.DateTimeField(_("started"), auto_now_add=True)
    created_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("by"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    finished_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("finished by")
    )

    class PersonalData:
        personal = {}
        keep = {
            "id", "number", "keys", "job_number", "passes", "table", "place", "total", "done", "speed", "found",
            "resealed", "counts", "unopened", "outcome", "created_at", "created_by", "finished_at", "finished_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("change of keys")
        verbose_name_plural = _("changes of keys")
        default_permissions = ["view"]
        permissions = [("rotate_keys", "Can seal all values under the newest key")]
        constraints = [
            models.CheckConstraint(
                name="key_rotation_finished_exactly_with_by_and_outcome",
                condition=Q(finished_at__isnull=True, finished_by__isnull=True, outcome="")
                | (Q(finished_at__isnull=False, finished_by__isnull=False) & ~Q(outcome="")),
            ),
            models.UniqueConstraint(
                name="one_key_rotation_at_a_time",
                fields=["finished_at"],
                condition=Q(finished_at__isnull=True),
                nulls_distinct=False,
            ),
        ]

    def __str__(self):
        return self.number

    @property
    def newest(self):
        """The fingerprint of the key under which everything is to stand."""
        return self.keys[0]

    def under(self):
        """How many values stand under each key, all tables together: ``{fingerprint: values}``, newest first."""
        found = dict.fromkeys(self.keys, 0)
        for of_table in self.counts.values():
            for name, count in of_table.items():
                found[name] = found.get(name, 0) + count
        return found
