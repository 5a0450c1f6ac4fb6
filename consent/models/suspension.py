from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.models.actor import REQUESTER
from audit.models.constraints import at_exactly_with_by
from consent.purposes import Purpose
from customers.models import OfPersonQuerySet


class SuspensionQuerySet(OfPersonQuerySet):
    def living(self):
        return self.filter(lifted_at__isnull=True)

    def of_the_requester(self):
        """Those that customers entered by themselves; only they let them go on."""
        return self.filter(suspended_by=REQUESTER)

    def of_the_office(self):
        return self.exclude(suspended_by=REQUESTER)

    def of_use_for(self, purpose):
        """The living suspensions that stop use for that purpose."""
        return self.living().filter(Q(scope=Suspension.Scope.ALL) | Q(scope=Suspension.Scope.PURPOSE, purpose=purpose))


class Suspension(models.Model):
    """That a customer's data may not be used: not at all, not for one purpose, or not given to third parties.

    Holds from the moment it is entered until it is lifted (Article 35). Written by :mod:`consent.services.suspensions`.
    """

    class Scope(models.TextChoices):
        ALL = "ALL", _("All use")
        PURPOSE = "PURPOSE", _("Use for one purpose")
        PROVISION = "PROVISION", _("Provision to third parties")

    class Ground(models.TextChoices):
        ASKED = "ASKED", pgettext_lazy("suspension", "The person asked for it")
        BREACH = "BREACH", _("A leak or other breach concerned the data (Article 35(5))")
        OFFICE = "OFFICE", _("The office decided it by itself")

    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="suspensions")
    scope = models.CharField(_("what is suspended"), max_length=10, choices=Scope)
    purpose = models.CharField(_("purpose of use"), max_length=16, choices=Purpose, blank=True)
    ground = models.CharField(_("ground"), max_length=8, choices=Ground)
    case_number = models.CharField(_("case number"), max_length=40, blank=True)
    suspended_at = models.DateTimeField(_("suspended"), default=timezone.now)
    suspended_by = models.ForeignKey("audit.Actor", models.PROTECT, related_name="+", verbose_name=_("suspended by"))
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        "audit.Actor", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("lifted by")
    )

    objects = SuspensionQuerySet.as_manager()

    class PersonalData:
        personal = {}
        keep = {
            "id", "customer", "scope", "purpose", "ground", "case_number", "suspended_at", "suspended_by", "lifted_at",
            "lifted_by",
        }  # fmt: skip

    class Meta:
        verbose_name = _("suspension of use")
        verbose_name_plural = _("suspensions of use")
        default_permissions = ["view"]
        permissions = [("suspend_use", "Can suspend use of a customer's data and lift it")]
        constraints = [
            at_exactly_with_by("suspension", "suspended"),
            at_exactly_with_by("suspension", "lifted"),
            models.CheckConstraint(
                name="suspension_names_a_purpose_exactly_when_it_is_of_one",
                condition=(Q(scope="PURPOSE") & ~Q(purpose="")) | (~Q(scope="PURPOSE") & Q(purpose="")),
            ),
            models.UniqueConstraint(
                name="suspension_is_entered_once_by_the_requester",
                fields=["customer", "scope", "purpose"],
                condition=Q(lifted_at__isnull=True, suspended_by=REQUESTER),
            ),
            models.UniqueConstraint(
                name="suspension_is_entered_once_by_the_office",
                fields=["customer", "scope", "purpose"],
                condition=Q(~Q(suspended_by=REQUESTER), lifted_at__isnull=True),
            ),
        ]

    def __str__(self):
        return f"S{self.pk}"

    @property
    def is_own(self):
        """Whether the person entered it."""
        return self.suspended_by_id == REQUESTER

    @property
    def what_is_stopped(self):
        return {"scope": self.scope, "purpose": self.purpose}

    @property
    def what(self):
        """What is suspended, in words."""
        if self.scope != self.Scope.PURPOSE:
            return self.get_scope_display()
        return _("Use for: %(purpose)s") % {"purpose": self.get_purpose_display()}
