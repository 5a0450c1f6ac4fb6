"""One test on the database for each step and outcome."""

import datetime as dt
import io
import json
import zipfile

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from pypdf import PdfReader

from audit.models import Access, Actor, Entry, Job, OutgoingMail
from customers.exceptions import FileGone
from customers.pictures import PictureRefused
from customers.services import files
from requests_desk.exceptions import (
    CheckIncomplete,
    DecisionIncomplete,
    FeeWrong,
    FourEyes,
    PictureGone,
    StepNotAllowed,
)
from requests_desk.models import (
    Decision,
    DocumentType,
    Fee,
    Ground,
    Held,
    Identity,
    IdentityCheck,
    IdentityDocument,
    Item,
    Outcome,
    Package,
    RefusalReason,
    Status,
)
from requests_desk.services import decisions, fees, fulfilment, identity, matching, progress
from requests_desk.services.steps import Step
from tests.factories.customers import make_customer
from tests.factories.events import make_events
from tests.factories.requests_desk import At, a_picture, a_request, pay, staff_actor, verify

pytestmark = pytest.mark.django_db


def entries(request):
    subject = f"requests_desk.datarequest:{request}"
    return list(Entry.objects.filter(subject=subject).order_by("id").values_list("action", flat=True))


def last_entry(request):
    return Entry.objects.filter(subject=f"requests_desk.datarequest:{request}").latest("id")


def blocked(call, *args, **kwargs):
    with pytest.raises(StepNotAllowed) as said:
        call(*args, **kwargs)
    return said.value.answer.lifts


# Identity


def test_upload_keeps_a_sealed_picture_and_asks_for_a_check():
    request = a_request()

    document = identity.upload(request, a_picture(), by=Actor.requester())

    request.refresh_from_db()
    assert request.identity == Identity.TO_CHECK
    assert document.file.purpose == "identity"
    assert entries(request)[-1] == "identity.uploaded"


def test_a_second_upload_replaces_the_first_and_purges_it():
    request = a_request()
    first = identity.upload(request, a_picture(), by=Actor.requester())
    file = first.file

    second = identity.upload(request, a_picture(), by=Actor.requester())

    first.refresh_from_db()
    file.refresh_from_db()
    assert (first.state, first.file) == (IdentityDocument.State.REPLACED, None)
    assert file.is_purged
    assert list(request.documents.kept()) == [second]


def test_what_is_no_picture_is_not_kept():
    request = a_request()

    with pytest.raises(PictureRefused):
        identity.upload(request, b"GIF89a or so", by=Actor.requester())

    request.refresh_from_db()
    assert request.identity == Identity.AWAITED


def test_upload_is_refused_once_the_person_is_confirmed():
    request = At.verified()

    assert blocked(identity.upload, request, a_picture(), by=Actor.requester()) is None


def test_showing_the_picture_leaves_an_access_and_ends_with_the_request():
    request = At.document_sent()
    document = request.documents.get()

    content = identity.show(document, by=staff_actor("verifier"))

    assert content.startswith(b"\xff\xd8")
    assert Access.objects.get().case_number == str(request)
    progress.withdraw(request, by=Actor.requester())
    with pytest.raises(PictureGone):
        identity.show(document, by=staff_actor("verifier"))


def test_verify_confirms_and_keeps_no_value():
    request = At.document_sent()

    verify(request)

    request.refresh_from_db()
    check = request.checks.get()
    assert (request.identity, request.status) == (Identity.VERIFIED, Status.RECEIVED)
    assert (check.result, check.document_type) == (IdentityCheck.Result.VERIFIED, DocumentType.LICENCE)
    assert check.matched_items == [Item.NAME, Item.BIRTH]
    assert last_entry(request).details == {"document_type": "LICENCE", "items": ["NAME", "BIRTH"]}


@pytest.mark.parametrize("items", [[], [Item.NAME], [Item.BIRTH, Item.ADDRESS]])
def test_verify_needs_the_name_and_one_thing_more(items):
    request = At.document_sent()

    with pytest.raises(CheckIncomplete):
        identity.verify(request, document_type=DocumentType.LICENCE, matched_items=items, by=staff_actor("verifier"))


def test_verify_waits_for_a_document():
    assert blocked(verify, a_request()) == Step.UPLOAD


def test_refusing_a_document_purges_it_and_asks_again_by_mail():
    request = At.document_sent()
    file = request.documents.get().file

    identity.refuse(request, reason=RefusalReason.UNREADABLE, by=staff_actor("verifier"))

    request.refresh_from_db()
    file.refresh_from_db()
    assert request.identity == Identity.ASKED_AGAIN
    assert file.is_purged
    assert request.checks.get().reason == RefusalReason.UNREADABLE
    assert OutgoingMail.objects.filter(kind="requests_desk.document_refused").count() == 1
    assert blocked(verify, request) == Step.UPLOAD


def test_pictures_go_thirty_days_after_their_check_at_the_latest():
    request = At.verified()
    soon, late = timezone.now() + dt.timedelta(days=29), timezone.now() + dt.timedelta(days=30)

    assert identity.purge_old(by=Actor.system(), now=soon) == 0
    assert identity.purge_old(by=Actor.system(), now=late) == 1
    assert not request.documents.kept().exists()
    assert request.checks.get().result == IdentityCheck.Result.VERIFIED


# Fee


def test_receive_records_day_and_way_and_begins_when_the_person_is_confirmed():
    request = At.verified()

    pay(request)

    request.refresh_from_db()
    fee = Fee.objects.get(request=request)
    assert (fee.state, fee.received_on, fee.method) == (Fee.State.RECEIVED, timezone.localdate(), "TRANSFER")
    assert fee.settled_by == staff_actor("intake")
    assert request.status == Status.IN_PROGRESS
    assert entries(request)[-2:] == ["fee.received", "request.begun"]


def test_a_fee_is_received_once():
    request = At.paid()

    assert blocked(pay, request) is None


@pytest.mark.parametrize("amount", [999, 1001, 0])
def test_another_amount_is_not_the_fee(amount):
    with pytest.raises(FeeWrong):
        fees.receive(a_request(), amount=amount, received_on=timezone.localdate(), by=staff_actor("intake"))


@pytest.mark.parametrize("days", [-1, 1])
def test_a_fee_comes_neither_before_its_request_nor_tomorrow(days):
    day = timezone.localdate() + dt.timedelta(days=days)

    with pytest.raises(FeeWrong):
        fees.receive(a_request(), amount=1000, received_on=day, by=staff_actor("intake"))


# Search


def test_match_names_the_customer_as_the_person_of_the_entry():
    customer = make_customer()

    request = At.matched(customer)

    assert (request.held, request.customer) == (Held.MATCHED, customer)
    assert last_entry(request).person == f"customers.customer:{customer}"


def test_nothing_held_is_a_result_of_the_search():
    assert At.none_held().held == Held.NOT_HELD


def test_an_unpaid_request_is_not_searched():
    customer = make_customer()

    assert blocked(matching.match, a_request(), customer=customer, by=staff_actor("handler")) == Step.RECEIVE_FEE
    assert blocked(matching.none_held, a_request(), by=staff_actor("handler")) == Step.RECEIVE_FEE


def test_candidates_come_best_first_and_old_forms_of_kanji_agree():
    wanted = make_customer(name="髙﨑 𠮷之助", email="t@example.test", telephone="09000000009")
    other = make_customer(name="高崎 花子")
    request = a_request(name="高崎 吉之助", email="t@example.test", telephone="090-0000-0009")

    found = matching.candidates(request)

    assert found[0][0] == wanted
    assert {"email", "telephone"} <= set(found[0][1])
    assert other not in [customer for customer, agrees in found if agrees]


# Decision


def test_propose_needs_a_search_a_person_and_the_fee():
    by = staff_actor("handler")

    def propose(request):
        return blocked(decisions.propose, request, outcome=Outcome.NOT_HELD, by=by)

    assert propose(At.verified()) == Step.RECEIVE_FEE
    assert propose(At.paid()) == Step.VERIFY
    assert propose(At.in_progress()) == Step.MATCH


def test_propose_waits_for_another_person():
    request = At.proposed()

    assert request.status == Status.PROPOSED
    assert last_entry(request).details == {"outcome": "NOT_HELD", "ground": ""}


@pytest.mark.parametrize(
    "said",
    [
        {"outcome": Outcome.FULL},
        {"outcome": Outcome.PARTIAL},
        {"outcome": Outcome.REFUSED},
        {"outcome": Outcome.REFUSED, "ground": Ground.HARM, "reason": "  "},
        {"outcome": Outcome.REFUSED, "reason": "x"},
        {"outcome": Outcome.NOT_HELD, "ground": Ground.HARM},
    ],
)
def test_a_decision_without_what_its_outcome_needs_is_refused(said):
    with pytest.raises(DecisionIncomplete):
        decisions.propose(At.none_held(), by=staff_actor("handler"), **said)


def test_nothing_held_is_not_said_of_a_customer():
    with pytest.raises(DecisionIncomplete):
        decisions.propose(At.matched(make_customer()), outcome=Outcome.NOT_HELD, by=staff_actor("handler"))


def test_who_proposed_does_not_approve():
    request = At.proposed()

    with pytest.raises(FourEyes):
        decisions.approve(request, by=staff_actor("handler"))

    request.refresh_from_db()
    assert request.status == Status.PROPOSED


def test_approve_hands_the_answer_to_a_worker():
    request = At.approved()

    assert request.status == Status.APPROVED
    assert Job.objects.get(name="requests_desk.build_package").arguments == {"request": request.pk}
    assert last_entry(request).action == "decision.approved"


def test_send_back_keeps_the_old_proposal_and_lets_a_new_one_be_made():
    request = At.proposed()

    decisions.send_back(request, remark="もう一度探してください。", by=staff_actor("approver"))

    request.refresh_from_db()
    assert request.status == Status.IN_PROGRESS
    assert request.decisions.get().state == Decision.State.SENT_BACK
    decisions.propose(request, outcome=Outcome.NOT_HELD, by=staff_actor("handler"))
    assert request.decisions.count() == 2


def test_a_search_is_not_done_again_while_a_proposal_waits():
    request = At.proposed()

    assert blocked(matching.match, request, customer=make_customer(), by=staff_actor("handler")) == Step.SEND_BACK


# Answer


def test_a_full_answer_is_a_zip_of_letter_data_to_read_and_data_for_machines():
    customer = make_customer(name="髙﨑 𠮷之助", kana="たかさき よしのすけ", email="t@example.test")
    make_events(customer, 30, text="机")
    request = At.ready(customer)

    got = fulfilment.collect(request, by=Actor.requester())

    archive = zipfile.ZipFile(io.BytesIO(got.content))
    letter = PdfReader(io.BytesIO(archive.read("1-letter.pdf")))
    data = PdfReader(io.BytesIO(archive.read("2-your-data.pdf")))
    said = json.loads(archive.read("3-your-data.json"))
    text = "".join(page.extract_text() for page in data.pages)
    assert got.name == f"{request}.zip"
    assert "開示決定通知書" in letter.pages[0].extract_text()
    assert "髙﨑 𠮷之助" in text
    assert all(str(request) in page.extract_text() for page in data.pages)
    assert data.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert said["sections"][0]["values"][0]["value"] == "髙﨑 𠮷之助"
    assert len(said["sections"]) == 15
    assert [event["data"]["text"] for event in said["events"]] == ["机"] * 30
    assert archive.read("4-your-data.csv").decode("utf-8-sig").count("机") == 30
    assert archive.testzip() is None


@pytest.mark.parametrize(("outcome", "title"), [(Outcome.REFUSED, "不開示決定通知書"), (None, "不存在通知書")])
def test_an_answer_without_data_is_the_letter_alone(outcome, title):
    refusal = {"outcome": outcome, "ground": Ground.IMPEDIMENT, "reason": "同じ請求の繰り返しのため。"}
    request = At.ready(make_customer(), **refusal) if outcome else At.ready()

    got = fulfilment.collect(request, by=Actor.requester())

    text = PdfReader(io.BytesIO(got.content)).pages[0].extract_text()
    assert got.media_type == "application/pdf"
    assert title in text
    assert ("第33条第2項第2号" in text) == bool(outcome)


def test_the_answer_is_offered_by_mail_and_made_once():
    request = At.ready()

    assert fulfilment.make(request, by=Actor.system()) is None
    assert OutgoingMail.objects.filter(kind="requests_desk.answer_ready").count() == 1
    assert request.status == Status.READY
    assert (request.package.offered_until - timezone.localdate()).days == 14


def test_a_worker_that_dies_before_its_commit_leaves_nothing_and_the_next_one_ends_the_same():
    request = At.approved()
    with transaction.atomic():
        fulfilment.make(request, by=Actor.system())
        transaction.set_rollback(True)

    request.refresh_from_db()
    assert request.status == Status.APPROVED
    assert not Package.objects.exists()
    fulfilment.make(request, by=Actor.system())
    request.refresh_from_db()
    assert request.status == Status.READY
    assert Package.objects.count() == 1
    assert OutgoingMail.objects.filter(kind="requests_desk.answer_ready").count() == 1


def test_build_hands_over_again_only_what_is_not_under_way():
    request = At.approved()
    waiting = Job.objects.get(name="requests_desk.build_package")

    assert fulfilment.build(request, by=staff_actor("handler")) == waiting
    waiting.state, waiting.finished_at, waiting.error_code = Job.State.FAILED, timezone.now(), "PdfNotMade"
    waiting.save()
    assert fulfilment.build(request, by=staff_actor("handler")) != waiting
    assert blocked(fulfilment.build, At.proposed(), by=staff_actor("handler")) == Step.APPROVE


def test_the_answer_is_collected_once_and_offered_again_when_asked():
    request = At.collected()

    assert blocked(fulfilment.collect, request, by=Actor.requester()) == Step.OFFER_AGAIN
    fulfilment.offer_again(request, by=Actor.requester())
    assert fulfilment.collect(request, by=Actor.requester()).content.startswith(b"%PDF")
    assert OutgoingMail.objects.filter(kind="requests_desk.answer_ready").count() == 2


def test_a_download_that_was_dropped_is_had_again_within_five_minutes_and_each_time_leaves_its_entry():
    request = At.just_collected()
    first = request.package

    with time_machine.travel(first.collected_at + dt.timedelta(minutes=4, seconds=59), tick=False):
        again = fulfilment.collect(request, by=Actor.requester())

    package = Package.objects.get()
    assert again.content == files.read(package.file)
    assert (package.state, package.collected_at) == (Package.State.COLLECTED, first.collected_at)
    assert package.last_collected_at > package.collected_at
    assert [entry.action for entry in Entry.objects.filter(action__startswith="answer.collected").order_by("pk")] == [
        "answer.collected", "answer.collected_again",
    ]  # fmt: skip
    with time_machine.travel(first.collected_at + dt.timedelta(minutes=5), tick=False):
        assert blocked(fulfilment.collect, request, by=Actor.requester()) == Step.OFFER_AGAIN


def test_collecting_again_does_not_prolong_the_five_minutes():
    request = At.just_collected()
    start = request.package.collected_at
    with time_machine.travel(start + dt.timedelta(minutes=4), tick=False):
        fulfilment.collect(request, by=Actor.requester())

    with time_machine.travel(start + dt.timedelta(minutes=6), tick=False):
        assert blocked(fulfilment.collect, request, by=Actor.requester()) == Step.OFFER_AGAIN


def test_an_answer_that_is_offered_again_has_five_minutes_of_its_own():
    request = At.collected()
    fulfilment.offer_again(request, by=Actor.requester())
    fulfilment.collect(request, by=Actor.requester())

    assert fulfilment.collect(request, by=Actor.requester()).content.startswith(b"%PDF")


def test_a_file_that_was_purged_is_not_had_again():
    request = At.just_collected()
    request.package.refresh_from_db()

    fulfilment.purge_expired(by=Actor.system(), today=request.package.offered_until + dt.timedelta(days=1))

    assert blocked(fulfilment.collect, request, by=Actor.requester()) == Step.OFFER_AGAIN


def test_an_answer_not_collected_expires_is_purged_and_can_be_made_anew():
    request = At.ready()
    file = request.package.file
    with time_machine.travel(timezone.now() + dt.timedelta(days=15)):
        assert blocked(fulfilment.collect, request, by=Actor.requester()) == Step.OFFER_AGAIN

        assert fulfilment.purge_expired(by=Actor.system()) == 1

        file.refresh_from_db()
        assert file.is_purged
        with pytest.raises(FileGone):
            files.read(file)
        fulfilment.offer_again(request, by=Actor.requester())
        fulfilment.make(request, by=Actor.system())
        assert fulfilment.collect(request, by=Actor.requester()).content.startswith(b"%PDF")


# End


def test_close_purges_the_picture_and_says_so():
    request = At.collected()
    file = request.documents.get().file

    progress.close(request, by=staff_actor("handler"))

    request.refresh_from_db()
    file.refresh_from_db()
    assert request.status == Status.CLOSED
    assert request.closed_by == staff_actor("handler")
    assert file.is_purged
    assert entries(request)[-2:] == ["identity.purged", "request.closed"]


def test_close_waits_until_the_answer_was_collected():
    assert blocked(progress.close, At.ready(), by=staff_actor("handler")) == Step.COLLECT


@pytest.mark.parametrize("builder", [a_request, At.document_sent, At.in_progress, At.proposed])
def test_a_request_can_be_withdrawn_until_it_is_decided(builder):
    request = builder()
    paid = Fee.objects.get(request=request).state == Fee.State.RECEIVED

    progress.withdraw(request, by=Actor.requester())

    request.refresh_from_db()
    assert request.status == Status.WITHDRAWN
    assert Fee.objects.get(request=request).state == (Fee.State.RECEIVED if paid else Fee.State.LAPSED)
    assert not request.documents.kept().exists()
    assert not request.decisions.filter(state=Decision.State.PROPOSED).exists()


def test_a_decided_request_is_not_withdrawn():
    assert blocked(progress.withdraw, At.approved(), by=Actor.requester()) is None


def test_an_unpaid_request_lapses_after_its_day_and_not_before():
    assert blocked(progress.lapse, a_request(), by=Actor.system()) is None
    request = At.lapsed()

    assert request.status == Status.LAPSED
    assert request.fee.state == Fee.State.LAPSED


def test_assign_gives_a_request_to_somebody_and_takes_it_back():
    request, staff = a_request(), staff_actor("handler").staff

    progress.assign(request, to=staff, by=staff_actor("intake"))
    request.refresh_from_db()
    assert request.assigned_to == staff
    progress.assign(request, to=None, by=staff_actor("intake"))
    request.refresh_from_db()
    assert request.assigned_to is None


def test_the_fee_does_not_look_at_the_outcome():
    for request in (At.closed(make_customer()), At.closed()):
        assert Fee.objects.get(request=request).state == Fee.State.RECEIVED


@pytest.mark.parametrize("status", [Status.CLOSED, Status.WITHDRAWN, Status.LAPSED])
def test_nothing_is_done_with_a_request_that_is_over(status):
    builder = {Status.CLOSED: At.closed, Status.WITHDRAWN: At.withdrawn, Status.LAPSED: At.lapsed}[status]
    request, by = builder(), staff_actor("handler")

    for act in (
        lambda: identity.upload(request, a_picture(), by=by),
        lambda: verify(request),
        lambda: identity.refuse(request, reason=RefusalReason.EXPIRED, by=by),
        lambda: pay(request),
        lambda: matching.none_held(request, by=by),
        lambda: decisions.propose(request, outcome=Outcome.NOT_HELD, by=by),
        lambda: decisions.approve(request, by=by),
        lambda: decisions.send_back(request, remark="x", by=by),
        lambda: fulfilment.build(request, by=by),
        lambda: fulfilment.collect(request, by=by),
        lambda: fulfilment.offer_again(request, by=by),
        lambda: progress.close(request, by=by),
        lambda: progress.withdraw(request, by=by),
        lambda: progress.lapse(request, by=by),
        lambda: progress.assign(request, to=None, by=by),
    ):
        assert blocked(act) is None
