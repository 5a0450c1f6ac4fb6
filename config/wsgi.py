"""The web server's door. It does not open under keys that are not those of the database."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

application = get_wsgi_application()

from django.db import connection  # noqa: E402  apps must be ready first

from .checks import open_canary  # noqa: E402

open_canary()
connection.close()
