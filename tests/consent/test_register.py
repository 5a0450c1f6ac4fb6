import datetime as dt

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.utils import timezone, translation

from audit.models import Entry
from consent.exceptions import MoveNotAllowed, NotReady, SamePerson
from consent.models import ChangeStatus, PermittedUse, PolicyStatus, RegisterChange, Relatedness
from consent.purposes import FIRST_NEEDS, Purpose
from consent.services import register
from customers.categories import Category
from tests.factories.consent import PolicyVersionFactory, an_actor, make_register

pytestmark = pytest.mark.django_db

MAIL = (Purpose.INFORMATION, Category.EMAIL)
CELLS = [(purpose, category) for purpose in Purpose for category in Category]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def announced_in(**fields):
    """The version in force, unless one is described."""
    found = [] if fields else register.announcing()
    return found[0] if found else PolicyVersionFactory.at(PolicyStatus.APPROVED, **fields)


def a_change(*lines, **given):
    """A proposal that could be approved, but for what is given."""
    widens = any(permits for _purpose, _category, permits in lines)
    if widens:
        given = {
            "policy_version": announced_in(**given.pop("version", {})),
            "relatedness": Relatedness.RELATED,
            "judgement": "People expect it.",
            **given,
        }
    return register.propose(list(lines), by=given.pop("by", None) or an_actor(), **given)


# The first table


def test_the_first_table_gives_each_purpose_something_and_each_category_a_purpose():
    assert set(FIRST_NEEDS) == set(Purpose)
    assert all(FIRST_NEEDS.values())
    assert {category for needs in FIRST_NEEDS.values() for category in needs} == set(Category)
    assert all(len(set(needs)) == len(needs) for needs in FIRST_NEEDS.values())


def test_of_150_cells_exactly_those_of_the_first_table_are_permitted():
    make_register()

    permitted = {cell for cell in CELLS if register.permits(*cell)}

    assert permitted == {(purpose, category) for purpose, needs in FIRST_NEEDS.items() for category in needs}
    assert len(permitted) == 45


def test_an_empty_register_permits_nothing():
    assert not [cell for cell in CELLS if register.permits(*cell)]
    assert register.table() == {}


def test_the_table_of_a_day_is_read_at_once(django_assert_num_queries):
    make_register()

    with django_assert_num_queries(1):
        found = {cell: (use.since, str(use.policy_version)) for cell, use in register.table().items()}

    assert len(found) == 45


@pytest.mark.parametrize("purpose", Purpose)
def test_each_cell_is_permitted_and_ended_by_itself(purpose):
    one, other = an_actor(), an_actor()
    for category in Category:
        cell = (purpose, category)
        register.approve(a_change((*cell, True), by=one), is_read=True, by=other)
        assert set(register.table()) == {cell}

        register.approve(a_change((*cell, False), by=one), by=other)
        assert not register.permits(*cell)


# Days


def test_article_21_3_a_use_holds_from_the_day_of_the_policy_that_announces_it_and_not_a_day_before():
    coming = timezone.localdate() + dt.timedelta(days=21)
    change = a_change((*MAIL, True), version={"effective_on": coming})

    register.approve(change, is_read=True, by=an_actor())

    assert not register.permits(*MAIL)
    assert not register.permits(*MAIL, on=coming - dt.timedelta(days=1))
    assert register.permits(*MAIL, on=coming)


def test_a_use_holds_from_the_day_of_approval_where_the_policy_is_older():
    with time_machine.travel("2026-03-01 12:00+09:00"):
        change = a_change((*MAIL, True), version={"effective_on": dt.date(2026, 1, 1)})
    with time_machine.travel("2026-03-09 12:00+09:00"):
        register.approve(change, is_read=True, by=an_actor())

    assert not register.permits(*MAIL, on=dt.date(2026, 3, 8))
    assert register.permits(*MAIL, on=dt.date(2026, 3, 9))


def test_a_use_that_was_ended_still_answers_for_the_days_on_which_it_held():
    with time_machine.travel("2026-03-01 12:00+09:00"):
        register.approve(
            a_change((*MAIL, True), version={"effective_on": dt.date(2026, 3, 1)}), is_read=True, by=an_actor()
        )
    with time_machine.travel("2026-05-01 12:00+09:00"):
        register.approve(a_change((*MAIL, False)), by=an_actor())

    days = [dt.date(2026, 2, 28), dt.date(2026, 3, 1), dt.date(2026, 4, 30), dt.date(2026, 5, 1)]
    assert [register.permits(*MAIL, on=day) for day in days] == [False, True, True, False]


def test_a_use_that_was_to_begin_later_and_is_ended_before_never_holds():
    coming = timezone.localdate() + dt.timedelta(days=21)
    register.approve(a_change((*MAIL, True), version={"effective_on": coming}), is_read=True, by=an_actor())
    register.approve(a_change((*MAIL, False)), by=an_actor())

    assert not register.permits(*MAIL, on=coming)


# What a proposal must say


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"policy_version": None}, "Article 21(3)"),
        ({"relatedness": ""}, "Article 17(2)"),
        ({"judgement": "  "}, "Article 17"),
    ],
)
def test_article_17_2_what_widens_names_its_policy_its_relation_and_why(given, words):
    with pytest.raises(NotReady) as refusal:
        a_change((*MAIL, True), **given)

    assert words in str(refusal.value)
    assert not RegisterChange.objects.exists()


@pytest.mark.parametrize("status", [PolicyStatus.DRAFT, PolicyStatus.SUBMITTED, PolicyStatus.WITHDRAWN])
def test_only_an_approved_text_announces(status):
    with pytest.raises(NotReady, match="is not approved"):
        a_change((*MAIL, True), policy_version=PolicyVersionFactory.at(status))


def test_a_version_that_a_newer_one_has_replaced_announces_nothing_any_more():
    old = PolicyVersionFactory.in_force_from("2026-01-01")
    PolicyVersionFactory.in_force_from("2026-06-01")

    with pytest.raises(NotReady, match="no longer in force"):
        a_change((*MAIL, True), policy_version=old)


def test_what_only_narrows_needs_none_of_that():
    make_register()

    change = a_change((*MAIL, False))

    assert (change.widens, change.policy_version, change.relatedness) == (False, None, "")


def test_for_the_first_time_holds_only_for_a_purpose_without_any_use_before():
    make_register({Purpose.INFORMATION: [Category.NAME]})

    with pytest.raises(NotReady, match="Information about services"):
        a_change((*MAIL, True), relatedness=Relatedness.FIRST)

    assert a_change((*MAIL, True), relatedness=Relatedness.RELATED).widens


def test_what_is_permitted_already_or_was_never_permitted_is_named():
    make_register({Purpose.INFORMATION: [Category.EMAIL]})

    with pytest.raises(NotReady, match="permitted already: Information about services / E-mail address"):
        a_change((*MAIL, True))
    with pytest.raises(NotReady, match="nothing can be ended: Information about services / Sex"):
        a_change((Purpose.INFORMATION, Category.SEX, False))
    with pytest.raises(NotReady, match="Nothing differs"):
        a_change()


# Who decides


def test_who_proposed_does_not_approve():
    proposer = an_actor()
    change = a_change((*MAIL, True), by=proposer)

    with pytest.raises(SamePerson):
        register.approve(change, is_read=True, by=proposer)

    assert not register.permits(*MAIL)


def test_the_database_refuses_that_too():
    proposer = an_actor()
    change = a_change((*MAIL, True), by=proposer)

    with pytest.raises(DatabaseError, match="register_change_is_approved_by_a_second_person"), transaction.atomic():
        RegisterChange.objects.filter(pk=change.pk).update(
            status="APPROVED", decided_at=timezone.now(), decided_by=proposer
        )


def test_the_approver_must_have_read_it_in_the_policy():
    change = a_change((*MAIL, True))

    with pytest.raises(NotReady, match="Article 21"):
        register.approve(change, is_read=False, by=an_actor())

    assert not register.permits(*MAIL)


def test_articles_17_2_and_18_what_goes_beyond_is_proposed_but_never_approved():
    change = a_change((*MAIL, True), relatedness=Relatedness.UNRELATED)

    with pytest.raises(NotReady, match=r"consent.*Article 18\(1\)"):
        register.approve(change, is_read=True, by=an_actor())

    change.refresh_from_db()
    assert change.status == ChangeStatus.PROPOSED
    assert not register.permits(*MAIL)


def test_of_two_proposals_of_the_same_cell_the_second_is_refused_with_its_name():
    first, second = a_change((*MAIL, True)), a_change((*MAIL, True))
    register.approve(first, is_read=True, by=an_actor())

    with pytest.raises(NotReady, match="permitted already"):
        register.approve(second, is_read=True, by=an_actor())


def test_a_version_replaced_since_the_proposal_no_longer_announces():
    with time_machine.travel("2026-03-01 12:00+09:00"):
        change = a_change((*MAIL, True), version={"effective_on": dt.date(2026, 3, 1)})
    PolicyVersionFactory.in_force_from("2026-04-01")

    with time_machine.travel("2026-04-02 12:00+09:00"), pytest.raises(NotReady, match="no longer in force"):
        register.approve(change, is_read=True, by=an_actor())


def test_a_refusal_says_why_and_changes_nothing():
    change = register.refuse(a_change((*MAIL, True)), remark="Not in the policy.", by=an_actor())

    assert (change.status, change.remark) == (ChangeStatus.REFUSED, "Not in the policy.")
    assert not PermittedUse.objects.exists()


DECIDE = {
    ChangeStatus.APPROVED: lambda change: register.approve(change, is_read=True, by=an_actor()),
    ChangeStatus.REFUSED: lambda change: register.refuse(change, remark="No.", by=an_actor()),
    ChangeStatus.WITHDRAWN: lambda change: register.withdraw(change, by=an_actor()),
}


@pytest.mark.parametrize("then", DECIDE)
@pytest.mark.parametrize("first", DECIDE)
def test_what_is_decided_is_not_decided_again(first, then):
    change = DECIDE[first](a_change((*MAIL, True)))

    with pytest.raises(MoveNotAllowed):
        DECIDE[then](change)


def test_each_act_leaves_its_entry_with_counts_and_no_text():
    change = make_register()

    found = {entry.action: entry.details for entry in Entry.objects.filter(subject=f"consent.registerchange:{change}")}

    assert set(found) == {"register.proposed", "register.approved"}
    assert found["register.approved"]["permitted"] == 45
    assert "judgement" not in found["register.proposed"]


def test_a_permitted_use_is_never_removed_nor_moved_to_another_day():
    make_register()

    for statement in ("DELETE FROM consent_permitteduse", "UPDATE consent_permitteduse SET since = since - 1"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
