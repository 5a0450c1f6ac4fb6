import pytest
import time_machine
from django.utils import translation

from audit.models import Actor, Office
from customers.services import links
from requests_desk.models import RefusalReason
from requests_desk.services import fulfilment, identity
from requests_desk.services.status import Place, payment_reference, view_of
from requests_desk.services.steps import Step, facts_of, may
from tests.factories.requests_desk import At, a_request, staff_actor

pytestmark = pytest.mark.django_db


def steps_asked(request):
    return [task.step for task in view_of(request).box.tasks]


def places(request):
    return [line.place for line in view_of(request).lines]


def test_a_new_request_asks_for_document_and_fee_and_says_how_to_pay():
    Office.objects.update(bank_account_ja="見本銀行 普通 1234567")
    request = a_request()

    view = view_of(request)

    assert [task.step for task in view.box.tasks] == [Step.UPLOAD, None]
    facts = dict(view.box.tasks[1].facts)
    assert "1,000円" in facts.values()
    assert payment_reference(request) in facts.values()
    assert payment_reference(request).isalnum()
    assert "見本銀行 普通 1234567" in facts.values()
    assert places(request) == [Place.DONE, Place.NOW, Place.NOW, Place.TO_COME, Place.TO_COME, Place.TO_COME]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_where_no_account_is_entered_nobody_is_told_to_pay_or_to_wait_for_a_mail(language):
    request = a_request()

    with translation.override(language):
        task = view_of(request).box.tasks[1]

    assert Office.objects.get().email in task.sentences[-1]
    assert [value for _name, value in task.facts if payment_reference(request) == value]
    assert len(task.facts) == 2
    assert all(value for _name, value in task.facts)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_an_account_entered_in_one_language_is_shown_in_both(language):
    Office.objects.update(bank_account_ja="見本銀行 普通 1234567")

    with translation.override(language):
        assert "見本銀行 普通 1234567" in dict(view_of(a_request()).box.tasks[1].facts).values()


@pytest.mark.parametrize("builder", [At.in_progress, At.proposed, At.approved])
def test_there_is_nothing_to_do_while_we_work(builder):
    view = view_of(builder())

    assert view.box.tasks == ()
    assert view.box.title == "いま、していただくことはありません。"
    assert len(view.box.sentences) == 1


def test_a_refused_document_is_asked_for_again_with_the_reason():
    request = At.document_sent()
    identity.refuse(request, reason=RefusalReason.CUT_OFF, by=staff_actor("verifier"))

    task = view_of(request).box.tasks[0]

    assert task.step == Step.UPLOAD
    assert "書類の一部が写っていません。" in task.sentences


def test_a_ready_answer_is_to_be_collected_and_then_can_be_asked_for_again():
    assert steps_asked(At.ready()) == [Step.COLLECT]
    assert steps_asked(At.just_collected()) == [Step.COLLECT]
    assert steps_asked(At.collected()) == [Step.OFFER_AGAIN]
    assert view_of(At.collected()).box.title == "いま、していただくことはありません。"


@pytest.mark.parametrize(("language", "until"), [("ja", "14:07まで"), ("en", "until 14:07")])
def test_a_file_just_collected_says_until_when_it_can_be_collected_again(language, until):
    request = At.ready()
    with time_machine.travel("2026-11-24T14:02:30+09:00", tick=False), translation.override(language):
        fulfilment.collect(request, by=Actor.requester())
        (task,) = view_of(request).box.tasks

    assert until in task.sentences[1]


@pytest.mark.parametrize("builder", [At.closed, At.withdrawn, At.lapsed])
def test_a_request_that_is_over_says_so_and_asks_nothing(builder):
    view = view_of(builder())

    assert view.box.title == "この請求は終了しました。"
    assert view.box.tasks == ()
    assert {line.place for line in view.lines} == {Place.DONE}
    assert not any([view.can_upload, view.can_collect, view.can_ask_again, view.can_withdraw])


def test_the_last_step_of_a_closed_request_is_named_by_what_it_is():
    assert view_of(At.closed()).lines[-1].title == "請求の終了"


@pytest.mark.parametrize("builder", [a_request, At.verified, At.proposed, At.ready, At.closed])
def test_the_page_offers_what_the_services_accept(builder):
    request = builder()
    view = view_of(request)

    assert {step: bool(view.may(step)) for step in Step} == {step: bool(may(facts_of(request), step)) for step in Step}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_word_of_the_other_language_is_left_over(language):
    with translation.override(language):
        for builder in (a_request, At.in_progress, At.ready, At.withdrawn):
            view = view_of(builder())
            said = [view.box.title, *view.box.sentences, *(line.title for line in view.lines)]
            said += [sentence for task in view.box.tasks for sentence in (task.title, *task.sentences)]
            assert all(sentence.isascii() == (language == "en") for sentence in map(str, said))


def test_a_status_link_is_no_longer_than_a_mail_line_allows():
    assert len(links.issue(a_request(), purpose="x", days=1)) < 60
