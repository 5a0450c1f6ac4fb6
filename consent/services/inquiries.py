"""What authorities ask under a law: entered by one person, answered or declined by another.

No entry of the trail names the customer: the timeline of a customer is read by more people than may know of it.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.calendar import today
from audit.services.trail import record
from consent.exceptions import EnteredTwice, MoveNotAllowed, NotReady, SamePerson
from consent.models import InquiryStatus, OfficialInquiry
from customers.models import Customer


@transaction.atomic
def enter(customer, *, kind, authority, their_number, paper_on, received_on, categories, by):
    """Write an inquiry down as its paper says. An erased customer can be asked about too: the answer is that.

    Raises :class:`NotReady` for days that cannot be and :class:`EnteredTwice` for a paper that stands here already.
    """
    if received_on < paper_on:
        raise NotReady([_("The inquiry cannot have been received before the day of its paper.")], field="received_on")
    if received_on > today():
        raise NotReady([_("The inquiry cannot have been received on a day to come.")], field="received_on")
    if not categories:
        raise NotReady([_("Choose what is asked for.")], field="categories")
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    same = {"authority": authority.strip(), "their_number": their_number.strip()}
    if OfficialInquiry.objects.filter(customer=customer, **same).exists():
        raise EnteredTwice(same["their_number"])
    inquiry = OfficialInquiry.objects.create(
        customer=customer, kind=kind, paper_on=paper_on, received_on=received_on, categories=sorted(categories),
        entered_by=by, **same,
    )  # fmt: skip
    record("inquiry.entered", subject=inquiry, by=by, law=kind, categories=inquiry.categories)
    return inquiry


def answer(inquiry, *, categories, answered_on, by):
    """Write down what was told, no more than was asked for (Article 27(1)(i)).

    Raises :class:`NotReady`, :class:`SamePerson` or :class:`MoveNotAllowed`.
    """
    if not categories or set(categories) - set(inquiry.categories):
        raise NotReady([_("Choose what is told, and nothing that was not asked for.")], field="categories")
    if not inquiry.received_on <= answered_on <= today():
        raise NotReady([_("The answer was given between the day of receipt and today.")], field="answered_on")
    return _decide(inquiry, InquiryStatus.ANSWERED, by=by, answered=sorted(categories), answered_on=answered_on)


def decline(inquiry, *, by):
    """Tell nothing. Raises :class:`SamePerson` or :class:`MoveNotAllowed`."""
    return _decide(inquiry, InquiryStatus.DECLINED, by=by)


@transaction.atomic
def _decide(inquiry, status, *, by, **values):
    inquiry = OfficialInquiry.objects.select_for_update().get(pk=inquiry.pk)
    if status not in InquiryStatus(inquiry.status).next:
        raise MoveNotAllowed(inquiry, status)
    if inquiry.entered_by_id == by.pk:
        raise SamePerson(_("You entered this inquiry: another person decides what it is told."))
    inquiry.status, inquiry.decided_at, inquiry.decided_by = status, timezone.now(), by
    for name, value in values.items():
        setattr(inquiry, name, value)
    inquiry.save()
    record(f"inquiry.{status.lower()}", subject=inquiry, by=by, categories=inquiry.answered)
    return inquiry
