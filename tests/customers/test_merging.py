"""Two records of one person."""

import itertools

import pytest

from audit.models import Entry
from audit.services.trail import reference
from customers.categories import Category, of_number
from customers.exceptions import MergeNotAllowed
from customers.models import Customer, Device, Merge, MergeStatus
from customers.services import changes, duplicates, holdings, merging
from customers.services.duplicates import Sign
from customers.services.erasure import erase
from tests.factories.audit import ActorFactory
from tests.factories.customers import make_customer, make_full_customer

pytestmark = pytest.mark.django_db

DECISIONS = {
    MergeStatus.APPROVED: merging.approve, MergeStatus.REFUSED: merging.refuse, MergeStatus.UNDONE: merging.undo
}  # fmt: skip


@pytest.fixture
def handler():
    return ActorFactory()


@pytest.fixture
def approver():
    return ActorFactory()


def merge_at(status, survivor=None, alias=None):
    """A merge that stands at a status, and the way there."""
    merge = merging.propose(survivor or make_customer(), alias or make_customer(), by=ActorFactory())
    if status == MergeStatus.REFUSED:
        return merging.refuse(merge, by=ActorFactory())
    if status in (MergeStatus.APPROVED, MergeStatus.UNDONE):
        merge = merging.approve(merge, by=ActorFactory())
    return merging.undo(merge, by=ActorFactory()) if status == MergeStatus.UNDONE else merge


def held(customer):
    return of_number(Customer.objects.values_list("held", flat=True).get(pk=customer.pk))


def test_an_approved_merge_makes_an_alias_and_moves_nothing(handler, approver):
    survivor, alias = make_customer(), make_full_customer()
    holdings.recount(survivor)
    holdings.recount(alias)
    merge = merging.propose(survivor, alias, by=handler)
    assert held(survivor) == [Category.NAME]

    merging.approve(merge, by=approver)

    alias.refresh_from_db()
    assert alias.merged_into == survivor
    assert alias.payment_methods.count() == 3
    assert held(survivor) == held(alias)
    assert [each.merged_into_id for each in alias.history.order_by("history_id")][-2:] == [None, survivor.pk]


def test_an_undone_merge_leaves_both_as_they_were(handler, approver):
    survivor, alias = make_customer(), make_full_customer()
    holdings.recount(alias)
    before = held(alias)
    merge = merge_at(MergeStatus.APPROVED, survivor, alias)

    merging.undo(merge, by=approver)

    alias.refresh_from_db()
    assert alias.merged_into is None
    assert held(survivor) == [Category.NAME]
    assert held(alias) == before
    merging.propose(survivor, alias, by=handler)


@pytest.mark.parametrize(("start", "end"), list(itertools.product(MergeStatus, DECISIONS)))
def test_a_merge_moves_only_along_the_map(start, end):
    merge = merge_at(start)

    if end in start.next:
        DECISIONS[end](merge, by=ActorFactory())
    else:
        with pytest.raises(MergeNotAllowed) as refused:
            DECISIONS[end](merge, by=ActorFactory())
        assert refused.value.code == "moved"

    merge.refresh_from_db()
    assert merge.status == (end if end in start.next else start)


def test_nobody_approves_their_own_proposal(handler):
    merge = merging.propose(make_customer(), make_customer(), by=handler)

    with pytest.raises(MergeNotAllowed) as refused:
        merging.approve(merge, by=handler)

    assert refused.value.code == "own"
    assert not Customer.objects.filter(merged_into__isnull=False).exists()


def why_not(survivor, alias):
    with pytest.raises(MergeNotAllowed) as refused:
        merging.propose(survivor, alias, by=ActorFactory())
    return refused.value.code


def test_what_cannot_be_merged_is_said_by_its_reason():
    survivor, alias, third, erased = (make_customer() for _each in range(4))
    erase(erased, by=ActorFactory())
    merge_at(MergeStatus.APPROVED, survivor, alias)
    merge_at(MergeStatus.PROPOSED, survivor, third)

    assert why_not(survivor, survivor) == "same"
    assert why_not(survivor, erased) == "erased"
    assert why_not(erased, third) == "erased"
    assert why_not(alias, third) == "survivor_is_alias"
    assert why_not(third, alias) == "already_alias"
    assert why_not(third, survivor) == "has_aliases"
    assert why_not(survivor, third) == "proposed"


def test_a_record_with_aliases_takes_more():
    survivor = make_customer()
    for _each in range(2):
        merge_at(MergeStatus.APPROVED, survivor)

    assert survivor.aliases.count() == 2


@pytest.mark.parametrize("which", [0, 1])
def test_what_was_erased_between_proposal_and_approval_is_not_merged(which):
    pair = make_customer(), make_customer()
    merge = merge_at(MergeStatus.PROPOSED, *pair)
    erase(pair[which], by=ActorFactory())

    with pytest.raises(MergeNotAllowed) as refused:
        merging.approve(merge, by=ActorFactory())

    assert refused.value.code == "erased"
    merge.refresh_from_db()
    assert merge.status == MergeStatus.PROPOSED


def test_an_approval_that_would_make_a_chain_is_refused():
    first, second, third = make_customer(), make_customer(), make_customer()
    into_second = merge_at(MergeStatus.PROPOSED, second, third)
    into_first = merge_at(MergeStatus.PROPOSED, first, second)
    merging.approve(into_second, by=ActorFactory())

    with pytest.raises(MergeNotAllowed) as refused:
        merging.approve(into_first, by=ActorFactory())

    assert refused.value.code == "has_aliases"


def test_each_step_stands_in_the_timeline_of_both(handler, approver):
    survivor, alias = make_customer(), make_customer()
    merge = merging.propose(survivor, alias, by=handler)
    merging.approve(merge, by=approver)
    merging.undo(merge, by=approver)

    for person in (survivor, alias):
        entries = Entry.objects.filter(person=reference(person), subject=reference(merge)).order_by("id")
        assert [entry.action for entry in entries] == ["merge.proposed", "merge.approved", "merge.undone"]
        assert entries[0].details == {"survivor": reference(survivor), "alias": reference(alias)}


def test_the_inventory_counts_one_person_once(handler, approver):
    survivor, alias = make_customer(), make_customer()
    for customer in (survivor, alias):
        holdings.recount(customer)
    living, by_category = holdings.counts()

    merge = merge_at(MergeStatus.APPROVED, survivor, alias)
    merged = holdings.counts()
    merging.undo(merge, by=approver)

    assert (merged[0], merged[1][Category.NAME]) == (living - 1, by_category[Category.NAME] - 1)
    assert holdings.counts() == (living, by_category)


# Possible duplicates


def signs(customer):
    return {each.customer.pk: each.signs for each in duplicates.of(Customer.objects.get(pk=customer.pk)).found}


def test_records_with_something_in_common_are_named_strongest_first():
    customer = make_full_customer()
    by_all = make_full_customer()
    by_mail = make_customer(name="別 人", email="ＨＡＮＡＫＯ@example.com")
    by_telephone = make_customer(name="別 人", telephone="+81 90 1234 5678")
    by_name = make_customer(name="高橋花子", birth_date=customer.birth_date)
    make_customer(name="高橋花子")
    make_customer(name="高橋花子 二世", birth_date=customer.birth_date)

    found = signs(customer)

    assert list(found)[0] == by_all.pk
    assert found == {
        by_all.pk: [Sign.EMAIL, Sign.TELEPHONE, Sign.NAME, Sign.DEVICE, Sign.COOKIE],
        by_mail.pk: [Sign.EMAIL],
        by_telephone.pk: [Sign.TELEPHONE],
        by_name.pk: [Sign.NAME],
    }


def test_aliases_and_erased_records_are_no_duplicates():
    customer, alias, erased = make_full_customer(), make_full_customer(), make_full_customer()
    merge_at(MergeStatus.APPROVED, customer, alias)
    erase(erased, by=ActorFactory())

    assert signs(customer) == {}
    assert signs(alias) == {}


def test_devices_of_the_same_make_are_no_sign():
    customer, other = make_customer(), make_customer()
    for each in (customer, other):
        changes.add(each, Device, values={"system": "iOS 19"}, reason="NOTICE", by=ActorFactory())

    assert signs(customer) == {}


def test_the_work_is_bounded_and_says_so(monkeypatch):
    monkeypatch.setattr(duplicates, "MOST", 2)
    customer = make_customer(email="x@example.com")
    others = [make_customer(email="x@example.com") for _each in range(3)]

    suspects = duplicates.of(Customer.objects.get(pk=customer.pk))

    assert [each.customer.pk for each in suspects.found] == [others[2].pk, others[1].pk]
    assert suspects.cut == [Sign.EMAIL]
    assert Merge.objects.count() == 0
