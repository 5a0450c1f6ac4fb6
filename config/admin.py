"""The admin site, and the pages that show several apps."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class OfficeAdminSite(admin.AdminSite):
    site_header = _("Privacy office")
    site_title = _("Privacy office")
    index_title = _("Dashboard")
