"""The worker's and the clock's application. Redis carries hints; the database is the truth. Its schedule: settings."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("office")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="schedule")


@setup_logging.connect
def keep_django_logging(**said):
    """A receiver here tells Celery to leave logging as the settings have it."""
