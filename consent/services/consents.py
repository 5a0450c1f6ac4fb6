"""Wordings by which consent is asked, consents as they were given, their withdrawal, and what they cover on a day."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.calendar import today
from audit.services.trail import record as note
from consent.bases import ConsentState, Place
from consent.exceptions import NotPermitted, NotReady
from consent.models import Consent, ThirdParty, Wording
from consent.purposes import Purpose
from customers.categories import Category
from customers.exceptions import CustomerErased
from customers.models import Customer

from . import register, third_parties

FREE = {Place.OFFSHORE, Place.MEASURES}  # abroad and not equivalent: what Article 28(2) wants is told first


@transaction.atomic
def write(*, third_party, purpose, categories, text_ja, text_en, by):
    """A new wording, the next version of its third party.

    Raises :class:`NotPermitted` where the register does not permit a category for the purpose, and :class:`NotReady`
    where the recipient is abroad and nothing of what Article 28(2) wants is entered.
    """
    third_party = ThirdParty.objects.select_for_update().get(pk=third_party.pk)
    purpose, categories = Purpose(purpose), [each for each in Category if each in set(categories)]
    if not categories:
        raise NotReady([_("Choose at least one category.")], field="categories")
    if refused := register.not_permitted(purpose, categories):
        raise NotPermitted(purpose, refused)
    pack = None
    if third_parties.place_of(third_party, today()) in FREE:
        pack = third_party.packs.order_by("pk").last()
        if pack is None:
            raise NotReady(
                [_("The recipient is abroad: enter the information of Article 28(2) at the third party first.")],
                field="third_party",
            )
    newest = third_party.wordings.aggregate(newest=Max("version", default=0))["newest"]
    wording = Wording.objects.create(
        third_party=third_party, version=newest + 1, purpose=purpose, categories=categories, text_ja=text_ja,
        text_en=text_en, pack=pack, written_by=by,
    )  # fmt: skip
    note(
        "wording.written", subject=wording, by=by, third_party=str(third_party), purpose=purpose, categories=categories
    )
    return wording


@transaction.atomic
def retire(wording, *, by):
    """Ask nobody by this wording any more. Consents that were given to it stay. Raises :class:`NotReady` twice."""
    wording = Wording.objects.select_for_update().get(pk=wording.pk)
    if wording.retired_at:
        raise NotReady([_("%(number)s is out of use already. Load the page again.") % {"number": wording}])
    wording.retired_at, wording.retired_by = timezone.now(), by
    wording.save(update_fields=["retired_at", "retired_by"])
    note("wording.retired", subject=wording, by=by)
    return wording


@transaction.atomic
def record(customer, *, wording, language, way, given_on, by):
    """Write down that the person agreed to the wording, as it was shown in ``language``, on a day until today.

    Raises :class:`NotReady` where it stands already, for a day to come, one before the wording was written, or a
    wording out of use; :class:`CustomerErased` where there is nobody any more. It stands at the record that is named,
    also at one that was joined to another, and counts for every record of the person.
    """
    if Customer.objects.hold(customer).is_erased:
        raise CustomerErased(customer)
    wording = Wording.objects.select_for_update().get(pk=wording.pk)
    if wording.retired_at:
        raise NotReady([_("This wording is out of use. Ask by the newest one.")], field="wording")
    if not timezone.localdate(wording.written_at) <= given_on <= today():
        raise NotReady(
            [_("A consent is given between the day on which its wording was written and today.")], field="given_on"
        )
    if Consent.objects.living().of(customer).filter(wording=wording).exists():
        raise NotReady([_("This customer has agreed to this wording already.")], field="customer")
    consent = Consent.objects.create(
        customer=customer, wording=wording, language=language, way=way, given_on=given_on, recorded_by=by
    )
    note("consent.recorded", subject=consent, person=customer, by=by, consent_wording=str(wording), way=way,
         given_on=given_on)  # fmt: skip
    return consent


@transaction.atomic
def withdraw(consent, *, way, withdrawn_on, by):
    """Write down the withdrawal: from that day on the consent covers nothing. No ground is asked for.

    Raises :class:`NotReady` for a day before the consent or to come, and the second time.
    """
    Customer.objects.select_for_update().get(pk=consent.customer_id)  # a provision under way waits, or is waited for
    consent = Consent.objects.select_for_update().get(pk=consent.pk)
    if consent.withdrawn_at:
        raise NotReady([_("%(number)s was withdrawn already. Load the page again.") % {"number": consent}])
    if not consent.given_on <= withdrawn_on <= today():
        raise NotReady(
            [_("It was withdrawn between the day on which it was given and today.")], field="withdrawn_on"
        )  # fmt: skip
    consent.withdrawn_on, consent.withdrawn_way = withdrawn_on, way
    consent.withdrawn_at, consent.withdrawn_by = timezone.now(), by
    consent.save(update_fields=["withdrawn_on", "withdrawn_way", "withdrawn_at", "withdrawn_by"])
    note("consent.withdrawn", subject=consent, person=consent.customer, by=by, way=way,
         withdrawn_on=withdrawn_on)  # fmt: skip
    return consent


@dataclass(frozen=True)
class Covered:
    """What there is of a person's consent, and the consent that covers all, if one does."""

    state: ConsentState
    consent: Consent | None = None


NOTHING = Covered(ConsentState.NONE)


def covered(customers, third_party, categories, day, until=None, *, purpose=None, abroad=False):
    """What the consents of each customer cover on that day: ``{customer id: Covered}``, in four queries.

    With ``purpose`` only what was asked for that purpose covers anything; ``abroad`` only what was asked after the
    information of Article 28(2), which a wording of before may not have had.
    With ``until`` on every day of the period. One consent must cover every category: what was asked together was agreed
    to together. Consents on records that were joined count for the person, whichever of the records is asked about.
    For at most some thousand customers.
    """
    persons = {pk: joined or pk for pk, joined in customers.values_list("pk", "merged_into_id")}
    everybody = set(persons.values())
    records = Customer.objects.filter(Q(pk__in=everybody) | Q(merged_into__in=everybody))
    person_of = {pk: joined or pk for pk, joined in records.values_list("pk", "merged_into_id")}
    wordings = {
        pk: set(named) if purpose in (None, asked_for) and (told or not abroad) else set()
        for pk, named, asked_for, told in third_party.wordings.values_list("pk", "categories", "purpose", "pack")
    }
    wanted, found = set(categories), {}
    for consent in Consent.objects.filter(customer__in=person_of, wording__in=wordings).order_by("pk"):
        person = person_of[consent.customer_id]
        judged = _judge(consent, wanted <= wordings[consent.wording_id], day, until or day)
        found[person] = max(found.get(person, NOTHING), judged, key=lambda each: RANK[each.state])
    return {pk: found.get(person, NOTHING) for pk, person in persons.items()}


RANK = {
    state: rank
    for rank, state in enumerate(
        [ConsentState.NONE, ConsentState.WITHDRAWN, ConsentState.LATER, ConsentState.OTHER, ConsentState.WHOLE]
    )
}


def _judge(consent, covers_all, day, until):
    if consent.withdrawn_on and consent.withdrawn_on <= until:
        return Covered(ConsentState.WITHDRAWN)
    if consent.given_on > day:
        return Covered(ConsentState.LATER)
    return Covered(ConsentState.WHOLE, consent) if covers_all else Covered(ConsentState.OTHER)
