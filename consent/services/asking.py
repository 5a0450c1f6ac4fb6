"""Customers asked for consent by mail: a page with yes and no, each as easy as the other."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import Actor
from audit.services import outbox
from audit.services.trail import record
from consent.exceptions import NotReady
from consent.models import Consent, Question, Suspension, Wording
from customers.exceptions import CustomerErased
from customers.models import Customer

from . import consents

Answer = Question.Answer


@transaction.atomic
def ask(customer, *, wording, by):
    """Ask a customer by mail whether they agree to a wording. To ask is use within the purpose (Guidelines 3-1-3).

    Raises :class:`NotReady` for who has no mail address, has agreed or was asked already, or whose use is suspended
    whole; :class:`CustomerErased` where there is nobody any more. A record that was joined is asked at the one that
    stays.
    """
    customer = Customer.objects.hold(customer)
    if customer.is_erased:
        raise CustomerErased(customer)
    if not customer.has_email or customer.mail_bounced_at:
        raise NotReady([_("This customer cannot be reached by mail. Ask on paper, by telephone or at the counter.")],
                       field="customer")  # fmt: skip
    wording = Wording.objects.select_for_update().get(pk=wording.pk)
    if wording.retired_at:
        raise NotReady([_("This wording is out of use. Ask by the newest one.")], field="wording")
    if Suspension.objects.living().of(customer).filter(scope=Suspension.Scope.ALL).exists():
        raise NotReady([_("All use of this customer’s data is suspended, asking too (Article 35).")], field="customer")
    if Consent.objects.living().of(customer).filter(wording=wording).exists():
        raise NotReady([_("This customer has agreed to this wording already.")], field="customer")
    if Question.objects.of(customer).filter(wording=wording, answered_at__isnull=True).exists():
        raise NotReady([_("This customer was asked by this wording already, and has not answered.")], field="customer")
    question = Question.objects.create(customer=customer, wording=wording, asked_by=by)
    outbox.post("consent.question", subject=question, by=by, language=customer.language)
    record("consent.asked", subject=question, person=customer, by=by, consent_wording=str(wording))
    return question


@transaction.atomic
def agree(customer, wording, *, language):
    """The person says yes on a page of ours, in whose language they read it. Twice is one consent.

    It stands at the record of whose link was opened, and counts for every record of the person.
    Raises :class:`NotReady` for a wording that is out of use.
    """
    by, _person = Actor.requester(), Customer.objects.hold(customer)
    consent = Consent.objects.living().of(customer).filter(wording=wording).first()
    if consent is None:
        day = timezone.localdate()
        consent = consents.record(
            customer, wording=wording, language=language, way=Consent.Way.FORM, given_on=day, by=by
        )
    _answer(customer, wording, Answer.YES, by=by)
    return consent


@transaction.atomic
def refuse(customer, wording):
    """The person says no, or takes a yes back. Nothing is asked about it. Twice does nothing."""
    by, _person = Actor.requester(), Customer.objects.hold(customer)
    for consent in Consent.objects.living().of(customer).filter(wording=wording):
        consents.withdraw(consent, way=Consent.Way.FORM, withdrawn_on=timezone.localdate(), by=by)
    _answer(customer, wording, Answer.NO, by=by)


def _answer(customer, wording, answer, *, by):
    rows = Question.objects.of(customer).filter(wording=wording, answered_at__isnull=True)
    for question in rows.select_for_update(of=["self"]):
        question.answer, question.answered_at, question.answered_by = answer, timezone.now(), by
        question.save(update_fields=["answer", "answered_at", "answered_by"])
        record("consent.answered", subject=question, person=question.customer, by=by, answer=answer)
