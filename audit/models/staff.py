from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .actor import Actor


class StaffManager(BaseUserManager):
    def create_user(self, username, password=None, **fields):
        staff = self.model(username=username, **fields)
        staff.set_password(password)
        staff.save()
        return staff

    def create_superuser(self, username, password=None, **fields):
        return self.create_user(username, password, is_superuser=True, **fields)


class Staff(AbstractBaseUser, PermissionsMixin):
    """Somebody who works in the office and signs in to the admin.

    Written by :mod:`audit.services.staff`. A session carries a hash of the password and of ``session_epoch``: when
    either changes, every other session of this member ends with its next request.

    Saving one for the first time makes its :class:`audit.models.Actor`, reached as ``staff.actor``.
    """

    username = models.CharField(_("user name"), max_length=40, unique=True, validators=[ASCIIUsernameValidator()])
    display_name = models.CharField(_("name"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("works in the admin"), default=True)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    history = HistoricalRecords(excluded_fields=["password", "last_login"])
    objects = StaffManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = []

    class PersonalData:
        personal = {}
        keep = {
            "id", "password", "last_login", "is_superuser", "username", "display_name", "email", "is_active",
            "is_staff", "session_epoch", "created_at",
        }  # fmt: skip

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        ordering = ["username"]

    def __str__(self):
        return self.username

    def save(self, *args, **kwargs):
        is_new = self._state.adding
        super().save(*args, **kwargs)
        if is_new:
            Actor.objects.get_or_create(kind=Actor.Kind.STAFF, staff=self)

    def _get_session_auth_hash(self, secret=None):
        said = f"{self.password}:{self.session_epoch}"
        return salted_hmac("audit.Staff.session", said, secret=secret, algorithm="sha256").hexdigest()
