"""From a category without a period to what the night would blank, at the desk, with the office's real processes."""

import datetime as dt
import re

import pytest

from audit.models import Actor
from customers.categories import Category
from customers.models import Customer
from customers.services import holdings
from requests_desk.models import Hold, RetentionRun
from requests_desk.services import retention
from tests.browser.people import PHONE, Clerk, Watch, wait_until
from tests.factories.keeping import a_customer, a_rule, a_whole_file
from tests.factories.requests_desk import a_request

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("limits_anew")]

LISTS = [
    "/admin/inventory/", "/admin/requests_desk/retentionrule/", "/admin/requests_desk/retentionrule/PAYMENT/change/",
    "/admin/requests_desk/retentionrule/PAYMENT/decide/", "/admin/requests_desk/hold/",
    "/admin/requests_desk/hold/place/", "/admin/requests_desk/retentionrun/", "/admin/requests_desk/retentionrun/look/",
]  # fmt: skip
CODE = "^[a-f]{4,8}$"  # a piece of a digest
KNOWN = {"officer", "Ant", "Cookie", "PDF", "LONGNUMBER"}


def sideways(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.fixture
def world(committed):
    """Who left long ago (one under a hold, one who may have asked), who is here, and with a long number."""
    gone = dt.date(2020, 1, 31)
    people = [a_whole_file(left_on=gone) for _each in range(2)]
    held = a_customer("LONGNUMBER-" + "7" * 20, left_on=gone, name="長宗我部 寿限無寿限無五劫の擦り切れ海砂利水魚之助")
    a_customer(left_on=gone, name="別人 花子", email="hanako2@example.test")
    a_request(name="別人 花子", kana="", email="hanako2@example.test", telephone="")
    a_whole_file()
    return people, held


@pytest.mark.parametrize(("language", "width"), [("ja", PHONE), ("en", PHONE), ("ja", 1280), ("en", 1280)])
def test_every_page_fits_and_speaks_one_language_with_nothing_to_show(chromium, web, language, width):
    watch = Watch(web.url)
    officer = Clerk(chromium, watch, "privacy_officer", name="officer", language=language, width=width)

    for address in LISTS:
        officer.go(address)
        assert sideways(officer.page) == 0, address

    assert watch.left_over - KNOWN == set()
    assert watch.faults == []


@pytest.mark.parametrize(("language", "width"), [("ja", PHONE), ("en", 1280)])
def test_a_period_is_decided_looked_at_and_carried_out(chromium, web, worker, world, language, width):
    people, held = world
    watch = Watch(web.url)
    officer = Clerk(chromium, watch, "privacy_officer", name="officer", language=language, width=width)

    officer.go("/admin/requests_desk/retentionrule/NAME/decide/")
    officer.page.fill("#id_months", "６０")
    officer.page.fill("#id_statute_months", "84")
    officer.confirm()
    assert officer.count(".error-summary a[href='#id_statute']")
    officer.page.fill("#id_statute_months", "")
    officer.confirm()
    for category in ("SEX", "LOCATION", "MEDIA"):
        a_rule(category, 12, "EVENT" if category == "LOCATION" else "LEFT")

    officer.go(f"/admin/customers/customer/{held.pk}/change/").press("#holds .act-row a")
    officer.page.check("#id_ground_1")
    officer.page.fill("#id_case_number", "A-2026-17")
    officer.confirm()

    officer.go("/admin/requests_desk/retentionrun/look/")
    officer.confirm()
    wait_until(lambda: RetentionRun.objects.filter(finished_at__isnull=False).exists())
    officer.go(officer.page.url)
    cells = officer.page.locator("#result tbody tr:first-child td > :last-child").all_inner_texts()
    assert [text.split()[0].rstrip("人") for text in cells[3:]] == ["4", "1", "1", "2"]
    assert Customer.objects.get(pk=people[0].pk).held == people[0].held
    assert sideways(officer.page) == 0

    night = retention.run(by=Actor.system())
    wait_until(lambda: RetentionRun.objects.get(pk=night.pk).finished_at)
    officer.go(f"/admin/requests_desk/retentionrun/{night.pk}/change/")
    assert sideways(officer.page) == 0
    hold = f"/admin/requests_desk/hold/{Hold.objects.get().pk}"
    for address in [*LISTS, f"/admin/customers/customer/{held.pk}/change/", f"{hold}/change/", f"{hold}/lift/",
                    "/admin/", "/admin/requests_desk/retentionrule/NAME/change/"]:  # fmt: skip
        officer.go(address)
        assert sideways(officer.page) == 0, address

    assert {word for word in watch.left_over if not re.search(CODE, word)} - KNOWN == set()
    assert watch.faults == []
    assert watch.naming(["長宗我部", "寿限無", "hanako"]) == []
    assert Category.NAME not in {each for each in Category if Customer.objects.get(pk=people[0].pk).held & each.bit}
    assert holdings.counts()[1][Category.NAME] == 3
