import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.categories import Category, Source
from customers.fields import SealedCharField


def new_term_number():
    return secrets.token_urlsafe(12)


class SearchTerm(models.Model):
    """What a member of staff searched for, so that a URL can say ``?s=<number>`` instead of a person's name.

    Opens for the same actor in the same session only, and not for long. See :mod:`customers.services.terms`.
    """

    number = models.CharField(max_length=24, unique=True, default=new_term_number)
    text = SealedCharField(max_length=200, context="search_term.text")
    actor = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+")
    session = models.CharField(max_length=64)
    valid_until = models.DateTimeField(db_index=True)

    class PersonalData:
        personal = {"text": Category.NAME}
        sources = [Source.STAFF]
        keep = {"id", "number", "actor", "session", "valid_until"}

    class Meta:
        verbose_name = _("search term")
        verbose_name_plural = _("search terms")
        default_permissions = []

    def __str__(self):
        return self.number
