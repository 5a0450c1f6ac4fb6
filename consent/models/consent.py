"""What people agreed to: wordings, and the consents that were given to them and withdrawn again."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from audit.models.constraints import at_exactly_with_by
from consent.purposes import Purpose
from customers.categories import Category
from customers.models import OfPersonQuerySet


class Wording(models.Model):
    """A text by which consent is asked: to which third party, for which purpose, of which categories.

    Never changed, only withdrawn from use: what somebody agreed to must stay readable as it was. Where the recipient is
    abroad it names the information of Article 28(2) that stands beside it. Written by :mod:`consent.services.consents`.
    """

    third_party = models.ForeignKey(
        "consent.ThirdParty", models.PROTECT, related_name="wordings", verbose_name=_("third party")
    )
    version = models.PositiveIntegerField(_("version"))  # counted for each third party
    purpose = models.CharField(_("purpose of use"), max_length=16, choices=Purpose)
    categories = ArrayField(models.CharField(max_length=12, choices=Category), verbose_name=_("categories"))
    text_ja = models.TextField(_("text (Japanese)"), max_length=4000)
    text_en = models.TextField(_("text (English)"), max_length=4000)
    pack = models.ForeignKey(
        "consent.OffshorePack", models.PROTECT, related_name="wordings", null=True, blank=True,
        verbose_name=_("information of Article 28(2)"),
    )  # fmt: skip
    written_at = models.DateTimeField(_("written"), default=timezone.now)
    written_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("written by"))
    retired_at = models.DateTimeField(_("taken out of use"), null=True, blank=True)
    retired_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("taken out of use by")
    )

    class PersonalData:
        personal = {}
        keep = {
            "id", "third_party", "version", "purpose", "categories", "text_ja", "text_en", "pack", "written_at",
            "written_by", "retired_at", "retired_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("wording of a consent")
        verbose_name_plural = _("wordings of consents")
        default_permissions = ["view"]
        permissions = [("write_wording", "Can write wordings by which consent is asked")]
        constraints = [
            at_exactly_with_by("wording", "written"),
            at_exactly_with_by("wording", "retired"),
            models.UniqueConstraint(name="wording_is_numbered_for_its_third_party", fields=["third_party", "version"]),
            models.CheckConstraint(name="wording_names_categories", condition=Q(categories__len__gt=0)),
            models.CheckConstraint(
                name="wording_has_both_languages", condition=~Q(text_ja="") & ~Q(text_en="")
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"W{self.third_party_id}-{self.version}"

    @property
    def text(self):
        """In the language of the page."""
        return self.text_en if (get_language() or "ja").startswith("en") else self.text_ja

    @property
    def category_labels(self):
        """In the language of the page."""
        return Category.labels_of(self.categories)


class ConsentQuerySet(OfPersonQuerySet):
    def living(self):
        """Not withdrawn until now."""
        return self.filter(withdrawn_at__isnull=True)

    def living_on(self, day):
        """Given on that day or before, and not withdrawn on it: the day of withdrawal is already without consent."""
        return self.filter(Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=day), given_on__lte=day)


class Consent(models.Model):
    """That a person agreed to a wording on a day, how, and when the consent was withdrawn (Articles 27(1) and 28(1)).

    Kept as long as what was given on its strength must be shown. Written by :mod:`consent.services.consents`; a trigger
    refuses any change but the withdrawal.
    """

    class Way(models.TextChoices):
        FORM = "FORM", pgettext_lazy("consent", "On a page of ours")
        PAPER = "PAPER", pgettext_lazy("consent", "On paper")
        TELEPHONE = "TELEPHONE", pgettext_lazy("consent", "By telephone")
        COUNTER = "COUNTER", pgettext_lazy("consent", "At the counter")

    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="consents", verbose_name=_("customer")
    )
    wording = models.ForeignKey(Wording, models.PROTECT, related_name="consents", verbose_name=_("wording"))
    language = models.CharField(_("language"), max_length=5)  # in which the wording was shown
    way = models.CharField(_("how it was given"), max_length=10, choices=Way)
    given_on = models.DateField(pgettext_lazy("consent", "given"))
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)
    recorded_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    withdrawn_on = models.DateField(pgettext_lazy("consent", "withdrawn"), null=True, blank=True)
    withdrawn_way = models.CharField(_("how it was withdrawn"), max_length=10, choices=Way, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawal recorded"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True,
        verbose_name=_("withdrawal recorded by"),
    )  # fmt: skip

    objects = ConsentQuerySet.as_manager()

    class PersonalData:
        personal = {}
        keep = {
            "id", "customer", "wording", "language", "way", "given_on", "recorded_at", "recorded_by", "withdrawn_on",
            "withdrawn_way", "withdrawn_at", "withdrawn_by",
        }  # fmt: skip

    class Meta:
        verbose_name = pgettext_lazy("model", "consent")
        verbose_name_plural = pgettext_lazy("model", "consents")
        default_permissions = ["view"]
        permissions = [("record_consent", "Can record consents of customers and their withdrawal")]
        constraints = [
            at_exactly_with_by("consent", "recorded"),
            at_exactly_with_by("consent", "withdrawn"),
            models.CheckConstraint(
                name="consent_is_withdrawn_on_a_day_and_in_a_way",
                condition=Q(withdrawn_at__isnull=True, withdrawn_on__isnull=True, withdrawn_way="")
                | (Q(withdrawn_at__isnull=False, withdrawn_on__gte=F("given_on")) & ~Q(withdrawn_way="")),
            ),
            models.UniqueConstraint(
                name="consent_lives_once_for_each_customer_and_wording", fields=["customer", "wording"],
                condition=Q(withdrawn_at__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"CN{self.pk}"
