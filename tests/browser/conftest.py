"""A real Chromium for the tests of this folder."""

import os
import shutil

import pytest
from django.db import connections
from playwright.sync_api import sync_playwright

PLACES = ["/usr/bin/chromium", "/Applications/Chromium.app/Contents/MacOS/Chromium"]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def chromium(smtp_sink, committed):
    """The browser; a test opens contexts of its own.

    Its loop runs in the test's thread, from here to the end of the test: the sink has a loop too and so begins before,
    and Django opens another connection meanwhile, to the same database as before.
    """
    path = next(filter(os.path.exists, PLACES), None) or shutil.which("chromium")
    if not path and not os.environ.get("CI"):
        pytest.skip("Chromium is missing. Debian: apt-get install chromium. macOS: brew install --cask chromium.")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        try:
            yield browser
        finally:
            browser.close()
            connections.close_all()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
