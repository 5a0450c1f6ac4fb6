"""Asked by mail with yes and no alike, and a page on which a customer decides alone."""

import re
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.db import IntegrityError
from django.urls import reverse

from audit.calendar import today
from audit.models import Actor, Entry, OutgoingMail
from audit.services import outbox
from consent.exceptions import NotReady
from consent.models import Consent, Question, Suspension
from consent.purposes import Purpose
from consent.services import asking, consents, preferences, suspensions
from customers.exceptions import CustomerErased
from customers.models import Customer
from customers.services import changes, corrections, erasure, merging
from tests.factories.audit import sign_in
from tests.factories.consent import an_actor, make_register
from tests.factories.customers import make_customer
from tests.factories.ledger import a_recipient, a_wording, agreed, decided, suspended

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("limits_anew")]
MAILBOX = "hana@example.test"
PREFERENCES = reverse("consent:ask-for-preferences")
ASK = reverse("admin:consent_question_ask")


@pytest.fixture(autouse=True)
def register():
    make_register()


def hana(**values):
    return make_customer(**{"name": "見本花子", "email": MAILBOX, **values})


def asked(customer, wording=None):
    return asking.ask(customer, wording=wording or a_wording(a_recipient()), by=an_actor())


def link_in_the_mail():
    """Let the outbox deliver, and give the path of the link in the last mail."""
    outbox.deliver_due()
    (address,) = re.findall(r"https?://\S+", mail.outbox[-1].body)
    return urlsplit(address).path


def buttons(text):
    return re.findall(r'<button class="([^"]+)" name="act" value="(\w+)">', text)


# asked by mail


def test_the_mail_has_a_link_and_nothing_of_what_is_asked_nor_of_whom():
    question = asked(hana())
    outbox.deliver_due()

    (sent,) = mail.outbox
    assert sent.to == [MAILBOX]
    assert sent.subject == "同意のお願い"
    assert not [word for word in ("見本", "株式会社配送", str(question), question.customer.number) if word in sent.body]
    assert Entry.objects.get(action="consent.asked").person == f"customers.customer:{question.customer}"


def test_yes_and_no_are_equally_easy(client):
    asked(hana())
    text = client.get(link_in_the_mail()).text

    assert buttons(text) == [("button second", "refuse"), ("button second", "agree")]
    for words in ("株式会社配送", "東京都町田市1-1", "日本", "氏名とメールを渡します。", "氏名", "サービスのご案内"):
        assert words in text
    assert "不利になることはありません" in text


def test_article_28_2_what_must_be_told_stands_before_the_buttons(client):
    asked(hana(), a_wording(a_recipient("CONSENT", "OFFSHORE")))
    text = client.get(link_in_the_mail()).text
    before = text[: text.index('<button class="button second"')]

    for words in ("アメリカ合衆国", "包括的な法はない。", "契約で定めた措置。"):
        assert words in before


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_scanner_that_opens_the_link_answers_nothing(client, method):
    question = asked(hana())
    address = link_in_the_mail()
    for _each in range(3):
        assert getattr(client, method)(address).status_code == 200

    question.refresh_from_db()
    assert not question.answer
    assert not Consent.objects.exists()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_yes_is_a_consent_in_the_language_in_which_it_was_read(client, language):
    question = asked(hana())
    address = link_in_the_mail()
    client.cookies["django_language"] = language
    for _twice in range(2):
        page = client.post(address, {"act": "agree", "what": question.wording_id}, follow=True).text

    consent = Consent.objects.get()
    question.refresh_from_db()
    assert (consent.language, consent.way, consent.given_on) == (language, "FORM", today())
    assert consent.recorded_by == question.answered_by == Actor.requester()
    assert question.answer == "YES"
    assert buttons(page) == [("button second", "refuse")]


def test_a_no_records_nothing_but_itself_and_can_become_a_yes(client):
    question = asked(hana())
    address = link_in_the_mail()
    page = client.post(address, {"act": "refuse", "what": question.wording_id}, follow=True).text
    question.refresh_from_db()

    assert question.answer == "NO"
    assert not Consent.objects.exists()
    assert "同意しないため、この件では渡しません" in page
    client.post(address, {"act": "agree", "what": question.wording_id})
    question.refresh_from_db()
    assert Consent.objects.living().count() == 1
    assert question.answer == "NO"  # what was said first stays


def test_taking_it_back_takes_one_press_and_counts_from_that_day(client):
    recipient, customer = a_recipient(), hana()
    question = asked(customer, a_wording(recipient))
    address = link_in_the_mail()
    client.post(address, {"act": "agree", "what": question.wording_id})
    client.post(address, {"act": "refuse", "what": question.wording_id})

    consent = Consent.objects.get()
    assert (consent.withdrawn_on, consent.withdrawn_way) == (today(), "FORM")
    assert decided(recipient).refusals.get().refusal == "WITHDRAWN"


@pytest.mark.parametrize(
    "post", [{}, {"act": "agree"}, {"act": "agree", "what": "999"}, {"act": "agree", "what": "9" * 30},
             {"act": "agree", "what": "１"}, {"act": "x", "what": "provision"}, {"act": "stop", "what": "all"}],
)  # fmt: skip
def test_what_no_button_posts_changes_nothing(client, post):
    asked(hana())

    assert client.post(link_in_the_mail(), post).status_code == 404
    assert not Consent.objects.exists()
    assert not Suspension.objects.exists()


def test_the_page_is_private(client):
    asked(hana())
    page = client.get(link_in_the_mail())

    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]
    assert "noindex" in page["X-Robots-Tag"]
    assert MAILBOX not in page.text
    assert "見本" not in page.text


def test_a_question_by_a_wording_out_of_use_is_over(client):
    question = asked(hana())
    address = link_in_the_mail()
    consents.retire(question.wording, by=an_actor())

    assert "この質問は終わりました" in client.get(address).text
    assert client.post(address, {"act": "agree", "what": question.wording_id}).status_code == 302
    assert not Consent.objects.exists()


def test_no_mail_leaves_for_a_question_that_is_over():
    question = asked(hana())
    consents.retire(question.wording, by=an_actor())
    outbox.deliver_due()

    assert not mail.outbox


@pytest.mark.parametrize("address", ["x", "x" * 43, "％"])
def test_a_link_that_opens_nothing_says_how_to_get_another(client, address):
    for name, where in (("question", [1, address]), ("preferences", [address])):
        page = client.get(reverse(f"consent:{name}", args=where))
        assert page.status_code == 404
        assert PREFERENCES in page.text


def test_who_was_erased_has_no_page_any_more(client):
    customer = hana()
    question = asked(customer)
    address = link_in_the_mail()
    erasure.erase(customer, by=an_actor())

    assert client.get(address).status_code == 404
    assert client.post(address, {"act": "agree", "what": question.wording_id}).status_code == 404


UNASKED = {
    "has no address": lambda customer: Customer.objects.filter(pk=customer.pk).update(has_email=False),
    "was asked": lambda customer: asking.ask(customer, wording=customer.wanted, by=an_actor()),
    "agreed": lambda customer: agreed(customer, customer.wanted),
    "is suspended whole": lambda customer: suspended(customer, "ALL"),
}


@pytest.mark.parametrize("arrange", UNASKED.values(), ids=UNASKED)
def test_nobody_is_asked_in_vain(arrange):
    customer = hana()
    customer.wanted = a_wording(a_recipient())
    arrange(customer)
    mails = OutgoingMail.objects.count()

    with pytest.raises(NotReady) as refusal:
        asking.ask(customer, wording=customer.wanted, by=an_actor())
    assert refusal.value.field == "customer"
    assert OutgoingMail.objects.count() == mails


def test_who_is_no_longer_there_is_not_asked():
    customer = hana()
    erasure.erase(customer, by=an_actor())
    with pytest.raises(CustomerErased):
        asked(customer)


def test_staff_ask_at_the_desk_and_read_the_answer(client):
    customer, wording = hana(), a_wording(a_recipient())
    sign_in(client, "handler", "en")
    page = client.get(f"{ASK}?customer={customer.number}").text
    client.post(ASK, {"customer": customer.number, "wording": wording.pk})
    question = Question.objects.get()
    asking.refuse(customer, wording)

    assert customer.number in page
    assert "No" in client.get(reverse("admin:consent_question_change", args=[question.pk])).text
    assert "Ask for consent by mail" in client.get(reverse("admin:customers_customer_change", args=[customer.pk])).text
    again = client.post(ASK, {"customer": "NOBODY", "wording": wording.pk}).text
    assert "There is no customer of this number" in again


def test_a_link_ends_with_the_mailbox_to_which_it_went(client):
    customer = hana()
    question = asked(customer)
    addresses = [link_in_the_mail(), link_of(client)]
    changes.correct(customer, changes={"email": "right@example.test"}, reason="MISTAKE", by=an_actor())

    for address in addresses:
        assert client.get(address).status_code == 404
        assert client.post(address, {"act": "agree", "what": question.wording_id}).status_code == 404
    assert not Consent.objects.exists()


def test_the_link_of_one_question_opens_no_other(client):
    customer = hana()
    asked(customer)
    address = link_in_the_mail()
    other = asked(customer)

    number, token = address.strip("/").split("/")[1:]
    assert client.get(reverse("consent:question", args=[other.pk, token])).status_code == 404
    assert client.get(reverse("consent:question", args=[number, token])).status_code == 200


@pytest.mark.parametrize(
    "sql", ["UPDATE consent_question SET answer = 'YES'", "DELETE FROM consent_question", "TRUNCATE consent_question"]
)
def test_an_answer_never_changes(assert_refused, sql):
    customer = hana()
    question = asked(customer)
    asking.refuse(customer, question.wording)

    assert_refused(sql, "closed once|never removed")


# the page of preferences


def link_of(client, address=MAILBOX):
    client.post(PREFERENCES, {"email": address})
    return link_in_the_mail()


def test_the_answer_is_the_same_whether_or_not_we_know_the_mailbox(client):
    hana()
    known = client.post(PREFERENCES, {"email": MAILBOX}, follow=True)
    unknown = client.post(PREFERENCES, {"email": "nobody@example.test"}, follow=True)

    texts = [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.text) for page in (known, unknown)]
    assert texts[0] == texts[1]
    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize("typed", ["ＨＡＮＡ＠example.test", " hana@example.test "])
def test_an_address_is_read_in_any_width(client, typed):
    hana()
    client.post(PREFERENCES, {"email": typed})

    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize("typed", ["", "hana", "hana@", "a b@example.test"])
def test_what_is_no_address_is_said_at_the_field_and_kept(client, typed):
    page = client.post(PREFERENCES, {"email": typed})

    assert page.status_code == 422
    assert 'id="id_email_error"' in page.text
    assert f'value="{typed}"' in page.text


def test_a_mailbox_gets_three_links_an_hour(client):
    hana()
    codes = [client.post(PREFERENCES, {"email": MAILBOX}).status_code for _each in range(4)]

    assert codes == [302, 302, 302, 429]
    assert OutgoingMail.objects.count() == 3


def test_the_page_has_everything_with_its_way_back(client):
    customer, recipient = hana(), a_recipient()
    consent = agreed(customer, a_wording(recipient))
    asked(customer, a_wording(recipient, ["NAME"]))
    text = client.get(link_of(client)).text

    assert buttons(text) == [
        ("button second", "refuse"), ("button second", "agree"), ("button second", "refuse"),
        ("button second", "stop"), ("button second", "stop"), ("button second", "language"),
    ]  # fmt: skip
    assert f"{consent.given_on.year}年" in text
    assert "皆様にお送りします。止められません" in text


def test_it_is_whole_with_nothing_on_it(client):
    hana()
    text = client.get(link_of(client)).text

    assert "同意をお願いしたことはありません" in text
    assert [act for _look, act in buttons(text)] == ["stop", "stop", "language"]


SWITCHED = {"provision": ("PROVISION", ""), "information": ("PURPOSE", "INFORMATION")}


@pytest.mark.parametrize(("name", "what"), SWITCHED.items())
def test_article_35_what_a_person_stops_is_stopped_at_once_and_let_go_on_as_easily(client, name, what):
    customer = hana()
    address = link_of(client)
    for _twice in range(2):
        page = client.post(address, {"act": "stop", "what": name}, follow=True).text

    suspension = Suspension.objects.get()
    assert (suspension.scope, suspension.purpose) == what
    assert (suspension.customer, suspension.ground) == (customer, "ASKED")
    assert ("button second", "resume") in buttons(page)
    barred = suspensions.suspended_from_provision(Purpose.INFORMATION, today(), today())
    assert barred.filter(pk=customer.pk).exists()
    for _twice in range(2):
        client.post(address, {"act": "resume", "what": name})
    assert not Suspension.objects.living().exists()
    assert not barred.filter(pk=customer.pk).exists()


def test_the_language_of_mails_is_changed_by_a_press(client):
    customer = hana()
    address = link_of(client)
    pages = [client.post(address, {"act": "language", "what": what}, follow=True).text for what in ("en", "en", "ja")]

    customer.refresh_from_db()
    assert customer.language == "ja"
    assert ["日本語で受け取る" in text for text in pages] == [True, True, False]
    assert client.post(address, {"act": "language", "what": "fr"}).status_code == 404
    assert Entry.objects.filter(action="customer.corrected", actor_id=Actor.requester().pk).count() == 2


def test_the_page_of_a_question_decides_that_question_alone(client):
    asked(hana())
    address = link_in_the_mail()
    codes = {client.post(address, post).status_code for post in (
        {"act": "stop", "what": "provision"}, {"act": "resume", "what": "information"},
        {"act": "language", "what": "en"},
    )}  # fmt: skip

    assert codes == {404}


@pytest.mark.parametrize("scope", ["ALL", "PROVISION"])
def test_what_the_office_stopped_is_not_let_go_on_by_a_press(client, scope):
    customer = hana()
    suspended(customer, scope)
    address = link_of(client)
    text = client.get(address).text
    client.post(address, {"act": "resume", "what": "provision"})

    assert "当社の窓口で止めています" in text
    assert Suspension.objects.living().count() == 1


@pytest.mark.parametrize(("name", "what"), SWITCHED.items())
def test_a_stop_of_ones_own_stands_when_the_office_lifts_its_own(client, name, what):
    customer = hana()
    office = suspended(customer, *what)
    address = link_of(client)
    before = client.get(address).text
    after = client.post(address, {"act": "stop", "what": name}, follow=True).text
    suspensions.lift(office, by=an_actor())

    assert ("button second", "stop") in buttons(before)
    assert ("button second", "resume") in buttons(after)
    assert Suspension.objects.living().get().suspended_by == Actor.requester()


def test_taking_back_a_stop_of_ones_own_says_that_the_office_stops_it_still(client):
    customer = hana()
    address = link_of(client)
    client.post(address, {"act": "stop", "what": "provision"})
    suspended(customer, "PROVISION")
    text = client.post(address, {"act": "resume", "what": "provision"}, follow=True).text

    assert "お客様による停止を解きました" in text
    assert "当社の窓口で止めています" in text
    assert Suspension.objects.living().get().suspended_by != Actor.requester()


@pytest.mark.parametrize("by", ["office", "requester"])
def test_each_side_enters_the_same_suspension_once(by):
    customer = hana()
    actor = Actor.requester() if by == "requester" else an_actor()
    values = {"customer": customer, "scope": "PROVISION", "ground": "ASKED", "suspended_by": actor}
    Suspension.objects.create(**values)

    with pytest.raises(IntegrityError, match=f"suspension_is_entered_once_by_the_{by}"):
        Suspension.objects.create(**values)


def test_what_was_said_by_the_link_of_a_joined_record_goes_with_it_when_the_two_are_parted(client):
    stays, joined = hana(email="stays@example.test"), hana(number="C-JOINED")
    question = asked(joined)
    address = link_in_the_mail()
    preferences_of_joined = link_of(client)
    merge = merging.approve(merging.propose(stays, joined, by=an_actor()), by=an_actor())
    client.post(address, {"act": "agree", "what": question.wording_id})
    client.post(preferences_of_joined, {"act": "stop", "what": "information"})
    merging.undo(merge, by=an_actor())

    assert Consent.objects.get().customer == joined
    assert Suspension.objects.get().customer == joined
    assert not any(switch.is_stopped for switch in preferences.switches(stays))


def test_families_that_share_a_mailbox_get_a_link_each_and_see_whose_it_is(client):
    people = [hana(number=f"C-{number}") for number in range(7)]
    client.post(PREFERENCES, {"email": MAILBOX})
    outbox.deliver_due()

    assert len(mail.outbox) == 7
    for sent in mail.outbox:
        (number,) = [person.number for person in people if person.number in sent.body]
        (address,) = re.findall(r"https?://\S+", sent.body)
        assert number in client.get(address).text


def test_a_mailbox_from_which_mail_came_back_is_written_to_when_its_holder_asks(client):
    customer = hana()
    corrections.note_bounce(customer, by=Actor.system())

    assert client.get(link_of(client)).status_code == 200


def test_a_mail_in_english_opens_its_page_in_english_until_the_visitor_switches(client):
    hana(language="en")
    client.cookies["django_language"] = "en"
    link_of(client)
    client.cookies.clear()
    (address,) = re.findall(r"https?://\S+", mail.outbox[-1].body)

    assert "Your preferences" in client.get(address).text
    assert "Your preferences" in client.get(PREFERENCES).text
    client.cookies["django_language"] = "ja"
    assert "Your preferences" not in client.get(address).text


def test_a_person_with_two_records_has_one_page(client):
    stays, joined = hana(), hana(number="C-JOINED")
    recipient = a_recipient()
    agreed(joined, a_wording(recipient))
    suspended(joined)
    merging.approve(merging.propose(stays, joined, by=an_actor()), by=an_actor())
    outbox.deliver_due()
    mail.outbox.clear()

    text = client.get(link_of(client)).text
    assert len(mail.outbox) == 1
    assert ("button second", "refuse") in buttons(text)
    assert "当社の窓口で止めています" in text
    assert [row.consent is not None for row in preferences.asked(stays)] == [True]


def test_a_page_leads_to_nobody_elses_consents(client):
    hana()
    other = make_customer(email="other@example.test")
    consent = agreed(other, a_wording(a_recipient()))
    address = link_of(client)

    assert client.post(address, {"act": "refuse", "what": consent.wording_id}).status_code == 404
    consent.refresh_from_db()
    assert consent.withdrawn_on is None


def test_acts_are_limited(client):
    hana()
    address = link_of(client)
    codes = {client.post(address, {"act": "resume", "what": "provision"}).status_code for _each in range(61)}

    assert codes == {302, 429}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_is_whole_in_its_language(client, language):
    customer = hana(language=language)
    client.cookies["django_language"] = language
    question = asked(customer, a_wording(a_recipient("CONSENT", "OFFSHORE")))
    pages = [client.get(link_in_the_mail()).text, client.get(PREFERENCES).text, client.get(link_of(client)).text]

    assert question.wording.text_en == "Name and mail go there."
    for text in pages:
        main = re.sub(r"<span lang=.*?</span>", "", text[text.index("<main") : text.index("</main>")])
        words = re.sub(r"<[^>]+>|&\w+;", " ", main)
        if language == "en":
            found = set(re.findall(r"[ぁ-んァ-ヶ一-龠]+", words))
            assert found <= {"株式会社配送", "東京都町田市"}, found
        else:
            assert not re.findall(r"\b(?:consent|Now|You|We)\b", words)
