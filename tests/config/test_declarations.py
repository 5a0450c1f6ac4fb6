"""What is personal is declared, and the start says by name where it is not."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from config import checks, inventory
from customers.categories import Category, Source
from customers.fields import SealedCharField
from customers.models import Customer, Device, Event, Media
from requests_desk.models import DataRequest


@pytest.fixture
def shoe_size():
    """A column that somebody added to the customers and declared nowhere."""
    field = models.CharField(max_length=8, blank=True)
    field.contribute_to_class(Customer, "shoe_size")
    yield field
    Customer._meta.local_fields.remove(field)
    Customer._meta._expire_cache()
    del Customer.shoe_size


@pytest.fixture
def declare(monkeypatch):
    """Declares something else on a model, until the test is over."""

    def declare(model, **changes):
        for name, value in changes.items():
            monkeypatch.setattr(model.PersonalData, name, value, raising=False)

    return declare


def ids(found):
    return [error.id for error in found]


def test_a_field_without_a_category_stops_the_start_by_its_name(shoe_size, committed):
    with pytest.raises(SystemCheckError, match=r"office\.E011.*customers\.Customer\.shoe_size has no category"):
        call_command("check")


def test_the_last_field_of_a_category_taken_away_stops_the_start_by_its_name(declare, committed):
    left = {name: of for name, of in Customer.PersonalData.personal.items() if of != Category.SEX}
    declare(Customer, personal=left, keep=Customer.PersonalData.keep | {"sex"})

    with pytest.raises(SystemCheckError, match=r"office\.E017.*holds the category SEX"):
        call_command("check")


@pytest.mark.parametrize("category", Category)
def test_every_category_is_missed_wherever_it_lay(declare, category):
    for model in inventory.homes():
        declared = model.PersonalData
        left = {name: of for name, of in declared.personal.items() if of != category}
        declare(model, personal=left, also=set(getattr(declared, "also", ())) - {category})

    found = [error.msg for error in checks.every_category_has_its_fields(None)]

    assert f"No field of the customers' file holds the category {category.value}." in found


def test_a_category_that_only_requests_name_is_missed_too(declare):
    left = {name: of for name, of in Customer.PersonalData.personal.items() if of != Category.EMAIL}
    declare(Customer, personal=left)

    assert Category.EMAIL in DataRequest.PersonalData.personal.values()
    assert ids(checks.every_category_has_its_fields(None)) == ["office.E017"]


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"keep": Device.PersonalData.keep | {"system"}}, "office.E012", "Device.system is declared both"),
        ({"personal": {}, "keep": set()}, "office.E011", "Device.id has no category"),
        ({"personal": {**Device.PersonalData.personal, "system": "SHOES"}}, "office.E014", "'SHOES'"),
        ({"also": {"SHOES"}}, "office.E014", "'SHOES'"),
        ({"keep": Device.PersonalData.keep | {"shoe_size"}}, "office.E015", "declares shoe_size"),
        ({"sources": []}, "office.E016", "from where"),
        ({"sources": ["THIN_AIR"]}, "office.E016", "'THIN_AIR'"),
    ],
)  # fmt: skip
def test_each_fault_of_a_declaration_has_its_own_number_and_names_the_field(declare, changes, error, words):
    declare(Device, **changes)

    found = [each for each in checks.every_field_has_its_category(None) if each.obj is Device]

    assert any(each.id == error and words in each.msg for each in found)


def test_a_sealed_field_is_never_kept(declare):
    personal = {name: of for name, of in Device.PersonalData.personal.items() if name != "system"}
    declare(Device, personal=personal, keep=Device.PersonalData.keep | {"system"})

    (error,) = checks.every_field_has_its_category(None)

    assert (error.id, "customers.Device.system is sealed" in error.msg) == ("office.E013", True)


def test_a_model_that_declares_nothing_is_named(monkeypatch):
    monkeypatch.delattr(Device, "PersonalData")

    assert [error.msg for error in checks.every_field_has_its_category(None)] == [
        "customers.Device does not say what of it is personal."
    ]


@pytest.mark.django_db
def test_the_check_asks_the_database_nothing():
    with CaptureQueriesContext(connection) as asked:
        assert checks.every_field_has_its_category(None) == checks.every_category_has_its_fields(None) == []

    assert len(asked) == 0


def test_history_tables_are_exempt_since_their_models_declare_for_them():
    named = {model._meta.label for model in inventory.models()}

    assert "customers.HistoricalCustomer" not in named
    assert {"customers.Customer", "requests_desk.DataRequest", "audit.Entry"} <= named
    assert {label for label in named if "Historical" in label} == set()


def test_a_sealed_field_of_an_event_holds_all_three_categories_of_its_kinds():
    declared = inventory.declared(Event)

    assert {category: declared.names_of(category) for category in sorted(declared.categories)} == {
        Category.APP_USE: ["data"], Category.LOCATION: ["data"], Category.SITE_USE: ["data"],
    }  # fmt: skip


def test_what_lies_beside_the_file_is_known_too():
    assert {each._meta.label for each in apps.get_models() if getattr(each, "PersonalData", None)
            and Category.BIRTH in inventory.declared(each).categories and each not in inventory.homes()} >= {
        "requests_desk.DataRequest", "requests_desk.Draft", "requests_desk.IdentityDocument", "customers.Import",
    }  # fmt: skip
    assert SealedCharField in {type(field) for field in inventory.declared(Media).fields.values()}
    assert inventory.declared(Event).sources == (Source.EVENT_FILE,)
