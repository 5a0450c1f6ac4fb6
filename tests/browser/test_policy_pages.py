"""The policy, its versions and their differences in a real browser: widths, text size, axe, security policy, print."""

import datetime as dt

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from consent.services import policies
from tests.browser.test_public_pages import AXE, FOCUS_STOPS, SPACING, TOO_WIDE, open_in
from tests.factories.consent import PolicyVersionFactory

pytestmark = pytest.mark.browser
LONG = "改定する文言" * 40


@pytest.fixture
def versions(committed):
    """One in force and one to come, of real size, with changes of every kind between them."""
    texts = {language: (policies.FIRST_TEXTS / f"policy_{language}.md").read_text("utf-8") for language in ("ja", "en")}
    today = timezone.localdate()
    PolicyVersionFactory.in_force_from(today.isoformat(), number=1, text_ja=texts["ja"], text_en=texts["en"])
    changed_ja = texts["ja"].replace("- パスポート（旅券）\n", "").replace("遅滞なく", "2週間以内をめやすに、遅滞なく")
    changed_en = texts["en"].replace("- Passport\n", "").replace("without delay", "within about two weeks")
    coming = (today + dt.timedelta(days=30)).isoformat()
    longer_ja = f"{changed_ja}\n\n## 10. 追加の章\n\n{LONG}。\n"
    longer_en = f"{changed_en}\n\n## 10. More\n\nNew.\n"
    PolicyVersionFactory.in_force_from(coming, number=2, text_ja=longer_ja, text_en=longer_en)


PATHS = ["/policy/", "/policy/history/", "/policy/1/", "/policy/2/", "/policy/2/changes/", "/policy/1/changes/"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_pages_fit_every_width_and_text_size_and_axe_finds_nothing(chromium, web, versions, language):
    context = open_in(chromium, web, language, bypass_csp=True)
    page, found, axe = context.new_page(), [], Axe()
    for path in PATHS:
        page.goto(web.url + path)
        for width in (320, 375, 1280):
            page.set_viewport_size({"width": width, "height": 760})
            if (over := page.evaluate(TOO_WIDE)) > 0:
                found.append(f"{path}: {over} pixels too wide at {width}")
        for what, style in [("text at 200 %", "html { font-size: 200% !important }"), ("text spacing", SPACING)]:
            page.set_viewport_size({"width": 375, "height": 760})
            handle = page.add_style_tag(content=style)
            if (over := page.evaluate(TOO_WIDE)) > 0:
                found.append(f"{path}: {over} pixels too wide with {what}")
            handle.evaluate("style => style.remove()")
        found.extend(f"{path}: focus covered at {stop}" for stop in page.evaluate(FOCUS_STOPS))
        for problem in axe.run(page, options=AXE).response["violations"]:
            found.append(f"{path}: {problem['id']}: {problem['nodes'][0]['html'][:200]}")
    context.close()

    assert found == []


def test_pages_need_no_script_and_a_jump_leads_to_its_change(chromium, web, versions):
    context = open_in(chromium, web, "ja", java_script_enabled=False)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    for path in PATHS:
        page.goto(web.url + path)
    page.goto(f"{web.url}/policy/2/changes/")
    page.click(".contents li:last-child a")

    assert said == []
    assert page.locator(":target").locator("ins").count() >= 1
    assert page.locator("del", has_text="パスポート（旅券）").count() == 1
    context.close()


def test_the_difference_prints_without_navigation(chromium, web, versions):
    context = open_in(chromium, web, "ja")
    page = context.new_page()
    page.goto(f"{web.url}/policy/2/changes/")
    page.emulate_media(media="print")

    assert not page.locator(".foot-links").is_visible()
    assert not page.locator(".back").is_visible()
    assert page.locator("ins").first.is_visible()
    assert page.locator("del").first.evaluate("each => getComputedStyle(each).textDecorationLine") == "line-through"
    context.close()
