"""Hermetic: nothing here is read from the developer's environment but the two servers' addresses."""

import os
import tempfile

_folder = tempfile.TemporaryDirectory(prefix="office-test-")
_ours = {
    "SECRET_KEY": "test-secret-key-of-no-other-use-0123456789-abcdefghij",
    "FIELD_ENCRYPTION_KEY": "RbPbZ9vUQvZ2PjRTe3P8HZvyIUbWUGDkqFNqkH1KXfE=",
    "SEARCH_INDEX_KEY": "0" * 64,
    "AUDIT_KEY": "1" * 64,
    "SITE_URL": "http://testserver",
    "FILES_FOLDER": f"{_folder.name}/files",
    "SEALS_FOLDER": f"{_folder.name}/seals",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
}
_mail = ["EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS", "DEFAULT_FROM_EMAIL"]
for _name in [*_ours, *_mail, "ANALYTICS_ID"]:
    os.environ.pop(_name, None)
    os.environ.pop(f"{_name}_FILE", None)
os.environ.update(_ours)

from .base import *  # noqa: E402, F403

STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # looks a file up when it is asked for: each test client would list all of them first
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
AXES_ENABLED = False
