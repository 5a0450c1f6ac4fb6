import pytest

from audit.models import Actor, Office, Staff
from audit.services.trail import record


@pytest.mark.django_db
def test_it():
    s = Staff.objects.create_user("ant", "x")
    e = record("x.y", subject=s, by=s.actor)
    e.refresh_from_db()
    assert e.transaction
    assert s.actor.pk > 10
    record("x.y", subject=Office.objects.get(), by=Actor.system())
    assert Actor.objects.get(kind="SYSTEM") == Actor.system()
