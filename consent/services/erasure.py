"""This app's part of erasure: questions and preferences no longer open, waiting mails and notices do not leave.

Consents, provisions and answers stay as references: they prove what was agreed and given (Articles 27 to 30), and hold
no value of the person. What was made for many (exports, letters) goes with the files of the customers' app.
"""

from django.db import transaction

from audit.services import outbox
from consent.models import Consent, Delivery, DeliveryState, ProvisionPerson, Question
from customers.services import limits, links


@transaction.atomic
def erase(customers, *, emails, by):
    """Revoke links and drop what waits, for these records of one person. Returns ``{kind: how many}``."""
    questions = list(Question.objects.filter(customer__in=customers))
    deliveries = list(Delivery.objects.filter(customer__in=customers, state=DeliveryState.WAITING))
    keys = [("preferences mailbox", email.lower()) for email in emails]
    keys += [("preferences act", str(customer)) for customer in customers]
    transaction.on_commit(lambda: limits.forget(keys))
    revoked = sum(links.revoke_all(each) for each in [*customers, *questions, *deliveries])
    return {"mails": outbox.drop([*customers, *questions], by=by), "links": revoked}


def waiting(customers):
    """How many notices wait to be sent to this person; the sender skips who is erased."""
    return Delivery.objects.filter(customer__in=customers, state=DeliveryState.WAITING).count()


def kept(customers):
    """What stays as a reference: ``(consents, provisions, the last day until which a provision is kept)``."""
    provisions = ProvisionPerson.objects.filter(customer__in=customers)
    until = provisions.order_by("-provision__kept_until").values_list("provision__kept_until", flat=True).first()
    return Consent.objects.filter(customer__in=customers).count(), provisions.count(), until
