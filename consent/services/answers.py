"""May data of these people be given as a provision says? Facts are looked up here, :mod:`consent.bases` answers."""

from dataclasses import dataclass

from audit.calendar import today
from consent.bases import NO_THIRD_PARTY, Basis, ConsentState, Place, answer
from consent.models import Consent, ProvisionPerson
from consent.purposes import Purpose
from customers.models import Customer

from . import consents, joint_use, third_parties
from .suspensions import suspended_for, suspended_from_provision


@dataclass(frozen=True)
class Decided:
    """What the law says about one person: the rule that forbids it, or none; the consent that it rests on, or none."""

    refusal: str | None
    consent: Consent | None = None


def ask(provision, customers):
    """What holds for each of these customers: ``{customer id: Decided}``. For at most some thousand."""
    days = provision.first_on, provision.last_on
    shown, place = _shown(provision), third_parties.place_in(provision.third_party, *days)
    covered = consents.covered(
        customers, provision.third_party, provision.categories, *days, purpose=provision.purpose,
        abroad=place == Place.OFFSHORE,
    )  # fmt: skip
    suspended = suspended_from_provision(provision.purpose, *days).filter(pk__in=covered)
    suspended = set(suspended.values_list("pk", flat=True))
    found = {}
    for pk, what in covered.items():
        said = answer(Basis(provision.basis), place, what.state, is_suspended=pk in suspended, **shown)
        found[pk] = Decided(said.refusal, what.consent if said.rests_on_consent else None)
    return found


def refusal_for_all(provision):
    """The rule that forbids it whoever the person is, or ``None``: as if each had consented to all."""
    place = third_parties.place_in(provision.third_party, provision.first_on, provision.last_on)
    return answer(Basis(provision.basis), place, ConsentState.WHOLE, is_suspended=False, **_shown(provision)).refusal


def rests_on_consent(basis, place):
    """Whether nothing but each person's consent permits it on this basis at this place."""
    said = answer(basis, place, ConsentState.WHOLE, is_suspended=False, has_paper=True, has_contract=True,
                  is_announced=True)  # fmt: skip
    return said.rests_on_consent


def has_fallen(provision):
    """Whether what was recorded may no longer leave: its day is over, or what it rests on holds no more.

    Persons by themselves are no ground: :func:`barred_from` leaves them out.
    """
    if today() > provision.last_on or refusal_for_all(provision):
        return True
    place = third_parties.place_in(provision.third_party, provision.first_on, provision.last_on)
    return place == Place.OFFSHORE != provision.place and provision.basis in NO_THIRD_PARTY


def barred_from(export):
    """The customers whose data may not leave in this export now, as a queryset."""
    if export.provision_id is None:
        return suspended_for(Purpose(export.purpose))
    provision = export.provision
    withdrawn = ProvisionPerson.objects.filter(provision=provision, consent__withdrawn_on__lte=provision.last_on)
    suspended = suspended_from_provision(provision.purpose, provision.first_on, provision.last_on)
    return Customer.objects.filter(pk__in=suspended.values("pk")) | Customer.objects.filter(
        pk__in=withdrawn.values("customer")
    )


def _shown(provision):
    days = provision.first_on, provision.last_on
    return {
        "has_paper": bool(provision.paper and provision.paper_on),
        "has_contract": third_parties.has_contract(provision.third_party, *days),
        "is_announced": joint_use.is_announced(
            provision.third_party,
            provision.categories,
            provision.first_on,
            until=provision.last_on,
            purpose=provision.purpose,
        ),
    }
