from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Category(models.TextChoices):
    """The fifteen kinds of information in the policy's order (section 1 of the policy)."""

    NAME = "NAME", _("Name (nickname, pen name)")
    BIRTH = "BIRTH", _("Age or date of birth")
    SEX = "SEX", _("Sex")
    CAREER = "CAREER", _("Occupation, work history, education")
    EMAIL = "EMAIL", _("E-mail address")
    TELEPHONE = "TELEPHONE", _("Telephone number")
    ADDRESS = "ADDRESS", pgettext_lazy("category", "Address")
    PAYMENT = "PAYMENT", _("Means of payment")
    EXTERNAL_ID = "EXTERNAL_ID", _("IDs in external services")
    COOKIE = "COOKIE", _("Cookie identifiers")
    DEVICE = "DEVICE", _("OS and device")
    SITE_USE = "SITE_USE", _("Behaviour on the site")
    APP_USE = "APP_USE", _("Use of the app")
    LOCATION = "LOCATION", _("Location")
    MEDIA = "MEDIA", _("Photos and videos")

    @property
    def bit(self):
        """This category's place in a set of categories that is kept as one number (``Customer.held``)."""
        return 1 << list(Category).index(self)

    @classmethod
    def labels_of(cls, codes):
        """The labels of categories that a row keeps by their codes, in the language of the page."""
        return [cls(code).label for code in codes]


class Source(models.TextChoices):
    """From where a value comes to us: declared as ``PersonalData.sources`` by each model that holds values."""

    CUSTOMER_FILE = "CUSTOMER_FILE", _("A file of customers")
    EVENT_FILE = "EVENT_FILE", _("A file of events")
    REQUEST = "REQUEST", _("A request of the person")
    UPLOADED = "UPLOADED", _("An uploaded photo or video")
    STAFF = "STAFF", _("Entered by staff")
    DERIVED = "DERIVED", _("Made from what is held")


def as_number(categories):
    """A set of categories as one number, as ``Customer.held`` keeps it."""
    return sum({category.bit for category in map(Category, categories)})


def of_number(number):
    """The categories of such a number, in the policy's order."""
    return [category for category in Category if number & category.bit]
