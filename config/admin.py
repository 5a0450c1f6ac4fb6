"""The admin site, and the pages that show several apps."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class OfficeAdminSite(admin.AdminSite):
    site_header = _("Privacy office")
    site_title = _("Privacy office")
    index_title = _("Dashboard")
    enable_nav_sidebar = False
    final_catch_all_view = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._actions, self._global_actions = {}, {}

    def panels_for(self, request, thing):
        """Panels that other apps add to the page of ``thing``."""
        return []

    def remember_search(self, request, model_admin, words):
        """Keep search words sealed for the session and give their id; ``None`` shows the result at once."""

    def recall_search(self, request, model_admin, key):
        """The words kept under ``key`` in this session, or ``None``."""
