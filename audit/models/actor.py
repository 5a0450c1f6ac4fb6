from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

SYSTEM, REQUESTER = 1, 2  # numbers of their rows


class Actor(models.Model):
    """Who did something: a member of staff, the system, or the requester (which one, the subject says).

    ``by=`` of every service is one of these, and every ``x_by`` points to one.
    """

    class Kind(models.TextChoices):
        STAFF = "STAFF", _("Staff")
        SYSTEM = "SYSTEM", _("System")
        REQUESTER = "REQUESTER", _("Requester")

    kind = models.CharField(max_length=12, choices=Kind)
    staff = models.OneToOneField("audit.Staff", models.PROTECT, related_name="actor", null=True, blank=True)

    class PersonalData:
        personal = {}
        keep = {"id", "kind", "staff"}

    class Meta:
        verbose_name = _("actor")
        verbose_name_plural = _("actors")
        constraints = [
            models.CheckConstraint(
                name="actor_names_staff_exactly_when_staff",
                condition=Q(kind="STAFF", staff__isnull=False) | (~Q(kind="STAFF") & Q(staff__isnull=True)),
            ),
            models.CheckConstraint(
                name="actor_system_is_number_1_and_requester_number_2",
                condition=Q(kind="SYSTEM", pk=SYSTEM)
                | Q(kind="REQUESTER", pk=REQUESTER)
                | (Q(kind="STAFF") & ~Q(pk__in=[SYSTEM, REQUESTER])),
            ),
        ]

    def __str__(self):
        return self.staff.username if self.staff_id else str(self.Kind(self.kind).label)

    @property
    def label(self):
        """How the trail writes this actor, in any language: the user name, ``system`` or ``requester``."""
        return self.staff.username if self.staff_id else self.kind.lower()

    @classmethod
    def system(cls):
        """The actor of jobs and the clock. Costs no query: its row is made by a migration, with this number."""
        return cls.from_db(None, ["id", "kind", "staff_id"], [SYSTEM, cls.Kind.SYSTEM, None])

    @classmethod
    def requester(cls):
        """The actor of whoever uses the public site; the subject of the act says which one. Costs no query."""
        return cls.from_db(None, ["id", "kind", "staff_id"], [REQUESTER, cls.Kind.REQUESTER, None])
