"""How a requester comes back to a request: by its number and a code, or by links to the mailbox.

Nothing here says whether a number or a mailbox is known: who may not know it gets the same answer.
"""

from django.db import transaction

from audit.models import Actor
from audit.services import outbox
from customers.exceptions import CodeExpired
from customers.search import mail_key, mail_tokens, tokens_of
from customers.services import codes
from requests_desk.models import DataRequest, Mailbox, RequestToken

LINKS_AT_MOST = 10


@transaction.atomic
def note_mailbox(request):
    """Make a request findable by its mailbox. Called where a request comes into being."""
    (token,) = mail_tokens(request.email)
    Mailbox.objects.create(request=request, token=token)


@transaction.atomic
def note_tokens(request):
    """Let staff find an open request by its names, mail and telephone. Called where a request comes into being."""
    values = {name: getattr(request, name) for name in ("name", "kana", "email", "telephone")}
    RequestToken.objects.bulk_create(RequestToken(token=token, request=request) for token in tokens_of(values))


@transaction.atomic
def send_code(reference, *, language):
    """Post a code to the mailbox of this number; nothing where there is none."""
    request = DataRequest.objects.filter(reference=reference).first()
    if request:
        outbox.post("requests_desk.way_back_code", subject=request, by=Actor.requester(), language=language)


def open_with(reference, typed_code):
    """The request of this number, for who typed its code. A number that we do not know has no code that fits."""
    request = DataRequest.objects.filter(reference=reference).first()
    if request is None:
        raise CodeExpired
    codes.check(request, typed_code)
    return request


@transaction.atomic
def send_links(email):
    """Post the link of each request of this mailbox, the newest first, in the language of the request."""
    found = DataRequest.objects.filter(mailbox__token__in=mail_tokens(email)).order_by("-id")[: 2 * LINKS_AT_MOST]
    ours = [request for request in found if mail_key(request.email) == mail_key(email)]
    for request in ours[:LINKS_AT_MOST]:
        outbox.post("requests_desk.way_back", subject=request, by=Actor.requester(), language=request.language)
    return len(ours)
