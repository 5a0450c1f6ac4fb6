"""One person goes whole, from every app: what blocks it, what a statute keeps, who decides, and what is left."""

import datetime as dt
import json

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit.calendar import last_day_of
from audit.models import Actor, Entry, Job, OutgoingMail
from audit.services import outbox
from customers.categories import Category
from customers.models import Customer, OneTimeLink, PaymentMethod, SealedFile, SearchTerm
from customers.services import terms
from customers.services.corrections import correct
from requests_desk.exceptions import ErasureBlocked, ErasureFourEyes, ErasureOver, ErasureTwice
from requests_desk.mail import status_address
from requests_desk.models import DataRequest, Decision, Draft, Erasure, Hold, Mailbox, Package
from requests_desk.services import erasure, holds, progress, vacuuming
from tests.factories.audit import StaffFactory
from tests.factories.customers import make_customer
from tests.factories.keeping import a_rule, a_whole_file
from tests.factories.requests_desk import VALUES, At, a_draft, a_request, staff_actor

pytestmark = pytest.mark.django_db
SAME = {name: VALUES[name] for name in ("name", "kana", "email", "birth_date")}


@pytest.fixture(autouse=True)
def folders(tmp_path, settings):
    settings.FILES_FOLDER, settings.SEALS_FOLDER = tmp_path / "files", tmp_path / "seals"


def a_proposal(customer, **more):
    return erasure.propose(
        customer, **{"reason": "ASKED", "case_number": "E-1", "by": staff_actor("handler"), **more}
    )  # fmt: skip


def erased(customer, **more):
    return erasure.approve(a_proposal(customer, **more), by=staff_actor("approver"))


def sealed_values():
    """Every ciphertext of any table, but the canary and the office's own."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - {"customers_canary"}
    found = set()
    with connection.cursor() as cursor:
        for table in sorted(tables):
            cursor.execute(f"SELECT row_to_json(t)::text FROM {connection.ops.quote_name(table)} t")
            for (text,) in cursor.fetchall():
                row = json.loads(text)
                found |= {(table, name, value) for name, value in row.items() if str(value).startswith("gAAAA")}
    return found


def test_a_person_with_requests_words_and_files_loses_every_value(django_capture_on_commit_callbacks):
    customer = make_customer("C1", **SAME)
    correct(customer, changes={"name": "見本 華子"}, reason="NOTICE", by=Actor.system())
    closed = At.closed(customer)
    refused = At.proposed(customer, outcome="REFUSED", ground="33-2-1", reason="見本花子の弟に害が及ぶ")
    progress.withdraw(refused, by=staff_actor("handler"))
    unmatched = At.withdrawn()
    status_address(closed)
    draft, _key = a_draft()
    terms.keep("見本", session_key="s", by=staff_actor("handler"))
    outbox.post("requests_desk.way_back", subject=closed, by=Actor.requester())
    before = sealed_values()

    with django_capture_on_commit_callbacks(execute=True):
        this = erased(customer)

    assert this.status == "ERASED"
    assert not sealed_values() & before
    for request in DataRequest.objects.filter(pk__in=[closed.pk, refused.pk, unmatched.pk]):
        assert {getattr(request, name) for name in DataRequest.PersonalData.personal} == {"", None}
    for row in DataRequest.history.all():
        assert {getattr(row, name) for name in DataRequest.PersonalData.personal} == {"", None}
    assert {row.reason for row in Decision.objects.all()} <= {"", None}
    assert not any(model.objects.exists() for model in (Mailbox, Draft, SearchTerm))
    assert Package.objects.get().file is None
    assert not OneTimeLink.objects.filter(is_used=False).exists()
    assert not OutgoingMail.objects.filter(state="WAITING").exists()
    assert not SealedFile.objects.filter(purged_at__isnull=True).exists()
    assert this.counts["requests"] == 3
    assert Entry.objects.filter(action="erasure.done", person="customers.customer:C1").count() == 1
    assert draft.pk not in Draft.objects.values_list("pk", flat=True)


def test_who_shares_the_mailbox_alone_is_somebody_else():
    customer = make_customer("C1", **SAME)
    other = At.withdrawn(name="見本 一郎", kana="みほん いちろう")

    erased(customer)

    other.refresh_from_db()
    assert other.name == "見本 一郎"


def test_what_is_of_others_stays():
    customer, other = make_customer("C1", **SAME), make_customer("C2", name="残田 留子", email="other@example.test")
    kept = At.closed(other, name="残田 留子", kana="ざんだ るこ", email="other@example.test")

    erased(customer)

    kept.refresh_from_db()
    assert kept.name == "残田 留子"
    assert Package.objects.get(request=kept).file is not None
    assert not Customer.objects.get(pk=other.pk).is_erased


# What blocks it


def test_an_open_request_blocks_it_by_its_number():
    customer = make_customer("C1", **SAME)
    request = At.matched(customer)

    with pytest.raises(ErasureBlocked, match=str(request)):
        a_proposal(customer)


def test_an_open_request_that_nobody_matched_blocks_it_as_well():
    customer = make_customer("C1", **SAME)
    request = a_request()

    with pytest.raises(ErasureBlocked, match=str(request)):
        a_proposal(customer)


def test_the_request_that_asks_for_it_does_not_block_it_and_goes_once_it_is_closed():
    customer = make_customer("C1", **SAME)
    request = At.matched(customer)
    this = erased(customer, request=request)
    request.refresh_from_db()
    assert (this.status, request.name) == ("PARTLY", "見本 花子")
    assert erasure.complete_due(by=Actor.system()) == 0

    progress.withdraw(request, by=staff_actor("handler"))
    assert erasure.complete_due(by=Actor.system()) == 1

    request.refresh_from_db()
    this.refresh_from_db()
    assert (this.status, request.name, request.history.last().name) == ("ERASED", "", "")
    assert erasure.complete_due(by=Actor.system()) == 0


def test_a_hold_blocks_it_by_its_name_and_one_that_came_meanwhile_blocks_the_approval():
    customer = make_customer("C1", **SAME)
    this = a_proposal(customer)
    hold = holds.place(customer, ground=Hold.Ground.CLAIM, case_number="S-1", by=Actor.system())

    with pytest.raises(ErasureBlocked, match=str(hold)):
        erasure.approve(this, by=staff_actor("approver"))

    holds.lift(hold, by=Actor.system())
    assert erasure.approve(this, by=staff_actor("approver")).status == "ERASED"


# What a statute keeps

CASES = [  # months of the statute, counted from, days since leaving (or None), days since recording -> is kept
    (0, "LEFT", None, 10, False),
    (84, "LEFT", None, 4000, True),  # its time begins with the erasure
    (84, "LEFT", 10, 4000, True),
    (84, "LEFT", 4000, 10, False),
    (84, "RECORDED", None, 10, True),
    (84, "RECORDED", None, 4000, False),
    (1, "RECORDED", 10, 40, False),
]


@pytest.mark.parametrize(("months", "counted_from", "left", "recorded", "kept"), CASES)
def test_what_a_statute_keeps_is_said_with_its_day(months, counted_from, left, recorded, kept):
    today = timezone.localdate()
    left_on = today - dt.timedelta(days=left) if left else None
    day = today - dt.timedelta(days=recorded)
    customer = a_whole_file("C1", left_on=left_on, day=day)
    if months:
        a_rule(Category.PAYMENT, months, counted_from, statute="法人税法", statute_months=months)

    found = erasure.preview(customer)

    assert (Category.PAYMENT in found.kept, Category.PAYMENT in found.going) == (kept, not kept)
    if kept:
        begins = day if counted_from == "RECORDED" else left_on or today
        assert found.kept[Category.PAYMENT] == last_day_of(begins, months) + dt.timedelta(days=1)
    assert set(found.kept) | set(found.going) == set(Category)


@pytest.mark.parametrize("category", [Category.PAYMENT, Category.MEDIA, Category.NAME, Category.LOCATION])
def test_what_a_statute_keeps_stays_until_its_day_and_goes_then(category):
    customer = a_whole_file("C1")
    counted_from = "EVENT" if category == Category.LOCATION else "LEFT"
    a_rule(category, 1200, counted_from, statute="法", statute_months=1200)
    this = erased(customer)
    assert (this.status, list(this.kept)) == ("PARTLY", [category])
    assert _holds(customer, category)
    assert not any(_holds(customer, each) for each in Category if each != category)
    day = dt.date.fromisoformat(this.kept[category])

    assert erasure.complete_due(by=Actor.system(), today=day - dt.timedelta(days=1)) == 0
    assert _holds(customer, category)
    assert erasure.complete_due(by=Actor.system(), today=day) == 1
    assert not _holds(customer, category)
    this.refresh_from_db()
    assert (this.status, this.kept) == ("ERASED", {})


def _holds(customer, category):
    return bool(erasure._held([Customer.objects.get(pk=customer.pk)], category)[0])


# Who decides


def test_who_proposed_it_does_not_approve_it():
    this = a_proposal(make_customer("C1"))

    with pytest.raises(ErasureFourEyes):
        erasure.approve(this, by=staff_actor("handler"))
    rule = "erasure_is_approved_by_another_than_proposed_it"
    with pytest.raises(IntegrityError, match=rule), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE requests_desk_erasure SET status = 'PARTLY', decided_at = now(), decided_by_id = proposed_by_id"
        )


@pytest.mark.parametrize("end", [erasure.refuse, erasure.withdraw])
def test_what_was_ended_is_not_approved_and_may_be_proposed_anew(end):
    customer = make_customer("C1")
    this = a_proposal(customer)
    end(this, by=staff_actor("approver"))

    with pytest.raises(ErasureOver):
        erasure.approve(this, by=staff_actor("approver"))
    assert not Customer.objects.get(pk=customer.pk).is_erased
    assert a_proposal(customer).is_open


def test_it_is_proposed_once_and_done_once():
    customer = make_customer("C1")
    this = a_proposal(customer)
    with pytest.raises(ErasureTwice):
        a_proposal(customer)
    erasure.approve(this, by=staff_actor("approver"))
    with pytest.raises(ErasureOver):
        erasure.approve(this, by=staff_actor("approver"))
    with pytest.raises(ErasureTwice):
        a_proposal(customer)


def test_an_alias_is_erased_with_the_record_that_stays():
    customer, alias = make_customer("C1", **SAME), make_customer("C2", name="見本 花")
    request = At.closed(alias, name="見本 花")
    Customer.objects.filter(pk=alias.pk).update(merged_into=customer)
    alias.refresh_from_db()

    this = erased(alias)

    assert (this.customer, this.counts["records"], this.counts["requests"]) == (customer, 2, 1)
    assert not Customer.objects.filter(erased_at__isnull=True).exists()
    request.refresh_from_db()
    assert request.name == ""


def test_the_ledger_row_holds_no_value():
    this = erased(make_customer("C1", **SAME))
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM requests_desk_erasure t WHERE id = %s", [this.pk])
        (text,) = cursor.fetchone()

    assert "gAAAA" not in text
    assert not [value for value in SAME.values() if str(value) in text]


def test_what_fails_in_the_middle_changes_nothing():
    customer = make_customer("C1", **SAME)
    closed = At.closed(customer)
    this = a_proposal(customer)
    with connection.cursor() as cursor:  # the last thing that an erasure writes is refused
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE requests_desk_erasure ADD CONSTRAINT never CHECK (status = 'PROPOSED')")

    with pytest.raises(IntegrityError), transaction.atomic():
        erasure.approve(this, by=staff_actor("approver"))

    closed.refresh_from_db()
    assert closed.name == "見本 花子"
    assert not Customer.objects.get(pk=customer.pk).is_erased


def test_a_preview_asks_no_more_at_many_requests(django_assert_max_num_queries):
    customer = make_customer("C1", **SAME)
    for _each in range(12):
        a = At.withdrawn()
        DataRequest.objects.filter(pk=a.pk).update(customer=customer, held="MATCHED", matched_at=timezone.now(),
                                                   matched_by=Actor.system())  # fmt: skip
    customer = Customer.objects.get(pk=customer.pk)

    with django_assert_max_num_queries(55):
        assert len(erasure.preview(customer).requests) == 12


# Vacuum


def test_the_clock_vacuums_only_after_an_erasure_and_once():
    assert vacuuming.begin(by=Actor.system()) is None
    erased(make_customer("C1"))

    job = vacuuming.begin(by=Actor.system())

    assert job.name == vacuuming.WORK
    assert vacuuming.begin(by=Actor.system()) is None
    Job.objects.filter(pk=job.pk).update(state="DONE", finished_at=timezone.now())
    assert vacuuming.begin(by=Actor.system()) is None
    erased(make_customer("C2"))
    assert vacuuming.begin(by=Actor.system())


def test_every_table_with_personal_columns_is_vacuumed_with_its_history():
    names = vacuuming.tables()

    assert {"customers_customer", "customers_historicalcustomer", "customers_searchtoken"} <= set(names)
    assert {"requests_desk_historicaldatarequest", "requests_desk_decision", "customers_event"} <= set(names)
    assert PaymentMethod._meta.db_table in names


# What is typed


@pytest.mark.parametrize(
    "typed",
    [
        {}, {"customer": "nobody"}, {"customer": "C1\x00"}, {"customer": "C1", "reason": "OTHER"},
        {"customer": "C1", "case_number": "x" * 41}, {"customer": "C1", "request": "<script>"},
        {"customer": "C1", "request": "\x00"}, {"customer": "\u202eC1"},
    ],
)  # fmt: skip
def test_hostile_input_proposes_nothing(client, typed):
    make_customer("C1")
    handler = StaffFactory.with_roles("handler")
    client.force_login(handler, backend="django.contrib.auth.backends.ModelBackend")

    wanted = {"reason": "ASKED", "case_number": "E-1", **typed}
    answer = client.post("/admin/requests_desk/erasure/propose/", wanted)

    assert answer.status_code == 200
    assert not Erasure.objects.exists()
