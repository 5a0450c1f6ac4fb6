"""Settings of the process in which F1 runs django-post_office: it never is among the apps of the office."""

import os

import environ

SECRET_KEY = "of a benchmark, and of no use"
DATABASES = {"default": environ.Env().db_url_config(os.environ["DATABASE_URL"])}
INSTALLED_APPS = ["django.contrib.contenttypes", "post_office"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
USE_TZ = True
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ["EMAIL_PORT"])
DEFAULT_FROM_EMAIL = "info@office-ant.co.jp"
POST_OFFICE = {}  # as it comes; the process changes it for the rounds that help it
