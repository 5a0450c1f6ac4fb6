"""The statement of a notice adds up, is drawn, and names nobody."""

import datetime as dt
import io
import re

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from pypdf import PdfReader

from audit.models import Entry
from consent.admin.statements import drawn, said
from consent.models import CampaignStatus, Tally
from consent.services import statements
from tests.factories.audit import sign_in
from tests.factories.consent import CampaignFactory, PolicyVersionFactory, RecipientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    RecipientFactory(number="C-NAMED", email="named@example.test", name="見本花子")
    campaign = CampaignFactory.at(
        CampaignStatus.DONE, recipients=100, without_email=7, bounced_before=3, title_ja="変更のお知らせ",
        policy_version=PolicyVersionFactory.in_force_from(
            "2026-12-20", purpose_change="RELATED", purpose_reason="お客様が予想できる範囲です。"
        ),
    )  # fmt: skip
    Tally.objects.create(campaign=campaign, minute=at(0), slot=1, sent=60, bounced=4, last_sent=at(0))
    Tally.objects.create(campaign=campaign, minute=at(0), slot=2, sent=20, skipped=1, last_sent=at(0))
    Tally.objects.create(campaign=campaign, minute=at(3), slot=1, sent=15, last_sent=at(3))
    return campaign


def at(minute):
    return dt.datetime(2026, 12, 1, 0, minute, tzinfo=dt.UTC)


def test_its_numbers_add_up(campaign):
    found = statements.of(campaign)

    assert found.mail.sent + found.mail.bounced + found.mail.skipped + found.mail.waiting == found.mail.total == 100
    assert found.customers == 110
    assert found.unreached == 14
    assert found.without_letter == 14


def test_page_and_pdf_say_the_same_and_name_nobody(client, campaign):
    sign_in(client, "auditor", "ja")
    page = client.get(reverse("admin:consent_campaign_statement", args=[campaign.pk])).text
    response = client.post(reverse("admin:consent_campaign_statement-pdf", args=[campaign.pk]), {})
    content = b"".join(response.streaming_content)
    text = "".join("".join(each.extract_text() for each in PdfReader(io.BytesIO(content)).pages).split())

    assert response["Content-Disposition"] == f'attachment; filename="{campaign}.pdf"'
    for words in (str(campaign), "95", "変更のお知らせ", "強制終了1回につき1通まで",
                  "プライバシーポリシーの変更", "お客様が予想できる範囲です。", "第17条第2項"):  # fmt: skip
        assert words in text
        assert words in "".join(re.sub(r"<[^>]+>", "", page).split())
    for value in ("C-NAMED", "named@", "花子"):
        assert value not in text
        assert value not in page
    assert Entry.objects.filter(action="campaign.statement_taken").count() == 1


def test_there_is_none_before_the_start(client):
    campaign = CampaignFactory.at(CampaignStatus.SUBMITTED)
    sign_in(client, "auditor", "en")

    for name in ("statement", "minutes"):
        assert client.get(reverse(f"admin:consent_campaign_{name}", args=[campaign.pk])).status_code == 404
    refused = client.post(reverse("admin:consent_campaign_statement-pdf", args=[campaign.pk]), {})
    assert "once the notice has started" in client.get(refused.url).text if refused.status_code == 302 else refused.text


def test_the_plot_has_a_bar_for_each_minute_without_gaps(client, campaign):
    step, bars = statements.bars(campaign)
    sign_in(client, "auditor", "en")
    picture = client.get(reverse("admin:consent_campaign_minutes", args=[campaign.pk]))
    page = client.get(reverse("admin:consent_campaign_change", args=[campaign.pk])).text

    assert step == 1
    assert [(bar.sent, bar.bounced) for bar in bars] == [(80, 4), (0, 0), (0, 0), (15, 0)]
    assert picture["Content-Type"] == "image/svg+xml"
    assert picture.content.count(b'class="sent"') == 4
    assert "at most 80 in 1 minute." in page
    with translation.override("en"):
        assert said(step, bars) in picture.content.decode()
    assert "<style" not in picture.content.decode()  # the policy of content would not let it be


@pytest.mark.parametrize(("minutes", "step"), [(60, 1), (61, 5), (300, 5), (301, 15), (5000, 240), (200_000, 1440)])
def test_a_long_notice_has_at_most_sixty_bars(minutes, step):
    campaign = CampaignFactory.at(CampaignStatus.DONE, recipients=10)
    start = timezone.now().replace(second=0, microsecond=0)
    for minute in (0, minutes - 1):
        Tally.objects.create(campaign=campaign, minute=start + dt.timedelta(minutes=minute), slot=1, sent=5)
    found, bars = statements.bars(campaign)

    assert found == step
    assert len(bars) <= 60
    assert bars[-1].sent in (5, 10)


def test_a_plot_of_nothing_stands():
    assert drawn(1, [])["bars"] == []
    assert said(1, []) == ""
