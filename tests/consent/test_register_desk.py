import re

import pytest
from django.urls import reverse

from consent.models import ChangeStatus, PermittedUse, PolicyStatus, RegisterChange
from consent.purposes import FIRST_NEEDS, Purpose
from consent.services import register
from customers.categories import Category
from tests.factories.audit import sign_in
from tests.factories.consent import PolicyVersionFactory, an_actor, make_register

pytestmark = pytest.mark.django_db
TABLE = reverse("admin:consent_permitteduse_changelist")
PROPOSE = reverse("admin:consent_registerchange_propose")


@pytest.fixture(autouse=True)
def english(client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


def ticked(page):
    return set(re.findall(r'value="([A-Z_]+:[A-Z_]+)" id="id_cells_[A-Z_]+" checked', page))


def cells(needs):
    return {f"{purpose}:{category}" for purpose, found in needs.items() for category in found}


def seen(page):
    return re.search(r'name="seen" value="(\w+)"', page).group(1)


def form(page, **changes):
    return {"cells": sorted(ticked(page)), "seen": seen(page), **changes}


def test_the_empty_table_says_what_will_stand_here_and_how(client):
    sign_in(client, "auditor")

    page = client.get(TABLE).text

    assert "Nothing is permitted yet. The first proposal comes filled in" in page
    assert "A privacy officer does this." in page


def test_the_first_proposal_is_filled_in_and_becomes_the_register_when_a_second_person_has_read_it(client):
    version = PolicyVersionFactory.at(PolicyStatus.APPROVED)
    sign_in(client, "privacy_officer")
    page = client.get(PROPOSE).text
    assert ticked(page) == cells(FIRST_NEEDS)

    reasons = {"policy_version": version.pk, "relatedness": "FIRST", "judgement": "Needed."}
    client.post(PROPOSE, form(page, **reasons))
    change = RegisterChange.objects.get()
    assert change.lines.count() == 45

    sign_in(client, "approver")
    approve = reverse("admin:consent_registerchange_approve", args=[change.pk])
    assert "I read in the text of" in client.get(approve).text
    assert "Article 21(3)" in client.post(approve).text
    client.post(approve, {"is_read": "on"})

    assert cells({purpose: [c for p, c in register.table() if p == purpose] for purpose in Purpose}) == cells(
        FIRST_NEEDS
    )
    assert "45 of 150 cells are permitted." in client.get(TABLE).text


def test_errors_stand_at_their_fields_and_no_tick_is_lost(client):
    PolicyVersionFactory.at(PolicyStatus.APPROVED)
    sign_in(client, "privacy_officer")
    page = client.get(PROPOSE).text

    again = client.post(PROPOSE, form(page, judgement="Half a reason")).text

    assert ticked(again) == cells(FIRST_NEEDS)
    assert "Half a reason" in again
    assert '<a href="#id_policy_version">A use that is added must be announced (Article 21(3))' in again
    assert "Say how the added use is related" in again
    assert "Write why" not in again
    assert not RegisterChange.objects.exists()


def test_taking_a_tick_away_proposes_an_end_without_any_reason(client):
    make_register()
    sign_in(client, "privacy_officer")
    page = client.get(PROPOSE).text

    client.post(PROPOSE, form(page, cells=sorted(ticked(page) - {"INFORMATION:EMAIL"})))

    change = RegisterChange.objects.latest("pk")
    assert register.lines_of(change) == [(Purpose.INFORMATION, Category.EMAIL, False)]
    assert change.widens is False


def test_what_was_changed_by_others_meanwhile_is_said_once_and_ticks_stay(client):
    make_register({Purpose.INFORMATION: [Category.EMAIL]})
    sign_in(client, "privacy_officer")
    page = client.get(PROPOSE).text
    register.approve(register.propose([(Purpose.INFORMATION, Category.EMAIL, False)], by=an_actor()), by=an_actor())

    again = client.post(PROPOSE, form(page)).text

    assert "The register was changed while you worked." in again
    assert ticked(again) == {"INFORMATION:EMAIL"}
    third = client.post(PROPOSE, form(again)).text
    assert "changed while you worked" not in third
    assert "name the version of the policy" in third


def test_nothing_changed_is_said(client):
    make_register()
    sign_in(client, "privacy_officer")
    page = client.get(PROPOSE).text

    assert "Nothing differs from the register" in client.post(PROPOSE, form(page)).text


def test_a_cell_that_does_not_exist_is_refused(client):
    sign_in(client, "privacy_officer")
    page = client.get(PROPOSE).text

    assert client.post(PROPOSE, form(page, cells=["INFORMATION:SHOE_SIZE"])).status_code == 200
    assert not RegisterChange.objects.exists()


@pytest.mark.parametrize("status", ChangeStatus)
@pytest.mark.parametrize("role", ["privacy_officer", "approver", "auditor", "handler"])
def test_the_page_of_a_change_stands_at_every_status(client, role, status):
    make_register({Purpose.INFORMATION: [Category.EMAIL]})
    change = register.propose([(Purpose.INFORMATION, Category.EMAIL, False)], by=an_actor())
    if status == ChangeStatus.APPROVED:
        register.approve(change, by=an_actor())
    elif status == ChangeStatus.REFUSED:
        register.refuse(change, remark="It is needed still.", by=an_actor())
    elif status == ChangeStatus.WITHDRAWN:
        register.withdraw(change, by=an_actor())
    sign_in(client, role)

    page = client.get(reverse("admin:consent_registerchange_change", args=[change.pk])).text

    assert "Information about services" in page
    assert ("It is needed still." in page) == (status == ChangeStatus.REFUSED)
    assert ("Nothing is left to be done here" in page) == (status != ChangeStatus.PROPOSED)


def test_who_proposed_reads_that_another_person_approves(client):
    make_register({Purpose.INFORMATION: [Category.EMAIL]})
    staff = sign_in(client, "approver")
    change = register.propose([(Purpose.INFORMATION, Category.EMAIL, False)], by=staff.actor)

    page = client.get(reverse("admin:consent_registerchange_change", args=[change.pk])).text

    assert "You proposed it: another person approves it." in page


def test_what_goes_beyond_shows_the_article_where_the_button_would_stand(client):
    version = PolicyVersionFactory.at(PolicyStatus.APPROVED)
    change = register.propose(
        [(Purpose.INFORMATION, Category.SEX, True)], policy_version=version, relatedness="UNRELATED",
        judgement="New.", by=an_actor(),
    )  # fmt: skip
    sign_in(client, "approver")

    page = client.get(reverse("admin:consent_registerchange_change", args=[change.pk])).text

    assert "consent is needed beforehand (Article 18(1))" in page
    client.post(reverse("admin:consent_registerchange_approve", args=[change.pk]), {"is_read": "on"})
    assert not PermittedUse.objects.exists()


def test_a_cell_has_its_history(client):
    make_register({Purpose.INFORMATION: [Category.EMAIL]})
    register.approve(register.propose([(Purpose.INFORMATION, Category.EMAIL, False)], by=an_actor()), by=an_actor())
    sign_in(client, "auditor")

    page = client.get(reverse("admin:consent_permitteduse_change", args=[PermittedUse.objects.get().pk])).text

    assert "Information about services / E-mail address" in page
    assert "not permitted today" in page
    assert page.count(reverse("admin:consent_registerchange_changelist")) >= 2


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("2020-01-01", "0 of 150"),
        ("令和2年1月1日", "0 of 150"),
        ("soon", "Write the day as"),
        ("%00", "Write the day as"),
    ],
)
def test_the_table_of_another_day_can_be_seen(client, typed, words):
    make_register()
    sign_in(client, "auditor")

    assert words in client.get(TABLE, {"on": typed}).text


def test_the_table_takes_the_same_queries_however_full_it_is(client, django_assert_max_num_queries):
    make_register({purpose: list(Category) for purpose in Purpose})
    sign_in(client, "auditor")

    with django_assert_max_num_queries(11):
        client.get(TABLE)


# In public


@pytest.mark.parametrize("language", ["ja", "en"])
def test_everybody_can_read_what_is_used_for_which_purpose(client, settings, language):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    make_register({Purpose.INFORMATION: [Category.EMAIL]})

    page = client.get("/policy/purposes/").text

    assert page.count('<section class="purpose"') == 10
    assert page.count("<li>", page.index('<section class="purpose"'), page.rindex("</section>")) == 1
    assert {"ja": "メールアドレス", "en": "E-mail address"}[language] in page
    assert {"ja": "この目的には、情報を使いません。", "en": "We use no information for this purpose."}[language] in page


def test_before_there_is_a_register_the_page_says_so_and_the_policy_links_to_it(client):
    PolicyVersionFactory.at(PolicyStatus.APPROVED)

    assert "Nothing is listed yet." in client.get("/policy/purposes/").text
    assert "/policy/purposes/" in client.get("/policy/").text


@pytest.mark.parametrize("is_own", [False, True])
def test_the_first_page_counts_the_proposals_of_others_and_links_to_them(client, is_own):
    make_register({Purpose.INFORMATION: [Category.EMAIL]})
    staff = sign_in(client, "approver")
    change = register.propose([(Purpose.INFORMATION, Category.EMAIL, False)], by=staff.actor if is_own else an_actor())

    blocks = client.get("/admin/").context["dashboard"]["blocks"]

    lines = [line for block in blocks for line in block.lines if "registerchange" in line.url]
    assert [line.count for line in lines] == ([] if is_own else [1])
    shown = client.get(reverse("admin:consent_registerchange_changelist") + "?view=waiting").context["list"]
    assert list(shown.result_list) == ([] if is_own else [change])
