import datetime as dt
import threading

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from audit.models import Actor, Entry, OutgoingMail
from customers.exceptions import CodeExpired, CodeSpent, CodeWrong, TooMany
from customers.services import codes
from requests_desk.exceptions import DraftAlreadySent, DraftIncomplete, DraftUnknown
from requests_desk.models import DataRequest, Draft, Fee, Identity, Status
from requests_desk.services import drafts
from tests.factories.requests_desk import ANSWERS, a_draft


@pytest.mark.django_db
def test_a_draft_is_found_by_its_key_for_a_day_and_holds_nothing_readable():
    draft, key = a_draft()

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(d)::text FROM requests_desk_draft d")
        (row,) = cursor.fetchone()

    assert drafts.find(key).answers["name"]["name"] == "見本 花子"
    assert key not in row
    assert "見本" not in row
    assert "hanako" not in row
    with pytest.raises(DraftUnknown):
        drafts.find(key + "x")
    with time_machine.travel(draft.good_until, tick=False), pytest.raises(DraftUnknown):
        drafts.find(key)


@pytest.mark.django_db
def test_confirming_makes_request_fee_clock_entry_and_mail():
    draft, _key = a_draft()
    code = codes.issue(draft)

    request = drafts.confirm(draft, code)

    assert (request.status, request.identity) == (Status.RECEIVED, Identity.AWAITED)
    assert (request.due_on - request.arrived_on).days == 14
    assert request.name == "見本 花子"
    assert request.email == "hanako@example.test"
    assert (request.fee.amount, request.fee.state) == (1000, Fee.State.DUE)
    assert Entry.objects.filter(action="request.received", subject=f"requests_desk.datarequest:{request}").count() == 1
    assert OutgoingMail.objects.filter(kind="requests_desk.status_link", subject_pk=request.pk).count() == 1
    assert Draft.objects.get().answers == {}


@pytest.mark.django_db
def test_confirming_twice_gives_the_first_request():
    draft, _key = a_draft()
    code = codes.issue(draft)

    first, second = drafts.confirm(draft, code), drafts.confirm(draft, code)

    assert first == second
    assert DataRequest.objects.count() == Fee.objects.count() == 1
    with pytest.raises(DraftAlreadySent) as said:
        drafts.answer(draft, "name", {"name": "別人"})
    assert said.value.request == first


@pytest.mark.django_db
def test_a_wrong_a_spent_and_an_expired_code_make_nothing():
    draft, _key = a_draft()
    code = codes.issue(draft)
    wrong = f"{(int(code) + 1) % 10**6:06}"

    for error in (CodeWrong, CodeWrong, CodeSpent):
        with pytest.raises(error):
            drafts.confirm(draft, wrong)
    with pytest.raises(CodeSpent):
        drafts.confirm(draft, code)
    with time_machine.travel(timezone.now() + codes.VALID_FOR), pytest.raises(CodeExpired):
        drafts.confirm(draft, code)
    assert not DataRequest.objects.exists()


@pytest.mark.django_db
def test_a_code_sent_to_another_address_does_not_confirm_the_new_one():
    draft, _key = a_draft()
    code = codes.issue(draft)

    drafts.answer(draft, "contact", {"email": "victim@example.test"})

    with pytest.raises(CodeSpent):
        drafts.confirm(draft, code)
    assert drafts.confirm(draft, codes.issue(draft)).email == "victim@example.test"


@pytest.mark.django_db
@pytest.mark.parametrize("step", drafts.STEPS)
def test_an_unanswered_page_is_named_before_a_code_is_sent(step):
    draft, _key = drafts.start(language="ja")
    for other, values in ANSWERS.items():
        if other != step:
            draft = drafts.answer(draft, other, values)

    with pytest.raises(DraftIncomplete) as said:
        drafts.ask_for_code(draft)

    assert said.value.steps == [step]
    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db
def test_what_is_not_offered_yet_is_not_taken():
    draft, _key = a_draft(kind={"kind": "CORRECTION"}, about={"method": "PAPER"})

    assert drafts.missing(draft) == ["kind", "about"]


@pytest.mark.django_db
def test_a_mailbox_gets_five_codes_an_hour_whichever_draft_asks():
    address = {"email": "many@example.test"}
    for _time in range(drafts.CODES_PER_HOUR):
        drafts.ask_for_code(a_draft(contact=address)[0])

    with pytest.raises(TooMany):
        drafts.ask_for_code(a_draft(contact={"email": "Many@Example.test"})[0])


@pytest.mark.django_db
def test_spent_drafts_go():
    a_draft()
    with time_machine.travel(timezone.now() + dt.timedelta(hours=25)):
        young, _key = a_draft()

        assert drafts.purge_spent(by=Actor.system()) == 1
        assert list(Draft.objects.all()) == [young]
    assert Entry.objects.get(action="drafts.purged").details["count"] == 1


def test_ten_processes_confirming_at_once_give_one_request(committed, django_db_blocker):
    with django_db_blocker.unblock():
        draft, _key = a_draft()
        code, got, barrier = codes.issue(draft), [], threading.Barrier(10)

        def press():
            try:
                barrier.wait()
                got.append(drafts.confirm(draft, code).pk)
            except Exception as error:
                got.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=press) for _time in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert got == [DataRequest.objects.get().pk] * 10
        assert Fee.objects.count() == 1
        assert OutgoingMail.objects.filter(kind="requests_desk.status_link").count() == 1
