"""The mail server of R4 does what the names of its mailboxes say."""

import smtplib

import pytest
from django.conf import settings

from tests.drills import moods
from tests.drills.moods import CLOSED, MOODS, Moody, mood_of

DATA = b"Message-ID: <1@example.test>\r\n\r\nText.\r\n"


@pytest.fixture
def moody(tmp_path):
    with Moody(tmp_path, refusals=2, stall=0.2) as sink:
        for _each in range(CLOSED):
            with pytest.raises(smtplib.SMTPConnectError):
                smtplib.SMTP("127.0.0.1", sink.port)
        yield sink


def offer(sink, address):
    """What the server says to one mail: a code, or ``None`` where it drops the connection."""
    try:
        with smtplib.SMTP("127.0.0.1", sink.port) as server:
            server.sendmail("a@example.test", [address], DATA)
            return 250
    except smtplib.SMTPServerDisconnected:
        return None
    except smtplib.SMTPRecipientsRefused as refused:
        return refused.recipients[address][0]
    except smtplib.SMTPResponseException as refused:
        return refused.smtp_code


@pytest.mark.parametrize(
    ("mood", "said", "kept"),
    [
        ("person", [250, 250], 2),
        ("drop", [None, 250], 1),
        ("forget", [None, 250], 2),
        ("busy", [421, 250], 1),
        ("full", [421, 250], 1),
        ("later", [450, 450, 250], 1),
        ("grey", [451, 451, 250], 1),
        ("never", [550, 550], 0),
        ("spam", [554, 554], 0),
        ("slow", [250], 1),
        ("freeze", [250], 1),
    ],
)
def test_a_mailbox_is_answered_in_its_mood_and_the_journal_says_what_was_kept(moody, tmp_path, mood, said, kept):
    address = f"{mood}7@example.test"

    answers = [offer(moody, address) for _each in said]

    assert answers == said
    assert (tmp_path / "taken").read_text() == f"{address} <1@example.test>\n" * kept
    assert mood_of(address) == mood
    assert mood in MOODS or mood == "person"


def test_moods_that_are_refused_or_put_off_are_moods():
    assert {*moods.REFUSED, *moods.PUT_OFF, *moods.GONE_ONCE} < set(MOODS)


def test_what_sending_is_measured_against_is_no_app_of_the_office():
    assert not [app for app in settings.INSTALLED_APPS if "post_office" in app]
