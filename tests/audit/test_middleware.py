import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.utils import timezone

from audit import middleware
from audit.models import Actor, Staff
from audit.services import staff as staff_service
from audit.services import watching


@pytest.fixture
def officer(db):
    return Staff.objects.create_superuser("officer", "correct horse battery")


@pytest.fixture
def signed_in(officer, client):
    client.force_login(officer)
    return client


def is_signed_in(client):
    return client.get("/admin/").status_code == 200


def test_a_session_ends_after_fifteen_minutes_without_a_request(signed_in, time_machine):
    time_machine.move_to(timezone.now())
    assert is_signed_in(signed_in)
    for _each in range(3):
        time_machine.shift(middleware.IDLE_SECONDS - 1 - middleware.NOTED_EVERY)
        assert is_signed_in(signed_in)

    time_machine.shift(middleware.IDLE_SECONDS)

    assert not is_signed_in(signed_in)


def test_a_page_that_loads_itself_anew_keeps_no_session_alive(signed_in, time_machine):
    time_machine.move_to(timezone.now())
    assert is_signed_in(signed_in)
    for _each in range(14):
        time_machine.shift(60)
        assert signed_in.get(f"/admin/?{watching.QUERY}").status_code == 200
    time_machine.shift(60)

    assert not is_signed_in(signed_in)


def test_a_session_ends_after_eight_hours_at_the_latest(signed_in, time_machine):
    time_machine.move_to(timezone.now())
    for _each in range(8 * 6 - 1):
        assert is_signed_in(signed_in)
        time_machine.shift(10 * 60)
    assert is_signed_in(signed_in)

    time_machine.shift(10 * 60)

    assert not is_signed_in(signed_in)


def test_a_change_of_roles_ends_other_sessions(officer, signed_in):
    Group.objects.get_or_create(name="handler")
    assert is_signed_in(signed_in)

    staff_service.change_roles(officer, roles=["handler"], by=Actor.system())

    assert not is_signed_in(signed_in)


def test_a_new_password_and_the_end_of_the_account_end_sessions(officer):
    for end in (
        lambda: staff_service.set_password(officer, password="another horse battery", by=Actor.system()),
        lambda: staff_service.deactivate(officer, by=Actor.system()),
    ):
        client = Client()
        officer.refresh_from_db()
        client.force_login(officer)
        assert is_signed_in(client)

        end()

        assert not is_signed_in(client)


@pytest.mark.parametrize("address", ["/?a=%00", "/?%00=a", "/%00/", "/admin/?q=%00"])
def test_an_address_that_cannot_be_stored_is_refused_politely(client, db, address):
    answer = client.get(address)

    assert answer.status_code == 400
    assert "<h1>" in answer.text


def test_nothing_is_kept_in_caches_and_every_answer_has_a_reference(client, db):
    first, second = client.get("/"), client.get("/nowhere/")

    assert "no-store" in first["Cache-Control"]
    assert "no-store" in second["Cache-Control"]
    assert first["X-Request-Reference"] != second["X-Request-Reference"]
    assert second["X-Request-Reference"] in second.text


def test_where_the_database_is_away_the_page_says_so_without_a_traceback(committed, client):
    client.raise_request_exception = False
    client.cookies["sessionid"] = "x" * 32
    name, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], "nowhere"
    connection.close()

    try:
        answers = [client.get("/admin/"), Client().get("/"), client.post("/admin/login/", {"username": "a"})]
    finally:
        connection.settings_dict["NAME"] = name
        connection.close()

    assert [answer.status_code for answer in answers] == [503, 200, 503]
    assert "Traceback" not in answers[0].text
    assert answers[0]["X-Request-Reference"] in answers[0].text
