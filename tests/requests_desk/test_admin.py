"""The requests desk as staff use it: queue, case page, one page per decision."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from encrypted_model_fields import fields as library

from audit.models import Access, Actor, Staff
from customers.services import registration
from requests_desk.models import Fee, Held, Identity, RequestToken, Status
from requests_desk.services import fulfilment
from tests.factories.requests_desk import At, a_request, staff_actor

pytestmark = pytest.mark.django_db
QUEUE = "/admin/requests_desk/datarequest/"
SEALED = ("name", "kana", "email", "telephone", "postcode", "address", "birth_date", "about")


def desk(*roles, language="en"):
    """A client signed in with these roles."""
    name = "-".join(roles)
    staff = Staff.objects.filter(username=name).first() or Staff.objects.create_user(
        name, "x", display_name="窓口 一子"
    )
    staff.groups.set(Group.objects.filter(name__in=roles))
    client = Client()
    client.cookies["django_language"] = language
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def hanako():
    return registration.register(
        "C0000001", by=Actor.system(), name="見本 花子", kana="みほん はなこ", email="hanako@example.test",
        telephone="090-0000-0001", address="東京都町田市原町田0-0-0", birth_date=dt.date(1985, 4, 3),
    )  # fmt: skip


def page(case, act="change"):
    return reverse(f"admin:requests_desk_datarequest_{act}", args=[case.pk])


def buttons(text):
    """What the "now" box offers as buttons."""
    box = text.partition('class="now"')[2].partition("</section>")[0]
    return re.findall(r'<a class="button[^"]*" href="[^"]*">([^<]+)</a>', box)


def test_the_queue_shows_the_clock_first_and_no_value_of_a_person():
    case = a_request(arrived_on=timezone.localdate() - dt.timedelta(days=5))

    text = desk("intake").get(QUEUE).text

    assert "9 days until the answer is due" in text
    assert case.reference in text
    assert "見本" not in text
    assert "example.test" not in text


def test_the_queue_does_not_load_sealed_columns():
    a_request()
    client = desk("intake")

    with CaptureQueriesContext(connection) as queries:
        client.get(QUEUE)

    loaded = [q["sql"] for q in queries for name in SEALED if f'"requests_desk_datarequest"."{name}"' in q["sql"]]
    assert not loaded


def test_the_queue_asks_as_often_for_three_rows_as_for_one():
    client = desk("intake")
    a_request()
    client.get(QUEUE)
    with CaptureQueriesContext(connection) as one:
        client.get(QUEUE)
    a_request()
    a_request()
    with CaptureQueriesContext(connection) as three:
        client.get(QUEUE)

    assert len(three) == len(one)


@pytest.mark.parametrize(("days_ago", "due"), [(20, "overdue"), (14, "today"), (12, "3"), (8, "7"), (1, "later")])
def test_each_number_of_the_dashboard_leads_to_the_list_that_it_counts(days_ago, due):
    case = a_request(arrived_on=timezone.localdate() - dt.timedelta(days=days_ago))
    client = desk("intake")

    lines = client.get("/admin/").context["dashboard"]["due"]
    line = next(line for line in lines if line.count)
    listed = client.get(line.url).context["list"].result_list

    assert line.url.endswith(f"due={due}")
    assert [row.pk for row in listed] == [case.pk]


@pytest.mark.parametrize(
    "words",
    ["見本", "みほん", "ミホン", "hanako@example.test", "090-0000-0001", "REFERENCE", "reference without hyphens"],
)
def test_a_request_is_found_by_number_name_reading_mail_and_telephone(words):
    case = a_request()
    a_request(name="別 一郎", kana="べつ いちろう", email="other@example.test", telephone="03-9999-0000")
    words = {"REFERENCE": case.reference, "reference without hyphens": case.reference.replace("-", "").lower()}.get(
        words, words
    )
    client = desk("intake")

    answer = client.post(QUEUE, {"q": words})
    found = client.get(answer.headers["Location"]).context["list"].result_list

    assert [row.pk for row in found] == [case.pk]
    assert words not in answer.headers["Location"]


def found_by(client, words):
    answer = client.post(QUEUE, {"q": words})
    return [str(row) for row in client.get(f"{answer.headers['Location']}&view=all").context["list"].result_list]


@pytest.mark.parametrize(
    ("words", "opened"), [("見", 0), ("見本", 0), ("花子 見本", 0), ("見本花子", 1), ("みほんはなこ", 1)]
)
def test_the_search_of_the_queue_opens_no_request_that_it_does_not_find(words, opened, monkeypatch):
    case = a_request(name="見本 花子", kana="みほん はなこ")
    for _each in range(5):
        a_request(name="別 一郎", kana="べつ いちろう", email="other@example.test", telephone="03-9999-0000")
    seen, open_it = [], library.decrypt_str
    monkeypatch.setattr(library, "decrypt_str", lambda sealed: seen.append(open_it(sealed)) or seen[-1])

    assert found_by(desk("intake"), words) == [str(case)]
    assert len([text for text in seen if text.startswith("request.name")]) == opened
    assert {text.partition("\0")[0] for text in seen} <= {"search_term.text", "request.name", "request.kana"}


def test_pieces_of_a_long_name_that_only_meet_by_chance_find_no_request():
    a_request(name="たなか", kana="なかた")
    case = a_request(name="田中", kana="たなかた")

    assert found_by(desk("intake"), "たなかた") == [str(case)]


@pytest.mark.parametrize("ended", [At.withdrawn, At.lapsed, At.closed])
def test_an_ended_request_leaves_the_index_and_is_found_by_its_number(ended):
    case = ended(name="田中 一郎")
    an_open_one = a_request(name="田中 一郎")

    assert {token.request for token in RequestToken.objects.all()} == {an_open_one}
    assert found_by(desk("intake"), "田中") == [str(an_open_one)]
    assert found_by(desk("intake"), case.reference) == [str(case)]


def test_a_search_is_kept_for_its_owner_only():
    a_request()
    answer = desk("intake").post(QUEUE, {"q": "見本"})

    other = desk("handler").get(answer.headers["Location"])

    assert other.status_code == 302
    assert other.headers["Location"] == QUEUE


def test_the_case_page_stands_in_the_order_of_the_work_and_masks():
    case = At.document_sent()

    text = desk("handler").get(page(case)).text

    order = ['id="now"', 'id="about"', 'id="person"', 'id="identity"', 'id="fee"', 'id="decision"', 'id="answer"',
             'id="letters"', 'id="timeline"']  # fmt: skip
    places = [text.index(each) for each in order]
    assert places == sorted(places)
    assert "見本" not in text


def test_the_case_page_does_not_load_sealed_columns(hanako):
    case = At.proposed(hanako, outcome="REFUSED", ground="33-2-1", reason="secret words")
    client = desk("handler", "verifier", "approver")

    with CaptureQueriesContext(connection) as queries:
        client.get(page(case))

    for query in queries:
        assert not re.search(r'"requests_desk_datarequest"."(name|email|address)"', query["sql"])
        assert '"customers_customer"."name"' not in query["sql"]
        assert '"requests_desk_decision"."reason"' not in query["sql"]


def test_the_case_page_is_revealed_for_the_case_in_one_answer(hanako):
    case = At.matched(hanako)
    client = desk("handler")

    shown = client.post(page(case, "reveal"), {"panel": "person"})

    assert "見本 花子" in shown.text
    assert "no-store" in shown.headers["Cache-Control"]
    assert "見本" not in client.get(page(case)).text
    access = Access.objects.get(subject=f"requests_desk.datarequest:{case}")
    assert (access.reason, access.case_number) == ("REQUEST", case.reference)
    assert access.person == "customers.customer:C0000001"


def test_acts_that_are_not_possible_stand_as_text_with_the_reason_and_its_link():
    case = a_request()

    text = desk("handler", "approver").get(page(case)).text
    with_intake = desk("handler", "approver", "intake").get(page(case)).text

    assert buttons(text) == ["Assign", "Withdraw the request"]
    assert "The fee has not been received yet." in text
    assert "disabled" not in text
    link = f'href="{page(case, "receive-fee")}"'
    assert link not in text  # another role does it, which the words say
    assert with_intake.count(link) > 1  # the button, and what waits for it


def test_a_request_that_has_ended_offers_nothing():
    text = desk("handler").get(page(At.withdrawn())).text

    assert buttons(text) == []
    assert "This request has ended." in text


def test_a_disclosure_goes_from_arrival_to_its_end_with_at_most_eight_clicks(hanako):
    """Verify (show, confirm), fee, match, propose, approve, close: each one page and one press."""
    case = At.document_sent()
    verifier, intake, handler, approver = desk("verifier"), desk("intake"), desk("handler"), desk("approver")

    shown = verifier.post(page(case, "verify"), {"panel": "document"})
    picture = re.search(r'<img class="picture" src="([^"]+)"', shown.text)[1]
    seen = verifier.get(picture)
    verifier.post(page(case, "verify"), {"document_type": "LICENCE", "matched_items": ["NAME", "BIRTH"]})
    intake.post(page(case, "receive-fee"), {"amount": "１，０００円", "received_on": timezone.localdate().isoformat()})
    handler.post(page(case, "match"), {"customer": "C0000001"})
    handler.post(page(case, "propose"), {"outcome": "FULL"})
    approved = approver.post(page(case, "approve"), follow=True)
    fulfilment.make(case, by=Actor.system())
    fulfilment.collect(case, by=Actor.requester())
    handler.post(page(case, "close"))

    case.refresh_from_db()
    assert "見本 花子" in shown.text
    assert (seen.status_code, seen.headers["Content-Type"]) == (200, "image/jpeg")
    assert "no-store" in seen.headers["Cache-Control"]
    assert f"{case}: the decision was approved." in approved.text
    assert case.status == Status.CLOSED
    assert verifier.get(picture).status_code == 404


def test_the_picture_is_for_the_verifier_alone():
    case = At.document_sent()
    address = reverse("admin:requests_desk_datarequest_picture", args=[case.pk, case.documents.get().pk])

    assert desk("handler", "approver", "privacy_officer", "auditor").get(address).status_code == 403
    assert desk("verifier").get(address).status_code == 200


def test_a_picture_of_another_request_is_not_found():
    case, other = At.document_sent(), At.document_sent()
    address = reverse("admin:requests_desk_datarequest_picture", args=[case.pk, other.documents.get().pk])

    assert desk("verifier").get(address).status_code == 404


def test_candidates_are_named_with_what_agrees_and_no_value(hanako):
    case = At.in_progress()
    client = desk("handler")

    text = client.get(page(case, "match")).text
    opened = client.post(page(case, "match"), {"panel": "compare"})

    assert "C0000001: agrees in" in text
    assert "見本" not in text
    assert opened.text.count("見本 花子") == 2
    assert {each.subject for each in Access.objects.filter(by__staff__username="handler")} == {
        f"requests_desk.datarequest:{case}", "customers.customer:C0000001"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("posted", "held"),
    [
        ({"customer": "other", "other_number": "C0000001"}, Held.MATCHED),
        ({"customer": "nobody"}, Held.NOT_HELD),
        ({"customer": "other", "other_number": "C9999999"}, Held.UNKNOWN),
        ({}, Held.UNKNOWN),
    ],
)
def test_the_result_of_the_search_is_noted(hanako, posted, held):
    case = At.in_progress(name="別 一郎", kana="", email="x@example.test", telephone="")

    desk("handler").post(page(case, "match"), posted)

    case.refresh_from_db()
    assert case.held == held


@pytest.mark.parametrize(
    ("amount", "day", "words"),
    [
        ("900", "today", "1,000 yen are due, not 900 yen"),
        ("abc", "today", "Write the amount in digits"),
        ("1000", "2026-13-45", ""),
        ("1000", "", "Fill in: Day on which it came in"),
        ("", "today", "Fill in: Amount (yen)"),
        ("9" * 11, "today", "Write the amount in digits"),
    ],
)
def test_a_wrong_payment_is_refused_beside_its_field_and_nothing_typed_is_lost(amount, day, words):
    case = a_request()
    day = timezone.localdate().isoformat() if day == "today" else day

    answer = desk("intake").post(page(case, "receive-fee"), {"amount": amount, "received_on": day})

    assert answer.status_code == 200
    assert 'class="error-summary"' in answer.text
    assert words in answer.text
    assert f'value="{day}"' in answer.text or not day
    assert Fee.objects.get(request=case).state == Fee.State.DUE


@pytest.mark.parametrize(
    "posted",
    [{"outcome": "REFUSED"}, {"outcome": "REFUSED", "ground": "33-2-1"}, {"outcome": "FULL", "ground": "33-2-1"}, {}],
)
def test_a_proposal_that_is_not_whole_is_refused(hanako, posted):
    case = At.matched(hanako)

    answer = desk("handler").post(page(case, "propose"), posted)

    assert 'class="error-summary"' in answer.text
    case.refresh_from_db()
    assert case.status == Status.IN_PROGRESS


def test_who_proposed_does_not_approve(hanako):
    case = At.matched(hanako)
    both = desk("handler", "approver")
    both.post(page(case, "propose"), {"outcome": "FULL"})

    text = both.get(page(case)).text
    answer = both.post(page(case, "approve"))

    assert "Approve the decision" not in buttons(text)
    assert "You proposed this decision." in answer.text
    case.refresh_from_db()
    assert case.status == Status.PROPOSED


def test_a_proposal_goes_back_with_words_that_only_a_reveal_shows(hanako):
    case = At.proposed(hanako)
    approver, handler = desk("approver"), desk("handler")

    approver.post(page(case, "send-back"), {"remark": "a secret remark"})
    text = handler.get(page(case)).text
    shown = handler.post(page(case, "reveal"), {"panel": "decision"}).text

    case.refresh_from_db()
    assert case.status == Status.IN_PROGRESS
    assert "a secret remark" not in text
    assert "a secret remark" in shown


def test_a_refused_document_is_purged_and_asked_for_again():
    case = At.document_sent()

    answer = desk("verifier").post(page(case, "refuse-document"), {"reason": "UNREADABLE"}, follow=True)

    case.refresh_from_db()
    assert case.identity == Identity.ASKED_AGAIN
    assert f"{case}: another document was asked for." in answer.text
    assert not case.documents.kept().exists()


def test_a_request_is_assigned_to_somebody_at_the_desk():
    case = a_request()
    staff_actor("outsider")
    client = desk("handler")
    handler = Staff.objects.get(username="handler")
    outsider = Staff.objects.get(username="outsider")

    client.post(page(case, "assign"), {"to": outsider.pk})
    case.refresh_from_db()
    assert case.assigned_to is None
    client.post(page(case, "assign"), {"to": handler.pk})
    case.refresh_from_db()
    assert case.assigned_to == handler


LATIN = re.compile(r">([^<>]*[A-Za-z]{3}[^<>]*)<")
KNOWN = re.compile(
    r"Office Ant|English|Cookie|handler|verifier|intake|approver|requester|C0000001|[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}"
)


@pytest.mark.parametrize("act", ["change", "verify", "match", "propose", "receive-fee", "assign", "withdraw"])
def test_the_japanese_desk_has_no_english_word_left(hanako, act):
    case = {"verify": At.document_sent, "match": At.in_progress, "receive-fee": a_request}.get(
        act, lambda: At.matched(hanako)
    )()

    text = desk("handler", "verifier", "intake", "privacy_officer", language="ja").get(page(case, act)).text

    body = text.partition("<body")[2]
    assert not [words for words in LATIN.findall(body) if re.search("[A-Za-z]{3}", KNOWN.sub("", words))]


@pytest.mark.parametrize("address", ["/admin/", QUEUE])
def test_the_first_pages_are_whole_in_each_language(address):
    a_request()

    japanese = (
        desk("handler", "privacy_officer", language="ja")
        .get(address)
        .text.partition("<main")[2]
        .partition('id="lists"')[0]
    )
    english = (
        desk("handler", "privacy_officer", language="en")
        .get(address)
        .text.partition("<main")[2]
        .partition('id="lists"')[0]
    )

    assert not [words for words in LATIN.findall(japanese) if re.search("[A-Za-z]{3}", KNOWN.sub("", words))]
    assert set(re.findall("[\u3040-\u30ff\u4e00-\u9fff]+", english)) <= {"日本語", "窓口", "一子"}


@pytest.mark.parametrize("role", ["intake", "verifier", "handler", "approver", "privacy_officer", "auditor"])
@pytest.mark.parametrize("state", [a_request, At.document_sent, At.paid, At.in_progress, At.proposed, At.ready])
def test_what_lifts_an_obstacle_is_a_link_that_opens_or_says_who_does_it(role, state):
    case, client = state(), desk(role)

    acts = client.get(page(case)).context["acts"]

    for act in acts:
        if act.not_now and act.not_now.url:
            answer = client.get(act.not_now.url)
            assert answer.status_code == 200
            assert answer.context["not_now"] is None


def test_who_may_not_lift_an_obstacle_is_told_who_does():
    text = desk("handler").get(page(At.verified())).text

    assert "The fee has not been received yet. Record the payment: Intake does this." in text
    assert page(At.verified(), "receive-fee") not in text


@pytest.mark.parametrize(("role", "opens"), [("verifier", False), ("handler", True), ("auditor", True)])
def test_the_matched_customer_is_named_to_all_and_linked_for_who_may_open_it(hanako, role, opens):
    case = At.matched(hanako)

    text = desk(role).get(page(case)).text

    assert "C0000001" in text
    assert (reverse("admin:customers_customer_change", args=[hanako.pk]) in text) == opens
