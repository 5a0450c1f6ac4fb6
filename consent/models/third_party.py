"""To whom data may be given: third parties, their contracts, and what Articles 25 and 28 want known of them."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from audit.models.constraints import at_exactly_with_by
from consent.countries import name_of


def by(words):
    return models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=words)


def by_or_nobody(words):
    return models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=words)


class ThirdParty(models.Model):
    """A company or body to which data of customers may be given (Articles 27 to 29), and as what.

    Written by :mod:`consent.services.third_parties`; its history keeps what it was called before.
    """

    class Kind(models.TextChoices):
        CONTRACTOR = "CONTRACTOR", _("Contractor (Article 27(5)(i))")
        SUCCESSOR = "SUCCESSOR", _("Successor to the business (Article 27(5)(ii))")
        JOINT_USER = "JOINT_USER", _("Joint user (Article 27(5)(iii))")
        RECIPIENT = "RECIPIENT", _("Recipient by consent (Article 27(1))")
        STATE_BODY = "STATE_BODY", _("State or local body of Japan (Article 16(2))")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name = models.CharField(pgettext_lazy("third party", "name"), max_length=200)
    address = models.CharField(pgettext_lazy("third party", "address"), max_length=300)
    representative = models.CharField(_("representative"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2)
    entered_at = models.DateTimeField(_("entered"), default=timezone.now)
    entered_by = by(_("entered by"))
    reminded_on = models.DateField(_("last reminded"), null=True, blank=True)  # of its yearly checks

    history = HistoricalRecords(excluded_fields=["reminded_on"])

    class PersonalData:
        personal = {}
        keep = {
            "id", "kind", "name", "address", "representative", "country", "entered_at", "entered_by", "reminded_on",
        }  # fmt: skip

    class Meta:
        verbose_name = _("third party")
        verbose_name_plural = _("third parties")
        default_permissions = ["view"]
        permissions = [("manage_thirdparty", "Can enter third parties, their contracts, measures and checks")]
        constraints = [
            at_exactly_with_by("third_party", "entered"),
            models.CheckConstraint(name="third_party_has_a_country", condition=Q(country__regex="^[A-Z]{2}$")),
            models.CheckConstraint(
                name="third_party_has_name_and_address", condition=~Q(name="") & ~Q(address="")
            ),
            models.CheckConstraint(
                name="third_party_that_is_a_state_body_is_of_japan", condition=~Q(kind="STATE_BODY") | Q(country="JP")
            ),
            models.CheckConstraint(
                name="third_party_names_its_representative_unless_a_state_body",
                condition=Q(kind="STATE_BODY") | ~Q(representative=""),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"TP{self.pk}"

    @property
    def country_name(self):
        """In the language of the page."""
        return name_of(self.country)

    @property
    def standing_measures(self):
        """The equivalent measures that were not ended, or ``None``; whether they permit anything is asked elsewhere."""
        return self.measures.filter(ended_at__isnull=True).first()


class ForADayQuerySet(models.QuerySet):
    def in_force_on(self, day):
        """What has begun and not ended on that day. ``ends_on`` is the last day, or none."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)


class Agreement(models.Model):
    """A contract with a third party: its title and days, never its text. Ended once, and changed in nothing else."""

    third_party = models.ForeignKey(ThirdParty, models.PROTECT, related_name="agreements")
    title = models.CharField(pgettext_lazy("contract", "title"), max_length=200)
    concluded_on = models.DateField(_("concluded"))
    starts_on = models.DateField(pgettext_lazy("contract", "in force from"))
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    entered_at = models.DateTimeField(_("entered"), default=timezone.now)
    entered_by = by(_("entered by"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)  # before the day on which it would end by itself
    ended_by = by_or_nobody(_("ended by"))

    objects = ForADayQuerySet.as_manager()

    class PersonalData:
        personal = {}
        keep = {
            "id", "third_party", "title", "concluded_on", "starts_on", "ends_on", "entered_at", "entered_by",
            "ended_at", "ended_by",
        }  # fmt: skip

    class Meta:
        verbose_name = pgettext_lazy("third party", "contract")
        verbose_name_plural = pgettext_lazy("third party", "contracts")
        default_permissions = []
        constraints = [
            at_exactly_with_by("agreement", "entered"),
            at_exactly_with_by("agreement", "ended"),
            models.CheckConstraint(
                name="agreement_ends_after_it_began", condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="agreement_is_concluded_before_it_is_in_force", condition=Q(concluded_on__lte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="agreement_that_was_ended_has_its_last_day",
                condition=Q(ended_at__isnull=True) | Q(ends_on__isnull=False),
            ),
        ]

    def __str__(self):
        return f"AG{self.pk}"


class EquivalentMeasures(models.Model):
    """What makes a recipient abroad treat the data as Chapter 4 of the Act wants (Article 28(1); Rule 16)."""

    class System(models.TextChoices):
        CONTRACT = "CONTRACT", _("A contract or common rules with the recipient (Rule 16(i))")
        CERTIFIED = "CERTIFIED", _("A certification such as APEC CBPR (Rule 16(ii))")

    third_party = models.ForeignKey(ThirdParty, models.PROTECT, related_name="measures")
    system = models.CharField(_("system"), max_length=10, choices=System)
    outline = models.TextField(_("outline of the measures"), max_length=4000)
    starts_on = models.DateField(_("in place from"))
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    entered_at = models.DateTimeField(_("entered"), default=timezone.now)
    entered_by = by(_("entered by"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = by_or_nobody(_("ended by"))

    objects = ForADayQuerySet.as_manager()

    class PersonalData:
        personal = {}
        keep = {
            "id", "third_party", "system", "outline", "starts_on", "ends_on", "entered_at", "entered_by", "ended_at",
            "ended_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("equivalent measures")
        verbose_name_plural = _("equivalent measures")
        default_permissions = []
        constraints = [
            at_exactly_with_by("equivalent_measures", "entered"),
            at_exactly_with_by("equivalent_measures", "ended"),
            models.CheckConstraint(name="equivalent_measures_are_outlined", condition=~Q(outline="")),
            models.CheckConstraint(
                name="equivalent_measures_have_a_last_day_exactly_when_ended",
                condition=Q(ended_at__isnull=True, ends_on__isnull=True)
                | Q(ended_at__isnull=False, ends_on__gte=F("starts_on")),
            ),
        ]

    def __str__(self):
        return f"EM{self.pk}"


class OffshorePack(models.Model):
    """What a person is told before consenting to a provision abroad (Article 28(2); Rule 17). The newest one counts.

    Never changed: what somebody consented to after reading must stay readable. A new look makes a new row.
    """

    third_party = models.ForeignKey(ThirdParty, models.PROTECT, related_name="packs")
    country = models.CharField(_("country"), max_length=2)  # as it stood when this was written
    regime_ja = models.TextField(_("its system of protection (Japanese)"), max_length=8000)
    regime_en = models.TextField(_("its system of protection (English)"), max_length=8000)
    measures_ja = models.TextField(_("what the recipient does (Japanese)"), max_length=8000)
    measures_en = models.TextField(_("what the recipient does (English)"), max_length=8000)
    sources = models.TextField(_("sources"), max_length=4000)
    looked_up_on = models.DateField(_("looked up"))
    entered_at = models.DateTimeField(_("entered"), default=timezone.now)
    entered_by = by(_("entered by"))

    class PersonalData:
        personal = {}
        keep = {
            "id", "third_party", "country", "regime_ja", "regime_en", "measures_ja", "measures_en", "sources",
            "looked_up_on", "entered_at", "entered_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("information of Article 28(2)")
        verbose_name_plural = _("information of Article 28(2)")
        default_permissions = []
        constraints = [
            at_exactly_with_by("offshore_pack", "entered"),
            models.CheckConstraint(name="offshore_pack_is_about_another_country", condition=~Q(country="JP")),
            models.CheckConstraint(
                name="offshore_pack_says_all_that_article_28_2_wants",
                condition=~Q(regime_ja="") & ~Q(regime_en="") & ~Q(measures_ja="") & ~Q(measures_en="")
                & ~Q(sources=""),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"OP{self.pk}"

    @property
    def country_name(self):
        """In the language of the page, as the two below."""
        return name_of(self.country)

    @property
    def regime(self):
        return self.regime_en if (get_language() or "ja").startswith("en") else self.regime_ja

    @property
    def measures(self):
        return self.measures_en if (get_language() or "ja").startswith("en") else self.measures_ja


class YearlyCheck(models.Model):
    """That somebody looked at what a third party really does, and what was found. Never changed."""

    class Subject(models.TextChoices):
        CONTRACTOR = "CONTRACTOR", _("How the contractor treats the data (Article 25)")
        MEASURES = "MEASURES", _("Equivalent measures and the country’s system (Article 28(3))")

    class Finding(models.TextChoices):
        IN_ORDER = "IN_ORDER", pgettext_lazy("check", "In order")
        TROUBLE = "TROUBLE", pgettext_lazy("check", "Not in order")

    third_party = models.ForeignKey(ThirdParty, models.PROTECT, related_name="checks")
    subject = models.CharField(_("what was checked"), max_length=10, choices=Subject)
    finding = models.CharField(_("finding"), max_length=8, choices=Finding)
    remark = models.TextField(_("how it was checked, and what is to be done"), max_length=4000)
    checked_on = models.DateField(pgettext_lazy("check", "checked"))
    entered_at = models.DateTimeField(_("entered"), default=timezone.now)
    entered_by = by(_("entered by"))

    class PersonalData:
        personal = {}
        keep = {
            "id", "third_party", "subject", "finding", "remark", "checked_on", "entered_at", "entered_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("yearly check")
        verbose_name_plural = _("yearly checks")
        default_permissions = []
        constraints = [
            at_exactly_with_by("yearly_check", "entered"),
            models.CheckConstraint(name="yearly_check_says_how", condition=~Q(remark="")),
        ]
        indexes = [models.Index(fields=["third_party", "subject", "-checked_on"], name="yearly_check_newest")]

    def __str__(self):
        return f"YC{self.pk}"
