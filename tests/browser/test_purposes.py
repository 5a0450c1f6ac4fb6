"""The register of purposes, its changes and the exports in a real browser: widths, axe, no script, paper, keyboard.

With ``PURPOSES_PICTURES`` in the environment (a folder) every page is kept there as a picture.
"""

import io
import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from consent.models import Export, PermittedUse, RegisterChange
from consent.purposes import Purpose
from consent.services import exports, policies, register
from customers.categories import Category
from tests.browser.people import wait_until
from tests.browser.test_public_pages import AXE, TOO_WIDE, open_in
from tests.factories.audit import StaffFactory
from tests.factories.consent import PolicyVersionFactory, make_register
from tests.factories.customers import make_customer

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("limits_anew")]
REGISTER, CHANGES, EXPORTS = (f"/admin/consent/{model}/" for model in ("permitteduse", "registerchange", "export"))


@pytest.fixture
def version(committed):
    texts = {
        f"text_{language}": (policies.FIRST_TEXTS / f"policy_{language}.md").read_text("utf-8")
        for language in ("ja", "en")
    }
    return PolicyVersionFactory.in_force_from(timezone.localdate().isoformat(), number=1, **texts)


def desk(chromium, web, member, language, **options):
    """A browser in which this member of staff is signed in."""
    client = Client()
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    context = open_in(chromium, web, language, **options)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": web.url}])
    return context


def look(page, name, found):
    """Note what is wrong with the page at each width, and keep its picture. axe looks at the desk in Japanese alone."""
    for width in (320, 375, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        if (over := page.evaluate(TOO_WIDE)) > 0:
            found.append(f"{name}: {over} pixels too wide at {width}")
        if width > 320 and (folder := os.environ.get("PURPOSES_PICTURES")):
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    if "/admin/" in page.url and not name.startswith("ja-"):
        return
    for problem in Axe().run(page, options=AXE).response["violations"]:
        found.append(f"{name}: {problem['id']}: {problem['nodes'][0]['html'][:200]}")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_fits_every_width_and_axe_finds_nothing(chromium, web, version, language):
    officer, approver = StaffFactory.with_roles("privacy_officer"), StaffFactory.with_roles("approver")
    context = desk(chromium, web, officer, language, bypass_csp=True)
    page, found = context.new_page(), []

    def visit(path, name):
        page.goto(web.url + path)
        look(page, f"{language}-{name}", found)

    visit(REGISTER, "register-empty")
    visit(CHANGES, "changes-empty")
    visit(f"{EXPORTS}ask/", "ask-not-yet")
    visit(EXPORTS, "exports-empty")
    visit("/policy/purposes/", "public-empty")
    visit(f"{CHANGES}propose/", "propose-first")
    make_register()
    beyond = register.propose(
        [(Purpose.INFORMATION, Category.LOCATION, True), (Purpose.INFORMATION, Category.NAME, False)],
        policy_version=version, relatedness="UNRELATED", judgement="近くの催しを案内する。" * 20, by=approver.actor,
    )  # fmt: skip
    ending = register.propose([(Purpose.USAGE, Category.COOKIE, False)], by=approver.actor)
    register.approve(ending, by=officer.actor)
    visit(REGISTER, "register")
    visit(f"{REGISTER}?on=soon", "register-no-day")
    visit(f"{REGISTER}{PermittedUse.objects.filter(until__isnull=False).get().pk}/change/", "cell")
    visit(CHANGES, "changes")
    visit(f"{CHANGES}{beyond.pk}/change/", "change-beyond")
    visit(f"{CHANGES}{ending.pk}/change/", "change-approved")
    visit(f"{CHANGES}propose/", "propose")
    page.check("#id_cells_INFORMATION_ADDRESS", force=True)
    page.click(".desk-form button")
    look(page, f"{language}-propose-errors", found)
    visit("/policy/purposes/", "public")
    for number in range(3):
        make_customer(f"T{number}")
    visit(f"{EXPORTS}ask/", "ask")
    page.click(".desk-form button")
    look(page, f"{language}-ask-errors", found)
    page.check("#id_purpose_4")
    page.check("#id_categories_0")
    page.check("#id_categories_4")
    page.check("#id_selection_2")
    page.fill("#id_numbers", "T0 T1 T9")
    page.click(".desk-form button")
    look(page, f"{language}-ask-preview", found)
    page.click("button[name=confirmed]")
    look(page, f"{language}-export-waiting", found)
    export = Export.objects.get()
    exports.make(export, language=language, by=officer.actor)
    visit(f"{EXPORTS}{export.pk}/change/", "export-ready")
    visit(f"{EXPORTS}{export.pk}/download/", "download")
    visit(EXPORTS, "exports")
    context.close()

    context = desk(chromium, web, approver, language, bypass_csp=True)
    page = context.new_page()
    change = register.propose(
        [(Purpose.INFORMATION, Category.ADDRESS, True)], policy_version=version, relatedness="RELATED",
        judgement="郵送でも案内する。", by=officer.actor,
    )  # fmt: skip
    visit(f"{CHANGES}{change.pk}/approve/", "approve")
    visit(f"{CHANGES}{change.pk}/refuse/", "refuse")
    context.close()

    assert found == []


def test_the_first_register_is_proposed_approved_and_used_by_keyboard_without_a_script(chromium, web, worker, version):
    officer, approver = StaffFactory.with_roles("privacy_officer"), StaffFactory.with_roles("approver")
    context = desk(chromium, web, officer, "en", java_script_enabled=False)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{web.url}{CHANGES}propose/")
    page.focus("#id_cells_INFORMATION_ADDRESS")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.select_option("#id_policy_version", str(version.pk))
    page.check("#id_relatedness_0")
    page.fill("#id_judgement", "What each purpose needs, and letters about services.")
    page.focus(".desk-form .act-row button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    change = RegisterChange.objects.get()
    assert str(change) in page.inner_text(".messagelist")

    other = desk(chromium, web, approver, "en")
    there = other.new_page()
    there.goto(f"{web.url}{CHANGES}{change.pk}/approve/")
    there.click(".desk-form .act-row button")
    assert "Article 21(3)" in there.inner_text(".error-summary")
    there.check("#id_is_read")
    there.click(".desk-form .act-row button")
    assert register.permits(Purpose.INFORMATION, Category.ADDRESS)
    assert len(register.table()) == 46

    make_customer("T1", name="見本 花子", address="町田市")
    page.goto(f"{web.url}{EXPORTS}ask/")
    page.check("#id_purpose_4")
    for number in (0, 6):
        page.check(f"#id_categories_{number}")
    page.check("#id_selection_0")
    page.click(".desk-form .act-row button")
    page.click("button[name=confirmed]")
    export = Export.objects.get()
    assert export.number in page.inner_text("main")
    wait_until(lambda: Export.objects.get().status == "READY")
    page.goto(f"{web.url}{EXPORTS}{export.pk}/download/")
    with page.expect_download() as download:
        page.click(".desk-form .act-row button")
    assert download.value.suggested_filename == f"{export.number}.xlsx"
    assert Path(download.value.path()).read_bytes()[:2] == b"PK"
    other.close()
    context.close()

    assert said == []


def test_the_register_prints_on_one_sheet_of_a4_on_its_side(chromium, web, version):
    make_register({purpose: list(Category) for purpose in Purpose})
    for language in ("ja", "en"):
        context = desk(chromium, web, StaffFactory.with_roles("auditor"), language)
        page = context.new_page()
        page.goto(web.url + REGISTER)
        printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
        if folder := os.environ.get("PURPOSES_PICTURES"):
            page.emulate_media(media="print")
            page.set_viewport_size({"width": 1054, "height": 726})
            page.screenshot(path=Path(folder) / f"printed-{language}.png", full_page=True)
            page.pdf(path=Path(folder) / f"register-{language}.pdf", prefer_css_page_size=True, print_background=True)
        context.close()

        assert len(printed.pages) == 1
        width, height = printed.pages[0].mediabox.width, printed.pages[0].mediabox.height
        assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (297, 210)
