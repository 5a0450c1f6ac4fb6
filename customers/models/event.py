"""What customers did on the site and in the app, and where they were: large, append-only, without history."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.categories import Category, Source
from customers.fields import SealedJSONField


class EventKind(models.TextChoices):
    """What an event is about; with its source it decides the category."""

    SITE_VISIT = "SITE_VISIT", _("Visit to a page")
    SITE_INPUT = "SITE_INPUT", _("Input on the site")
    SITE_PURCHASE = "SITE_PURCHASE", _("Purchase on the site")
    APP_LAUNCH = "APP_LAUNCH", _("Start of the app")
    APP_INPUT = "APP_INPUT", _("Input in the app")
    APP_PURCHASE = "APP_PURCHASE", _("Purchase in the app")
    LOCATION = "LOCATION", _("Location")

    @property
    def category(self):
        """The category of information that an event of this kind belongs to."""
        if self is EventKind.LOCATION:
            return Category.LOCATION
        return Category.SITE_USE if self.name.startswith("SITE") else Category.APP_USE

    @classmethod
    def of(cls, category):
        """The kinds of one category."""
        return [kind for kind in cls if kind.category == category]


class Event(models.Model):
    """One event of a known customer. Partitioned by month of ``at``; a trigger refuses change and removal.

    ``line`` is a keyed digest of the line of the file that said it: the same line is kept once. ``data`` is all else
    that the line said, sealed. Written by :mod:`customers.importing` and blanked by erasure, retention and the rotation
    of keys alone, which say so to the trigger (``SET LOCAL office.may_change_events = 'on'``).
    """

    pk = models.CompositePrimaryKey("at", "line")
    at = models.DateTimeField(_("when"))
    line = models.UUIDField(editable=False)
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="events", db_index=False)
    kind = models.CharField(_("what"), max_length=16, choices=EventKind)
    data = SealedJSONField(_("details"), context="event.data")

    class PersonalData:
        personal = {"data": Category.SITE_USE}  # and those of the app and of places: the kind says which
        also = {Category.APP_USE, Category.LOCATION}
        sources = [Source.EVENT_FILE]
        keep = {"pk", "at", "line", "customer", "kind"}

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        default_permissions = []
        indexes = [models.Index(fields=["customer", "-at"], name="event_of_customer")]

    def __str__(self):
        return f"{self.line}"


class StrayEvent(models.Model):
    """An event whose person is not known: kept apart and counted, never guessed.

    ``token`` is a keyed digest of the identifier (number, cookie or device) by which its person may become known.
    ``data`` holds the identifier too, sealed.
    """

    line = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(_("when"))
    kind = models.CharField(_("what"), max_length=16, choices=EventKind)
    data = SealedJSONField(_("details"), context="stray_event.data")
    token = models.BigIntegerField(db_index=True, editable=False)
    noted_on = models.DateField(_("noted on"), default=timezone.localdate, db_index=True)

    class PersonalData:
        personal = {"data": Category.SITE_USE, "token": Category.SITE_USE}
        also = {Category.APP_USE, Category.LOCATION}
        sources = [Source.EVENT_FILE]
        keep = {"line", "at", "kind", "noted_on"}

    class Meta:
        verbose_name = _("event of an unknown person")
        verbose_name_plural = _("events of unknown persons")
        default_permissions = []

    def __str__(self):
        return f"{self.line}"
