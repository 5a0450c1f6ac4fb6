"""One person's machine: `manage.py demo`, drills and served tests set its environment. Nothing here has a secret."""

from .base import *  # noqa: F403

DEBUG = env.flag("DEBUG", default=False)  # noqa: F405
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True  # no collectstatic

if ANALYTICS_ORIGIN_HERE := env.get_value("ANALYTICS_ORIGIN", default=""):  # noqa: F405  a stand-in for tests
    ANALYTICS_ORIGIN = ANALYTICS_ORIGIN_HERE
    ANALYTICS_SCRIPTS = ANALYTICS_ENDPOINTS = [ANALYTICS_ORIGIN]

MAILS_FOLDER = env.folder("MAILS_FOLDER") if env.get_value("MAILS_FOLDER", default="") else None  # noqa: F405
if MAILS_FOLDER:  # the demo's page of mails, on top of the real site
    ROOT_URLCONF = "config.demo.urls"
