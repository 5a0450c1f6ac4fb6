from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = _("Trail and work")

    def ready(self):
        from .admin import desks  # noqa: F401  the admin site stands by now; it is made of modules beside them
