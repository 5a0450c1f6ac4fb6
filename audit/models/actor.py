from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


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
            models.UniqueConstraint(
                fields=["kind"], condition=~Q(kind="STAFF"), name="actor_system_and_requester_exist_once"
            ),
        ]

    def __str__(self):
        return self.staff.username if self.staff_id else self.Kind(self.kind).label.__str__()

    @classmethod
    def system(cls):
        """The actor of jobs and the clock."""
        return cls.objects.get_or_create(kind=cls.Kind.SYSTEM)[0]

    @classmethod
    def requester(cls):
        """The actor of whoever uses the public site; the subject of the act says which one."""
        return cls.objects.get_or_create(kind=cls.Kind.REQUESTER)[0]
