"""People with a browser of their own: who visits the site, who works at the desk. Everything they meet is noted.

With ``WALK_PICTURES`` in the environment (a folder) every page that somebody sees is kept there as a picture.
"""

import os
import re
import time
from pathlib import Path
from urllib.parse import unquote

from tests.factories.audit import PASSWORD, StaffFactory

PATIENCE = 60
PHONE, DESK = 375, 1280
GO = "button[name=go]"
PRESS = "main form:not(.language) button"
ABOUT_A_PERSON = "h1, nav.crumbs, .messagelist, caption"
OF_THE_OTHER = {"ja": re.compile(r"[A-Za-z][A-Za-z_.]{3,}"), "en": re.compile(r"[ぁ-んァ-ヶ一-龯]+")}


class Watch:
    """What all browsers of one walk met: addresses, loud consoles, titles and other words that must name nobody.

    ``left_over`` are the words of the other language that stood in the main part of a page.
    """

    def __init__(self, url):
        self.url = url
        self.faults = []
        self.staff_words = []
        self.staff_addresses = []
        self.pages = 0
        self.left_over = set()

    def follow(self, context, *, is_staff):
        context.on("console", self._said)
        context.on("weberror", lambda error: self.faults.append(f"error: {error.error}"))
        context.on("request", lambda request: self._asked(request.url, is_staff))

    def _said(self, message):
        if message.type in ("error", "warning") or "Content Security Policy" in message.text:
            self.faults.append(f"console: {message.text}")

    def _asked(self, url, is_staff):
        if not url.startswith(self.url + "/"):
            self.faults.append(f"another origin: {url}")
        if is_staff:
            self.staff_addresses.append(unquote(url))

    def naming(self, values):
        """The addresses, titles, headings, paths and messages of staff in which one of ``values`` stands."""
        met = [*self.staff_addresses, *self.staff_words]
        return [words for words in met if any(value in words for value in values)]


class Somebody:
    """A browser without a past, ``width`` pixels wide."""

    is_staff = False

    def __init__(self, chromium, watch, *, width=PHONE, language="ja", scripts=True, name="customer"):
        self.watch, self.name, self.language = watch, name, language
        self.context = chromium.new_context(
            viewport={"width": width, "height": 800}, locale="ja-JP", java_script_enabled=scripts
        )
        self.context.add_cookies([{"name": "django_language", "value": language, "url": watch.url}])
        self.context.set_default_timeout(PATIENCE * 1000)
        watch.follow(self.context, is_staff=self.is_staff)
        self.page = self.context.new_page()

    @property
    def words(self):
        return self.page.inner_text("main")

    def go(self, path):
        self.page.goto(path if path.startswith("http") else self.watch.url + path)
        return self.see()

    def press(self, what, *, twice=False):
        """Press a button or link that leads on, and wait for the page. ``twice`` is a double click, to another page."""
        if twice:
            before = self.page.url
            self.page.dblclick(what)  # the browser drops the answer to the first press for that to the second
            wait_until(lambda: self.page.wait_for_timeout(100) or self.page.url != before)
        else:
            with self.page.expect_navigation():
                self.page.click(what)
        self.page.wait_for_load_state()
        return self.see()

    def see(self):
        self.watch.pages += 1
        self.watch.left_over |= set(OF_THE_OTHER[self.language].findall(self.words))
        if self.is_staff:
            self.watch.staff_words += [self.page.title(), *self.page.locator(ABOUT_A_PERSON).all_inner_texts()]
        if folder := os.environ.get("WALK_PICTURES"):
            place = re.sub(r"[^a-z-]+", "-", self.page.url.removeprefix(self.watch.url).split("?")[0])[:50].strip("-")
            file = f"{self.language}-{self.watch.pages:03}-{self.name}-{place or 'home'}.png"
            self.page.screenshot(path=str(Path(folder) / file), full_page=True)
        return self

    def count(self, what):
        return self.page.locator(what).count()

    def close(self):
        self.context.close()


class Clerk(Somebody):
    """A member of staff, signed in."""

    is_staff = True

    def __init__(self, chromium, watch, *roles, name="", width=DESK, **options):
        super().__init__(chromium, watch, name=name or roles[0], width=width, **options)
        self.staff = StaffFactory.with_roles(*roles, username=self.name)
        self.go("/admin/")
        self.page.fill("#id_username", self.name)
        self.page.fill("#id_password", PASSWORD)
        self.press("main form button")

    def open_case(self, number):
        """Dashboard, queue, case."""
        self.go("/admin/").press(".desk-nav a[href$='/datarequest/']").press(f"#rows a:text-is('{number}')")

    def can(self, act):
        """Whether the "now" box has a button for this act."""
        return bool(self.count(f".now a.button[href$='/{act}/']"))

    def why_not(self, act):
        """What the page of an act says that cannot be done now, opened by its address; nothing where it can."""
        here = self.page.url
        self.go(re.sub(r"/[a-z-]+/$", f"/{act}/", here))
        said = "" if self.count("form.desk-form") else self.page.inner_text("main .banner")
        self.go(here)
        return said

    def begin(self, act):
        self.press(f".now a.button[href$='/{act}/']")

    def confirm(self, **options):
        self.press("form.desk-form .act-row button", **options)


def wait_until(true, patience=PATIENCE):
    """The first answer of ``true()`` that is something; raises ``TimeoutError``."""
    end = time.monotonic() + patience
    while not (found := true()):
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.1)
    return found


def mail_to(sink, address, pattern, *, after=0):
    """What ``pattern`` finds in a mail to ``address`` beyond the first ``after`` mails, as soon as there is one."""

    def found():
        for mail in list(sink.mails)[after:]:
            text = mail.message.get_content().replace("\r\n", "\n")
            if address in mail.recipients and (match := re.search(pattern, text, re.M)):
                return match[0]
        return None

    return wait_until(found)


CODE, LINK = r"^\d{6}$", r"http://127\.0\.0\.1:\d+/status/\S+"
