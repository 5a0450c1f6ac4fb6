"""Nobody works at the desk while persons who were erased stand in it again."""

import time

from django.shortcuts import render
from django.urls import reverse

from requests_desk.exceptions import LedgerDamaged
from requests_desk.services import ledger

LOOK_EVERY = 60  # seconds for which it is believed that nothing is missing


class ErasuresFirstMiddleware:
    """After a restore the desk, its sign-in too, is closed until ``manage.py replay_erasures`` has run."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.believed_until = 0.0

    def __call__(self, request):
        if request.path_info.startswith(reverse("admin:index")) and not self.is_well(request):
            return render(request, "requests_desk/replay_first.html", status=503)
        return self.get_response(request)

    def is_well(self, request):
        """Whether all erasures of the ledger outside are done here; asked anew by every sign-in."""
        if time.monotonic() < self.believed_until and request.path_info != reverse("admin:login"):
            return True
        try:
            well = not ledger.missing()
        except LedgerDamaged:
            well = False
        self.believed_until = time.monotonic() + LOOK_EVERY if well else 0.0
        return well
