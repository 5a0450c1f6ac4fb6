from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.categories import Category, Source


class RequestToken(models.Model):
    """Says that an open request is found under a token of the blind index, as a customer is.

    Written where a request comes into being (:mod:`requests_desk.services.finding`). With the end of the request a
    trigger takes them away: from then on it is found by its number, and through its customer.
    """

    pk = models.CompositePrimaryKey("token", "request_id")
    token = models.BigIntegerField(editable=False)
    request = models.ForeignKey("requests_desk.DataRequest", models.CASCADE, related_name="search_tokens")

    class PersonalData:
        personal = {"token": Category.NAME}
        keep = {"pk", "request"}
        sources = [Source.DERIVED]

    class Meta:
        verbose_name = _("search token of a request")
        verbose_name_plural = _("search tokens of requests")
        default_permissions = []

    def __str__(self):
        return f"{self.request_id}"
