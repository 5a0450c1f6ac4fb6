"""A visitor's choice about analytics: made, remembered by a cookie of ours, and recorded without any identity.

Nothing is loaded from anywhere else before a yes, nor without one. A browser that says no by itself (Global Privacy
Control) has said no.
"""

import re
import secrets
from dataclasses import dataclass

from django.db import transaction

from audit.calendar import today
from audit.services.trail import record
from consent.models import CookieChoice

COOKIE = "office_cookies"
REMEMBERED_DAYS = 183  # six months
WORDING = 1  # of what the banner asks: with another text everybody is asked anew
WANTED = {"accept": CookieChoice.Choice.ACCEPTED, "refuse": CookieChoice.Choice.REFUSED}
MEASURED = {  # the only pages on which analytics may run: none of them has a reference, a token or a form of a person
    "home", "accessibility", "consent:policy", "consent:history", "consent:version", "consent:changes",
    "consent:purposes", "consent:transmissions",
}  # fmt: skip
LEFT = re.compile(r"_ga|_gid|_ga_[A-Z0-9]{1,20}|_gat\w{0,40}|_gac_\w{1,40}|_gcl_\w{1,40}")
NUMBER = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class Answer:
    """What the cookie remembers. As text: ``yes.1.<random>``."""

    is_agreed: bool
    wording: int
    number: str

    def __str__(self):
        return f"{'yes' if self.is_agreed else 'no'}.{self.wording}.{self.number}"

    @classmethod
    def of(cls, text):
        """Read a cookie; ``None`` for what is not ours, or answers another wording."""
        said, _dot, rest = (text or "").partition(".")
        wording, _dot, number = rest.partition(".")
        if said not in ("yes", "no") or wording != str(WORDING) or not NUMBER.fullmatch(number):
            return None
        return cls(said == "yes", WORDING, number)


@transaction.atomic
def choose(choice, *, before=None, by):
    """Record a choice and give the :class:`Answer` to remember. ``before`` is what the browser remembered, if anything.

    A no after a yes is recorded as withdrawal. The same choice twice on one day is one row. Holds no address, no time.
    """
    number = before.number if before else secrets.token_urlsafe(16)
    if choice == CookieChoice.Choice.REFUSED and before and before.is_agreed:
        choice = CookieChoice.Choice.WITHDRAWN
    row, is_new = CookieChoice.objects.get_or_create(number=number, choice=choice, wording=WORDING, made_on=today())
    if is_new:
        record(f"cookies.{choice.lower()}", subject=row, by=by, wording=WORDING)
    return Answer(choice == CookieChoice.Choice.ACCEPTED, WORDING, number)


def is_refused_by_browser(headers):
    """Whether the browser sends Global Privacy Control."""
    return headers.get("Sec-GPC", "").strip() == "1"


def left_by_analytics(names):
    """Those of the cookies that Google Analytics leaves."""
    return [name for name in names if LEFT.fullmatch(name)]


def domains(host):
    """Every form of domain under which a script of this host can have left a cookie: none, the host, its parents."""
    host = host.partition(":")[0]
    if not re.search("[a-z]", host):  # an address in numbers has no parents
        return [None]
    labels = host.split(".")
    return [None, *(f".{'.'.join(labels[start:])}" for start in range(max(1, len(labels) - 1)))]
