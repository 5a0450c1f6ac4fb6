"""The site, and above it the page of mails. Mounted by the demo's settings alone."""

from django.urls import include, path

from config.urls import handler400, handler403, handler404, handler500

from . import mails

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("demo/mails/", mails.mails, name="demo_mails"),
    path("demo/mails/<slug:name>/", mails.mail, name="demo_mail"),
    path("", include("config.urls")),
]
