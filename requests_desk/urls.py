from django.urls import path

from requests_desk import views

app_name = "requests_desk"
urlpatterns = [
    path("request/", views.start, name="start"),
    path("status/", views.find, name="find"),
]
