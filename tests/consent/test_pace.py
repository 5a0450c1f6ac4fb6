"""A limit of mails per second that all senders keep together, and signatures of mails."""

import email
import email.policy
import subprocess
import time

import dkim
import pytest
from django.core import mail as django_mail
from django.core.exceptions import ImproperlyConfigured

from audit.mail import signature
from config.settings.environment import OfficeEnv
from consent import mail
from consent.models import Campaign, CampaignStatus, Delivery
from consent.services import campaigns, sending, slots
from tests.factories.consent import CampaignFactory, RecipientFactory, an_actor

pytestmark = pytest.mark.django_db


def started(number):
    RecipientFactory.create_batch(number)
    return campaigns.start(CampaignFactory.at(CampaignStatus.SUBMITTED), by=an_actor())


def arrivals(sink, campaign):
    """When each mail reached the server, in seconds after the first."""
    at = []
    keep = sink.keep

    def note(found):
        at.append(time.monotonic())
        keep(found)

    sink.keep = note
    sending.send(campaign)
    return [each - at[0] for each in at]


def test_no_second_has_more_mails_than_the_limit(sink, settings):
    settings.NOTICES_PER_SECOND = 10
    found = arrivals(sink, started(25))

    assert len(found) == 25
    assert max(sum(begin <= each < begin + 1 for each in found) for begin in found) <= 11  # one for the edge
    assert found[-1] >= 2.2


def test_turns_that_another_sender_has_taken_are_waited_for(sink, settings):
    settings.NOTICES_PER_SECOND = 10
    campaign = started(5)
    with slots.hold(campaign) as slot:  # another sender of the same database, a second before
        other = sending.Shift(campaign, slot, lambda: True)
        other._turns(10)
    began = time.monotonic()
    sending.send(Campaign.objects.get(pk=campaign.pk))

    assert len(sink.mails) == 5
    assert time.monotonic() - began >= 1.2


def test_a_mail_that_missed_its_turn_gets_another(settings):
    settings.NOTICES_PER_SECOND = 10
    campaign = started(1)
    with slots.hold(campaign) as slot:
        shift = sending.Shift(campaign, slot, lambda: True)
        shift._turns(5)
        late = sending.Parcel(1, 0, "a@example.test", "ja", turn=time.monotonic() - 5)
        began = time.monotonic()
        assert shift._await_turn(late)

    assert 0.4 <= time.monotonic() - began < 1


def test_a_pause_is_felt_while_a_turn_is_waited_for(sink, settings):
    settings.NOTICES_PER_SECOND = 1
    campaign = started(30)
    began = time.monotonic()
    sending.send(campaign, may_go_on=lambda: time.monotonic() - began < 1.5)

    assert time.monotonic() - began < 4
    assert 1 <= len(sink.mails) <= 4
    assert Delivery.objects.filter(slot__isnull=False).count() == 0


# signatures


@pytest.fixture(scope="module")
def key():
    made = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True).stdout
    public = subprocess.run(["openssl", "rsa", "-pubout"], input=made, capture_output=True, check=True).stdout
    return made, b"".join(public.splitlines()[1:-1])


def is_signed(content, public):
    asked = []

    def answer(name, timeout=5):
        asked.append(name)
        return b"v=DKIM1; k=rsa; p=" + public

    return dkim.verify(content, dnsfunc=answer), asked


def test_each_notice_is_signed_where_a_key_is_set(sink, settings, key):
    settings.DKIM_KEY, public = key
    settings.DKIM_SELECTOR = "s1"
    campaign = started(2)
    Campaign.objects.filter(pk=campaign.pk).update(body_ja=".\n..two\n本文です。\n")
    sending.send(Campaign.objects.get(pk=campaign.pk))

    assert len(sink.mails) == 2
    for each in sink.mails:
        assert is_signed(each.content, public) == (True, [b"s1._domainkey.office-ant.co.jp."])
        assert not is_signed(each.content.replace(b"Subject: ", b"Subject: x"), public)[0]


def test_other_mails_are_signed_on_their_way_out(sink, settings, key):
    settings.EMAIL_BACKEND = "audit.mail.SigningBackend"
    settings.DKIM_KEY, public = key
    django_mail.EmailMessage("件名", "本文\n.\n", settings.DEFAULT_FROM_EMAIL, ["a@example.test"]).send()

    (sent,) = sink.mails
    assert is_signed(sent.content, public)[0]
    assert sent.message["Subject"] == "件名"


def test_without_a_key_nothing_is_signed(sink):
    sending.send(started(1))

    assert signature(b"From: a\r\n\r\n") == b""
    assert sink.mails[0].message["DKIM-Signature"] is None


@pytest.mark.parametrize("given", ["x", "-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----"])
def test_a_key_that_is_none_stops_the_start_by_its_name(given, monkeypatch):
    monkeypatch.setenv("DKIM_KEY", given)
    with pytest.raises(ImproperlyConfigured, match="DKIM_KEY must be"):
        OfficeEnv().rsa_key("DKIM_KEY")


def test_a_key_may_come_on_one_line_or_in_a_file(monkeypatch, tmp_path, key):
    monkeypatch.setenv("DKIM_KEY", key[0].decode().replace("\n", "\\n"))
    assert OfficeEnv().rsa_key("DKIM_KEY").strip() == key[0].strip()
    monkeypatch.delenv("DKIM_KEY")
    (tmp_path / "key").write_bytes(key[0])
    monkeypatch.setenv("DKIM_KEY_FILE", str(tmp_path / "key"))
    assert OfficeEnv().rsa_key("DKIM_KEY").strip() == key[0].strip()


def test_the_html_has_the_same_words_and_asks_nobody_for_anything():
    campaign = CampaignFactory(body_ja="一行目\nhttps://example.test/a?b=1&c=2\n\n<b>次</b>の段落")
    data = mail.notice(campaign, "ja").to("a@example.test", 1, 1)[:-3]
    message = email.message_from_bytes(data, policy=email.policy.default)
    html = message.get_body(["html"]).get_content()

    assert '<a href="https://example.test/a?b=1&amp;c=2"' in html
    assert "&lt;b&gt;次&lt;/b&gt;" in html
    assert not [word for word in ("<img", "<script", "<link", "src=", "url(") if word in html]
