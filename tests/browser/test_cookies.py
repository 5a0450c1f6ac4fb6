"""What leaves the browser, with its network recorded: nothing to another origin before a yes, nor after a no."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from consent.models import CookieChoice
from tests.browser.test_public_pages import AXE, FOCUS_STOPS, TOO_WIDE, open_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("limits_anew")]
ID = "G-TEST123456"
# What gtag.js does, as far as it matters here: leaves cookies, and sends the address that it was configured with.
SCRIPT = """
const config = window.dataLayer.find((each) => each[0] === "config");
document.cookie = "_ga=GA1.1.1.1; path=/; max-age=9999";
document.cookie = "_ga_TEST123456=GS1.1.1; path=/; max-age=9999";
const sent = new URLSearchParams({tid: config[1], dl: config[2].page_location, dr: config[2].page_referrer});
fetch(new URL("/g/collect?" + sent, document.currentScript.src), {mode: "no-cors"});
"""


class StandIn(BaseHTTPRequestHandler):
    """In place of Google's servers: gives the script, takes what is collected."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript")
        self.end_headers()
        if self.path.startswith("/gtag/js"):
            self.wfile.write(SCRIPT.encode())

    def log_message(self, *said):
        pass


@pytest.fixture
def stand_in():
    server = ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def measured(crew, settings, stand_in):
    """The site with an id of analytics, whose endpoint is the stand-in."""
    crew.environment.update(ANALYTICS_ID=ID, ANALYTICS_ORIGIN=stand_in)
    return crew.web(int(settings.SITE_URL.rsplit(":", 1)[1]))


@contextmanager
def visitor(chromium, site, **options):
    """A page, and the list of all that its browser asks of other origins."""
    context = open_in(chromium, site, "ja", **options)
    foreign, said = [], []
    context.on("request", lambda request: request.url.startswith(site.url) or foreign.append(request.url))
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    yield page, foreign
    context.close()
    assert [text for text in said if "Content Security Policy" in text] == []


def look_around(page, site):
    for path in ("/", "/policy/", "/policy/purposes/", "/policy/external-transmissions/", "/request/", "/cookies/"):
        page.goto(site.url + path, wait_until="networkidle")


def choose(page, value):
    page.click(f"button[name=choice][value={value}]")


def left(page):
    return {cookie["name"] for cookie in page.context.cookies() if cookie["name"].startswith("_g")}


def test_nothing_leaves_before_a_choice_nor_after_a_refusal(chromium, measured):
    with visitor(chromium, measured) as (page, foreign):
        look_around(page, measured)
        page.goto(measured.url + "/policy/")
        before = page.evaluate("performance.timeOrigin")
        choose(page, "refuse")
        page.get_by_text("選択を6か月間おぼえます").wait_for()
        is_same_page = page.evaluate("performance.timeOrigin") == before
        look_around(page, measured)
        page.goto(measured.url + "/")
        asks_again = page.locator("[data-cookie-banner]").count()

    assert foreign == []
    assert is_same_page
    assert not asks_again
    assert [row.choice for row in CookieChoice.objects.all()] == ["REFUSED"]


def test_after_a_yes_exactly_the_listed_pages_are_counted_without_query_until_it_is_withdrawn(
    chromium, measured, stand_in
):
    with visitor(chromium, measured) as (page, foreign):
        page.goto(measured.url + "/?number=4711")
        choose(page, "accept")
        page.get_by_text("選択を6か月間おぼえます").wait_for()
        at_once = list(foreign)
        page.goto(measured.url + "/policy/?secret=1#here", wait_until="networkidle")
        page.goto(measured.url + "/request/", wait_until="networkidle")
        counted, marks = list(foreign), left(page)
        page.goto(measured.url + "/cookies/", wait_until="networkidle")
        choose(page, "refuse")
        page.get_by_text("選択を保存しました").wait_for()
        marks_afterwards = left(page)
        foreign.clear()
        look_around(page, measured)

    assert at_once == []
    assert [urlsplit(url).path for url in counted] == ["/gtag/js", "/g/collect"]
    assert all(url.startswith(stand_in) for url in counted)
    sent = parse_qs(urlsplit(counted[1]).query)
    assert sent == {"tid": [ID], "dl": [measured.url + "/policy/"]}
    assert marks == {"_ga", "_ga_TEST123456"}
    assert marks_afterwards == set()
    assert foreign == []
    assert [row.choice for row in CookieChoice.objects.order_by("pk")] == ["ACCEPTED", "WITHDRAWN"]


def test_without_scripts_one_click_chooses_and_comes_back_and_nothing_leaves(chromium, measured):
    with visitor(chromium, measured, java_script_enabled=False) as (page, foreign):
        look_around(page, measured)
        page.goto(measured.url + "/policy/purposes/")
        choose(page, "accept")
        came_back_to = page.url
        look_around(page, measured)
        page.goto(measured.url + "/cookies/")
        choose(page, "refuse")

    assert foreign == []
    assert came_back_to == measured.url + "/policy/purposes/"
    assert [row.choice for row in CookieChoice.objects.order_by("pk")] == ["ACCEPTED", "WITHDRAWN"]


def test_a_browser_that_says_no_by_itself_is_not_asked_and_sends_nothing(chromium, measured):
    with visitor(chromium, measured, extra_http_headers={"Sec-GPC": "1"}) as (page, foreign):
        page.goto(measured.url + "/")
        is_asked = page.locator("[data-cookie-banner]").count()
        look_around(page, measured)

    assert not is_asked
    assert foreign == []


def test_where_the_script_cannot_reach_us_the_plain_form_does(chromium, measured):
    with visitor(chromium, measured) as (page, foreign):
        page.goto(measured.url + "/policy/")
        page.evaluate("() => { window.fetch = () => Promise.reject(new Error('away')); }")
        choose(page, "refuse")
        page.wait_for_load_state("networkidle")
        is_asked = page.locator("[data-cookie-banner]").count()

    assert foreign == []
    assert not is_asked
    assert CookieChoice.objects.get().choice == "REFUSED"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_question_and_its_pages_fit_every_width_and_axe_finds_nothing(chromium, measured, language):
    context = open_in(chromium, measured, language, bypass_csp=True)
    page, found, axe = context.new_page(), [], Axe()
    for path in ("/", "/cookies/", "/policy/external-transmissions/"):
        page.goto(measured.url + path)
        for width in (320, 375, 1280):
            page.set_viewport_size({"width": width, "height": 760})
            if (over := page.evaluate(TOO_WIDE)) > 0:
                found.append(f"{path}: {over} pixels too wide at {width}")
            boxes = [button.bounding_box() for button in page.locator("button[name=choice]").all()]
            if len({(round(box["width"]), round(box["height"])) for box in boxes}) > 1:
                found.append(f"{path}: the two answers differ in size at {width}")
        found.extend(f"{path}: focus covered at {stop}" for stop in page.evaluate(FOCUS_STOPS))
        for problem in axe.run(page, options=AXE).response["violations"]:
            found.append(f"{path}: {problem['id']}: {problem['nodes'][0]['html'][:200]}")
    context.close()

    assert found == []
