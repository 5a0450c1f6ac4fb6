from django.urls import path

from requests_desk.views import asking, finding, status

app_name = "requests_desk"
urlpatterns = [
    path("request/", asking.start, name="start"),
    path("request/check/", asking.check, name="check"),
    path("request/code/", asking.code, name="code"),
    path("request/by-mail/<slug:kind>/", asking.by_mail, name="by_mail"),
    path("request/<slug:step>/", asking.question, name="question"),
    path("status/", finding.find, name="find"),
    path("status/code/", finding.find_code, name="find_code"),
    path("status/lost/", finding.lost, name="lost"),
    path("status/<str:token>/", status.status, name="status"),
    path("status/<str:token>/photo/", status.photo, name="photo"),
    path("status/<str:token>/answer/", status.answer, name="answer"),
    path("status/<str:token>/answer/again/", status.answer_again, name="answer_again"),
    path("status/<str:token>/withdraw/", status.withdraw, name="withdraw"),
]
