"""What leaves by mail: no value of a person, and for the code no link."""

import re

import pytest
from django.core import mail as django_mail

from audit.models import Actor, OutgoingMail
from audit.services import office, outbox
from customers.services import links
from requests_desk.mail import STATUS_PURPOSE
from requests_desk.models import DataRequest, RefusalReason
from requests_desk.services import drafts, fulfilment, identity, progress
from tests.factories.requests_desk import VALUES, At, a_draft, a_request, staff_actor

pytestmark = pytest.mark.django_db
PERSONAL = [str(VALUES[field]) for field in ("name", "kana", "telephone", "address", "postcode", "birth_date")]


def sent():
    """The one mail that leaves now."""
    django_mail.outbox.clear()
    outbox.deliver_due()
    (message,) = django_mail.outbox
    return message


def say_nothing_of_the_person(message):
    said = f"{message.subject}\n{message.body}"
    return not any(value in said for value in PERSONAL) and VALUES["email"] not in said


def links_in(message):
    return re.findall(r"https?://\S+", message.body)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_code_comes_as_six_digits_without_a_link(language):
    draft, _key = a_draft(language)
    drafts.ask_for_code(draft)

    message = sent()

    (code,) = re.findall(r"(?m)^(\d{6})$", message.body)
    assert message.to == ["hanako@example.test"]
    assert office.current().email in message.from_email
    assert links_in(message) == []
    assert code not in message.subject
    assert message.content_subtype == "plain"
    assert not message.alternatives if hasattr(message, "alternatives") else True
    assert say_nothing_of_the_person(message)
    assert drafts.confirm(draft, code) == DataRequest.objects.get()


def test_no_code_leaves_for_a_draft_that_was_sent_or_is_gone():
    draft, _key = a_draft()
    drafts.ask_for_code(draft)
    draft.delete()
    django_mail.outbox.clear()

    outbox.deliver_due()

    assert django_mail.outbox == []
    assert OutgoingMail.objects.get().state == OutgoingMail.State.DROPPED


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_receipt_brings_the_number_and_a_link_that_opens_the_request(language):
    request = a_request(language=language)

    message = sent()

    (link,) = links_in(message)
    assert str(request) in message.body
    assert str(request) not in message.subject
    path, _question, asked = link.partition("?")
    assert links.find(path.rstrip("/").rsplit("/", 1)[1], STATUS_PURPOSE) == request.pk
    assert asked == ("lang=en" if language == "en" else "")  # it opens in the language of the mail
    assert say_nothing_of_the_person(message)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_refused_document_is_asked_for_again_with_its_reason(language):
    request = At.document_sent(language=language)
    OutgoingMail.objects.all().delete()
    identity.refuse(request, reason=RefusalReason.EXPIRED, by=staff_actor("verifier"))

    message = sent()

    assert ("有効期限" in message.body) == (language == "ja")
    assert ("no longer valid" in message.body) == (language == "en")
    assert len(links_in(message)) == 1
    assert say_nothing_of_the_person(message)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_mail_of_an_answer_is_the_same_whatever_the_answer_says(language):
    request = At.approved(language=language)
    OutgoingMail.objects.all().delete()
    fulfilment.make(request, by=Actor.system())

    message = sent()

    assert not re.search("不存在|保有|開示|nothing|held|disclos", message.subject + message.body)
    assert say_nothing_of_the_person(message)


def test_every_sentence_is_short():
    for language in ("ja",):
        draft, _key = a_draft(language)
        drafts.ask_for_code(draft)
        body = sent().body
        assert max(len(line) for line in re.split("[。\n]", body)) <= 60


def test_the_mail_of_a_purged_answer_does_not_leave():
    request = At.collected()
    progress.close(request, by=staff_actor("handler"))
    OutgoingMail.objects.exclude(kind="requests_desk.answer_ready").delete()
    request.package.refresh_from_db()
    fulfilment.purge_expired(by=Actor.system(), today=request.package.offered_until.replace(year=2099))
    django_mail.outbox.clear()

    outbox.deliver_due()

    assert django_mail.outbox == []
