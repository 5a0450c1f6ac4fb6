"""One version of the policy and its notice, from the draft to the last mail, with the office's real processes."""

import datetime as dt
import re
import time
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from audit.models import Actor, Entry, Link
from audit.services import office as offices
from audit.services.trail import reference
from consent.models import Campaign, CampaignStatus, PolicyVersion
from consent.services import policies
from customers.models import Customer
from customers.services.registration import register_batch
from tests.browser.people import DESK, Clerk, Somebody, Watch, wait_until
from tests.factories.consent import PolicyVersionFactory
from tests.factories.customers import make_customer, make_erased_customer

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("limits_anew")]

PEOPLE, ENGLISH, NOBODY_THERE = 240, 12, "moved-away@example.test"
OTHER_ACTS = ["campaign.batch_taken", "campaign.statement_taken"]
CAMPAIGN_STEPS = ["drafted", "submitted", "started", "paused", "resumed", "finished"]
NEW_JA = "\n\n## 11. 問い合わせの記録\n\nお問い合わせの記録は、1年間残します。\n"
NEW_EN = "\n\n## 11. Records of questions\n\nWe keep records of your questions for one year.\n"


@pytest.fixture
def people(committed):
    """Customers with an address, some of whom read English; one whose address is dead; some who have none."""
    names = [f"見本 {number}" for number in range(PEOPLE)]
    rows = [
        {
            "number": f"P{number:07}", "name": name, "email": f"person{number}@example.test",
            "language": "en" if number < ENGLISH else "ja",
        }
        for number, name in enumerate(names)
    ]  # fmt: skip
    register_batch(rows, by=Actor.system())
    make_customer("P9000001", email=NOBODY_THERE)
    make_customer("P9000002")
    make_erased_customer("P9000003", email="erased@example.test")


@pytest.fixture
def first_version(committed):
    texts = {
        f"text_{language}": (policies.FIRST_TEXTS / f"policy_{language}.md").read_text("utf-8")
        for language in ("ja", "en")
    }
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    return PolicyVersionFactory.in_force_from(yesterday.isoformat(), number=1, **texts)


def figures(clerk):
    """The integers of the progress page: waiting, sent, bounced, skipped, in all."""
    return [int(words.replace(",", "")) for words in clerk.page.locator("#progress dl.figures dd").all_inner_texts()]


def quiet_count(sink, seconds=3):
    """How many mails have come, once none came for some seconds."""
    count, since = len(sink.mails), time.monotonic()
    while time.monotonic() - since < seconds:
        time.sleep(0.2)
        if len(sink.mails) != count:
            count, since = len(sink.mails), time.monotonic()
    return count


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_version_is_approved_by_another_and_its_notice_reaches_everybody_once(
    chromium, web, worker, smtp_sink, people, first_version, scripts
):
    watch = Watch(web.url)
    author = Clerk(chromium, watch, "notice_author", scripts=scripts)
    approver = Clerk(chromium, watch, "notice_approver", scripts=scripts)
    both = Clerk(chromium, watch, "notice_author", "notice_approver", name="both", scripts=scripts)
    reader = Somebody(chromium, watch, scripts=scripts, name="reader")
    foreigner = Somebody(chromium, watch, scripts=scripts, language="en", name="foreigner", width=DESK)

    # a version, by two persons
    both.go("/admin/").press("main a[href$='/policyversion/']").press("a.button[href$='/draft/']")
    both.page.fill("#id_effective_on", timezone.localdate().isoformat())
    both.page.fill("#id_summary_ja", "お問い合わせの記録を残す期間を書き足しました。")
    both.page.fill("#id_summary_en", "We added how long we keep records of questions.")
    both.page.fill("#id_text_ja", first_version.text_ja.replace("苦情", "ご意見") + NEW_JA)
    both.page.fill("#id_text_en", first_version.text_en + NEW_EN)
    both.confirm()
    assert not both.can("submit")
    for missing in ("苦情の窓口", "利用目的がどうなるか"):
        assert missing in both.why_not("submit")
    both.begin("revise")
    both.page.fill("#id_text_ja", first_version.text_ja + NEW_JA)
    both.page.check("#id_purpose_change_1")
    both.confirm()
    both.begin("submit")
    both.confirm()
    assert not both.can("approve")
    assert both.why_not("approve")
    version = PolicyVersion.objects.get(number=2)
    assert "問い合わせの記録" not in reader.go("/policy/").words
    office = offices.current()
    offices.change(office, changes={"representative_ja": "見本 次郎"}, by=Actor.system())
    approver.go("/admin/").press("main a[href$='/policyversion/']").press(f"#rows a:text-is('{version}')")
    assert not approver.can("approve")
    assert "代表者" in approver.why_not("approve")
    assert "日本語の文面に「なし」" in approver.words
    offices.change(office, changes={"representative_ja": office.representative_ja}, by=Actor.system())
    approver.page.reload()
    approver.see()
    approver.begin("approve")
    assert approver.count("ins")
    assert "両方の文面に「あり」" in approver.words
    approver.confirm()

    # what the public reads
    assert "お問い合わせの記録は、1年間残します" in reader.go("/policy/").words
    assert "We keep records of your questions" in foreigner.go("/policy/").words
    reader.go("/policy/history/")
    reader.press("main a[href='/policy/2/changes/']")
    assert reader.count("ins")
    assert "お問い合わせの記録を残す期間" in reader.words
    foreigner.go("/policy/history/").press("main a[href='/policy/2/changes/']")
    reader.go("/policy/1/")

    # a notice, by two persons
    both.go("/admin/consent/policyversion/").press(f"#rows a:text-is('{version}')")
    both.press(".now a.button[href$='/campaign/draft/']")
    both.page.select_option("#id_policy_version", index=1)
    both.confirm()
    both.begin("submit")
    both.confirm()
    assert not both.can("start")
    assert both.why_not("start")
    campaign = Campaign.objects.get()
    smtp_sink.delay = 0.5
    smtp_sink.answer = lambda at, mail: "550 nobody" if at == "RCPT" and NOBODY_THERE in mail.recipients else None
    approver.go("/admin/").press("main a[href$='/campaign/']").press(f"#rows a:text-is('{campaign}')")
    approver.begin("start")
    approver.confirm()

    # pause and resume
    smtp_sink.wait_for(10, patience=60)
    author.go("/admin/consent/campaign/").press(f"#rows a:text-is('{campaign}')")
    author.begin("pause")
    author.confirm()
    stopped_at = quiet_count(smtp_sink, 6)
    author.page.reload()
    paused = figures(author.see())
    author.begin("resume")
    to_come = author.words
    smtp_sink.delay = 0
    author.confirm()
    smtp_sink.wait_for(PEOPLE, patience=90)
    wait_until(lambda: Campaign.objects.filter(status=CampaignStatus.DONE).exists())
    author.page.reload()
    done = figures(author.see())
    words = author.words
    statement = author.press("#statement a[href$='/statement/']").words
    author.press("a[href$='/statement-pdf/']")
    with author.page.expect_download() as download:
        author.page.click("form.desk-form .act-row button")
    content = Path(download.value.path()).read_bytes()
    author.go("/admin/")
    (link,) = set(re.findall(r"/policy/\d+/changes/", smtp_sink.mails[0].message.get_body(["plain"]).get_content()))
    reader.go(link)
    assert reader.count("ins")
    for someone in (author, approver, both, reader, foreigner):
        someone.close()

    assert 0 < stopped_at < PEOPLE
    waiting, sent, bounced, skipped, total = paused
    assert (sent, waiting + sent + bounced + skipped, total) == (stopped_at, PEOPLE + 1, PEOPLE + 1)
    assert f"{waiting:,}" in to_come
    assert done == [0, PEOPLE, 1, 0, PEOPLE + 1]
    assert "P9000001" in words
    assert f"{PEOPLE:,}" in statement
    assert content.startswith(b"%PDF")
    assert Customer.objects.get(number="P9000001").mail_bounced_at
    came = Counter(address for mail in smtp_sink.mails for address in mail.recipients)
    assert came == {f"person{number}@example.test": 1 for number in range(PEOPLE)}
    assert sum("our privacy policy changes" in mail.message["Subject"] for mail in smtp_sink.mails) == ENGLISH
    assert len({mail.message["Message-ID"] for mail in smtp_sink.mails}) == PEOPLE
    entries = Entry.objects.order_by("pk")
    acts = entries.filter(subject=reference(campaign)).exclude(action__in=OTHER_ACTS)
    assert list(acts.values_list("action", flat=True)) == [f"campaign.{step}" for step in CAMPAIGN_STEPS]
    acts = entries.filter(subject=reference(version)).values_list("action", flat=True)
    assert list(acts) == ["policy.drafted", "policy.revised", "policy.submitted", "policy.approved"]
    wait_until(lambda: Link.objects.count() == Entry.objects.count())
    call_command("verify_audit", verbosity=0)
    assert watch.naming(["@example.test", "見本"]) == []
    assert watch.faults == []
