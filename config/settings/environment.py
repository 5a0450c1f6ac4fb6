"""Reads settings from the environment. What is missing or malformed stops the start: by name, never by value."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import environ
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.core.exceptions import ImproperlyConfigured

FLAGS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


class OfficeEnv(environ.Env):
    """django-environ made strict: a secret may also come as ``NAME_FILE``, and a typing mistake is an error.

    Values are taken as they stand: nothing in them refers to another variable.
    """

    def get_value(self, var, cast=None, default=environ.Env.NOTSET, parse_default=False):
        given = self.ENVIRON.get(var, "").strip()
        if not given:
            if default is self.NOTSET:
                raise ImproperlyConfigured(f"{var} is not set.")
            return default
        return given

    def secret(self, name, default=environ.Env.NOTSET):
        """The value of ``NAME``, or what the file named by ``NAME_FILE`` holds; both at once are an error."""
        path = self.get_value(f"{name}_FILE", default="")
        if not path:
            try:
                return self.get_value(name, default=default)
            except ImproperlyConfigured:
                raise ImproperlyConfigured(
                    f"{name} is not set. Set {name}, or {name}_FILE to the path of a file that holds it."
                ) from None
        if self.get_value(name, default=""):
            raise ImproperlyConfigured(f"{name} and {name}_FILE are both set. Keep one of them.")
        try:
            held = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read ({type(error).__name__}).") from None
        if not held:
            raise ImproperlyConfigured(f"{name}_FILE names an empty file.")
        return held

    def rsa_key(self, name):
        """A private RSA key of at least 2,048 bits as PEM, or nothing."""
        given = self.secret(name, default="").replace("\\n", "\n")
        if not given:
            return b""
        try:
            key = load_pem_private_key(given.encode(), None)
        except (TypeError, ValueError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, RSAPrivateKey) or key.key_size < 2048:
            raise ImproperlyConfigured(f"{name} must be a private RSA key of 2,048 bits or more, as PEM.")
        return given.encode()

    def flag(self, name, default):
        given = self.get_value(name, default="")
        if not given:
            return default
        try:
            return FLAGS[given.lower()]
        except KeyError:
            raise ImproperlyConfigured(f"{name} must be true or false.") from None

    def number(self, name, default, *, lowest, highest):
        given = self.get_value(name, default="")
        if not given:
            return default
        if not (given.isascii() and given.isdigit() and lowest <= int(given) <= highest):
            raise ImproperlyConfigured(f"{name} must be a whole number from {lowest} to {highest}.")
        return int(given)

    def measurement_id(self, name):
        """An id of Google Analytics, or nothing."""
        given = self.get_value(name, default="")
        if given and not re.fullmatch(r"G-[A-Z0-9]{4,20}", given):
            raise ImproperlyConfigured(f"{name} must be a measurement id: G-XXXXXXXXXX.")
        return given

    def address(self, name):
        """A mail address of ours, or nothing."""
        given = self.get_value(name, default="")
        if given and not re.fullmatch(r"[A-Za-z0-9.-]{1,24}@[A-Za-z0-9.-]+\.[A-Za-z]{2,}", given):
            raise ImproperlyConfigured(f"{name} must be a plain mail address with at most 24 signs before its @.")
        return given.lower()

    def mailbox(self, name):
        """Where mails are read from, or nothing: ``imaps://user:password@host/INBOX``, ``imap://…``, ``file:///folder``."""
        given = self.secret(name, default="")
        try:
            url = urlsplit(given)
            is_good = not given or (
                (url.scheme in ("imap", "imaps") and url.hostname and url.username and url.password and url.port != 0)
                or (url.scheme == "file" and not url.netloc and Path(url.path).is_absolute())
            )
        except ValueError:
            is_good = False
        if not is_good:
            raise ImproperlyConfigured(
                f"{name} must be imaps://user:password@host/INBOX, imap://user:password@host/INBOX or file:///folder."
            )
        return given

    def words(self, name, default=environ.Env.NOTSET):
        """A list with commas between its parts."""
        given = self.get_value(name, default="")
        if not given:
            return self.get_value(name, default=default)
        return [part.strip() for part in given.split(",") if part.strip()]

    def folder(self, name):
        path = Path(self.get_value(name))
        if not path.is_absolute() or (path.exists() and not path.is_dir()):
            raise ImproperlyConfigured(f"{name} must be the absolute path of a folder.")
        return path

    def fernet_keys(self, name):
        """Fernet keys, newest first, with commas or line breaks between them."""
        keys = self.secret(name).replace(",", " ").split()
        for number, key in enumerate(keys, start=1):
            try:
                Fernet(key)
            except ValueError:
                raise ImproperlyConfigured(f"{name}: key {number} is not a Fernet key.") from None
        if len(set(keys)) != len(keys) or not keys:
            raise ImproperlyConfigured(f"{name} must be a list of different Fernet keys.")
        return keys

    def hex_key(self, name):
        key = self.secret(name)
        if len(key) != 64 or set(key.lower()) - set("0123456789abcdef"):
            raise ImproperlyConfigured(f"{name} must be 64 hexadecimal digits (32 bytes).")
        return key.lower()

    def database(self, name):
        url = self.secret(name)
        self._check_url(name, url, {"postgres", "postgresql"})
        try:
            database = self.db_url_config(url)
        except (ValueError, TypeError):
            database = {}
        if not database.get("NAME"):
            raise ImproperlyConfigured(f"{name} must name a database: postgres://user:password@host:5432/name.")
        return database

    def redis(self, name):
        url = self.secret(name)
        if not self._check_url(name, url, {"redis", "rediss"}).hostname:
            raise ImproperlyConfigured(f"{name} must name a host: redis://host:6379/0.")
        return url

    def site(self, name):
        url = self.get_value(name).rstrip("/")
        parts = self._check_url(name, url, {"http", "https"})
        if not parts.hostname or parts.path or parts.query or parts.fragment:
            raise ImproperlyConfigured(f"{name} must be an address without a path: https://privacy.example.jp.")
        return url

    def _check_url(self, name, url, schemes):
        try:
            parts = urlsplit(url)
            parts.port  # noqa: B018  raises where it is no number
        except ValueError:
            raise ImproperlyConfigured(f"{name} is not a valid address.") from None
        if parts.scheme not in schemes:
            raise ImproperlyConfigured(f"{name} must begin with {' or '.join(f'{s}://' for s in sorted(schemes))}.")
        return parts
