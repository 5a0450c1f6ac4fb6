"""Pages at an address that only one person has.

Such a page is opened by GET as often as anybody likes, also by scanners of mail; acts are posts. The address itself is
the secret: it stands in for the token against forged posts, and no referrer ever carries it away (with
``no-referrer`` browsers send no origin, so that Django's check by origin could not succeed).
"""

from functools import wraps

from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from audit.views import public
from customers.exceptions import LinkError
from customers.services import links


def by_link_to(model, *, purpose, over):
    """A decorator for views of the row that a link leads to: ``view(request, token, row, **rest of the address)``.

    ``purpose`` may name parts of the address in braces. Where the link opens nothing, the template ``over`` says how to
    get another (404).
    """

    def by_link(view):
        @public
        @csrf_exempt
        @wraps(view)
        def page(request, token, **rest):
            try:
                row = model.objects.get(pk=links.find(token, purpose.format(**rest)))
            except (LinkError, model.DoesNotExist) as refused:
                response = render(request, over, {"why": refused, "noindex": True}, status=404)
            else:
                response = view(request, token, row, **rest)
            response.headers["Referrer-Policy"] = "no-referrer"
            return response

        return page

    return by_link
