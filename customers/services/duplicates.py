"""Which other records may be of the same person: by the blind index, in bounded work, as numbers and reasons.

Values are opened to compare them and are given to nobody. At most :data:`MOST` records are named for each sign; of
people of the same name, the newest :data:`OPENED` are compared.
"""

from dataclasses import dataclass, field

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from customers import search
from customers.models import CookieIdentifier, Customer, Device

MOST = 20
OPENED = 200
SEALED = tuple(Customer.PersonalData.personal)


class Sign(TextChoices):
    """What two records have in common, the strongest first."""

    EMAIL = "EMAIL", _("same e-mail address")
    TELEPHONE = "TELEPHONE", _("same telephone number")
    NAME = "NAME", _("same name and date of birth")
    DEVICE = "DEVICE", _("same device")
    COOKIE = "COOKIE", _("same cookie identifier")


@dataclass
class Suspect:
    """Another record (without its values), and the signs that speak for it."""

    customer: Customer
    signs: list = field(default_factory=list)


@dataclass
class Suspects:
    """What was found, most signs first; ``cut`` are signs of which there were more than are named or compared."""

    found: list
    cut: list


def of(customer):
    """The living records that may be of this customer's person, as :class:`Suspects`. Aliases are left out."""
    if customer.is_erased or customer.merged_into_id:
        return Suspects([], [])
    found, cut = {}, []
    for sign, look in LOOKS.items():
        others, is_cut = look(customer)
        if is_cut:
            cut.append(sign)
        for other in others:
            found.setdefault(other.pk, Suspect(other)).signs.append(sign)
    return Suspects(sorted(found.values(), key=lambda each: (-len(each.signs), -each.customer.pk)), cut)


def _others(customer):
    return Customer.objects.living().exclude(pk=customer.pk).defer(*SEALED)


def _by_index(column, kinds):
    def look(customer):
        value = getattr(customer, column)
        if not value or search.query_tokens(value).kind not in kinds:
            return [], False
        others = _others(customer).search(value)[: MOST + 1]
        return others[:MOST], len(others) > MOST

    return look


def _by_name(customer):
    """People of the same name, the newest of them opened, of whom those have the same date of birth."""
    if not customer.birth_date or search.query_tokens(customer.name).kind != search.NAME:
        return [], False
    namesakes = _others(customer).search(customer.name)[: OPENED + 1]
    opened = Customer.objects.only("name", "birth_date").in_bulk([each.pk for each in namesakes[:OPENED]])
    name = search.fold(customer.name)
    same = [
        each
        for each in namesakes[:OPENED]
        if opened[each.pk].birth_date == customer.birth_date and search.fold(opened[each.pk].name) == name
    ]
    return same[:MOST], len(namesakes) > OPENED or len(same) > MOST


def _by_fingerprint(model, **known):
    """By plain columns alone: the fingerprint is keyed, and equal for equal values."""

    def look(customer):
        records = Q(customer=customer) | Q(customer__merged_into=customer)
        prints = list(model.objects.filter(records, **known).values_list("fingerprint", flat=True)[:MOST])
        keys = model.objects.filter(fingerprint__in=prints).exclude(records).values("customer_id")
        others = list(_others(customer).filter(pk__in=keys).order_by("-pk")[: MOST + 1])
        return others[:MOST], len(others) > MOST

    return look


LOOKS = {
    Sign.EMAIL: _by_index("email", {search.MAIL}),
    Sign.TELEPHONE: _by_index("telephone", {search.TELEPHONE}),
    Sign.NAME: _by_name,
    Sign.DEVICE: _by_fingerprint(Device, identifier__isnull=False),  # others are of the same make, no more
    Sign.COOKIE: _by_fingerprint(CookieIdentifier),
}
