"""A mistake of deployment stops the start, and is called by the name of the setting."""

import os
import runpy
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY = "RbPbZ9vUQvZ2PjRTe3P8HZvyIUbWUGDkqFNqkH1KXfE="
GOOD = {
    "SECRET_KEY": "a-secret-of-these-tests-that-is-long-enough-0123456789-$abc",
    "FIELD_ENCRYPTION_KEY": KEY,
    "SEARCH_INDEX_KEY": "a" * 64,
    "AUDIT_KEY": "b" * 64,
    "SITE_URL": "https://privacy.example.test",
    "ALLOWED_HOSTS": "privacy.example.test",
    "DATABASE_URL": "postgres://office:p%40ss@127.0.0.1:1/office",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "FILES_FOLDER": "/nowhere/files",
    "SEALS_FOLDER": "/nowhere/seals",
}
SECRETS = ["SECRET_KEY", "FIELD_ENCRYPTION_KEY", "SEARCH_INDEX_KEY", "AUDIT_KEY", "DATABASE_URL", "REDIS_URL"]
NAMES = [
    *GOOD,
    "DEBUG",
    "EMAIL_HOST",
    "EMAIL_PORT",
    "EMAIL_HOST_PASSWORD",
    "EMAIL_USE_TLS",
    "NOTICE_SENDERS",
    "ANALYTICS_ID",
]


@pytest.fixture
def environment(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, "config.settings.base")  # so that it is read anew
    return monkeypatch


def load(name="production"):
    return runpy.run_module(f"config.settings.{name}")


def refusal(name="production"):
    with pytest.raises(ImproperlyConfigured) as refused:
        load(name)
    return str(refused.value)


def test_good_settings_are_taken_as_they_stand(environment):
    found = load()

    assert found["SECRET_KEY"] == GOOD["SECRET_KEY"]
    assert found["FIELD_ENCRYPTION_KEY"] == [KEY]
    assert found["DATABASES"]["default"]["PASSWORD"] == "p@ss"
    assert found["EMAIL_PORT"] == 25
    assert found["DEBUG"] is False


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("empty", [None, "", "  "])
def test_what_is_missing_is_named(environment, name, empty):
    environment.delenv(name) if empty is None else environment.setenv(name, empty)

    assert name in refusal()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FIELD_ENCRYPTION_KEY", "not-a-key"),
        ("FIELD_ENCRYPTION_KEY", KEY[:-2]),
        ("FIELD_ENCRYPTION_KEY", f"{KEY},x"),
        ("FIELD_ENCRYPTION_KEY", f"{KEY},{KEY}"),
        ("FIELD_ENCRYPTION_KEY", ","),
        ("SEARCH_INDEX_KEY", "a" * 63),
        ("SEARCH_INDEX_KEY", "g" * 64),
        ("AUDIT_KEY", "a" * 66),
        ("AUDIT_KEY", "ａ" * 64),
        ("DATABASE_URL", "sqlite:///office.db"),
        ("DATABASE_URL", "mysql://a@b/c"),
        ("DATABASE_URL", "postgres://office@127.0.0.1:port/office"),
        ("DATABASE_URL", "postgres://office@127.0.0.1"),
        ("DATABASE_URL", "office"),
        ("REDIS_URL", "http://127.0.0.1"),
        ("REDIS_URL", "redis://:pass@"),
        ("REDIS_URL", "redis://127.0.0.1:65x"),
        ("SITE_URL", "privacy.example.test"),
        ("SITE_URL", "https://privacy.example.test/path"),
        ("SITE_URL", "ftp://privacy.example.test"),
        ("FILES_FOLDER", "files"),
        ("SEALS_FOLDER", __file__),
        ("EMAIL_PORT", "smtp"),
        ("EMAIL_PORT", "0"),
        ("EMAIL_PORT", "65536"),
        ("EMAIL_PORT", "２５"),
        ("EMAIL_USE_TLS", "ture"),
        ("NOTICE_SENDERS", "-1"),
        ("ANALYTICS_ID", "UA-12345"),
        ("ANALYTICS_ID", "G-lower"),
        ("ANALYTICS_ID", "G-X'><script>"),
    ],
)
def test_what_is_malformed_is_named_and_not_repeated(environment, name, value):
    environment.setenv(name, value)

    words = refusal()

    assert name in words
    assert value not in words or len(value) < 3


def test_a_typing_mistake_in_debug_stops_the_start(environment):
    environment.setenv("DEBUG", "ture")

    assert "DEBUG" in refusal("local")


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_come_as_a_file(environment, tmp_path, name):
    (tmp_path / "secret").write_text(f"  {GOOD[name]}\n\n")
    environment.delenv(name)
    environment.setenv(f"{name}_FILE", str(tmp_path / "secret"))

    found = load()

    if name in found:
        assert found[name] in (GOOD[name], [GOOD[name]])


def test_keys_in_a_file_may_stand_on_lines(environment, tmp_path):
    newer = Fernet.generate_key().decode()
    (tmp_path / "keys").write_text(f"{newer}\n{KEY}\n")
    environment.delenv("FIELD_ENCRYPTION_KEY")
    environment.setenv("FIELD_ENCRYPTION_KEY_FILE", str(tmp_path / "keys"))

    assert load()["FIELD_ENCRYPTION_KEY"] == [newer, KEY]


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_given_twice_is_refused(environment, tmp_path, name):
    (tmp_path / "secret").write_text(GOOD[name])
    environment.setenv(f"{name}_FILE", str(tmp_path / "secret"))

    assert f"{name}_FILE" in refusal()


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", "folder"])
def test_a_file_that_holds_no_secret_is_named(environment, tmp_path, content):
    path = tmp_path / "secret"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    environment.delenv("AUDIT_KEY")
    environment.setenv("AUDIT_KEY_FILE", str(path))

    assert "AUDIT_KEY_FILE" in refusal()


def test_production_passes_the_deployment_check():
    environment = {name: value for name, value in os.environ.items() if name not in NAMES}
    result = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=settings.BASE_DIR, env={**environment, **GOOD, "DJANGO_SETTINGS_MODULE": "config.settings.production"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert result.returncode == 0, result.stderr


def test_a_command_without_settings_names_what_is_missing():
    environment = {name: value for name, value in os.environ.items() if name not in NAMES}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    result = subprocess.run(
        [sys.executable, "manage.py", "migrate"], cwd=settings.BASE_DIR, env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip

    assert result.returncode != 0
    assert "SECRET_KEY" in result.stderr
