"""The demo as a newcomer meets it: one command, one address, and nothing left behind."""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest
from django.conf import settings

from config.embedded import free_port

NUMBERS = itertools.count(1)
OPEN = re.compile(r"The office is open \(\d+ s\):  (http://127\.0\.0\.1:\d+)")


class Demo:
    def __init__(self, folder, *arguments):
        self.folder = folder
        self.log = folder.with_name(f"{next(NUMBERS)}.log")
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo", "--folder", folder, *arguments],
                cwd=settings.BASE_DIR, env={**environment, "SECRET_KEY": "of the developer"}, stdout=log, stderr=log,
            )  # fmt: skip

    @property
    def words(self):
        return self.log.read_text()

    def wait_until_open(self, seconds=300):
        end = time.monotonic() + seconds
        while not (found := OPEN.search(self.words)):
            assert self.process.poll() is None, self.words
            assert time.monotonic() < end, self.words
            time.sleep(0.2)
        return found.group(1)

    def end(self, number):
        started = self.children()
        self.process.send_signal(number)
        code = self.process.wait(60)
        _gone, left = psutil.wait_procs(started, timeout=5)
        return code, left

    def children(self):
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "a demo"


def page(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read().decode()


def git_status():
    command = ["git", "status", "--porcelain"]
    return subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, check=True).stdout


def test_it_opens_serves_ends_and_opens_again(folder):
    before = git_status()
    port = str(free_port())
    demo = Demo(folder, "--customers", "40", "--port", port)
    url = demo.wait_until_open()
    names = {process.name() for process in demo.children()}

    assert url.endswith(f":{port}")
    assert "<html" in page(f"{url}/")
    assert "<html" in page(f"{url}/admin/")
    assert "<html" in page(f"{url}/policy/")
    assert page(f"{url}/demo/mails/").count("<li>") > 5
    accounts = json.loads((folder / "accounts.json").read_text())
    assert all(f"{role}" in demo.words and password in demo.words for role, password in accounts.items())
    assert {"postgres", "valkey-server"} <= names
    assert (folder / "secrets" / "AUDIT_KEY").stat().st_mode & 0o077 == 0
    second = Demo(folder, "--port", port)
    assert second.process.wait(60) == 1
    assert demo.end(signal.SIGINT) == (0, [])

    again = Demo(folder, "--port", port)
    assert again.wait_until_open().endswith(f":{port}")
    assert "invented customers" not in again.words
    for process in again.children():
        if process.name() in ("postgres", "valkey-server", "gunicorn") or "worker" in process.cmdline():
            process.kill()
            break
    time.sleep(2)
    assert again.end(signal.SIGTERM) == (0, [])
    assert git_status() == before
