"""Every address of the site. The public pages first, the desk last."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("audit.urls")),
    path("", include("requests_desk.urls")),
    path("", include("consent.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "audit.views.bad_request"
handler403 = "audit.views.permission_denied"
handler404 = "audit.views.not_found"
handler500 = "audit.views.server_error"
