"""A notice at the desk beside its sending: hours, letters, plot and statement in a real browser.

With ``PURPOSES_PICTURES`` in the environment (a folder) every page is kept there as a picture.
"""

import datetime as dt

import pytest
from django.utils import timezone

from audit.models import Job
from consent import tasks
from consent.models import CampaignStatus, LetterFile, PolicyStatus, Tally
from consent.services import letters
from tests.browser.people import wait_until
from tests.browser.test_purposes import desk, look
from tests.factories.audit import StaffFactory
from tests.factories.consent import (
    CampaignFactory,
    DeliveryFactory,
    PolicyVersionFactory,
    RecipientFactory,
    make_register,
    whole_text,
)
from tests.factories.customers import make_customer

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("limits_anew")]
NOTICES, FILES, VERSIONS = (f"/admin/consent/{model}/" for model in ("campaign", "letterfile", "policyversion"))
LONG = "とても長い件名のお知らせ：プライバシーポリシーと利用規約の変更および一部サービスの終了についてのご案内"


@pytest.fixture
def notice(committed):
    """One that is under way: 40 mails in three minutes, some of which came back, and two people without mail."""
    make_register()
    version = PolicyVersionFactory.in_force_from((timezone.localdate() + dt.timedelta(days=30)).isoformat())
    for number in ("T1", "T2"):
        make_customer(number, name="見本花子", postcode="194-0013", address="東京都町田市原町田1-1")
    campaign = CampaignFactory.at(
        CampaignStatus.SENDING, recipients=60, without_email=2, bounced_before=1, title_ja=LONG, policy_version=version
    )
    DeliveryFactory(campaign=campaign, customer=RecipientFactory())
    now = timezone.now().replace(second=0, microsecond=0)
    for minute, sent in enumerate([5, 30, 5]):
        at = now - dt.timedelta(minutes=3 - minute)
        Tally.objects.create(campaign=campaign, minute=at, slot=1, sent=sent, bounced=minute, last_sent=at)
    return campaign


def staff():
    return StaffFactory.with_roles("notice_author", "notice_approver", "privacy_officer")


def test_every_page_fits_every_width_and_axe_finds_nothing(chromium, web, notice):
    context = desk(chromium, web, staff(), "ja", bypass_csp=True)
    page, found = context.new_page(), []

    def visit(path, name):
        page.goto(web.url + path)
        look(page, f"ja-notice-{name}", found)

    waiting = CampaignFactory.at(CampaignStatus.SUBMITTED, policy_version=notice.policy_version, with_reminder=True)
    visit(f"{VERSIONS}draft/", "version-draft")
    draft = PolicyVersionFactory(text_en=whole_text("en").replace("complaints", "…"), purpose_change="")
    visit(f"{VERSIONS}{draft.pk}/change/", "version-incomplete")
    submitted = PolicyVersionFactory.at(PolicyStatus.SUBMITTED, purpose_change="RELATED", purpose_reason=LONG)
    visit(f"{VERSIONS}{submitted.pk}/approve/", "version-approve")
    visit("/admin/", "dashboard")
    visit(f"{NOTICES}{waiting.pk}/start/", "start")
    visit(f"{NOTICES}{waiting.pk}/schedule/", "schedule")
    page.click(".desk-form button")
    look(page, "ja-notice-schedule-errors", found)
    page.fill("#id_day", (timezone.localdate() + dt.timedelta(days=3)).isoformat())
    page.click(".desk-form button")
    look(page, "ja-notice-scheduled", found)
    visit(FILES, "letters-empty")
    visit(f"{NOTICES}{notice.pk}/change/", "under-way")
    visit(f"{NOTICES}{notice.pk}/statement/", "statement")
    visit(f"{NOTICES}{notice.pk}/letters/", "make-letters")
    page.click(".desk-form button")
    look(page, "ja-notice-letters-waiting", found)
    tasks.make_letters(job_id=Job.objects.get(name="consent.make_letters").pk)
    (letter_file,) = LetterFile.objects.all()
    visit(FILES, "letters-list")
    visit(f"{FILES}{letter_file.pk}/change/", "letter-file")
    list(letters.collect(letter_file, by=notice.started_by))
    visit(f"{FILES}{letter_file.pk}/post/", "post")
    context.close()

    assert found == []


def test_the_figures_come_by_themselves_and_the_page_stays(chromium, web, notice):
    context = desk(chromium, web, staff(), "en")
    page = context.new_page()
    faults = []
    page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
    page.goto(f"{web.url}{NOTICES}{notice.pk}/change/")
    page.evaluate("document.title = 'still the same page'")
    assert page.locator("#progress dl.figures dd").all_inner_texts()[1] == "40"
    assert page.locator("#minutes img").evaluate("picture => picture.complete && picture.naturalWidth") > 0
    Tally.objects.filter(campaign=notice).update(sent=10)

    wait_until(lambda: page.locator("#progress dl.figures dd").all_inner_texts()[1] == "30")
    assert page.title() == "still the same page"
    assert not faults
    context.close()


def test_without_scripts_the_page_loads_itself_anew(chromium, web, notice):
    context = desk(chromium, web, staff(), "en", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{web.url}{NOTICES}{notice.pk}/change/")

    assert page.locator('meta[http-equiv="refresh"]').get_attribute("content") == "30; url=?watch=1"
    context.close()


def test_the_statement_is_downloaded(chromium, web, notice):
    context = desk(chromium, web, staff(), "ja")
    page = context.new_page()
    page.goto(f"{web.url}{NOTICES}{notice.pk}/statement/")
    page.click("a[href$='/statement-pdf/']")
    with page.expect_download() as download:
        page.click("form.desk-form .act-row button")

    assert download.value.suggested_filename == f"{notice}.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF")
    context.close()
