"""The public pages in a real browser: layout, contrast and names, security policy, no script, back and refresh."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from requests_desk.models import DataRequest
from tests.browser.public_walk import LONG_NAME, NEXT, code_from_mail, walk

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("limits_anew")]
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PHONE = {"width": 375, "height": 760}
# A page that loads itself anew has no element for a moment; it is measured at the next width.
TOO_WIDE = "document.documentElement ? document.documentElement.scrollWidth - document.documentElement.clientWidth : 0"
SPACING = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    "p { margin-bottom: 2em !important }"
)
FOCUS_STOPS = """() => {
  const covered = [];
  for (const at of document.querySelectorAll('a[href], button, input:not([type=hidden]), textarea')) {
    at.focus({focusVisible: true});
    at.scrollIntoView({block: 'nearest'});
    const box = at.getBoundingClientRect();
    if (box.width < 2 || box.bottom < 0) continue;
    const top = document.elementFromPoint(box.left + Math.min(box.width / 2, 20), box.top + box.height / 2);
    const label = at.labels && at.labels[0];
    if (!(at.contains(top) || (top && top.contains(at)) || (label && label.contains(top)))) covered.push(at.outerHTML);
  }
  return covered;
}"""


def open_in(chromium, web, language, **options):
    context = chromium.new_context(viewport=PHONE, locale="ja-JP", **options)
    context.add_cookies([{"name": "django_language", "value": language, "url": web.url}])
    context.set_default_timeout(20_000)
    return context


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_fits_every_width_and_text_size_and_axe_finds_nothing(chromium, web, language):
    context = open_in(chromium, web, language, bypass_csp=True)
    page, found, axe = context.new_page(), [], Axe()

    def look(name):
        for width in (320, 375, 1280):
            page.set_viewport_size({"width": width, "height": 760})
            if (over := page.evaluate(TOO_WIDE)) > 0:
                found.append(f"{name}: {over} pixels too wide at {width}")
        for what, style in [("text at 200 %", "html { font-size: 200% !important }"), ("text spacing", SPACING)]:
            page.set_viewport_size(PHONE)
            handle = page.add_style_tag(content=style)
            if (over := page.evaluate(TOO_WIDE)) > 0:
                found.append(f"{name}: {over} pixels too wide with {what}")
            handle.evaluate("style => style.remove()")
        found.extend(f"{name}: focus covered at {stop}" for stop in page.evaluate(FOCUS_STOPS))
        for problem in axe.run(page, options=AXE).response["violations"]:
            found.append(f"{name}: {problem['id']}: {problem['nodes'][0]['html'][:200]}")

    walk(page, web.url, look)
    context.close()

    assert found == []


def test_pages_need_no_script_and_load_nothing_from_elsewhere(chromium, web):
    context = open_in(chromium, web, "ja", java_script_enabled=False)
    page, said, foreign = context.new_page(), [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: request.url.startswith(web.url) or foreign.append(request.url))
    walk(page, web.url)
    context.close()

    assert foreign == []
    assert [text for text in said if "Content Security Policy" in text or "Refused" in text] == []
    assert DataRequest.objects.count() == 1


def test_a_page_weighs_at_most_60_kilobytes_in_five_requests(chromium, web):
    for path in ("/", "/request/", "/request/kind/", "/status/", "/accessibility/", "/policy/history/"):
        context = open_in(chromium, web, "ja")
        page, loaded = context.new_page(), []
        page.on("requestfinished", lambda request, loaded=loaded: loaded.append(request.sizes()["responseBodySize"]))
        page.goto(web.url + path, wait_until="networkidle")
        context.close()

        assert len(loaded) <= 5, path
        assert sum(loaded) <= 60_000, path


def test_back_forward_and_refresh_keep_what_was_typed(chromium, web):
    context = open_in(chromium, web, "ja", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{web.url}/request/kind/")
    page.click("label[for=id_kind_0]")
    page.click(NEXT)
    page.click("label[for=id_who_0]")
    page.click(NEXT)
    page.fill("#id_name", LONG_NAME)
    page.fill("#id_kana", "漢字")
    page.click(NEXT)  # an error
    page.reload()
    assert page.input_value("#id_kana") == "漢字"
    page.fill("#id_kana", "じゅげむ")
    page.click(NEXT)
    page.wait_for_selector("#id_email")  # a press returns while the next page is still on its way

    page.go_back()
    assert page.input_value("#id_name") == LONG_NAME
    page.go_forward()
    page.wait_for_selector("#id_email")
    page.go_back()
    page.reload()
    assert page.input_value("#id_kana") == "じゅげむ"
    context.close()


def test_the_summary_of_errors_has_the_focus_without_a_script(chromium, web):
    context = open_in(chromium, web, "ja")
    page = context.new_page()
    page.goto(f"{web.url}/request/kind/")
    page.click(NEXT)

    assert page.title().startswith("エラー：")
    assert page.evaluate("document.activeElement.id") == "summary-title"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#id_kind_0"
    context.close()


def test_after_sending_back_leads_to_the_receipt_and_two_presses_make_one_request(chromium, web):
    context = open_in(chromium, web, "ja")
    page = context.new_page()
    answers = [
        ("kind", {}, "id_kind_0"), ("who", {}, "id_who_0"), ("name", {"name": "見本 花子"}, None),
        ("contact", {"email": "hanako@example.test"}, None), ("address", {"address": "町田市1-1"}, None),
        ("birth", {"birth_date_year": "1985", "birth_date_month": "4", "birth_date_day": "3"}, None),
        ("about", {}, "id_method_0"),
    ]  # fmt: skip
    for step, texts, choice in answers:
        page.goto(f"{web.url}/request/{step}/")
        for name, text in texts.items():
            page.fill(f"#id_{name}", text)
        if choice:
            page.click(f"label[for={choice}]")
        page.click(NEXT)
    page.click(NEXT)
    page.fill("#id_code", code_from_mail())
    page.dblclick(NEXT)
    page.wait_for_url("**/status/**")
    page.go_back()
    page.goto(f"{web.url}/request/code/")

    assert "この請求は受付済みです" in page.inner_text("main")
    assert DataRequest.objects.count() == 1
    context.close()


def test_controls_are_seen_where_the_visitors_colours_are_forced(chromium, web):
    context = open_in(chromium, web, "ja", forced_colors="active")
    page = context.new_page()
    page.goto(f"{web.url}/request/kind/")

    page.click("label[for=id_kind_0]")
    page.focus("#id_kind_0")

    border = "at => getComputedStyle(at).borderTopWidth + ' ' + getComputedStyle(at).borderTopStyle"
    assert page.eval_on_selector("label[for=id_kind_0]", border) == "3px solid"
    assert page.eval_on_selector(NEXT, border) == "3px solid"
    context.close()


def test_targets_are_large_enough_for_a_thumb(chromium, web):
    context = open_in(chromium, web, "ja")
    page, small = context.new_page(), []
    sizes = """() => [...document.querySelectorAll('a[href], button, .choice > label, input[type=text], textarea')]
      .filter(at => !at.closest('p, li:not(.foot-links li), dd') && !at.matches('.skip'))
      .map(at => [at.textContent.trim().slice(0, 30), at.getBoundingClientRect().height])"""

    for path in ("/", "/request/", "/request/kind/", "/status/", "/status/lost/"):
        page.goto(web.url + path)
        small += [(path, *size) for size in page.evaluate(sizes) if size[1] < 44]
    context.close()

    assert small == []
