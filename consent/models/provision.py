"""The ledger of provisions: what was given to whom, of whom, when, on which basis (Articles 27 to 29)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.models.constraints import at_exactly_with_by
from audit.models.numbers import random_number
from consent.bases import STATUTORY, Basis, Place, Recording, Refusal
from consent.countries import name_of
from consent.purposes import Purpose
from customers.categories import Category
from customers.models import FilePerson, OfPersonQuerySet

from .export import Export, ExportStatus


def new_provision_number():
    """A number that can be read out on the telephone."""
    return random_number("PV")


class ProvisionStatus(models.TextChoices):
    DECIDING = "DECIDING", pgettext_lazy("provision", "Being decided")
    RECORDED = "RECORDED", pgettext_lazy("provision", "Recorded")
    REFUSED = "REFUSED", pgettext_lazy("provision", "Refused for everybody")

    @property
    def next(self):
        """The statuses a provision may move to from this one."""
        return PROVISION_MOVES[self]

    @property
    def is_final(self):
        return not self.next


PROVISION_MOVES = {
    ProvisionStatus.DECIDING: {ProvisionStatus.RECORDED, ProvisionStatus.REFUSED},
    ProvisionStatus.RECORDED: set(),
    ProvisionStatus.REFUSED: set(),
}


class ProvisionQuerySet(models.QuerySet):
    def that_left(self):
        """Those whose data were given: the file was downloaded, or they were given in another way."""
        without_file = Q(status=ProvisionStatus.RECORDED, format="")
        return self.filter(without_file | Q(status=ProvisionStatus.RECORDED, export__status=ExportStatus.COLLECTED))


class Provision(models.Model):
    """Data of customers given to one third party on one basis: the half of a record that is the same for everybody.

    Of whom stands in :class:`ProvisionPerson`, who was left out and by which rule in :class:`ProvisionRefusal`. The
    recipient stands here as it was called on that day. Written by :mod:`consent.services.provisions`; triggers decide
    once more what can be decided from rows, and let nothing of it change.
    """

    number = models.CharField(_("provision number"), max_length=16, unique=True, default=new_provision_number)
    status = models.CharField(_("state"), max_length=10, choices=ProvisionStatus, default=ProvisionStatus.DECIDING)
    third_party = models.ForeignKey(
        "consent.ThirdParty", models.PROTECT, related_name="provisions", verbose_name=_("third party")
    )
    recipient_name = models.CharField(_("name of the recipient"), max_length=200)
    recipient_address = models.CharField(_("address of the recipient"), max_length=300)
    recipient_representative = models.CharField(_("representative of the recipient"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2)
    place = models.CharField(_("where the recipient is"), max_length=10, choices=Place)  # in Article 28(1), that day
    basis = models.CharField(_("basis"), max_length=14, choices=Basis)
    paper = models.CharField(_("paper that shows it"), max_length=200, blank=True)
    paper_on = models.DateField(_("day of that paper"), null=True, blank=True)
    purpose = models.CharField(_("purpose of use"), max_length=16, choices=Purpose)
    categories = ArrayField(models.CharField(max_length=12, choices=Category), verbose_name=_("categories"))
    recording = models.CharField(_("way of recording"), max_length=8, choices=Recording)
    first_on = models.DateField(_("first day"))  # of a record in bulk; of others the day itself
    last_on = models.DateField(_("day of provision"))
    selection = models.CharField(_("whom"), max_length=12, choices=Export.Selection)
    registered_from = models.DateField(_("registered from"), null=True, blank=True)
    registered_to = models.DateField(_("registered to"), null=True, blank=True)
    numbers = ArrayField(models.CharField(max_length=32), null=True, blank=True, verbose_name=_("customer numbers"))
    format = models.CharField(_("file"), max_length=4, choices=Export.Format, blank=True)  # empty: another way
    job_number = models.CharField(_("job"), max_length=40, blank=True)
    wants_record = models.BooleanField(_("record of Article 29"))
    made_on = models.DateField(_("recorded on"), null=True, blank=True)
    kept_until = models.DateField(_("kept until"), null=True, blank=True)  # where Article 29 wants a record
    given = models.BigIntegerField(_("permitted"), null=True, blank=True)
    refused = models.BigIntegerField(_("refused"), null=True, blank=True)
    erased = models.BigIntegerField(_("left out: erased or joined"), null=True, blank=True)
    unknown = models.BigIntegerField(_("left out: number not known"), null=True, blank=True)
    requested_at = models.DateTimeField(_("asked for"), default=timezone.now)
    requested_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("asked for by"))

    objects = ProvisionQuerySet.as_manager()

    class PersonalData:
        personal = {}
        keep = {
            "id", "number", "status", "third_party", "recipient_name", "recipient_address",
            "recipient_representative", "country", "place", "basis", "paper", "paper_on", "purpose", "categories",
            "recording", "first_on", "last_on", "selection", "registered_from", "registered_to", "numbers", "format",
            "job_number", "wants_record", "made_on", "kept_until", "given", "refused", "erased", "unknown",
            "requested_at", "requested_by",
        }  # fmt: skip

    class Meta:
        verbose_name = pgettext_lazy("model", "provision")
        verbose_name_plural = _("ledger of provisions")
        default_permissions = ["view"]
        permissions = [("give_provision", "Can give data of customers to third parties")]
        indexes = [models.Index(name="provision_of_third_party", fields=["third_party", "-id"])]
        constraints = [
            at_exactly_with_by("provision", "requested"),
            models.CheckConstraint(name="provision_names_categories", condition=Q(categories__len__gt=0)),
            models.CheckConstraint(
                name="provision_names_its_recipient", condition=~Q(recipient_name="") & ~Q(recipient_address="")
            ),
            models.CheckConstraint(
                name="provision_has_a_period_only_in_bulk",
                condition=Q(first_on=F("last_on")) | Q(recording="BULK", first_on__lt=F("last_on")),
            ),
            models.CheckConstraint(
                name="provision_under_article_27_1_names_its_paper",
                condition=~Q(basis__in=sorted(STATUTORY)) | (~Q(paper="") & Q(paper_on__lte=F("first_on"))),
            ),
            models.CheckConstraint(
                name="provision_recorded_by_a_document_names_it",
                condition=~Q(recording="DOCUMENT") | (~Q(paper="") & Q(paper_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="provision_selects_as_it_says",
                condition=Q(selection="ALL", numbers__isnull=True, registered_from__isnull=True)
                | Q(selection="REGISTERED", numbers__isnull=True, registered_from__isnull=False,
                    registered_to__isnull=False)
                | Q(selection="NUMBERS", numbers__isnull=False, registered_from__isnull=True),
            ),
            models.CheckConstraint(
                name="provision_is_counted_exactly_when_decided",
                condition=Q(status="DECIDING", given__isnull=True, refused__isnull=True, made_on__isnull=True)
                | Q(status="RECORDED", given__gt=0, refused__gte=0, made_on__isnull=False)
                | Q(status="REFUSED", given=0, refused__gte=0, made_on__isnull=True),
            ),
            models.CheckConstraint(
                name="provision_has_a_last_day_when_article_29_wants_a_record",
                condition=Q(status="RECORDED", wants_record=True, kept_until__isnull=False)
                | (~Q(status="RECORDED", wants_record=True) & Q(kept_until__isnull=True)),
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.number

    @property
    def country_name(self):
        """In the language of the page."""
        return name_of(self.country)


class ProvisionPersonQuerySet(OfPersonQuerySet):
    def that_left(self):
        """Those whose data were given. Of a file only who was in it: a suspension may have come between."""
        in_file = FilePerson.objects.filter(file=OuterRef("provision__export__file"), customer=OuterRef("customer"))
        return self.filter(provision__in=Provision.objects.that_left()).filter(
            Q(provision__format="") | Exists(in_file)
        )  # fmt: skip


class ProvisionPerson(models.Model):
    """One person in a provision that is permitted, and the consent by which, where it is one. Never changed."""

    provision = models.ForeignKey(
        Provision, models.PROTECT, related_name="persons", verbose_name=pgettext_lazy("model", "provision")
    )
    third_party = models.ForeignKey(
        "consent.ThirdParty", models.PROTECT, related_name="+", verbose_name=_("third party"), db_index=False
    )  # that of the provision: the list of one recipient is found by it
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="provisions", verbose_name=_("customer")
    )
    consent = models.ForeignKey(
        "consent.Consent", models.PROTECT, related_name="provisions", null=True, blank=True, db_index=False,
        verbose_name=pgettext_lazy("model", "consent"),
    )  # fmt: skip

    objects = ProvisionPersonQuerySet.as_manager()

    class PersonalData:
        personal = {}
        keep = {"id", "provision", "third_party", "customer", "consent"}

    class Meta:
        verbose_name = _("person in a provision")
        verbose_name_plural = _("persons in provisions")
        default_permissions = ["view"]
        indexes = [models.Index(name="provision_person_of_recipient", fields=["third_party", "-id"])]
        constraints = [
            models.UniqueConstraint(name="provision_names_a_person_once", fields=["provision", "customer"])
        ]  # fmt: skip

    def __str__(self):
        return f"PP{self.pk}"


class ProvisionRefusal(models.Model):
    """One person who was left out of a provision, and the rule that forbids it. Never changed."""

    provision = models.ForeignKey(
        Provision, models.PROTECT, related_name="refusals", verbose_name=pgettext_lazy("model", "provision")
    )
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="+", verbose_name=_("customer"))
    refusal = models.CharField(_("rule"), max_length=24, choices=Refusal)

    class PersonalData:
        personal = {}
        keep = {"id", "provision", "customer", "refusal"}

    class Meta:
        verbose_name = _("person left out of a provision")
        verbose_name_plural = _("persons left out of provisions")
        default_permissions = ["view"]
        constraints = [
            models.UniqueConstraint(name="provision_leaves_a_person_out_once", fields=["provision", "customer"])
        ]  # fmt: skip

    def __str__(self):
        return f"PR{self.pk}"
