"""Hermetic: nothing here is read from the developer's environment but the two servers' addresses."""

import os
import tempfile

_folder = tempfile.mkdtemp(prefix="office-test-")
for _name in [name for name in os.environ if name.endswith("_FILE")]:
    del os.environ[_name]
os.environ.update(
    SECRET_KEY="test-secret-key-of-no-other-use-0123456789-abcdefghij",
    FIELD_ENCRYPTION_KEY="RbPbZ9vUQvZ2PjRTe3P8HZvyIUbWUGDkqFNqkH1KXfE=",
    SEARCH_INDEX_KEY="0" * 64,
    AUDIT_KEY="1" * 64,
    SITE_URL="http://testserver",
    FILES_FOLDER=f"{_folder}/files",
    SEALS_FOLDER=f"{_folder}/seals",
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
)

from .base import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
AXES_ENABLED = False
