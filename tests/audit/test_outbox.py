"""Every mail leaves once, waits, bounces or is dropped; and says so in the trail."""

import datetime as dt
import smtplib

import pytest
from django.core import mail as django_mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from audit.models import Actor, Entry, Link, Office, OutgoingMail, Seal
from audit.services import outbox, seals
from tests.factories.audit import OutgoingMailFactory

pytestmark = pytest.mark.django_db


class Server(EmailBackend):
    """A mail server that answers what ``answers`` holds, and takes the mail when nothing is left in it."""

    answers = []

    def send_messages(self, messages):
        if self.answers:
            raise self.answers.pop(0)
        return super().send_messages(messages)


@pytest.fixture
def server(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Server"
    Server.answers = []
    return Server


@pytest.fixture
def mail():
    seal = Seal.objects.create(position=12, hash=bytes(32), sealed_at=timezone.now(), mac=bytes(32))
    return outbox.post("audit.daily_seal", subject=seal, by=Actor.system())


def deliver_until_settled(mail):
    waits = []
    for _each in range(40):
        OutgoingMail.objects.filter(pk=mail.pk).update(due_at=timezone.now())
        outbox.deliver_due()
        mail.refresh_from_db()
        if mail.state != "WAITING":
            return waits
        waits.append(round((mail.due_at - timezone.now()).total_seconds()))
    return waits


def test_a_mail_leaves_once_with_its_own_message_id(mail, server):
    assert outbox.deliver_due() == 1
    assert outbox.deliver_due() == 0

    (sent,) = django_mail.outbox
    mail.refresh_from_db()
    assert sent.extra_headers["Message-ID"] == f"<{mail.number}@office-ant.co.jp>"
    assert sent.to == [Office.objects.get().email]
    assert (mail.state, mail.answer_code) == ("SENT", "250")
    assert Entry.objects.get(action="mail.sent").details["kind"] == "audit.daily_seal"


@pytest.mark.parametrize(
    "answer",
    [
        smtplib.SMTPRecipientsRefused({"a@example.test": (451, b"later")}),
        smtplib.SMTPDataError(452, b"full"),
        smtplib.SMTPSenderRefused(421, b"closing", "x"),
        smtplib.SMTPServerDisconnected("gone"),
        smtplib.SMTPConnectError(554, b"not now"),
        smtplib.SMTPAuthenticationError(535, b"our password"),
        TimeoutError(),
        ConnectionRefusedError(),
    ],
)
def test_a_server_that_is_away_or_asks_to_wait_is_asked_again_later_and_later(mail, server, answer):
    server.answers = [answer] * 3

    waits = deliver_until_settled(mail)

    assert waits == outbox.WAITS[:3]
    assert mail.state == "SENT"
    assert mail.attempts == 4
    assert len(django_mail.outbox) == 1


@pytest.mark.parametrize(
    "answer",
    [
        smtplib.SMTPRecipientsRefused({"a@example.test": (550, b"no such box")}),
        smtplib.SMTPDataError(554, b"no"),
        smtplib.SMTPSenderRefused(553, b"no", "x"),
    ],
)
def test_a_refusal_for_good_is_a_bounce_and_not_tried_again(mail, server, answer):
    server.answers = [answer]

    assert deliver_until_settled(mail) == []

    assert mail.state == "BOUNCED"
    assert mail.answer_code[0] == "5"
    assert Entry.objects.filter(action="mail.bounced").count() == 1


def test_a_mail_that_cannot_leave_for_days_is_given_up(mail, server):
    server.answers = [TimeoutError()] * 2
    OutgoingMail.objects.update(created_at=timezone.now() - outbox.GIVE_UP)

    assert deliver_until_settled(mail) == []
    assert mail.state == "BOUNCED"


def test_a_mail_whose_subject_is_gone_is_dropped(server):
    mail = OutgoingMailFactory(subject="audit.seal:9", subject_pk=9)

    assert deliver_until_settled(mail) == []
    assert mail.state == "DROPPED"
    assert not django_mail.outbox


def test_a_fault_of_ours_keeps_no_other_mail_back_and_shows_in_the_end(mail, server, caplog):
    broken = OutgoingMailFactory(kind="audit.no_such_composer", due_at=timezone.now() - dt.timedelta(hours=1))

    assert outbox.deliver_due() == 2
    mail.refresh_from_db()
    assert mail.state == "SENT"

    deliver_until_settled(broken)
    assert (broken.state, broken.answer_code) == ("FAILED", "AttributeError")
    assert broken.log_reference in caplog.text


def test_a_mail_in_other_hands_is_left_alone_until_its_lease_ends(mail, server, time_machine):
    time_machine.move_to(timezone.now())
    outbox._lease()

    assert outbox.deliver_due() == 0
    time_machine.shift(outbox.LEASE + dt.timedelta(seconds=1))
    assert outbox.deliver_due() == 1


def test_the_newest_seal_is_posted_once_a_day(server, time_machine):
    time_machine.move_to(timezone.now())
    assert seals.mail_newest() is None
    Seal.objects.create(position=12, hash=bytes(32), sealed_at=timezone.now(), mac=bytes(32))

    assert seals.mail_newest()
    assert seals.mail_newest() is None
    time_machine.shift(dt.timedelta(days=1))
    assert seals.mail_newest() is None  # nothing new
    newer = Seal.objects.create(position=13, hash=bytes(32), sealed_at=timezone.now(), mac=bytes(32))
    assert seals.mail_newest()

    outbox.deliver_due()
    assert newer.line in django_mail.outbox[-1].body
    assert Link.objects.count() == 0
