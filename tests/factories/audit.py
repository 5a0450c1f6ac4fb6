"""The smallest valid rows of the app ``audit``."""

import factory
from django.contrib.auth.models import Group
from django.utils import timezone

from audit.models import Actor, Job, OutgoingMail, Staff

PASSWORD = "correct horse battery staple"


class StaffFactory(factory.django.DjangoModelFactory):
    """A member of staff without a role. ``StaffFactory.with_roles("handler")`` has some."""

    class Meta:
        model = Staff
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"staff{number}")
    password = factory.django.Password(PASSWORD)

    @classmethod
    def with_roles(cls, *roles, **fields):
        staff = cls(**fields)
        staff.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
        return staff


def sign_in(client, role, language=""):
    """A member of staff with that role, signed in without a password; in a language where one is given."""
    if language:
        client.cookies["django_language"] = language
    staff = StaffFactory.with_roles(role)
    client.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    return staff


class ActorFactory:
    """An actor is made with its member of staff; the others exist."""

    def __new__(cls, **fields):
        return StaffFactory(**fields).actor


class JobFactory(factory.django.DjangoModelFactory):
    """Work that waits and is due."""

    class Meta:
        model = Job

    name = "test.work"
    due_at = factory.LazyFunction(timezone.now)
    created_by = factory.LazyFunction(Actor.system)


class OutgoingMailFactory(factory.django.DjangoModelFactory):
    """A mail about the office that waits and is due."""

    class Meta:
        model = OutgoingMail

    kind = "audit.daily_seal"
    subject = "audit.office:office"
    subject_pk = 1
    due_at = factory.LazyFunction(timezone.now)
    created_by = factory.LazyFunction(Actor.system)
