"""The ledger, questions for consent and preferences in a real browser: widths, axe, keyboard, no script.

With ``PURPOSES_PICTURES`` in the environment (a folder) every page is kept there as a picture.
"""

import pytest
from django.conf import settings

from audit.calendar import today
from consent.mail import PREFERENCES, question_address
from consent.models import Consent, Provision, Suspension
from consent.services import asking, exports, provisions, receipts, third_parties
from customers.services import links
from tests.browser.people import mail_to, wait_until
from tests.browser.test_public_pages import open_in
from tests.browser.test_purposes import desk, look
from tests.factories.audit import StaffFactory
from tests.factories.consent import an_actor, make_register
from tests.factories.customers import make_customer
from tests.factories.ledger import a_recipient, a_wording, agreed, suspended

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("limits_anew")]
LEDGER, PERSONS, REFUSED, RECEIPTS, QUESTIONS = (
    f"/admin/consent/{model}/" for model in ("provision", "provisionperson", "provisionrefusal", "receipt", "question")
)
LONG = "株式会社とても長い名称の配送及び倉庫管理並びに情報処理受託サービスホールディングス東日本カンパニー"
RECEIVED = {
    "provider_name": LONG, "provider_address": "東京都", "provider_representative": "鈴木一郎", "ground": "CONSENT",
    "acquired_how": "会員登録のときに本人から。", "confirmed": "CONTRACT", "confirmed_by_what": "会員規約 第3版",
    "categories": ["NAME"], "recording": "EACH",
}  # fmt: skip


def test_every_page_of_the_desk_fits_every_width_and_axe_finds_nothing(chromium, web):
    officer = StaffFactory.with_roles("privacy_officer")
    language = "ja"
    context = desk(chromium, web, officer, language, bypass_csp=True)
    page, found = context.new_page(), []

    def visit(path, name):
        page.goto(web.url + path)
        look(page, f"{language}-ledger-{name}", found)

    visit(f"{LEDGER}ask/", "ask-not-yet")
    make_register()
    recipient = a_recipient("CONSENT", "OFFSHORE")
    names = {"name": LONG, "address": recipient.address, "representative": recipient.representative}
    third_parties.revise(recipient, **names, by=officer.actor)
    for path, name in ((LEDGER, "empty"), (PERSONS, "persons-empty"), (REFUSED, "refused-empty"),
                       (RECEIPTS, "receipts-empty"), (QUESTIONS, "questions-empty")):  # fmt: skip
        visit(path, name)
    wording = a_wording(recipient)
    hana = make_customer("T1", email="hana@example.test")
    agreed(hana, wording)
    make_customer("T2"), suspended(make_customer("T3"))
    visit(f"{LEDGER}ask/?third_party={recipient.pk}", "ask")
    page.click(".desk-form button")
    look(page, f"{language}-ledger-ask-errors", found)
    page.check("#id_basis_0")
    page.check("#id_purpose_4")
    page.check("#id_categories_0")
    page.check("#id_selection_0")
    page.check("#id_format_2")
    page.click(".desk-form button")
    look(page, f"{language}-ledger-preview", found)
    page.click("button[name=confirmed]")
    look(page, f"{language}-ledger-waiting", found)
    provision = Provision.objects.get()
    provisions.decide(provision, language=language, by=officer.actor)
    exports.make(Provision.objects.get().export, language=language, by=officer.actor)
    visit(f"{LEDGER}{provision.pk}/change/", "provision")
    visit(f"{LEDGER}{provision.pk}/answers/", "answers")
    visit(LEDGER, "list")
    visit(f"{PERSONS}?third_party={recipient.pk}", "persons")
    visit(f"{PERSONS}{provision.persons.get().pk}/change/", "person")
    visit(f"{REFUSED}?provision={provision.pk}", "refused")
    visit(f"/admin/consent/thirdparty/{recipient.pk}/change/", "third-party")
    visit(f"{RECEIPTS}enter/", "receipt-enter")
    page.click(".desk-form button")
    look(page, f"{language}-ledger-receipt-errors", found)
    receipt = receipts.enter(**RECEIVED, numbers=["T1"], last_on=today(), confirmed_on=today(), by=an_actor())
    visit(f"{RECEIPTS}{receipt.pk}/change/", "receipt")
    question = asking.ask(hana, wording=a_wording(recipient, ["NAME"]), by=officer.actor)
    visit(f"{QUESTIONS}ask/", "question-ask")
    visit(f"{QUESTIONS}{question.pk}/change/", "question")
    context.close()

    assert found == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_of_a_customer_fits_every_width_and_axe_finds_nothing(chromium, web, language):
    make_register()
    recipient, hana = a_recipient("CONSENT", "OFFSHORE"), make_customer("T1", email="hana@example.test")
    names = {"name": LONG, "address": recipient.address, "representative": recipient.representative}
    third_parties.revise(recipient, **names, by=an_actor())
    agreed(hana, a_wording(recipient))
    question = asking.ask(hana, wording=a_wording(recipient, ["NAME"]), by=an_actor())
    context = open_in(chromium, web, language, bypass_csp=True)
    page, found = context.new_page(), []

    def visit(path, name):
        page.goto(web.url + path)
        look(page, f"{language}-ledger-{name}", found)

    visit("/preferences/", "link")
    page.click("main .button")
    look(page, f"{language}-ledger-link-errors", found)
    visit(question_address(question, "ja").removeprefix(settings.SITE_URL), "asked")
    visit(f"/preferences/{links.issue(hana, purpose=PREFERENCES, days=1)}/", "preferences")
    visit("/preferences/nothing/", "link-over")
    context.close()

    assert found == []


def test_a_customer_gets_a_link_answers_and_takes_back_by_keyboard_without_a_script(chromium, web, worker, smtp_sink):
    make_register()
    hana = make_customer("T1", email="hana@example.test")
    asking.ask(hana, wording=a_wording(a_recipient()), by=an_actor())
    context = open_in(chromium, web, "ja", java_script_enabled=False)
    page = context.new_page()

    page.goto(web.url + mail_to(smtp_sink, "hana@example.test", r"/question/\S+"))
    sizes = [page.locator(f"button[value={act}]").bounding_box() for act in ("refuse", "agree")]
    assert abs(sizes[0]["height"] - sizes[1]["height"]) < 1
    page.focus("button[value=agree]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Consent.objects.living().count() == 1

    page.click(".links a >> nth=0")
    page.fill("#id_email", "ｈａｎａ＠example.test")
    page.keyboard.press("Enter")
    page.wait_for_url("**/preferences/?done=1")
    page.goto(web.url + mail_to(smtp_sink, "hana@example.test", r"/preferences/\S+"))
    page.focus("button[value=refuse]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.focus("button[value=stop] >> nth=0")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    wait_until(lambda: not Consent.objects.living().exists())
    assert Suspension.objects.living().get().scope == "PROVISION"
    context.close()
