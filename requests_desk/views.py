"""The public pages of a request."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render


@login_not_required
def start(request):
    return render(request, "requests_desk/start.html")


@login_not_required
def find(request):
    return render(request, "requests_desk/start.html")
