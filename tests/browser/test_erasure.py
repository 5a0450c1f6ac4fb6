"""The erasure of a person at the desk in a real browser: proposed by one, approved by another, at every width.

With ``PURPOSES_PICTURES`` in the environment (a folder) every page is kept there as a picture.
"""

import pytest

from customers.categories import Category
from customers.models import Customer
from requests_desk.models import Erasure
from tests.browser.test_purposes import desk, look
from tests.factories.audit import StaffFactory
from tests.factories.customers import make_customer
from tests.factories.keeping import a_rule, a_whole_file
from tests.factories.requests_desk import At

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("limits_anew")]
ERASURES = "/admin/requests_desk/erasure/"


def test_one_proposes_another_approves_and_every_page_fits(chromium, web):
    handler, approver = StaffFactory.with_roles("handler"), StaffFactory.with_roles("approver")
    context = desk(chromium, web, handler, "ja", bypass_csp=True)
    page, found = context.new_page(), []
    page.goto(web.url + ERASURES)
    look(page, "ja-erasure-empty", found)
    page.goto(f"{web.url}{ERASURES}propose/")
    page.click(".desk-form button")
    look(page, "ja-erasure-propose-errors", found)
    customer, blocked = a_whole_file("T1"), make_customer("T2", name="見本 次郎")
    a_rule(Category.PAYMENT, 84, statute="法人税法 第126条、同法施行規則 第59条", statute_months=84)
    At.matched(blocked)
    page.goto(f"{web.url}{ERASURES}propose/?customer=T2")
    look(page, "ja-erasure-blocked", found)
    page.goto(f"{web.url}/admin/customers/customer/{customer.pk}/change/")
    page.click(f"a[href*='{ERASURES}propose/?customer=T1']")
    look(page, "ja-erasure-propose", found)
    page.check("#id_reason_0")
    page.fill("#id_case_number", "E-2026-1")
    page.click(".desk-form button")
    look(page, "ja-erasure-waiting", found)
    context.close()
    this = Erasure.objects.get()
    context = desk(chromium, web, approver, "ja", bypass_csp=True)
    page = context.new_page()
    page.goto(f"{web.url}{ERASURES}{this.pk}/refuse/")
    look(page, "ja-erasure-refuse", found)
    page.goto(f"{web.url}{ERASURES}{this.pk}/approve/")
    look(page, "ja-erasure-approve", found)
    page.focus(".desk-form button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    look(page, "ja-erasure-done", found)
    page.goto(f"{web.url}{ERASURES}?view=all")
    look(page, "ja-erasure-list", found)
    context.close()

    this.refresh_from_db()
    assert (this.status, list(this.kept)) == ("PARTLY", [Category.PAYMENT])
    assert Customer.objects.get(pk=customer.pk).is_erased
    assert found == []


def test_the_pages_fit_in_english_too(chromium, web):
    customer = make_customer("T1", name="見本 花子")
    context = desk(chromium, web, StaffFactory.with_roles("handler"), "en", bypass_csp=True)
    page, found = context.new_page(), []
    for name, path in (("list", ""), ("propose", f"propose/?customer={customer}")):
        page.goto(web.url + ERASURES + path)
        look(page, f"en-erasure-{name}", found)
    context.close()

    assert found == []
