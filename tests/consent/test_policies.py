import datetime as dt
import itertools

import pytest
import time_machine
from django.db import IntegrityError, transaction

from audit.models import Entry
from consent.exceptions import MoveNotAllowed, NotReady, SamePerson
from consent.models import POLICY_MOVES, PolicyStatus, PolicyVersion
from consent.services import policies
from tests.factories.consent import PolicyVersionFactory, an_actor

pytestmark = pytest.mark.django_db

STEPS = {
    PolicyStatus.SUBMITTED: policies.submit,
    PolicyStatus.APPROVED: policies.approve,
    PolicyStatus.WITHDRAWN: policies.withdraw,
    PolicyStatus.DRAFT: lambda version, by: policies.send_back(version, remark="日付を直してください。", by=by),
}
ACTS = {
    PolicyStatus.SUBMITTED: "policy.submitted",
    PolicyStatus.APPROVED: "policy.approved",
    PolicyStatus.WITHDRAWN: "policy.withdrawn",
    PolicyStatus.DRAFT: "policy.sent_back",
}


@pytest.mark.parametrize(("start", "end"), list(itertools.product(PolicyStatus, STEPS)))
def test_a_step_moves_a_version_only_along_the_map(start, end):
    version = PolicyVersionFactory.at(start)
    by = an_actor()

    if end in start.next:
        STEPS[end](version, by=by)
        expected = end
        entry = Entry.objects.latest("id")
        assert (entry.action, entry.actor_id) == (ACTS[end], by.pk)
    else:
        with pytest.raises(MoveNotAllowed):
            STEPS[end](version, by=by)
        expected = start

    version.refresh_from_db()
    assert version.status == expected


def test_every_status_has_its_moves():
    assert set(POLICY_MOVES) == set(PolicyStatus)
    assert [status for status in PolicyStatus if status.is_final] == [PolicyStatus.APPROVED, PolicyStatus.WITHDRAWN]


def test_a_draft_gets_the_next_number_and_an_entry():
    PolicyVersionFactory(number=7)

    version = policies.draft(text_ja="本文", by=an_actor())

    assert (version.number, str(version)) == (8, "P8")
    assert Entry.objects.latest("id").action == "policy.drafted"


def test_a_revision_names_the_fields_that_changed_and_no_words():
    version = PolicyVersionFactory()

    policies.revise(version, text_ja="新しい本文", text_en=version.text_en, by=an_actor())

    version.refresh_from_db()
    assert version.text_ja == "新しい本文"
    assert Entry.objects.latest("id").details == {"fields": ["text_ja"]}


@pytest.mark.parametrize("status", [status for status in PolicyStatus if status != PolicyStatus.DRAFT])
def test_only_a_draft_can_be_revised(status):
    version = PolicyVersionFactory.at(status)

    with pytest.raises(MoveNotAllowed):
        policies.revise(version, text_ja="別の本文", by=an_actor())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text_ja": " "}, "Japanese text is empty"),
        ({"text_en": ""}, "English text is empty"),
        ({"effective_on": None}, "no date"),
        ({"effective_on": dt.date(2026, 11, 23)}, "23 Nov 2026, has passed"),
        ({"effective_on": dt.date(2026, 12, 1)}, "already approved"),
        ({"summary_en": ""}, "What changes is not written"),
    ],
)
@pytest.mark.parametrize(("status", "step"), [("DRAFT", policies.submit), ("SUBMITTED", policies.approve)])
def test_an_incomplete_version_is_neither_submitted_nor_approved(status, step, changes, words, settings):
    settings.LANGUAGE_CODE = "en"
    with time_machine.travel("2026-11-24T12:00+09:00", tick=False):
        PolicyVersionFactory.in_force_from("2026-12-01")
        version = PolicyVersionFactory.at(PolicyStatus(status), **{"effective_on": dt.date(2026, 12, 8), **changes})

        with pytest.raises(NotReady, match=words):
            step(version, by=an_actor())


@pytest.mark.parametrize("role", ["drafted_by", "submitted_by"])
def test_who_wrote_or_submitted_it_cannot_approve(role):
    version = PolicyVersionFactory.at(PolicyStatus.SUBMITTED)

    with pytest.raises(SamePerson):
        policies.approve(version, by=getattr(version, role))


@pytest.mark.parametrize("role", ["drafted_by", "submitted_by"])
def test_the_database_refuses_one_person_in_both_places(role):
    version = PolicyVersionFactory.at(PolicyStatus.APPROVED)

    with pytest.raises(IntegrityError, match="approved_by_a_second_person"), transaction.atomic():
        PolicyVersionFactory.at(
            PolicyStatus.APPROVED, effective_on=dt.date(2030, 1, 1), **{role: version.approved_by},
            approved_by=version.approved_by,
        )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"text_ja": "すり替え"}, {"text_en": "swapped"}, {"summary_ja": "x"}, {"effective_on": dt.date(2031, 1, 1)},
        {"number": 4711}, {"status": "WITHDRAWN"},
    ],
)  # fmt: skip
def test_an_approved_version_never_changes(change):
    version = PolicyVersionFactory.at(PolicyStatus.APPROVED)

    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(**change)


def test_an_approved_version_is_never_deleted():
    version = PolicyVersionFactory.at(PolicyStatus.APPROVED)

    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk)._raw_delete("default")


def test_two_versions_cannot_be_approved_for_one_date():
    PolicyVersionFactory.in_force_from("2027-04-01")

    with pytest.raises(IntegrityError, match="only_one_of_its_date"), transaction.atomic():
        PolicyVersionFactory.in_force_from("2027-04-01")


def test_the_version_in_force_changes_at_midnight_in_tokyo():
    old = PolicyVersionFactory.in_force_from("2026-01-01")
    new = PolicyVersionFactory.in_force_from("2026-12-01")

    with time_machine.travel("2026-11-30T23:59:59+09:00", tick=False):
        assert (policies.in_force(), policies.announced()) == (old, new)
    with time_machine.travel("2026-12-01T00:00:00+09:00", tick=False):
        assert (policies.in_force(), policies.announced()) == (new, None)


def test_before_the_first_date_nothing_is_in_force():
    version = PolicyVersionFactory.in_force_from("2026-01-01")

    assert policies.in_force(dt.date(2025, 12, 31)) is None
    assert policies.announced(dt.date(2025, 12, 31)) == version


def test_drafts_are_never_in_force():
    PolicyVersionFactory.at(PolicyStatus.SUBMITTED)

    assert policies.in_force() is None


def test_periods_end_on_the_day_before_the_next_begins():
    PolicyVersionFactory.in_force_from("2026-12-01", number=3)
    PolicyVersionFactory.in_force_from("2025-01-01", number=1)
    PolicyVersionFactory.in_force_from("2026-01-01", number=2)

    found = policies.periods(dt.date(2026, 11, 30))

    assert [(each.version.number, each.until, each.is_in_force, each.is_coming) for each in found] == [
        (3, None, False, True),
        (2, dt.date(2026, 11, 30), True, False),
        (1, dt.date(2025, 12, 31), False, False),
    ]


def test_the_predecessor_is_the_one_in_force_before():
    first = PolicyVersionFactory.in_force_from("2025-01-01")
    second = PolicyVersionFactory.in_force_from("2026-01-01")
    draft = PolicyVersionFactory(effective_on=dt.date(2025, 6, 1))

    assert policies.predecessor(first) is None
    assert policies.predecessor(second) == first
    assert policies.predecessor(draft) == first
    assert policies.predecessor(PolicyVersionFactory(effective_on=None)) == second
