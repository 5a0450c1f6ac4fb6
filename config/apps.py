from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class OfficeAdminConfig(AdminConfig):
    """Django's admin with our own site in front."""

    default_site = "config.admin.OfficeAdminSite"


class HouseConfig(AppConfig):
    """The composition root. It has no models."""

    name = "config"
    label = "config"

    def ready(self):
        from . import (
            celery,  # noqa: F401  the app that tasks are registered with; needs settings first
            checks,
            roles,
        )

        checks.connect()
        post_migrate.connect(roles.keep_roles, dispatch_uid="config.roles")
