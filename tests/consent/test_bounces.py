"""Mails that come back: at once or by a report, what is believed, what is counted, and whose address is marked."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import Actor, Entry
from config.settings.environment import OfficeEnv
from consent import mail
from consent.models import CampaignKind, CampaignStatus, Delivery, DeliveryState, Failure, Tally
from consent.schedule import read_bounces
from consent.services import bounces, campaigns, letters, mailboxes, reports, sending
from consent.services.progress import numbers
from customers.models import Customer
from customers.services import changes, corrections, erasure
from tests.consent.imap_server import Mailbox
from tests.factories.audit import sign_in
from tests.factories.consent import CampaignFactory, DeliveryFactory, RecipientFactory, an_actor, make_register

pytestmark = pytest.mark.django_db
RETURN = "bounces@privacy.example.test"
HANA = "hana@example.test"


@pytest.fixture(autouse=True)
def return_address(settings):
    settings.BOUNCE_ADDRESS = RETURN


def sent(**customer):
    """A mail that the server took, of a notice that has ended, with its numbers."""
    customer = RecipientFactory(**{"email": HANA, **customer})
    campaign = CampaignFactory.at(CampaignStatus.DONE, recipients=3)
    delivery = DeliveryFactory(campaign=campaign, customer=customer,
                               state="SENT", answer_code=250, last_tried="2026-11-01T00:00:30Z")  # fmt: skip
    for minute, mails in (("2026-11-01T00:00Z", 2), ("2026-11-01T00:05Z", 1)):
        Tally.objects.create(campaign=campaign, minute=minute, slot=1, sent=mails, last_sent=minute)
    return delivery


def report(
    delivery, *, to=None, recipient=HANA, action="failed", status="5.1.1", diagnosis="", message_id=None, extra=""
):
    to = mail.return_address(delivery.pk) if to is None else to
    message_id = message_id or f"<{delivery.pk}.{delivery.campaign.number}@office-ant.co.jp>"
    diagnosed = f"Diagnostic-Code: smtp; {diagnosis}\n" if diagnosis else ""
    return f"""From: MAILER-DAEMON@mx.example.test
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I'm sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.test

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
{diagnosed}{extra}
--b
Content-Type: message/rfc822

From: office@example.test
To: {recipient}
Message-ID: {message_id}
Subject: x

text
--b--
""".encode()


def state_of(delivery):
    delivery.refresh_from_db()
    return delivery.state


def is_marked(delivery):
    return Customer.objects.get(pk=delivery.customer_id).mail_bounced_at is not None


# what the server says at once

ANSWERS = [
    (550, "", True, Failure.UNKNOWN), (551, "", True, Failure.UNKNOWN), (553, "", True, Failure.UNKNOWN),
    (552, "", True, Failure.FULL), (554, "", True, Failure.REFUSED), (550, "", False, Failure.REFUSED),
    (550, "5.1.1", True, Failure.UNKNOWN), (550, "5.1.10", True, Failure.UNKNOWN),
    (550, "5.2.1", True, Failure.UNKNOWN),
    (552, "5.2.2", True, Failure.FULL), (550, "5.7.1", True, Failure.REFUSED), (554, "5.7.26", False, Failure.REFUSED),
    (550, "5.1.8", True, Failure.REFUSED), (550, "5.4.1", True, Failure.REFUSED),
    (550, "5.0.0", True, Failure.UNKNOWN),
    (554, "5.1.1", False, Failure.UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("code", "status", "about_address", "expected"), ANSWERS)
def test_what_an_answer_means(code, status, about_address, expected):
    assert bounces.kind_of(mail.Answer(code, status=status, about_address=about_address)) == expected


@pytest.mark.parametrize(
    ("phase", "answer", "failure", "marked"),
    [
        ("RCPT", "550 5.1.1 no such user", Failure.UNKNOWN, True),
        ("RCPT", "550 unknown", Failure.UNKNOWN, True),
        ("RCPT", "552 5.2.2 full", Failure.FULL, False),
        ("RCPT", "550 5.7.1 spam", Failure.REFUSED, False),
        ("DATA", "554 5.7.1 spam", Failure.REFUSED, False),
        ("DATA", "550 content", Failure.REFUSED, False),
    ],
)
def test_only_an_address_that_is_none_is_marked_on_its_customer(sink, phase, answer, failure, marked):
    dead, well = RecipientFactory(email="dead@example.test"), RecipientFactory()
    campaign = campaigns.start(CampaignFactory.at(CampaignStatus.SUBMITTED), by=an_actor())
    sink.answer = lambda at, given: answer if at == phase and given.recipients[-1:] == ("dead@example.test",) else None
    sending.send(campaign)

    delivery = Delivery.objects.get(customer=dead)
    assert (delivery.state, delivery.failure) == (DeliveryState.BOUNCED, failure)
    assert is_marked(delivery) == marked
    assert state_of(Delivery.objects.get(customer=well)) == DeliveryState.SENT
    assert Entry.objects.filter(action="customer.mail_bounced").count() == marked


def test_an_address_that_cannot_be_written_is_marked(sink):
    RecipientFactory(email="名前@example.test")
    sending.send(campaigns.start(CampaignFactory.at(CampaignStatus.SUBMITTED), by=an_actor()))

    delivery = Delivery.objects.get()
    assert delivery.failure == Failure.NOWHERE
    assert is_marked(delivery)


def test_an_address_corrected_meanwhile_is_not_marked():
    customer = RecipientFactory(email="new@example.test")
    bounces.note_address(customer.pk, "old@example.test", by=Actor.system())
    bounces.note_address(customer.pk, None, by=Actor.system())
    bounces.note_address(999_999, "old@example.test", by=Actor.system())

    assert Customer.objects.get().mail_bounced_at is None


def test_what_the_server_never_takes_is_given_up(sink):
    delivery = DeliveryFactory(attempts=sending.GIVE_UP - 1)
    sink.answer = lambda at, given: "451 later" if at == "RCPT" else None
    sending.send(delivery.campaign)

    assert state_of(delivery) == DeliveryState.BOUNCED
    assert delivery.failure == Failure.GAVE_UP
    assert not is_marked(delivery)


# addresses of our own


def test_each_mail_has_a_return_address_that_nobody_can_make_up(sink, settings):
    RecipientFactory.create_batch(2)
    sending.send(campaigns.start(CampaignFactory.at(CampaignStatus.SUBMITTED), by=an_actor()))

    for each in sink.mails:
        number = mail.delivery_of(each.sender)
        assert Delivery.objects.get(pk=number).customer.email == each.recipients[0]
        assert len(each.sender.partition("@")[0]) <= 64
        assert each.message["From"].addresses[0].addr_spec == settings.DEFAULT_FROM_EMAIL
    assert len(mail.return_address(10**18 - 1).partition("@")[0]) <= 64


@pytest.mark.parametrize(
    "forge",
    [
        lambda a: a.replace("+1.", "+2."),
        lambda a: a[:20] + "0" * 12 + a[32:],
        lambda a: a.replace("@", "@x."),
        lambda a: "",
        lambda a: a.replace("bounces", "info"),
    ],
)
def test_a_forged_return_address_is_none(forge):
    address = mail.return_address(1)

    assert mail.delivery_of(address.upper()) == 1
    assert mail.delivery_of(forge(address)) is None


def test_without_a_setting_reports_go_to_the_sender(settings):
    settings.BOUNCE_ADDRESS = ""

    assert mail.return_address(1) == settings.DEFAULT_FROM_EMAIL
    assert mail.delivery_of("bounces+1.aaaaaaaaaaaa@x") is None


# reports

POSTFIX = {"status": "5.1.1", "diagnosis": "550 5.1.1 <hana@example.test>: Recipient address rejected: User unknown"}
SHAPES = {
    "Postfix": (POSTFIX, Failure.UNKNOWN, True),
    "Exim": ({"status": "5.0.0", "diagnosis": "550 Unrouteable address"}, Failure.UNKNOWN, True),
    "Gmail": ({"status": "5.1.1", "diagnosis": "550-5.1.1 The email account that you tried to reach does not exist."},
              Failure.UNKNOWN, True),
    "Exchange": ({"status": "5.1.10", "diagnosis": "550 5.1.10 RESOLVER.ADR.RecipientNotFound"}, Failure.UNKNOWN, True),
    "a carrier": ({"status": "5.0.0", "diagnosis": "550 Unknown user hana@example.test"}, Failure.UNKNOWN, True),
    "a carrier's filter": ({"status": "5.7.1", "diagnosis": "550 5.7.1 Rejected"}, Failure.REFUSED, False),
    "a full mailbox": ({"status": "5.2.2", "diagnosis": "552 5.2.2 Over quota"}, Failure.FULL, False),
    "a disabled mailbox": ({"status": "5.2.1"}, Failure.UNKNOWN, True),
    "only a vague status": ({"status": "5.0.0"}, Failure.REFUSED, False),
    "angle brackets": ({"recipient": "<hana@example.test>"}, Failure.UNKNOWN, True),
    "capitals": ({"recipient": "Hana@Example.TEST"}, Failure.UNKNOWN, True),
    "forwarded": ({"recipient": "elsewhere@example.test", "extra": "Original-Recipient: rfc822; hana@example.test\n"},
                  Failure.UNKNOWN, True),
    "forwarded without a trace": ({"recipient": "elsewhere@example.test"}, Failure.UNKNOWN, False),
    "no status at all": ({"status": "", "diagnosis": "550 no such user"}, Failure.UNKNOWN, True),
}  # fmt: skip


@pytest.mark.parametrize(("said", "failure", "marked"), SHAPES.values(), ids=SHAPES)
def test_a_report_moves_the_delivery_and_the_numbers_still_add_up(said, failure, marked):
    delivery = sent()
    assert bounces.deal_with(report(delivery, **said))

    assert state_of(delivery) == DeliveryState.BOUNCED
    assert delivery.failure == failure
    assert is_marked(delivery) == marked
    found = numbers(delivery.campaign)
    assert (found.sent, found.bounced, found.waiting, found.total) == (2, 1, 0, 3)
    assert all(tally.sent >= 0 for tally in Tally.objects.all())
    entry = Entry.objects.get(action="campaign.mail_came_back")
    assert entry.details["delivery"] == str(delivery)
    assert HANA not in str(entry.details)


NOTHING = {
    "delayed": lambda d: report(d, action="delayed", status="4.4.1"),
    "a failure for now": lambda d: report(d, status="4.2.2"),
    "delivered": lambda d: report(d, action="delivered", status="2.0.0"),
    "relayed": lambda d: report(d, action="relayed", status="2.1.9"),
    "a forged token": lambda d: report(d, to=f"bounces+{d.pk}.{'0' * 12}@privacy.example.test", recipient="x@x.test"),
    "a guessed Message-ID of somebody else": lambda d: report(d, to=RETURN, recipient="guess@example.test"),
    "a Message-ID of another notice": lambda d: report(d, to=RETURN, message_id=f"<{d.pk}.999@office-ant.co.jp>"),
    "an answer of somebody who is away": lambda d: (
        f"From: {HANA}\nTo: {mail.return_address(d.pk)}\nAuto-Submitted: auto-replied\n\n550 5.1.1 I am away.".encode()
    ),
    "nothing": lambda d: b"",
    "garbage": lambda d: bytes(range(256)) * 40,
    "cut off": lambda d: report(d)[:300],
    "a bomb of parts": lambda d: (
        b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\nContent-Type: multipart/mixed; boundary=a\n\n" * 3000
    ),
    "a number too large": lambda d: report(d, to=f"bounces+{'9' * 30}.{'0' * 12}@privacy.example.test",
                                           message_id=f"<{'9' * 40}.1@x>"),
}  # fmt: skip


@pytest.mark.parametrize("make", NOTHING.values(), ids=NOTHING)
def test_what_is_no_sure_failure_changes_nothing(make):
    delivery = sent()
    bounces.deal_with(make(delivery))

    assert state_of(delivery) == DeliveryState.SENT
    assert not is_marked(delivery)
    assert numbers(delivery.campaign).sent == 3


def test_a_report_without_token_is_matched_by_message_id_and_the_very_address():
    delivery = sent()

    assert bounces.deal_with(report(delivery, to=RETURN))
    assert state_of(delivery) == DeliveryState.BOUNCED


def test_the_report_of_qmail_is_read():
    delivery = sent()
    text = (
        f"From: MAILER-DAEMON@q.example.test\nTo: {mail.return_address(delivery.pk)}\nSubject: failure notice\n\n"
        "Hi. This is the qmail-send program at q.example.test.\nI'm afraid I wasn't able to deliver.\n\n"
        f"<{HANA}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        "--- Below this line is a copy of the message.\n\nMessage-ID: <1.1@x>\n\ntext\n"
    )

    assert bounces.deal_with(text.encode())
    assert delivery.pk
    assert state_of(delivery) == DeliveryState.BOUNCED
    assert is_marked(delivery)


def test_the_same_report_twice_counts_once():
    delivery = sent()
    for _twice in range(2):
        bounces.deal_with(report(delivery))

    assert numbers(delivery.campaign).bounced == 1
    assert Entry.objects.filter(action="campaign.mail_came_back").count() == 1


def test_an_address_corrected_since_is_not_marked_and_the_delivery_is():
    delivery = sent()
    changes.correct(delivery.customer, changes={"email": "new@example.test"}, reason="ASKED", by=an_actor())
    bounces.deal_with(report(delivery))

    assert state_of(delivery) == DeliveryState.BOUNCED
    assert not is_marked(delivery)


def test_who_was_erased_meanwhile_is_not_looked_for():
    delivery = sent()
    erasure.erase(delivery.customer, by=an_actor())
    bounces.deal_with(report(delivery))

    assert state_of(delivery) == DeliveryState.BOUNCED
    assert not is_marked(delivery)


def test_correcting_the_address_lifts_the_mark():
    delivery = sent()
    bounces.deal_with(report(delivery))
    customer = Customer.objects.get()
    corrections.correct(customer, changes={"email": "new@example.test"}, reason="ASKED", by=an_actor())

    assert not is_marked(delivery)


def test_whose_mail_came_back_later_gets_a_letter():
    make_register()
    delivery = sent(postcode="194-0013", address="東京都", name="見本", held=2**15 - 1)
    campaign = delivery.campaign
    assert not letters.due(campaign).exists()
    bounces.deal_with(report(delivery))

    assert [each.pk for each in letters.due(campaign)] == [delivery.customer_id]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=2000), st.text(max_size=200))
def test_nothing_that_arrives_breaks_the_reader(content, text):
    reports.read(content)
    reports.read(
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n" + content
    )
    reports.read(
        f"To: {text}\nContent-Type: message/delivery-status\n\n\nFinal-Recipient: {text}\nAction: {text}".encode()
    )


# where they are read from


def folder(tmp_path, kind):
    root = tmp_path / "reports"
    (root / "new" if kind == "maildir" else root).mkdir(parents=True)
    return root, (root / "new" if kind == "maildir" else root)


def left(place):
    return [path for path in place.iterdir() if path.is_file()]


@pytest.mark.parametrize("kind", ["maildir", "folder"])
def test_a_folder_is_read_and_emptied(settings, tmp_path, kind):
    delivery = sent()
    root, place = folder(tmp_path, kind)
    (place / "1.eml").write_bytes(report(delivery))
    (place / "2.eml").write_bytes(b"Subject: spam\n\nspam")
    settings.BOUNCE_MAILBOX = root.as_uri()

    assert bounces.read_all() == (1, 1)
    assert bounces.read_all() == (0, 0)
    assert not left(place)
    assert state_of(delivery) == DeliveryState.BOUNCED
    done = root / ".Done" / "cur" if kind == "maildir" else root / "Done"
    assert [path.name for path in left(done)] == ["1.eml"]


def test_a_reader_that_is_killed_between_act_and_move_deals_with_it_once_more(settings, tmp_path, monkeypatch):
    delivery = sent()
    root, place = folder(tmp_path, "folder")
    (place / "1.eml").write_bytes(report(delivery))
    settings.BOUNCE_MAILBOX = root.as_uri()
    move = mailboxes.Folder.move

    def die(*said):
        raise SystemExit

    monkeypatch.setattr(mailboxes.Folder, "move", die)
    with pytest.raises(SystemExit):
        bounces.read_all()
    monkeypatch.setattr(mailboxes.Folder, "move", move)

    assert bounces.read_all() == (1, 0)
    assert numbers(delivery.campaign).bounced == 1


def test_a_huge_mail_is_read_in_its_beginning_alone(settings, tmp_path):
    delivery = sent()
    root, place = folder(tmp_path, "folder")
    (place / "1.eml").write_bytes(report(delivery) + b"x" * 5_000_000)
    settings.BOUNCE_MAILBOX = root.as_uri()

    assert bounces.read_all() == (1, 0)
    assert all(len(content) <= mailboxes.MOST_BYTES for _key, content in mailboxes.Folder(root / "Done").mails())


def test_a_mailbox_by_imap_is_read_and_emptied(settings):
    delivery = sent()
    with Mailbox("office", "se cret@") as box:
        settings.BOUNCE_MAILBOX = f"imap://office:se%20cret%40@127.0.0.1:{box.port}/INBOX"
        box.put(report(delivery))
        box.put(b"Subject: spam\n\nspam")
        assert bounces.read_all() == (1, 1)
        assert bounces.read_all() == (0, 0)

        assert {name: len(mails) for name, mails in box.folders.items()} == {"INBOX": 0, "Done": 1, "Unmatched": 1}
    assert state_of(delivery) == DeliveryState.BOUNCED


@pytest.mark.parametrize("verb", ["LOGIN", "SELECT", "SEARCH", "FETCH", "COPY", "STORE"])
def test_a_server_that_goes_away_costs_nothing(settings, verb, caplog):
    delivery = sent()
    with Mailbox("office", "secret", dies_after=verb) as box:
        settings.BOUNCE_MAILBOX = f"imap://office:secret@127.0.0.1:{box.port}/INBOX"
        box.put(report(delivery))
        read_bounces()
        box.dies_after = None
        read_bounces()
        assert not box.folders["INBOX"]

    assert state_of(delivery) == DeliveryState.BOUNCED
    assert numbers(delivery.campaign).bounced == 1
    assert "reading the mailbox of reports" in caplog.text
    assert "secret" not in caplog.text
    assert HANA not in caplog.text


def test_a_wrong_password_is_logged_without_it(settings, caplog):
    with Mailbox("office", "right") as box:
        settings.BOUNCE_MAILBOX = f"imap://office:wrong-one@127.0.0.1:{box.port}/INBOX"
        read_bounces()

    assert "reading the mailbox of reports" in caplog.text
    assert "wrong-one" not in caplog.text


@pytest.mark.parametrize(
    "given_value", ["http://x", "imap://host/INBOX", "imaps://u@h/I", "file://host/x", "file:", "x", "imap://u:p@[::1"]
)
def test_a_mailbox_that_is_none_stops_the_start_by_its_name(monkeypatch, given_value):
    monkeypatch.setenv("BOUNCE_MAILBOX", given_value)
    with pytest.raises(ImproperlyConfigured, match="BOUNCE_MAILBOX must be"):
        OfficeEnv().mailbox("BOUNCE_MAILBOX")


# the desk


def test_the_page_of_a_notice_says_why_with_samples_that_link(client):
    campaign = CampaignFactory.at(CampaignStatus.DONE, recipients=9, kind=CampaignKind.POLICY_CHANGE)
    for kind, number in ((Failure.UNKNOWN, 5), (Failure.FULL, 1), (Failure.LEFT, 2)):
        state = "SKIPPED" if kind == Failure.LEFT else "BOUNCED"
        for _each in range(number):
            DeliveryFactory(campaign=campaign, customer=RecipientFactory(), state=state, failure=kind)
    DeliveryFactory(campaign=campaign, customer=RecipientFactory(), state="BOUNCED")
    found = bounces.by_kind(campaign)
    sign_in(client, "auditor", "en")
    page = client.get(reverse("admin:consent_campaign_change", args=[campaign.pk])).text
    section = page[page.index('id="why"') : page.index('id="came-back"')]

    assert [(str(words), number, len(samples)) for words, number, samples in found] == [
        (Failure.UNKNOWN.label, 5, 3), (Failure.LEFT.label, 2, 2), (Failure.FULL.label, 1, 1), ("記録なし", 1, 1),
    ]  # fmt: skip
    assert len(re.findall(r'href="/admin/consent/delivery/\d+/change/"', section)) == 7
    assert "The mailbox is full" in section


def test_the_constraint_keeps_reasons_to_failures(assert_refused):
    delivery = sent()

    assert_refused("UPDATE consent_delivery SET failure = 1 WHERE id = %s", "delivery_says_why_only", [delivery.pk])
