"""Each page of the trail, the work and the office: opened, searched, decided on."""

import datetime as dt

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit.models import Access, Actor, Entry, Job, Office, Seal, Staff
from audit.services import access, staff
from audit.services.trail import record
from tests.factories.audit import PASSWORD, JobFactory, OutgoingMailFactory, StaffFactory

pytestmark = pytest.mark.django_db
MODELS = ["entry", "access", "seal", "job", "outgoingmail", "office", "staff"]


@pytest.fixture
def officer():
    return StaffFactory.with_roles("privacy_officer", username="officer")


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client


@pytest.fixture
def rows(officer):
    with transaction.atomic():
        entry = record("office.changed", subject=Office.objects.get(), by=officer.actor, fields=["email"])
    return {
        "entry": entry,
        "access": access.note(
            Office.objects.get(), fields=["name_ja"], reason=Access.Reason.AUDIT, case_number="K1", by=officer.actor
        ),
        "seal": Seal.objects.create(position=3, hash=bytes(32), sealed_at=timezone.now(), mac=bytes(32)),
        "job": JobFactory(total=10),
        "outgoingmail": OutgoingMailFactory(),
        "office": Office.objects.get(),
        "staff": officer,
    }


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("model", MODELS)
def test_list_and_page_open(desk, rows, model, language):
    desk.cookies["django_language"] = language

    listed = desk.get(reverse(f"admin:audit_{model}_changelist"), follow=True)
    page = desk.get(reverse(f"admin:audit_{model}_change", args=[rows[model].pk]))

    assert (listed.status_code, page.status_code) == (200, 200)
    assert str(rows[model]) in page.text


@pytest.mark.parametrize("role", ["intake", "verifier", "handler", "approver", "notice_author", "notice_approver"])
@pytest.mark.parametrize("model", ["entry", "access", "seal", "outgoingmail", "office", "staff"])
def test_pages_are_not_for_other_roles(client, rows, model, role):
    client.force_login(StaffFactory.with_roles(role))

    assert client.get(reverse(f"admin:audit_{model}_changelist")).status_code == 403
    assert client.get(reverse(f"admin:audit_{model}_change", args=[rows[model].pk])).status_code == 403


def search(desk, model, words):
    return desk.post(reverse(f"admin:audit_{model}_changelist"), {"q": words}, follow=True).text


def test_the_trail_is_searched_by_number_and_filtered_by_act_and_actor(desk, officer):
    with transaction.atomic():
        one = record("mail.sent", subject="customers.customer:C1", by=Actor.system())
        two = record("mail.bounced", subject="x:1", person="customers.customer:C1", by=officer.actor)
        other = record("mail.sent", subject="customers.customer:C2", by=Actor.system())

    found = search(desk, "entry", "C1")
    by_act = desk.get(reverse("admin:audit_entry_changelist"), {"action": "mail.bounced"}).text
    by_actor = desk.get(reverse("admin:audit_entry_changelist"), {"by": Actor.system().pk}).text

    assert all(f"{entry}<" in found for entry in (one, two))
    assert f"{other}<" not in found
    assert f"{two}<" in by_act
    assert f"{one}<" not in by_act
    assert f"{one}<" in by_actor
    assert f"{two}<" not in by_actor


@pytest.mark.parametrize("query", ["action=x", "by=x", "by=99999999999999999999", "after=x", "action__regex=%28"])
def test_the_trail_refuses_what_it_does_not_offer_politely(desk, query):
    assert desk.get(f"{reverse('admin:audit_entry_changelist')}?{query}", follow=True).status_code == 200


def test_the_list_of_the_trail_costs_the_same_for_one_row_and_for_three(desk, officer, django_assert_max_num_queries):
    desk.get(reverse("admin:audit_entry_changelist"))  # notes that the session was seen
    counts = []
    for _each in range(2):
        with django_assert_max_num_queries(12) as counted:
            desk.get(reverse("admin:audit_entry_changelist"))
        counts.append(len(counted))
        with transaction.atomic():
            for _row in range(3):
                record("mail.sent", subject="x:1", by=officer.actor)

    assert counts[0] == counts[1]


def test_the_office_is_changed_by_its_service_and_the_entry_names_fields_only(desk, officer):
    office = Office.objects.get()
    address = reverse("admin:audit_office_facts", args=[office.pk])
    facts = {name: getattr(office, name) for name in Office.PersonalData.keep if name not in ("id", "email")}

    refused = desk.post(address, {**facts, "email": "not an address"})
    desk.post(address, {**facts, "email": "desk@office-ant.co.jp"})

    assert refused.status_code == 200
    assert Office.objects.get().email == "desk@office-ant.co.jp"
    entry = Entry.objects.get(action="office.changed")
    assert entry.details == {"fields": ["email"]}
    assert entry.actor_label == "officer"


def test_failed_work_is_started_again_and_other_work_says_why_not(desk):
    failed = JobFactory(state="FAILED", error_code="ValueError", finished_at=timezone.now())
    waiting = JobFactory()

    page = desk.get(reverse("admin:audit_job_change", args=[waiting.pk])).text
    desk.post(reverse("admin:audit_job_retry", args=[failed.pk]))
    desk.post(reverse("admin:audit_job_retry", args=[waiting.pk]))

    assert reverse("admin:audit_job_retry", args=[waiting.pk]) not in page
    assert Job.objects.get(pk=failed.pk).state == "WAITING"
    assert Entry.objects.filter(action="job.retried").count() == 1


def test_work_that_will_be_tried_again_says_when_in_plain_text(desk):
    job = JobFactory(failures=1, due_at=dt.datetime(2026, 11, 24, 5, 2, tzinfo=dt.UTC))

    page = desk.get(reverse("admin:audit_job_change", args=[job.pk])).text

    assert "2026年11月24日 14:02" in page
    assert "&lt;time" not in page


def test_work_that_was_given_up_says_why_it_is_not_started_again(desk):
    job = JobFactory(state="GIVEN_UP", error_code="ValueError", finished_at=timezone.now())

    page = desk.get(reverse("admin:audit_job_change", args=[job.pk])).text
    desk.post(reverse("admin:audit_job_retry", args=[job.pk]))

    assert "必要なものがすでに消去された" in page
    assert reverse("admin:audit_job_retry", args=[job.pk]) not in page
    assert Job.objects.get().state == "GIVEN_UP"


def test_work_is_found_again_by_its_number(desk):
    job, other = JobFactory(), JobFactory()

    found = search(desk, "job", str(job))

    assert f"{job}<" in found
    assert f"{other}<" not in found


def test_a_page_of_work_under_way_comes_again_by_itself(desk):
    job = JobFactory(total=10)

    page = desk.get(reverse("admin:audit_job_change", args=[job.pk]))

    assert page["Refresh"]
    assert "<progress" in page.text


def test_staff_are_added_given_roles_closed_and_opened(desk):
    desk.post(
        reverse("admin:audit_staff_add"),
        {"username": "new", "roles": ["handler", "intake"], "password": PASSWORD},
    )  # fmt: skip
    member = Staff.objects.get(username="new")
    desk.post(reverse("admin:audit_staff_roles", args=[member.pk]), {"roles": ["approver"]})
    desk.post(reverse("admin:audit_staff_close", args=[member.pk]))

    member.refresh_from_db()
    assert [group.name for group in member.groups.all()] == ["approver"]
    assert (member.is_active, member.session_epoch) == (False, 2)
    desk.post(reverse("admin:audit_staff_open", args=[member.pk]))
    desk.post(reverse("admin:audit_staff_password", args=[member.pk]), {"password": "another horse battery"})
    member.refresh_from_db()
    assert member.is_active
    assert member.check_password("another horse battery")
    assert list(Entry.objects.order_by("id").values_list("action", flat=True)) == [
        "staff.created", "staff.roles_changed", "staff.deactivated", "staff.reactivated", "staff.password_set",
    ]  # fmt: skip


def test_a_weak_password_and_a_taken_name_are_said_and_nothing_is_lost(desk, officer):
    weak = desk.post(
        reverse("admin:audit_staff_add"),
        {"username": "new", "display_name": "蟻", "roles": ["intake"], "password": "a"},
    )
    taken = desk.post(
        reverse("admin:audit_staff_add"), {"username": "officer", "roles": ["intake"], "password": PASSWORD}
    )

    assert "蟻" in weak.text
    assert "officer" in taken.text
    assert Staff.objects.count() == 1


def test_nobody_changes_themselves_and_the_last_officer_stays(desk, officer):
    other = StaffFactory.with_roles("privacy_officer")
    desk.post(reverse("admin:audit_staff_close", args=[officer.pk]))
    assert Staff.objects.get(pk=officer.pk).is_active

    staff.deactivate(other, by=officer.actor)
    with pytest.raises(staff.LastOfficer):
        staff.deactivate(officer, by=other.actor)
    with pytest.raises(staff.LastOfficer):
        staff.change_roles(officer, roles=["intake"], by=Actor.system())
