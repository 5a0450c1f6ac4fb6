"""The inventory of information: fifteen lines, read from what is declared, decided and counted."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from audit.models import Staff
from config import inventory
from consent.models import PermittedUse, PolicyVersion, RegisterChange
from consent.purposes import Purpose
from customers.categories import Category
from customers.models import Customer, EventKind
from tests.factories.consent import PolicyVersionFactory, an_actor
from tests.factories.customers import make_customer, make_erased_customer
from tests.factories.keeping import a_customer, a_rule, a_whole_file, an_event, let_go

pytestmark = pytest.mark.django_db
PAGE = "/admin/inventory/"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.FILES_FOLDER = tmp_path


@pytest.fixture
def desk(client):
    member = Staff.objects.create_user("ant", "x")
    member.groups.set([Group.objects.get(name="privacy_officer")])
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client


def permit(purpose, category, since, until=None):
    version = PolicyVersion.objects.approved().first() or PolicyVersionFactory.in_force_from("2020-01-01")
    made = a_change(version, purpose, category, permits=True)
    return PermittedUse.objects.create(
        purpose=purpose, category=category, since=since, policy_version=version, permitted_by_change=made, until=until,
        ended_by_change=a_change(version, purpose, category, permits=False) if until else None,
    )  # fmt: skip


def a_change(version, purpose, category, *, permits):
    change = RegisterChange.objects.create(
        status="APPROVED", widens=permits, policy_version=version, relatedness="FIRST", judgement="x",
        proposed_by=an_actor(), decided_by=an_actor(), decided_at=version.approved_at,
    )  # fmt: skip
    change.lines.create(purpose=purpose, category=category, permits=permits)
    return change


def test_the_fifteen_categories_stand_in_the_order_of_the_policy_with_what_is_stored():
    with translation.override("en"):
        lines = inventory.draw_up().lines
        stored = {line.category: [str(label) for label in line.stored] for line in lines}

        purchases = [str(EventKind(f"APP_{each}").label) for each in ("LAUNCH", "INPUT", "PURCHASE")]

    assert [line.category for line in lines] == list(Category)
    assert stored[Category.NAME] == ["Full name", "Reading", "Nickname", "Pen name"]
    assert stored[Category.CAREER] == ["Occupation", "Work history", "Education"]
    assert "Last four digits" in stored[Category.PAYMENT]
    assert stored[Category.APP_USE] == purchases
    assert stored[Category.MEDIA] == ["File", "Small picture", "Title"]
    assert all(stored.values())
    assert all(line.sources for line in lines)


def test_every_model_with_a_category_stands_somewhere_on_it():
    lines = {line.category: line for line in inventory.draw_up().lines}

    for declared in map(inventory.declared, inventory.models()):
        for category in declared.categories:
            names = [str(name).lower() for name in lines[category].also_in]
            is_home = declared.model in inventory.homes() and category in declared.categories
            assert is_home or str(declared.model._meta.verbose_name_plural).lower() in names


def test_it_counts_who_holds_what_without_reading_a_customer():
    a_whole_file()
    a_customer(name="見本", sex="OTHER")
    make_erased_customer()

    with CaptureQueriesContext(connection) as asked:
        found = inventory.draw_up()

    counts = {line.category: line.held_on for line in found.lines}
    assert found.records == 2
    assert (counts[Category.NAME], counts[Category.SEX], counts[Category.LOCATION]) == (2, 2, 1)
    assert not [query for query in asked.captured_queries if f'FROM "{Customer._meta.db_table}"' in query["sql"]]


@pytest.mark.parametrize("customers", [1, 3])
def test_it_costs_the_same_however_many_customers(customers, django_assert_num_queries):
    for _each in range(customers):
        make_customer()

    with django_assert_num_queries(4):
        inventory.draw_up()


def test_events_are_estimated_by_the_database_and_an_estimate_that_is_not_there_is_said():
    customer = a_customer(name="見本")
    with translation.override("en"):
        assert inventory.draw_up().events_in_words == "none"

        for day in (dt.date(2026, 1, 10), dt.date(2026, 2, 10)):
            an_event(customer, EventKind.SITE_VISIT, day)
        assert inventory.draw_up().events_in_words == "in 2 months, not estimated yet"

        with connection.cursor() as cursor:
            cursor.execute("ANALYZE customers_event")
        assert inventory.draw_up().events_in_words == "about 2 in 2 months"


def test_purposes_are_those_that_are_permitted_today():
    today = dt.date.today()
    permit(Purpose.PAYMENT, Category.PAYMENT, dt.date(2020, 1, 1))
    permit(Purpose.IMPROVEMENT, Category.PAYMENT, dt.date(2020, 1, 1), until=today)
    permit(Purpose.USAGE, Category.PAYMENT, today + dt.timedelta(days=1))

    lines = {line.category: line for line in inventory.draw_up().lines}

    assert lines[Category.PAYMENT].purposes == [Purpose.PAYMENT.label]
    assert lines[Category.SEX].purposes == []


def test_the_page_says_what_is_not_decided_and_what_is(desk):
    client = desk
    client.cookies["django_language"] = "en"
    empty = client.get(PAGE).text
    a_rule("SEX", 24)
    page = client.get(PAGE).text

    assert "How long information is kept is not decided yet" in empty
    assert empty.count("not decided yet: kept") == 15
    assert "The register of purposes permits no use yet" in empty
    assert "24 months (2 years) from the day on which the registration ended" in page
    assert page.count("not decided yet: kept") == 14


def test_what_retention_took_is_no_longer_counted_and_nobody_is_named(desk):
    customer = a_whole_file(left_on=dt.date(2016, 1, 31))
    a_rule("SEX")
    let_go()

    page = desk.get(PAGE)

    counts = {line.category: line.held_on for line in page.context["inventory"].lines}
    assert (counts[Category.SEX], counts[Category.NAME]) == (0, 1)
    assert customer.number not in page.text
    assert "花子" not in page.text


@pytest.mark.parametrize(("role", "may"), [("auditor", True), ("handler", True), ("verifier", False)])
def test_it_is_linked_for_who_may_see_it(client, role, may):
    member = Staff.objects.create_user("ant", "x")
    member.groups.set([Group.objects.get(name=role)])
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")

    assert (PAGE in client.get("/admin/").text) == may
    assert client.get(PAGE).status_code == (200 if may else 403)
