"""A real Chromium for the tests of this folder."""

import os

import pytest
from django.db import connections
from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
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
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM if os.path.exists(CHROMIUM) else None, args=QUIET)
        try:
            yield browser
        finally:
            browser.close()
            connections.close_all()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
