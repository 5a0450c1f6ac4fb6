"""Mails of a request. They say that something is there, never what: no value of a person stands in them.

A composer is called by the outbox with its subject and the row of the mail. Codes and links are made here, at the
moment of sending, so that only their hashes are ever stored.
"""

from django.urls import reverse

from audit.mail import address_of, compose
from customers.services import codes, links
from requests_desk.models import DataRequest, Draft, IdentityCheck

STATUS_PURPOSE = "requests_desk.status"
STATUS_DAYS = 400  # as long as anybody may look back at a request


def status_token(request):
    """A new token of the request's own page. Kept as a hash alone."""
    return links.issue(request, purpose=STATUS_PURPOSE, days=STATUS_DAYS)


def status_address(request):
    """The full address of the request's own page, for a mail."""
    return address_of(reverse("requests_desk:status", args=[status_token(request)]), request.language)


def confirmation_code(draft, mail):
    """Six digits and no link. Nothing where the draft has been sent or is gone."""
    # Held while the code is made: an address changed meanwhile would otherwise be confirmed by another's code.
    draft = Draft.objects.good().select_for_update().filter(pk=draft.pk).first()
    address = draft and draft.answers.get("contact", {}).get("email")
    if not address:
        return None
    return _compose("confirmation_code", mail, to=address, code=codes.issue(draft))


def status_link(request, mail):
    """The request has arrived: its number and the link to its page."""
    return _about(request, "status_link", mail)


def way_back_code(request, mail):
    """Six digits and no link, for who came back with the number alone."""
    request = DataRequest.objects.get(pk=request.pk)
    return _compose("way_back_code", mail, to=request.email, code=codes.issue(request))


def way_back(request, mail):
    """The link to the page of a request, for who lost its number."""
    return _about(request, "way_back", mail)


def document_refused(request, mail):
    """The document does not do: why, and where to send another."""
    check = request.checks.filter(result=IdentityCheck.Result.REFUSED).last()
    return _about(request, "document_refused", mail, reason=check.get_reason_display() if check else "")


def answer_ready(request, mail):
    """Something is there to collect. The mail is the same whatever the answer says."""
    package = getattr(request, "package", None)
    if package is None or package.file_id is None:
        return None
    return _about(request, "answer_ready", mail, until=package.offered_until)


def _about(request, name, mail, **values):
    request = DataRequest.objects.get(pk=request.pk)
    return _compose(name, mail, to=request.email, number=str(request), address=status_address(request), **values)


def _compose(name, mail, *, to, **values):
    return compose(f"requests_desk/mail/{name}", mail, to=to, **values)
