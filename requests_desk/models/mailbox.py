from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.categories import Category, Source


class Mailbox(models.Model):
    """Under which token of the blind index the mailbox of a request is found, for who lost the receipt number.

    Written by :mod:`requests_desk.services.intake`; goes with the address when a person is erased.
    """

    request = models.OneToOneField(
        "requests_desk.DataRequest", models.PROTECT, primary_key=True, related_name="mailbox"
    )
    token = models.BigIntegerField(db_index=True)

    class PersonalData:
        personal = {"token": Category.EMAIL}
        sources = [Source.DERIVED]
        keep = {"request"}

    class Meta:
        verbose_name = _("mailbox of a request")
        verbose_name_plural = _("mailboxes of requests")
        default_permissions = []

    def __str__(self):
        return str(self.request)
