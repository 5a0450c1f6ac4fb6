"""The worker's and the clock's application. Redis carries hints; the database is the truth."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("office")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="schedule")
app.conf.beat_schedule = {
    "link the trail": {"task": "audit.sequence", "schedule": 5, "options": {"expires": 15}},
    "look for work": {"task": "audit.look_for_work", "schedule": 30, "options": {"expires": 60}},
    "pick up notices": {"task": "consent.pick_up_campaigns", "schedule": 30, "options": {"expires": 60}},
    "mail a seal": {"task": "audit.mail_seal", "schedule": crontab(hour=7, minute=0)},
}
