"""The ledger as lists: the answers of one provision, and of whom a third party got data."""

from django.db import transaction
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from audit.services.trail import record
from consent.models import Provision, ProvisionPerson
from customers import writing
from customers.categories import Category

CHUNK = 2000  # rows held in memory


@transaction.atomic
def take(thing, *, by):
    """Take the list of a provision or a third party, as an iterator of pieces of a workbook.

    Written down as an act with the count of its rows. A customer stands in it by number alone.
    """
    is_one = isinstance(thing, Provision)
    count = thing.persons.count() + thing.refusals.count() if is_one else _of(thing).count()
    record("provision.list_taken", subject=thing, by=by, count=count)
    return _pieces(_answers(thing) if is_one else _persons(thing), translation.get_language())


def _pieces(sheet, language):
    with translation.override(language):
        yield from writing.xlsx([sheet])


def _answers(provision):
    header = [_("customer number"), pgettext("provision", "answer"), _("consent number")]
    return writing.Sheet(str(provision), [capfirst(name) for name in header], _rows_of_answers(provision))


def _rows_of_answers(provision):
    given = provision.persons.order_by("pk").values_list("customer__number", "consent")
    for number, consent in given.iterator(chunk_size=CHUNK):
        yield [number, _("permitted"), f"CN{consent}" if consent else ""]
    refused = provision.refusals.order_by("pk").select_related("customer").only("refusal", "customer__number")
    for row in refused.iterator(chunk_size=CHUNK):
        yield [row.customer.number, str(row.get_refusal_display()), ""]


def _of(third_party):
    return ProvisionPerson.objects.that_left().filter(third_party=third_party)


def _persons(third_party):
    header = [
        _("customer number"), _("day of provision"), _("provision number"), _("categories"), _("basis"),
        _("consent number"), _("kept until"),
    ]  # fmt: skip
    return writing.Sheet(str(third_party), [capfirst(name) for name in header], _rows_of_persons(third_party))


def _rows_of_persons(third_party):
    rows = _of(third_party).select_related("customer", "provision").order_by("-pk").only(
        "consent_id", "customer__number", "provision__number", "provision__last_on", "provision__categories",
        "provision__basis", "provision__kept_until",
    )  # fmt: skip
    for row in rows.iterator(chunk_size=CHUNK):
        provision = row.provision
        yield [
            row.customer.number, provision.last_on.isoformat(), str(provision),
            "; ".join(map(str, Category.labels_of(provision.categories))), str(provision.get_basis_display()),
            f"CN{row.consent_id}" if row.consent_id else "", str(provision.kept_until or ""),
        ]  # fmt: skip
