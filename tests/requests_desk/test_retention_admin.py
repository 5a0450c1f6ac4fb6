"""The desk's pages of rules, holds and runs."""

import datetime as dt

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.utils import timezone, translation

from audit.models import Actor, Entry, Staff
from customers.categories import Category
from requests_desk.models import Hold, RetentionRule, RetentionRun
from requests_desk.services import holds
from tests.factories.keeping import a_customer, a_rule, a_whole_file, let_go, looked

pytestmark = pytest.mark.django_db

RULES, HOLDS = "/admin/requests_desk/retentionrule/", "/admin/requests_desk/hold/"
RUNS = "/admin/requests_desk/retentionrun/"
LONG_AGO = dt.date(2016, 1, 31)
GOOD = {"months": "60", "counted_from": "LEFT", "statute": "", "statute_months": ""}
SECRETS = ["花子", "みほん", "hanako@example.test", "090-0000-0001", "原町田"]


@pytest.fixture(autouse=True)
def the_day(settings, tmp_path):
    settings.FILES_FOLDER = tmp_path
    noon = dt.datetime(2026, 11, 25, 12, tzinfo=timezone.get_default_timezone())
    with time_machine.travel(noon, tick=True), translation.override("en"):
        yield


@pytest.fixture
def desk(client):
    """Signs a member of staff of a role in, who reads English."""

    def desk(role="privacy_officer"):
        member = Staff.objects.create_user(role, "x")
        member.groups.set([Group.objects.get(name=role)])
        client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
        client.cookies["django_language"] = "en"
        return client

    return desk


def test_the_rules_stand_in_fifteen_rows_in_the_order_of_the_policy(desk):
    a_rule("SEX", 12)
    a_rule("PAYMENT", 84, statute="Tax law, records", statute_months=84)

    page = desk().get(RULES)

    rows = page.context["panel"].table.rows
    assert [str(row[0]).partition(">")[2].removesuffix("</a>") for row in rows] == [each.label for each in Category]
    assert rows[2][1] == "12 months (1 year) from the day on which the registration ended"
    assert "Tax law, records: 84 months (7 years)" in str(rows[7][2])
    assert page.text.count("not decided yet: kept") == 13
    assert "13 categories have no rule yet." in page.text


def test_who_only_watches_is_offered_no_decision(desk):
    page = desk("auditor").get(RULES)

    assert page.status_code == 200
    assert "/decide/" not in page.text


@pytest.mark.parametrize("path", ["SHOES/change/", "SHOES/decide/", "1/change/", "sex/decide/"])
def test_a_category_that_does_not_exist_has_no_page(desk, path):
    assert desk().get(RULES + path).status_code == 404


@pytest.mark.parametrize("category", Category)
def test_each_page_of_a_category_offers_a_proposal_that_can_be_confirmed_as_it_is(desk, category):
    client = desk()
    page = client.get(f"{RULES}{category}/decide/")
    initial = page.context["form"].initial

    answer = client.post(f"{RULES}{category}/decide/", {name: str(value) for name, value in initial.items()})

    assert answer.status_code == 302, answer.context["form"].errors
    rule = RetentionRule.objects.get()
    assert (rule.category, rule.months, rule.counted_from) == (category, initial["months"], initial["counted_from"])
    assert str(category.label) in client.get(answer.url).text
    assert Entry.objects.filter(action="retention.decided", subject=f"requests_desk.retentionrule:{category}").exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"months": ""}, "months"),
        ({"months": "0"}, "months"),
        ({"months": "five"}, "months"),
        ({"months": "1201"}, "months"),
        ({"months": "１２", "statute": "Act", "statute_months": "13"}, "months"),
        ({"counted_from": "EVENT"}, "counted_from"),
        ({"counted_from": "RECORDED"}, "counted_from"),
        ({"statute": "Act"}, "statute_months"),
        ({"statute_months": "12"}, "statute"),
    ],
)
def test_what_cannot_be_decided_is_said_beside_its_field_and_kept_as_typed(desk, given, field):
    page = desk().post(f"{RULES}SEX/decide/", GOOD | given)

    assert field in page.context["form"].errors
    assert not RetentionRule.objects.exists()


def test_full_width_digits_are_read(desk):
    desk().post(f"{RULES}SEX/decide/", GOOD | {"months": "２４"})

    assert RetentionRule.objects.get().months == 24


def test_the_page_says_what_cannot_be_undone_before_it_is_done(desk):
    page = desk().get(f"{RULES}SEX/decide/")

    assert "This cannot be undone." in page.text
    assert "It cannot be brought back" in page.text
    assert "Article 22" in page.text


def test_a_rule_is_taken_back_and_its_page_remembers(desk):
    a_rule("SEX")
    client = desk()

    answer = client.post(f"{RULES}SEX/take-back/", follow=True)

    assert "Sex: nothing is decided any more. It is kept." in answer.text.replace("&quot;", '"')
    assert not RetentionRule.objects.exists()
    assert "Rule of retention taken back" in answer.text
    assert "This cannot be done now." in client.get(f"{RULES}SEX/take-back/").text


def test_a_hold_is_placed_from_the_page_of_its_customer(desk):
    customer, client = a_customer(), desk()
    page = client.get(f"/admin/customers/customer/{customer.pk}/change/")
    place = f"{HOLDS}place/?customer={customer.number}"
    assert place in page.text

    form = client.get(place)
    answer = client.post(
        place, {"customer": form.context["form"].initial["customer"], "category": "", "ground": "CLAIM",
                "case_number": "A-1"}, follow=True,
    )  # fmt: skip

    hold = Hold.objects.get()
    assert (hold.customer, hold.category, hold.ground, hold.case_number) == (customer, "", "CLAIM", "A-1")
    assert f"Hold {hold} lasts from now on" in answer.text
    assert f"/hold/{hold.pk}/change/" in client.get(f"/admin/customers/customer/{customer.pk}/change/").text


@pytest.mark.parametrize("number", ["", "NOBODY", "\x00", "見本"])
def test_a_hold_on_nobody_is_refused_beside_the_field(desk, number):
    page = desk().post(f"{HOLDS}place/", {"customer": number, "ground": "CLAIM", "case_number": "A-1"})

    assert "customer" in page.context["form"].errors


def test_the_same_hold_twice_is_said_and_what_was_typed_stays(desk):
    customer, client = a_customer(), desk()
    given = {"customer": customer.number, "category": "SEX", "ground": "CLAIM", "case_number": "A-1"}
    client.post(f"{HOLDS}place/", given)

    page = client.post(f"{HOLDS}place/", given)

    assert f"Customer {customer} has this very hold already." in page.text
    assert 'value="A-1"' in page.text


def test_a_hold_is_lifted_once(desk):
    hold = holds.place(a_customer(), ground="CLAIM", case_number="1", by=Actor.system())
    client = desk()

    client.post(f"{HOLDS}{hold.pk}/lift/")

    hold.refresh_from_db()
    assert hold.lifted_at
    assert "It was lifted already." in client.get(f"{HOLDS}{hold.pk}/lift/").text


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_holds_costs_the_same_however_many_and_names_nobody(desk, count, django_assert_max_num_queries):
    for _each in range(count):
        holds.place(a_customer(), ground="CLAIM", case_number="1", by=Actor.system())
    client = desk()

    with django_assert_max_num_queries(18):
        page = client.get(HOLDS)

    assert len(page.context["list"].result_list) == count
    assert [secret for secret in SECRETS if secret in page.text] == []


def test_a_look_stands_on_its_page_with_numbers_that_add_up(desk):
    people = [a_whole_file(left_on=LONG_AGO) for _each in range(3)]
    holds.place(people[0], ground="CLAIM", case_number="1", by=Actor.system())
    a_rule("SEX")
    a_rule("LOCATION", counted_from="EVENT")
    this = looked()

    page = desk().get(f"{RUNS}{this.pk}/change/")

    panels = {panel.slug: panel for panel in page.context["panels"]}
    cells = [[str(cell) for cell in row] for row in panels["result"].table.rows]
    assert [row[3:] for row in cells] == [
        ["3 persons", "1 person", "0 persons", "2 persons"], ["3 events", "1 event", "0 events", "2 events"],
    ]  # fmt: skip
    assert cells[0][:2] == ["Sex", "12 months (1 year) from the day on which the registration ended"]
    assert len(panels["no-rule"].facts[0].value) == 13
    assert "Look (nothing is blanked)" in page.text
    assert [secret for secret in SECRETS if secret in page.text] == []


def test_a_look_is_begun_from_the_list_and_its_page_waits_for_the_worker(desk):
    client = desk()

    answer = client.post(f"{RUNS}look/")
    page = client.get(answer.url)

    assert RetentionRun.objects.get().is_dry
    assert page.headers["Refresh"] == "5; url=?watch=1"
    assert "It waits for a worker and begins by itself." in page.text


def test_a_nightly_run_says_what_it_blanked_and_looked_through(desk):
    a_whole_file(left_on=LONG_AGO)
    a_customer(left_on=LONG_AGO, name="見本")
    a_rule("SEX")
    this = let_go()

    page = desk("auditor").get(f"{RUNS}{this.pk}/change/")

    (row,) = next(panel for panel in page.context["panels"] if panel.slug == "result").table.rows
    assert [str(cell) for cell in row[3:]] == ["1 person", "0 persons", "0 persons", "1 person"]
    assert "Besides, 1 without a present value" in page.text
    assert "Blanked, because its period is over" in page.text


def test_the_officer_is_told_of_categories_without_a_period(desk):
    a_rule("SEX")

    text = desk().get("/admin/").text

    assert "Categories without a period of retention" in text
    assert "<strong>14</strong>" in text
