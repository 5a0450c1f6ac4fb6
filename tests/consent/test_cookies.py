"""No analytics before a yes, nor after a no: the choice, its record, what each page loads, what is removed."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from audit.calendar import add_days, today
from audit.models import Actor, Entry
from consent.exceptions import NotReady
from consent.models import CookieChoice, ExternalTransmission
from consent.services import cookies, transmissions
from tests.factories.audit import StaffFactory
from tests.factories.consent import an_actor

pytestmark = pytest.mark.django_db
SETTINGS = reverse("consent:cookies")
PUBLIC = reverse("consent:transmissions")
ID = "G-TEST123456"


@pytest.fixture(autouse=True)
def analytics(settings):
    settings.ANALYTICS_ID = ID


def remembering(client, text):
    client.cookies[cookies.COOKIE] = text


def answered(client, choice, **headers):
    return client.post(SETTINGS, {"choice": choice, "next": "/policy/"}, headers=headers)


def an_answer(is_agreed, wording=cookies.WORDING):
    return f"{'yes' if is_agreed else 'no'}.{wording}.{'r' * 22}"


YES, NO = an_answer(True), an_answer(False)
OLD = an_answer(True, wording=cookies.WORDING + 1)
LISTED, UNLISTED = ["/", "/policy/", "/policy/purposes/", PUBLIC], ["/request/", SETTINGS, "/admin/login/"]

#   id set, cookie, Global Privacy Control, signed in -> asks, loads
WHAT_A_LISTED_PAGE_DOES = [
    (True, "", False, False, True, False),
    (True, YES, False, False, False, True),
    (True, NO, False, False, False, False),
    (True, OLD, False, False, True, False),
    (True, "yes", False, False, True, False),
    (True, "yes.1.short", False, False, True, False),
    (True, "", True, False, False, False),
    (True, YES, True, False, False, False),
    (True, YES, False, True, False, False),
    (True, "", False, True, False, False),
    (False, "", False, False, False, False),
    (False, YES, False, False, False, False),
]


@pytest.mark.parametrize("page", LISTED)
@pytest.mark.parametrize(("has_id", "cookie", "gpc", "is_staff", "asks", "loads"), WHAT_A_LISTED_PAGE_DOES)
def test_a_listed_page_asks_or_loads_or_does_neither(
    client, settings, page, has_id, cookie, gpc, is_staff, asks, loads
):
    settings.ANALYTICS_ID = ID if has_id else ""
    if cookie:
        remembering(client, cookie)
    if is_staff:
        client.force_login(StaffFactory(), "django.contrib.auth.backends.ModelBackend")

    answer = client.get(page, headers={"Sec-GPC": "1"} if gpc else {})

    assert ("data-cookie-banner" in answer.text) == asks
    assert ("analytics.js" in answer.text) == loads
    assert ("googletagmanager" in answer["Content-Security-Policy"]) == loads


@pytest.mark.parametrize("page", [page for page in UNLISTED if page != "/request/"] + [reverse("requests_desk:start")])
@pytest.mark.parametrize("cookie", ["", YES])
def test_no_other_page_asks_or_loads(client, page, cookie):
    if cookie:
        remembering(client, cookie)

    answer = client.get(page)

    assert answer.status_code == 200
    assert "data-cookie-banner" not in answer.text
    assert "analytics.js" not in answer.text
    assert "google" not in answer["Content-Security-Policy"]


def test_article_31_no_listed_page_has_anything_of_a_person_in_its_address():
    assert {name for name in cookies.MEASURED if name.startswith(("requests_desk", "admin"))} == set()


@pytest.mark.parametrize(("choice", "kept"), [("accept", "ACCEPTED"), ("refuse", "REFUSED")])
def test_a_choice_is_remembered_for_six_months_and_recorded_without_identity(client, choice, kept):
    answer = answered(client, choice)

    cookie = answer.cookies[cookies.COOKIE]
    row = CookieChoice.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, "/policy/")
    assert (cookie["max-age"], cookie["samesite"], cookie["httponly"], cookie["path"]) == (
        183 * 86400,
        "Lax",
        True,
        "/",
    )
    assert cookie.value == f"{'yes' if kept == 'ACCEPTED' else 'no'}.{cookies.WORDING}.{row.number}"
    assert (row.choice, row.made_on, row.wording) == (kept, today(), cookies.WORDING)
    assert {field.name for field in CookieChoice._meta.fields} == {"id", "number", "choice", "wording", "made_on"}
    assert Entry.objects.get(action=f"cookies.{kept.lower()}").subject == f"consent.cookiechoice:{row}"


def test_a_script_is_answered_without_a_page(client):
    answer = answered(client, "accept", **{"X-Asked-By": "script"})

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.cookies[cookies.COOKIE].value.startswith("yes.")


def test_a_no_after_a_yes_is_a_withdrawal_of_the_same_number(client):
    answered(client, "accept")
    answered(client, "refuse")
    answered(client, "refuse")

    rows = list(CookieChoice.objects.order_by("pk").values_list("choice", flat=True))
    assert rows == ["ACCEPTED", "WITHDRAWN", "REFUSED"]
    assert CookieChoice.objects.values("number").distinct().count() == 1


def test_the_same_choice_on_one_day_is_one_row():
    answer = cookies.choose(CookieChoice.Choice.ACCEPTED, by=Actor.requester())
    for _again in range(3):
        cookies.choose(CookieChoice.Choice.ACCEPTED, before=answer, by=Actor.requester())

    assert CookieChoice.objects.count() == 1
    assert Entry.objects.filter(action="cookies.accepted").count() == 1


@pytest.mark.parametrize("choice", ["", "maybe", "ACCEPTED", "\x00"])
def test_what_is_no_choice_is_said_and_changes_nothing(client, choice):
    answer = client.post(SETTINGS, {"choice": choice})

    assert answer.status_code == 400
    assert "選んでください" in answer.text
    assert cookies.COOKIE not in answer.cookies
    assert not CookieChoice.objects.exists()


@pytest.mark.parametrize("target", ["https://elsewhere.test/", "//elsewhere.test/", "javascript:alert(1)", "", "\\\\x"])
def test_the_way_back_stays_on_this_site(client, target):
    answer = client.post(SETTINGS, {"choice": "refuse", "next": target})

    assert answer["Location"] == f"{SETTINGS}?saved"


def test_another_site_cannot_choose_for_a_visitor():
    client = Client(enforce_csrf_checks=True)

    answer = client.post(SETTINGS, {"choice": "accept"}, headers={"Origin": "https://elsewhere.test"})

    assert answer.status_code == 403
    assert not CookieChoice.objects.exists()


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("privacy.office-ant.example:443", [None, ".privacy.office-ant.example", ".office-ant.example"]),
        ("a.b.c.example", [None, ".a.b.c.example", ".b.c.example", ".c.example"]),
        ("localhost", [None, ".localhost"]),
        ("127.0.0.1:8000", [None]),
    ],
)
def test_every_form_of_domain_is_thought_of(host, found):
    assert cookies.domains(host) == found


@pytest.mark.parametrize(
    ("name", "is_left"),
    [
        ("_ga", True), ("_ga_TEST123456", True), ("_gid", True), ("_gat", True), ("_gat_gtag_G_TEST", True),
        ("_gac_G-1", False), ("_gac_UA", True), ("_gcl_au", True), ("sessionid", False), ("language", False),
        ("_galaxy", False), ("my_ga", False),
    ],
)  # fmt: skip
def test_what_analytics_leaves_is_known_by_its_name(name, is_left):
    assert (cookies.left_by_analytics([name]) == [name]) == is_left


def test_withdrawal_removes_what_analytics_left_in_every_form_of_domain(client, settings):
    settings.ALLOWED_HOSTS = ["privacy.ant.example"]
    remembering(client, YES)
    client.cookies["_ga"], client.cookies["_ga_TEST123456"], client.cookies["kept"] = "GA1.1.1", "GS1.1.1", "yes"

    answer = client.post(SETTINGS, {"choice": "refuse"}, headers={"Host": "privacy.ant.example"})

    gone = [cookie for cookie in answer.cookies.values() if cookie["max-age"] == 0]
    assert {(cookie.key, cookie["domain"]) for cookie in gone} == {
        (name, domain) for name in ("_ga", "_ga_TEST123456") for domain in ("", ".privacy.ant.example", ".ant.example")
    }


@pytest.mark.parametrize(
    ("headers", "cookie", "words"),
    [
        ({}, "", "まだ選択されていません"),
        ({}, YES, "現在：同意しています"),
        ({}, NO, "現在：拒否しています"),
        ({"Sec-GPC": "1"}, YES, "Global Privacy Control"),
    ],
)
def test_the_page_of_the_choice_says_how_it_stands(client, headers, cookie, words):
    if cookie:
        remembering(client, cookie)

    assert words in client.get(SETTINGS, headers=headers).text


def test_without_an_id_the_page_says_that_nothing_is_used(client, settings):
    settings.ANALYTICS_ID = ""

    assert "現在は使っていません" in client.get(SETTINGS).text


def test_both_answers_look_alike_and_stand_side_by_side(client):
    for page in (client.get("/").text, client.get(SETTINGS).text):
        buttons = re.findall(r'<button class="([^"]*)" name="choice" value="(\w+)">', page)
        assert [value for _look, value in buttons] == ["refuse", "accept"]
        assert len({look for look, _value in buttons}) == 1


def test_every_public_page_leads_to_the_choice(client):
    for page in (*LISTED, SETTINGS, reverse("requests_desk:start"), "/nowhere/"):
        assert f'href="{SETTINGS}"' in client.get(page).text


def test_other_words_of_the_question_ask_everybody_anew():
    """The version must be raised with the text: who agreed has agreed to these words."""
    text = (Path(django_settings.BASE_DIR) / "templates" / "cookie_banner.html").read_text(encoding="utf-8")
    asked = re.findall(r'translate "([^"]+)"', text.split("data-cookie-said")[0])

    assert (cookies.WORDING, asked) == (
        1,
        [
            "May we count visits?",
            "If you agree, Google Analytics stores cookies and Google receives which of our pages you open. We use this"
            " to improve the site.",
            "If you refuse, nothing is sent, and every page works the same.",
            "Refuse",
            "Agree",
            "What is sent, to whom, what for",
        ],
    )


# The register of what is sent


def a_service(**said):
    words = dict.fromkeys(
        ["sent_ja", "sent_en", "our_purpose_ja", "our_purpose_en", "their_purpose_ja", "their_purpose_en"], "閲覧 views"
    )
    known = {"service": "Google Analytics", "recipient": "Google LLC", "country": "USA", "starts_on": today()}
    return {**words, **known, **said}


def test_the_public_page_shows_what_the_register_holds_from_its_first_day_to_its_end(client):
    empty = client.get(PUBLIC).text
    row = transmissions.enter(**a_service(), by=an_actor())
    shown = client.get(PUBLIC).text
    transmissions.end(row, ends_on=today(), by=an_actor())

    assert "送られる情報はありません" in empty
    assert "Google LLC" in shown
    assert "Google LLC" not in client.get(PUBLIC).text
    with pytest.raises(NotReady):
        transmissions.end(row, ends_on=today(), by=an_actor())


def test_a_service_is_entered_and_ended_at_the_desk(client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    client.force_login(StaffFactory.with_roles("privacy_officer"), "django.contrib.auth.backends.ModelBackend")
    enter = reverse("admin:consent_externaltransmission_enter")
    posted = {**a_service(), "starts_on": "2026-01-05"}
    wrong = client.post(enter, {**posted, "opt_out_url": "http://plain.test/", "starts_on": "2026-13-01"}).text

    client.post(enter, posted)
    row = ExternalTransmission.objects.get()
    early = client.post(reverse("admin:consent_externaltransmission_end", args=[row.pk]), {"ends_on": "2026-01-04"})
    client.post(reverse("admin:consent_externaltransmission_end", args=[row.pk]), {"ends_on": "2026-02-01"})

    assert "begins with https://" in wrong
    assert "Enter the month as a number" in wrong
    assert "It cannot end before it began." in early.text
    assert 'href="#id_ends_on"' in early.text
    row.refresh_from_db()
    assert str(row.ends_on) == "2026-02-01"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_cookiechoice SET choice = 'ACCEPTED'",
        "DELETE FROM consent_cookiechoice",
        "TRUNCATE consent_cookiechoice",
        "UPDATE consent_externaltransmission SET recipient = 'Nobody'",
        "UPDATE consent_externaltransmission SET ends_on = starts_on",  # without who ended it
        "DELETE FROM consent_externaltransmission",
        "TRUNCATE consent_externaltransmission",
    ],
)
def test_the_database_changes_and_removes_neither_a_choice_nor_a_transmission(assert_refused, statement):
    cookies.choose(CookieChoice.Choice.REFUSED, by=Actor.requester())
    transmissions.enter(**a_service(), by=an_actor())

    assert_refused(statement, "never|ended once|external_transmission")


def test_the_database_ends_a_transmission_once():
    row = transmissions.end(transmissions.enter(**a_service(), by=an_actor()), ends_on=today(), by=an_actor())

    with pytest.raises(DatabaseError), transaction.atomic():
        ExternalTransmission.objects.filter(pk=row.pk).update(ends_on=add_days(today(), 5))


def test_a_choice_is_found_by_its_whole_number(client, settings):
    first = cookies.choose(CookieChoice.Choice.ACCEPTED, by=Actor.requester())
    cookies.choose(CookieChoice.Choice.REFUSED, by=Actor.requester())
    client.force_login(StaffFactory.with_roles("auditor"), "django.contrib.auth.backends.ModelBackend")
    desk = reverse("admin:consent_cookiechoice_changelist")

    found = client.post(desk, {"q": first.number}, follow=True).context["list"].result_list

    assert [row.number for row in found] == [first.number]


def test_choices_are_counted_by_month_at_the_desk(client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    for choice in ("ACCEPTED", "REFUSED", "REFUSED"):
        cookies.choose(CookieChoice.Choice(choice), by=Actor.requester())
    client.force_login(StaffFactory.with_roles("auditor"), "django.contrib.auth.backends.ModelBackend")

    row = CookieChoice.objects.latest("pk")
    page = client.get(reverse("admin:consent_cookiechoice_change", args=[row.pk])).text

    months = page[page.index('id="months') :]
    assert re.search(rf"{today():%Y-%m}.*?Agreed.*?1.*?{today():%Y-%m}.*?Refused.*?2", months, re.DOTALL)
