import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from consent.forms import FIRST_WORDS
from consent.models import Campaign, CampaignStatus, DeliveryState, PolicyStatus, PolicyVersion, Tally
from tests.factories.audit import sign_in
from tests.factories.consent import (
    CampaignFactory,
    DeliveryFactory,
    PolicyVersionFactory,
    RecipientFactory,
    whole_text,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(client):
    return sign_in(client, "notice_author")


@pytest.fixture
def approver(client):
    return sign_in(client, "notice_approver")


@pytest.fixture(autouse=True)
def english(client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


def url(name, thing=None):
    model = "campaign" if isinstance(thing, Campaign) else "policyversion"
    return reverse(f"admin:consent_{model}_{name}", args=[thing.pk] if thing else [])


def test_an_author_drafts_sees_and_submits_a_version(client, author):
    today = timezone.localdate().isoformat()
    text_ja, text_en = whole_text("ja", "\n\n## 一\n\n本文\n"), whole_text("en")
    typed = {"effective_on": today, "text_ja": text_ja.replace("\n", "\r\n"), "text_en": text_en}
    page = client.post(url("draft"), typed, follow=True)
    version = PolicyVersion.objects.get()
    assert version.text_ja == text_ja.strip()
    assert "is saved as a draft" in page.text
    assert 'id="ja-section-1"' in page.text

    assert "What it must say" in client.get(url("submit", version)).text
    client.post(url("submit", version))

    version.refresh_from_db()
    assert (version.status, version.submitted_by) == (PolicyStatus.SUBMITTED, author.actor)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2026-12-07", dt.date(2026, 12, 7)), ("２０２６／１２／７", dt.date(2026, 12, 7)),
        ("令和8年12月7日", dt.date(2026, 12, 7)), ("2026年12月7日", dt.date(2026, 12, 7)), ("", None),
    ],
)  # fmt: skip
def test_a_date_is_read_as_people_type_it(client, author, typed, read):
    client.post(url("draft"), {"effective_on": typed, "text_ja": "x"})

    assert PolicyVersion.objects.get().effective_on == read


@pytest.mark.parametrize("typed", ["soon", "2026-13-01", "平成40年1月1日", "2026-02-30", "1-1"])
def test_a_date_that_is_none_is_refused_beside_its_field_and_nothing_is_lost(client, author, typed):
    page = client.post(url("draft"), {"effective_on": typed, "text_ja": "typed words"})

    assert page.status_code == 200
    assert "field-error" in page.text
    assert "typed words" in page.text
    assert typed in page.text


def test_hidden_signs_are_named(client, author):
    page = client.post(url("draft"), {"text_ja": "a\u200bb\u202e"})

    assert "U+200B, U+202E" in page.text
    assert not PolicyVersion.objects.exists()


def test_what_is_missing_stands_where_the_button_would(client, author):
    version = PolicyVersionFactory(text_en="", effective_on=None)

    page = client.get(url("change", version)).text

    assert "The English text is empty. It has no date from which it is in force." in page
    assert client.post(url("submit", version)).status_code == 200
    version.refresh_from_db()
    assert version.status == PolicyStatus.DRAFT


def test_an_approver_sees_the_difference_and_approves(client, approver):
    PolicyVersionFactory.in_force_from("2026-01-01", text_ja=whole_text("ja", "\n\n写しは一件1000円です。"))
    version = PolicyVersionFactory.at(PolicyStatus.SUBMITTED, text_ja=whole_text("ja", "\n\n写しは一件1200円です。"))

    page = client.get(url("approve", version)).text
    assert "<del>" in page
    assert "<ins>" in page
    assert "never change after this" in page
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    client.post(url("approve", version), {"seen": seen})

    version.refresh_from_db()
    assert (version.status, version.approved_by) == (PolicyStatus.APPROVED, approver.actor)


def test_what_was_changed_since_it_was_opened_is_not_approved(client, approver):
    version = PolicyVersionFactory.at(PolicyStatus.SUBMITTED)
    seen = re.search(r'name="seen" value="(\w+)"', client.get(url("approve", version)).text)[1]
    PolicyVersion.objects.filter(pk=version.pk).update(text_en=whole_text("en", "\n\nMore."))
    page = client.post(url("approve", version), {"seen": seen}).text

    version.refresh_from_db()
    assert version.status == PolicyStatus.SUBMITTED
    assert "was changed since you opened it" in page


def test_who_wrote_it_reads_why_they_cannot_approve(client, approver):
    version = PolicyVersionFactory.at(PolicyStatus.SUBMITTED, drafted_by=approver.actor)

    assert "another person approves it" in client.get(url("change", version)).text


@pytest.mark.parametrize("name", ["approve", "send-back"])
def test_an_author_cannot_approve(client, author, name):
    assert client.post(url(name, PolicyVersionFactory.at(PolicyStatus.SUBMITTED))).status_code == 403


@pytest.mark.parametrize("status", PolicyStatus)
def test_the_page_of_a_version_stands_at_every_status(client, approver, status):
    version = PolicyVersionFactory.at(status, remark="Mend the date.")

    page = client.get(url("change", version))

    assert page.status_code == 200
    assert ("Mend the date." in page.text) is True


@pytest.mark.parametrize("status", CampaignStatus)
@pytest.mark.parametrize("role", ["notice_author", "notice_approver", "auditor"])
def test_the_page_of_a_notice_stands_at_every_status(client, role, status):
    sign_in(client, role)
    campaign = CampaignFactory.at(status, recipients=3)

    page = client.get(url("change", campaign))

    assert page.status_code == 200
    assert ('http-equiv="refresh"' in page.text) == (status == CampaignStatus.SENDING)


def test_an_author_writes_and_an_approver_starts(client, author):
    version = PolicyVersionFactory.at(PolicyStatus.APPROVED)
    RecipientFactory.create_batch(2)
    texts = {
        "kind": "POLICY_CHANGE", "policy_version": version.pk,
        "title_ja": "お知らせ", "title_en": "News", "body_ja": "{effective_on}から",
        "body_en": "From {effective_on}",
    }  # fmt: skip
    client.post(reverse("admin:consent_campaign_draft"), texts)
    campaign = Campaign.objects.get()
    client.post(url("submit", campaign))

    sign_in(client, "notice_approver")
    assert "goes to 2 customers" in client.get(url("start", campaign)).text
    page = client.post(url("start", campaign), follow=True).text

    campaign.refresh_from_db()
    assert (campaign.status, campaign.recipients) == (CampaignStatus.SENDING, 2)
    assert "has started" in page


def test_a_new_notice_begins_with_words_that_can_be_sent(client, author):
    version = PolicyVersionFactory.at(PolicyStatus.APPROVED)

    page = client.get(reverse("admin:consent_campaign_draft")).text
    client.post(
        reverse("admin:consent_campaign_draft"), {"kind": "POLICY_CHANGE", "policy_version": version.pk, **FIRST_WORDS}
    )

    assert "変わる点は、次のページでご覧いただけます。" in page
    assert Campaign.objects.get().title_en == FIRST_WORDS["title_en"]


def test_an_unknown_field_is_named_at_its_text(client, author):
    version = PolicyVersionFactory.at(PolicyStatus.APPROVED)
    texts = {
        "kind": "POLICY_CHANGE",
        "policy_version": version.pk,
        "title_ja": "x",
        "title_en": "x",
        "body_ja": "{name}様",
        "body_en": "x",
    }

    page = client.post(reverse("admin:consent_campaign_draft"), texts).text

    assert "These fields are not known: {name}" in page
    assert not Campaign.objects.exists()


def test_the_numbers_of_a_notice_add_up(client, author):
    campaign = CampaignFactory.at(CampaignStatus.SENDING, recipients=4000)
    now = timezone.now()
    Tally.objects.create(
        campaign=campaign,
        minute=now.replace(second=0, microsecond=0),
        slot=0,
        sent=800,
        bounced=15,
        skipped=7,
        last_sent=now,
    )
    delivery = DeliveryFactory(campaign=campaign, state=DeliveryState.BOUNCED, answer_code=550)

    page = client.get(url("change", campaign)).text

    for words in ("3,178", "800", "15", "7", "4,000", "20% done", f"D{delivery.pk}", "550"):
        assert words in page
    assert "person" not in delivery.customer.number
    assert delivery.customer.email not in page


def test_resuming_says_how_many_are_left(client, author):
    campaign = CampaignFactory.at(CampaignStatus.PAUSED, recipients=3178)

    assert "3,178 people to whom it was not sent yet" in client.get(url("resume", campaign)).text


def test_a_stall_is_said(client, author):
    campaign = CampaignFactory.at(
        CampaignStatus.SENDING, recipients=1, started_at=timezone.now() - dt.timedelta(minutes=6)
    )

    assert "Nothing was sent for five minutes." in client.get(url("change", campaign)).text


def test_deliveries_show_no_address(client, author):
    delivery = DeliveryFactory()

    page = client.get(reverse("admin:consent_delivery_changelist")).text
    detail = client.get(reverse("admin:consent_delivery_change", args=[delivery.pk])).text

    assert delivery.customer.number in page
    for text in (page, detail):
        assert delivery.customer.email not in text


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("model", "factory"),
    [("delivery", DeliveryFactory), ("campaign", CampaignFactory), ("policyversion", PolicyVersionFactory)],
)
def test_lists_take_the_same_queries_for_one_row_and_three(
    client, author, django_assert_max_num_queries, model, factory, rows
):
    for _number in range(rows):
        factory()

    with django_assert_max_num_queries(14):
        page = client.get(reverse(f"admin:consent_{model}_changelist"))

    assert page.status_code == 200
