"""Four kinds of notices: three reach everybody, information about services whom it may (Articles 18 and 35)."""

import email
import email.policy
import re
import time
from urllib.parse import urlsplit

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Actor, Office
from audit.services import outbox
from consent import mail
from consent.exceptions import NotReady, UnknownField
from consent.models import Campaign, CampaignKind, Delivery, DeliveryState, PolicyStatus, PolicyVersion, Suspension
from consent.purposes import Purpose
from consent.services import campaigns, preferences, sending
from customers.models import Customer
from customers.services import changes, erasure
from tests.factories.audit import sign_in
from tests.factories.consent import (
    CampaignFactory,
    PolicyVersionFactory,
    RecipientFactory,
    an_actor,
    make_register,
)
from tests.factories.ledger import suspended

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("limits_anew")]
TEXTS = {"title_ja": "件名", "title_en": "Subject", "body_ja": "本文", "body_en": "Text"}
STOPPED_BY = {"body_ja": "止める：{preferences_url}", "body_en": "Stop: {preferences_url}"}
OTHERS = [kind for kind in CampaignKind if kind != CampaignKind.POLICY_CHANGE]


def drafted(kind, **said):
    version = a_version() if kind == CampaignKind.POLICY_CHANGE else None
    texts = {**TEXTS, **STOPPED_BY} if kind == CampaignKind.INFORMATION else TEXTS
    return campaigns.draft(**{"kind": kind, "policy_version": version, **texts, "by": an_actor(), **said})


def a_version():
    return PolicyVersion.objects.approved().first() or PolicyVersionFactory.at(PolicyStatus.APPROVED)


def submitted(kind, **said):
    return campaigns.submit(drafted(kind, **said), by=an_actor())


def started(kind, **said):
    return campaigns.start(submitted(kind, **said), by=an_actor())


SUSPENDED = [
    ("ALL", "", {CampaignKind.INFORMATION}),
    ("PURPOSE", Purpose.INFORMATION, {CampaignKind.INFORMATION}),
    ("PURPOSE", Purpose.PAYMENT, set()),
    ("PURPOSE", Purpose.TERMS_CHANGES, set()),  # what must reach everybody does
    ("PROVISION", "", set()),
]


@pytest.mark.parametrize("kind", CampaignKind)
@pytest.mark.parametrize(("scope", "purpose", "left_out"), SUSPENDED)
def test_article_35_only_information_about_services_leaves_out_who_suspended_it(kind, scope, purpose, left_out):
    make_register()
    RecipientFactory()
    barred = RecipientFactory()
    suspended(barred, scope, purpose)

    campaign = submitted(kind)
    counts = campaigns.audience(campaign)
    campaigns.start(campaign, by=an_actor())

    assert Delivery.objects.filter(customer=barred).exists() == (kind not in left_out)
    assert counts == campaigns.Audience(with_email=2, recipients=2 - (kind in left_out), bounced=0, no_address=0)


def test_each_who_is_left_out_is_counted_for_one_reason():
    make_register()
    RecipientFactory.create_batch(2)
    RecipientFactory(has_email=False, email="")
    RecipientFactory(mail_bounced_at="2026-01-01T00:00:00Z", mail_bounced_by=an_actor())
    suspended(RecipientFactory(), "ALL")
    suspended(RecipientFactory(has_email=False, email=""), "ALL")
    erasure.erase(RecipientFactory(), by=an_actor())

    found = campaigns.audience(submitted(CampaignKind.INFORMATION))
    assert found == campaigns.Audience(with_email=3, recipients=2, bounced=1, no_address=2, erased=1)
    assert found.suspended == 1


@pytest.mark.parametrize("act", ["stop", "suspend", "erase"])
def test_who_stops_it_while_it_is_under_way_gets_nothing_more(sink, act):
    make_register()
    stays, leaves = RecipientFactory(), RecipientFactory()
    campaign = started(CampaignKind.INFORMATION)
    {
        "stop": lambda: preferences.stop(leaves, preferences.INFORMATION),
        "suspend": lambda: suspended(leaves, "ALL"),
        "erase": lambda: erasure.erase(leaves, by=an_actor()),
    }[act]()

    sending.send(campaign)

    assert [each.recipients for each in sink.mails] == [(stays.email,)]
    assert Delivery.objects.get(customer=leaves).state == DeliveryState.SKIPPED


def test_who_stops_it_while_a_slow_server_keeps_the_mail_waiting_gets_nothing_more(sink, monkeypatch):
    make_register()
    RecipientFactory(), RecipientFactory()
    campaign = started(CampaignKind.INFORMATION)
    monkeypatch.setattr(sending, "FRESH_SECONDS", 0.05)
    connect = mail.Connection.__init__
    waited = []

    def slow(self):
        if not waited:  # the addresses are open by now, and the server does not answer yet
            waited.append(True)
            time.sleep(0.2)
        connect(self)

    monkeypatch.setattr(mail.Connection, "__init__", slow)
    lease = sending.Shift._lease

    def stop_after_the_lease(self):
        taken = lease(self)
        if taken:
            for customer in [row.customer for row in Delivery.objects.select_related("customer")]:
                with self.doubt:
                    preferences.stop(customer, preferences.INFORMATION)
        return taken

    monkeypatch.setattr(sending.Shift, "_lease", stop_after_the_lease)
    monkeypatch.setattr(sending, "LANES", 1)
    sending.send(campaign)

    states = set(Delivery.objects.values_list("state", flat=True))
    assert DeliveryState.SKIPPED in states
    assert len(sink.mails) < 2


def test_an_address_corrected_while_a_slow_server_keeps_the_mail_waiting_is_the_one_it_goes_to(sink, monkeypatch):
    make_register()
    RecipientFactory(email="old@example.test")
    campaign = started(CampaignKind.TERMS_CHANGE)
    monkeypatch.setattr(sending, "FRESH_SECONDS", 0.05)
    monkeypatch.setattr(sending, "LANES", 1)
    connect, lease = mail.Connection.__init__, sending.Shift._lease

    def slow(self):
        time.sleep(0.2)
        connect(self)

    def correct_after_the_lease(self):
        taken = lease(self)
        if taken:
            with self.doubt:
                changes.correct(
                    Customer.objects.get(), changes={"email": "new@example.test"}, reason="MISTAKE", by=an_actor()
                )
        return taken

    monkeypatch.setattr(mail.Connection, "__init__", slow)
    monkeypatch.setattr(sending.Shift, "_lease", correct_after_the_lease)
    sending.send(campaign)

    assert [each.recipients for each in sink.mails] == [("new@example.test",)]


@pytest.mark.parametrize("kind", CampaignKind)
def test_only_what_can_be_stopped_says_how(kind):
    make_register()
    data = mail.notice(drafted(kind), "ja").to("a@example.test", 7, 1)
    message = email.message_from_bytes(data, policy=email.policy.default)

    if kind == CampaignKind.INFORMATION:
        assert message["List-Unsubscribe"] == f"<{mail.stop_address(7, 'ja')}>"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    else:
        assert message["List-Unsubscribe"] is None
    assert message["Message-ID"].startswith("<7.1@")


def path_to_stop(delivery):
    return urlsplit(mail.stop_address(delivery.pk, "ja")).path


def test_a_press_in_the_mail_program_stops_it_and_opening_does_not(client):
    make_register()
    person = RecipientFactory()
    started(CampaignKind.INFORMATION)
    path = path_to_stop(Delivery.objects.get())

    for _each in range(2):
        assert client.get(path).status_code == client.head(path).status_code == 200
    assert not Suspension.objects.exists()
    for _twice in range(2):
        assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    suspension = Suspension.objects.get()
    assert (suspension.customer, suspension.purpose) == (person, Purpose.INFORMATION)
    assert suspension.suspended_by == Actor.requester()
    assert "止めました" in client.get(path).text


@pytest.mark.parametrize("change", [lambda path: path.replace(".", "0.", 1), lambda path: path[:-3] + "/",
                                    lambda path: "/stop/1/", lambda path: "/stop/x.y/"])  # fmt: skip
def test_an_address_that_nobody_signed_stops_nothing(client, change):
    make_register()
    RecipientFactory()
    started(CampaignKind.INFORMATION)

    assert client.post(change(path_to_stop(Delivery.objects.get()))).status_code == 404
    assert not Suspension.objects.exists()


def test_a_notice_that_must_reach_everybody_cannot_be_stopped_by_an_address(client):
    make_register()
    RecipientFactory()
    started(CampaignKind.TERMS_CHANGE)

    assert client.post(path_to_stop(Delivery.objects.get())).status_code == 404


@pytest.mark.parametrize(("address", "expected"), [("author@example.test", "author@example.test"), ("", None)])
def test_a_trial_goes_to_who_asks_in_both_languages_and_to_nobody_else(mailoutbox, address, expected):
    make_register()
    RecipientFactory()
    author = an_actor()
    author.staff.email = address
    author.staff.save()
    campaign = drafted(CampaignKind.INFORMATION, title_ja="ご案内", body_en="See {preferences_url}")
    campaigns.try_out(campaign, by=author)
    outbox.deliver_due()

    assert [mail.to for mail in mailoutbox] == [[expected or Office.objects.get().email]] * 2
    assert [mail.subject for mail in mailoutbox] == ["【試し】ご案内", "[Trial] Subject"]
    assert "/preferences/" in mailoutbox[1].body
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("name", STOPPED_BY)
def test_information_about_services_says_in_both_texts_how_it_is_stopped(name):
    make_register()
    RecipientFactory()
    with pytest.raises(NotReady, match="preferences_url"):
        submitted(CampaignKind.INFORMATION, **{name: "本文"})


def test_what_has_started_is_not_tried_out():
    make_register()
    RecipientFactory()
    with pytest.raises(NotReady):
        campaigns.try_out(started(CampaignKind.INFORMATION), by=an_actor())


@pytest.mark.parametrize("kind", OTHERS)
def test_article_18_the_register_must_permit_mail_addresses_for_its_purpose(kind):
    make_register({Purpose.PAYMENT: ["EMAIL"]})
    RecipientFactory()
    campaign = drafted(kind)

    with pytest.raises(NotReady, match="18"):
        campaigns.submit(campaign, by=an_actor())


def test_a_change_of_the_policy_is_told_whatever_the_register_says():
    RecipientFactory()

    assert started(CampaignKind.POLICY_CHANGE).recipients == 1


@pytest.mark.parametrize("kind", CampaignKind)
def test_a_version_goes_with_a_change_of_the_policy_alone(kind):
    version = a_version()
    wrong = None if kind == CampaignKind.POLICY_CHANGE else version
    with pytest.raises(NotReady) as refusal:
        drafted(kind, policy_version=wrong)
    assert refusal.value.field == "policy_version"

    with pytest.raises(IntegrityError, match="names_a_version"), transaction.atomic():
        CampaignFactory(kind=kind, policy_version=wrong)


@pytest.mark.parametrize("kind", CampaignKind)
@pytest.mark.parametrize("name", mail.FIELDS)
def test_each_kind_takes_the_fields_that_mean_something_for_it(kind, name):
    texts = {**TEXTS, "body_ja": f"{{{name}}}"}
    if name in mail.OF_KIND[kind]:
        _subject, body = mail.preview(drafted(kind, **texts), "ja")
        assert "{" not in body
    else:
        with pytest.raises(UnknownField):
            drafted(kind, **texts)


def test_a_notice_without_a_version_is_written_submitted_and_started_at_the_desk(client):
    make_register()
    RecipientFactory(), suspended(RecipientFactory(), "ALL")
    sign_in(client, "notice_author", "en")
    draft = reverse("admin:consent_campaign_draft")
    missing = client.post(draft, {**TEXTS, "kind": "POLICY_CHANGE"}).text
    wrong = client.post(draft, {**TEXTS, "kind": "INFORMATION", "body_ja": "{changes_url}"}).text
    client.post(draft, {**TEXTS, **STOPPED_BY, "kind": "INFORMATION"})
    campaign = Campaign.objects.get()
    client.post(reverse("admin:consent_campaign_submit", args=[campaign.pk]))
    sign_in(client, "notice_approver", "en")
    beside = client.get(reverse("admin:consent_campaign_start", args=[campaign.pk])).text
    client.post(reverse("admin:consent_campaign_start", args=[campaign.pk]))

    assert "Choose: Version of the policy" in missing
    assert "{changes_url}" in wrong
    assert "These fields are not known" in wrong
    assert re.search(r"Left out: stopped such mails, or use suspended</dt>\s*<dd>1<", beside)
    page = client.get(reverse("admin:consent_campaign_change", args=[campaign.pk])).text
    assert "Information about services" in page
    campaign.refresh_from_db()
    assert campaign.recipients == 1
