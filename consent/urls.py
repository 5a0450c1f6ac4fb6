from django.urls import path, register_converter
from django.urls.converters import IntConverter

from consent import views


class NumberConverter(IntConverter):
    """The number of a version: as many digits as the database takes, so that no address breaks it."""

    regex = "[1-9][0-9]{0,8}"


register_converter(NumberConverter, "version_number")

app_name = "consent"
urlpatterns = [
    path("policy/", views.policy, name="policy"),
    path("policy/history/", views.history, name="history"),
    path("policy/feed/", views.policy_feed, name="feed"),
    path("policy/feed/en/", views.policy_feed_en, name="feed-en"),
    path("policy/purposes/", views.purposes, name="purposes"),
    path("policy/joint-use/", views.joint_use, name="joint-use"),
    path("policy/external-transmissions/", views.transmissions, name="transmissions"),
    path("preferences/", views.ask_for_preferences, name="ask-for-preferences"),
    path("preferences/<str:token>/", views.own_preferences, name="preferences"),
    path("question/<version_number:number>/<str:token>/", views.question, name="question"),
    path("stop/<str:token>/", views.stop, name="stop"),
    path("cookies/", views.cookie_settings, name="cookies"),
    path("policy/<version_number:number>/", views.version, name="version"),
    path("policy/<version_number:number>/changes/", views.changes, name="changes"),
]
