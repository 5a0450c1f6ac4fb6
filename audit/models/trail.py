import datetime as dt

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def microseconds(time):
    """``time`` as a whole number, the same in every time zone."""
    return (time - EPOCH) // dt.timedelta(microseconds=1)


class TransactionId(models.Field):
    """PostgreSQL's ``xid8``: which transaction wrote the row. Filled by the database."""

    def db_type(self, connection):
        return "xid8"

    def from_db_value(self, value, expression, connection):
        return None if value is None else int(value)


class CurrentTransactionId(models.Func):
    function = "pg_current_xact_id"
    template = "%(function)s()"
    output_field = TransactionId()


class Entry(models.Model):
    """One act: who did what to what, and whose data it concerned. Written by :func:`audit.services.trail.record`.

    ``subject`` and ``person`` are references (``customers.customer:C0000001``), never foreign keys and never names.
    ``details`` holds references, field names, codes, counts and digests; never a value of a person, never free text.
    ``nonce`` makes every MAC one of its kind, so that a copied entry shows; ``transaction`` tells the sequencer when
    the entry is committed for good.
    Rows are never changed nor removed: a trigger refuses it.
    """

    at = models.DateTimeField(_("when"))
    action = models.CharField(_("act"), max_length=60)
    actor_id = models.BigIntegerField(_("actor's number"))
    actor_label = models.CharField(_("by"), max_length=60)
    subject = models.CharField(_("subject"), max_length=120)
    person = models.CharField(_("person"), max_length=120, blank=True)
    details = models.JSONField(_("details"), default=dict)
    nonce = models.BinaryField(max_length=16)
    mac = models.BinaryField(max_length=32)
    transaction = TransactionId(db_default=CurrentTransactionId(), editable=False)

    class PersonalData:
        personal = {}
        keep = {
            "id", "at", "action", "actor_id", "actor_label", "subject", "person", "details", "nonce", "mac",
            "transaction",
        }  # fmt: skip

    class Meta:
        verbose_name = _("entry of the trail")
        verbose_name_plural = _("audit trail")
        default_permissions = ["view"]
        indexes = [
            models.Index(fields=["transaction", "id"], name="entry_by_transaction"),
            models.Index(fields=["action", "-id"], name="entry_by_action"),
            models.Index(fields=["actor_id", "-id"], name="entry_by_actor"),
            models.Index(fields=["subject", "-id"], name="entry_by_subject"),
            models.Index(fields=["person", "-id"], name="entry_by_person", condition=~models.Q(person="")),
            BrinIndex(fields=["at"], name="entry_by_time", autosummarize=True),
        ]

    def __str__(self):
        return f"#{self.pk}"


class Link(models.Model):
    """The place of an entry in the chain. Written by the sequencer alone, never changed nor removed.

    ``hash`` covers the link before it, the position and the entry with its MAC and transaction, under ``AUDIT_KEY``.
    """

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    hash = models.BinaryField(max_length=32)

    class PersonalData:
        personal = {}
        keep = {"position", "entry_id", "hash"}

    class Meta:
        verbose_name = _("link of the chain")
        verbose_name_plural = _("links of the chain")
        default_permissions = []

    def __str__(self):
        return str(self.position)


class Seal(models.Model):
    """The chain's head at a moment, with a MAC. The same line is kept outside the database."""

    position = models.BigIntegerField(_("up to position"), unique=True)
    hash = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField(_("sealed"))
    mac = models.BinaryField(max_length=32)

    class PersonalData:
        personal = {}
        keep = {"id", "position", "hash", "sealed_at", "mac"}

    class Meta:
        verbose_name = _("seal of the trail")
        verbose_name_plural = _("seals of the trail")
        default_permissions = ["view"]

    def __str__(self):
        return str(self.position)

    @property
    def line(self):
        """As it stands outside the database: position, hash, microseconds since 1970, MAC."""
        return f"{self.position} {bytes(self.hash).hex()} {microseconds(self.sealed_at)} {bytes(self.mac).hex()}"
