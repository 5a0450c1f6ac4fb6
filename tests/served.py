"""The environment in which processes beside a test or drill find the same database, broker, keys and folders."""

import os
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

SAME = ["SECRET_KEY", "SEARCH_INDEX_KEY", "AUDIT_KEY", "SITE_URL", "FILES_FOLDER", "SEALS_FOLDER", "REDIS_URL"]


def environment(*, database=None):
    """What a process with ``config.settings.local`` needs to serve what these settings describe.

    ``database`` is the name of another database of the same server.
    """
    values = {name: str(getattr(settings, name)) for name in SAME}
    address = urlsplit(os.environ["DATABASE_URL"])
    if database:
        address = address._replace(path=f"/{database}")
    return {
        **values,
        "DATABASE_URL": urlunsplit(address),
        "FIELD_ENCRYPTION_KEY": ",".join(settings.FIELD_ENCRYPTION_KEY),
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(settings.EMAIL_PORT),
    }
