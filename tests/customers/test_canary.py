import pytest
import time_machine
from cryptography.fernet import Fernet, MultiFernet
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory
from django.utils import timezone
from encrypted_model_fields import fields as library

from audit.models import Actor
from customers.exceptions import WrongKey
from customers.models import Canary, SearchTerm
from customers.services import canary, terms

KEYS = ["FIELD_ENCRYPTION_KEY", "SEARCH_INDEX_KEY", "AUDIT_KEY"]


@pytest.mark.django_db
def test_the_migrated_database_has_its_canary_and_opens(django_assert_num_queries):
    with django_assert_num_queries(3):  # the one that asks, between the marks of a savepoint
        canary.check()

    assert Canary.objects.count() == 1


def change(name, settings, monkeypatch):
    if name == "FIELD_ENCRYPTION_KEY":  # read when the library is imported: a change needs a restart (P7)
        monkeypatch.setattr(library, "CRYPTER", MultiFernet([Fernet(Fernet.generate_key())]))
    else:
        setattr(settings, name, "ab" * 32)


@pytest.mark.django_db
@pytest.mark.parametrize("name", KEYS)
def test_a_wrong_key_is_named(name, settings, monkeypatch):
    change(name, settings, monkeypatch)

    with pytest.raises(WrongKey) as error:
        canary.check()

    assert error.value.settings == (name,)
    assert name in str(error.value)


@pytest.mark.django_db
def test_swapped_keys_are_both_named(settings):
    settings.SEARCH_INDEX_KEY, settings.AUDIT_KEY = settings.AUDIT_KEY, settings.SEARCH_INDEX_KEY

    with pytest.raises(WrongKey) as error:
        canary.check()

    assert error.value.settings == ("SEARCH_INDEX_KEY", "AUDIT_KEY")


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "no hex", "0"])
def test_a_key_of_no_form_is_named_and_not_shown(key, settings):
    settings.AUDIT_KEY = key

    with pytest.raises(WrongKey) as error:
        canary.check()

    assert error.value.settings == ("AUDIT_KEY",)


@pytest.mark.django_db
def test_a_key_in_rotation_still_opens(monkeypatch, settings):
    keys = [Fernet.generate_key(), *settings.FIELD_ENCRYPTION_KEY]
    monkeypatch.setattr(library, "CRYPTER", MultiFernet(map(Fernet, keys)))

    canary.check()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "tamper",
    [
        "DELETE FROM customers_canary",
        "UPDATE customers_canary SET sealed = 'plain'",
        "UPDATE customers_canary SET sealed = ''",
    ],
)
def test_a_canary_that_is_gone_or_changed_is_a_wrong_key(tamper):
    with connection.cursor() as cursor:
        cursor.execute(tamper)

    with pytest.raises(WrongKey):
        canary.check()


@pytest.mark.django_db
def test_before_the_migrations_nothing_is_said():
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE customers_canary")

    canary.check()

    assert Actor.system()  # the caller's transaction goes on


@pytest.mark.django_db
def test_there_is_one_canary():
    with pytest.raises(IntegrityError), transaction.atomic():
        Canary.objects.create(pk=2, **canary.values())


# Search words


@pytest.fixture
def staff(django_user_model, db):
    return [django_user_model.objects.create_user(name, "x").actor for name in ("intake", "handler")]


def test_search_words_open_for_the_same_actor_in_the_same_session(staff):
    number = terms.keep("山田太郎", session_key="abc", by=staff[0])

    assert terms.find(number, session_key="abc", by=staff[0]) == "山田太郎"
    assert terms.find(number, session_key="abd", by=staff[0]) is None
    assert terms.find(number, session_key="abc", by=staff[1]) is None
    assert "山田" not in RequestFactory().get("/", {"s": number}).get_full_path()


@pytest.mark.parametrize("number", ["", "x", "\0", "x" * 10_000, "%27"])
def test_unknown_numbers_find_nothing(number, staff):
    assert terms.find(number, session_key="abc", by=staff[0]) is None


def test_search_words_end_and_are_swept(staff):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        number = terms.keep("山田太郎", session_key="abc", by=staff[0])
        clock.shift(8 * 60 * 60)

        assert terms.find(number, session_key="abc", by=staff[0]) is None
        clock.shift(1)
        terms.sweep()
    assert not SearchTerm.objects.exists()
