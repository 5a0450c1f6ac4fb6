"""What a customer was asked and decides alone: pages at addresses that only they have."""

from contextlib import suppress

from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from audit.views import address_of, even, public, too_many
from consent.exceptions import NotReady
from consent.forms import MailboxForm
from consent.mail import PREFERENCES, QUESTION, delivery_to_stop
from consent.models import CampaignKind, Delivery, Question
from consent.services import asking, preferences
from customers.exceptions import CustomerErased, TooMany
from customers.models import Customer
from customers.services import limits
from customers.views import by_link_to

ACTS_PER_HOUR, LINKS_PER_HOUR, LINKS_TO_A_MAILBOX = 60, 20, 3
OVER = "consent/link_over.html"
NOTES = {"agree", "refuse", "stop", "resume", "language"}


@public
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_preferences(request):
    """A mail address in, the same answer for all, a link to that mailbox."""
    if request.method != "POST":
        return _ask(request, MailboxForm(), done="done" in request.GET)
    form = MailboxForm(request.POST)
    if not form.is_valid():
        return _ask(request, form, status=422)
    mailbox = form.cleaned_data["email"]
    try:
        limits.take("preferences", address_of(request), most=LINKS_PER_HOUR, seconds=3600)
        limits.take("preferences mailbox", mailbox.lower(), most=LINKS_TO_A_MAILBOX, seconds=3600)
    except TooMany as reached:
        return too_many(request, reached)
    with even():
        preferences.send_links(mailbox, language=translation.get_language())
    return redirect(f"{reverse('consent:ask-for-preferences')}?done=1")


def _ask(request, form, *, status=200, **context):
    return render(request, "consent/ask_for_preferences.html", {"form": form, **context}, status=status)


@by_link_to(Customer, purpose=QUESTION, over=OVER)
@require_http_methods(["GET", "HEAD", "POST"])
def question(request, token, customer, number):
    """One wording, with yes and no; afterwards what was said, and the way back from it."""
    question = Question.objects.select_related("wording").get(pk=number, customer=customer)
    customer = _living(customer)
    if customer is None:
        return render(request, OVER, {"noindex": True}, status=404)
    here = reverse("consent:question", args=[number, token])
    if request.method == "POST":
        return _act(request, customer, here, {question.wording_id: question.wording}, wordings_only=True)
    row = next((row for row in preferences.asked(customer) if row.wording.pk == question.wording_id), None)
    return _show(request, "question", here, row=row, is_over=row is None)


@by_link_to(Customer, purpose=PREFERENCES, over=OVER)
@require_http_methods(["GET", "HEAD", "POST"])
def own_preferences(request, token, customer):
    """Consents, notices, and whether data go to others: each with its button, whatever way it goes."""
    customer = _living(customer)
    if customer is None:
        return render(request, OVER, {"noindex": True}, status=404)
    here = reverse("consent:preferences", args=[token])
    rows = preferences.asked(customer)
    if request.method == "POST":
        return _act(request, customer, here, {row.wording.pk: row.wording for row in rows})
    switches = {switch.name: switch for switch in preferences.switches(customer)}
    language = (customer.merged_into or customer).language
    context = {"rows": rows, "language": language, "number": customer.number, **switches}
    return _show(request, "preferences", here, **context)


@public
@csrf_exempt  # the address is the secret, and mail programs post to it by themselves (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request, token):
    """Stop mails about services for who got one: a press here or in the mail program. Opening it changes nothing."""
    number = delivery_to_stop(token)
    deliveries = Delivery.objects.filter(campaign__kind=CampaignKind.INFORMATION).select_related("customer")
    delivery = deliveries.filter(pk=number).first() if number else None
    customer = _living(delivery.customer) if delivery else None
    if customer is None:
        return render(request, OVER, {"noindex": True}, status=404)
    if request.method == "POST":
        with suppress(CustomerErased):  # at this moment: nothing is sent any more
            preferences.stop(customer, preferences.INFORMATION)
    information = next(each for each in preferences.switches(customer) if each.name == preferences.INFORMATION)
    response = render(request, "consent/stop.html", {"information": information, "noindex": True})
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _living(customer):
    """The same record, or ``None`` where the person was erased."""
    return None if (customer.merged_into or customer).is_erased else customer


def _act(request, customer, here, wordings, *, wordings_only=False):
    """What the post asks for, about one of these wordings or what else stands on the page; then the page again."""
    act, name = request.POST.get("act", ""), request.POST.get("what", "")
    try:
        limits.take("preferences act", str(customer), most=ACTS_PER_HOUR, seconds=3600)
    except TooMany as reached:
        return too_many(request, reached)
    wording = wordings.get(int(name)) if name.isascii() and name.isdigit() and len(name) < 19 else None
    try:
        if act == "agree" and wording:
            asking.agree(customer, wording, language=translation.get_language())
        elif act == "refuse" and wording:
            asking.refuse(customer, wording)
        elif act == "stop" and name in preferences.SWITCHES and not wordings_only:
            preferences.stop(customer, name)
        elif act == "resume" and name in preferences.SWITCHES and not wordings_only:
            preferences.resume(customer, name)
        elif act == "language" and name in dict(settings.LANGUAGES) and not wordings_only:
            preferences.write_in(customer, name)
        else:
            raise Http404
    except (NotReady, CustomerErased):  # what was on the page is over meanwhile: the page says so
        return redirect(here)
    return redirect(f"{here}?note={act}")


def _show(request, page, here, **context):
    note = request.GET.get("note", "")
    context |= {"here": here, "note": note if note in NOTES else "", "noindex": True}
    return render(request, f"consent/{page}.html", context)
