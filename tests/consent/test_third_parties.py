"""Third parties: where they stand in Article 28, under which contract, and what is looked at each year."""

import datetime as dt

import pytest
from django.urls import reverse

from audit.calendar import add_days, today
from audit.models import OutgoingMail
from audit.services import outbox
from consent.bases import Place
from consent.exceptions import NotReady
from consent.models import Agreement, EquivalentMeasures, OffshorePack, ThirdParty, YearlyCheck
from consent.schedule import remind_of_checks
from consent.services import third_parties
from tests.factories.audit import sign_in
from tests.factories.consent import an_actor
from tests.factories.ledger import LONG_AGO, PACK

pytestmark = pytest.mark.django_db
LIST = reverse("admin:consent_thirdparty_changelist")
ENTER = reverse("admin:consent_thirdparty_enter")


def a_third_party(kind="CONTRACTOR", country="JP", **said):
    names = {"name": "株式会社配送", "address": "東京都町田市1-1", "representative": "山田太郎"}
    return third_parties.enter(**{**names, **said}, kind=kind, country=country, by=an_actor())


def with_contract(third_party, starts_on=LONG_AGO, ends_on=None):
    said = {"title": "業務委託契約", "concluded_on": starts_on, "starts_on": starts_on, "ends_on": ends_on}
    return third_parties.agree(third_party, **said, by=an_actor())


def with_measures(third_party, starts_on=LONG_AGO):
    said = {"system": "CONTRACT", "outline": "Chapter 4, by contract.", "starts_on": starts_on}
    return third_parties.put_measures_in_place(third_party, **said, by=an_actor())


def checked(third_party, on, subject="MEASURES", finding="IN_ORDER"):
    said = {"subject": subject, "finding": finding, "remark": "Visited.", "checked_on": on}
    return third_parties.check(third_party, **said, by=an_actor())


# where it stands in Article 28(1)


@pytest.mark.parametrize(
    ("country", "place"),
    [
        ("JP", Place.HOME), ("DE", Place.EQUIVALENT), ("NO", Place.EQUIVALENT), ("GB", Place.EQUIVALENT),
        ("CH", Place.OFFSHORE), ("US", Place.OFFSHORE), ("KR", Place.OFFSHORE),
    ],
)  # fmt: skip
def test_article_28_1_the_country_says_where_it_stands(country, place):
    assert third_parties.place_of(a_third_party(country=country), today()) == place


@pytest.mark.parametrize(
    ("checks", "day", "place"),
    [
        ([], "2024-03-31", Place.OFFSHORE),
        ([], "2024-04-01", Place.MEASURES),
        ([], "2025-04-01", Place.MEASURES),
        ([], "2025-04-02", Place.OFFSHORE),
        ([("2025-03-10", "IN_ORDER")], "2026-03-10", Place.MEASURES),
        ([("2025-03-10", "IN_ORDER")], "2026-03-11", Place.OFFSHORE),
        ([("2025-03-10", "TROUBLE")], "2025-03-09", Place.MEASURES),
        ([("2025-03-10", "TROUBLE")], "2025-03-10", Place.OFFSHORE),
        ([("2025-03-10", "TROUBLE"), ("2025-03-20", "IN_ORDER")], "2025-03-19", Place.OFFSHORE),
        ([("2025-03-10", "TROUBLE"), ("2025-03-20", "IN_ORDER")], "2025-03-20", Place.MEASURES),
        ([("2025-03-10", "IN_ORDER"), ("2025-03-10", "TROUBLE")], "2025-03-10", Place.OFFSHORE),
    ],
)
def test_article_28_3_measures_count_while_they_are_checked_and_found_in_order(checks, day, place):
    third_party = with_measures(a_third_party(country="US"))
    for on, finding in checks:
        checked(third_party, dt.date.fromisoformat(on), finding=finding)

    assert third_parties.place_of(third_party, dt.date.fromisoformat(day)) == place


def test_measures_permit_nothing_after_their_last_day():
    third_party = with_measures(a_third_party(country="US"), starts_on=add_days(today(), -5))
    third_parties.end_measures(third_party, ends_on=add_days(today(), -1), by=an_actor())

    assert third_parties.place_of(third_party, add_days(today(), -1)) == Place.MEASURES
    assert third_parties.place_of(third_party, today()) == Place.OFFSHORE


def test_a_check_of_measures_that_have_ended_does_not_speak_for_those_after_them():
    third_party = with_measures(a_third_party(country="US"), starts_on=add_days(today(), -9))
    checked(third_party, add_days(today(), -7), finding="TROUBLE")
    third_parties.end_measures(third_party, ends_on=add_days(today(), -7), by=an_actor())
    with_measures(third_party, starts_on=add_days(today(), -2))

    assert third_parties.place_of(third_party, today()) == Place.MEASURES


@pytest.mark.parametrize(("day", "is_there"), [(-1, False), (0, True), (9, True), (10, False)])
def test_articles_25_and_27_5_a_contract_is_in_force_from_its_first_to_its_last_day(day, is_there):
    third_party = with_contract(a_third_party(), LONG_AGO, add_days(LONG_AGO, 9))

    assert third_parties.has_contract(third_party, add_days(LONG_AGO, day)) == is_there


def test_a_contract_ends_earlier_once_and_never_later():
    third_party = with_contract(a_third_party(), LONG_AGO, add_days(LONG_AGO, 9))
    agreement = third_party.agreements.get()

    for day in (-1, 10):
        with pytest.raises(NotReady):
            third_parties.end_agreement(
                third_party, agreement=agreement, ends_on=add_days(LONG_AGO, day), by=an_actor()
            )
    third_parties.end_agreement(third_party, agreement=agreement, ends_on=add_days(LONG_AGO, 3), by=an_actor())
    assert not third_parties.has_contract(third_party, add_days(LONG_AGO, 4))
    with pytest.raises(NotReady):
        third_parties.end_agreement(third_party, agreement=agreement, ends_on=LONG_AGO, by=an_actor())


# what is refused

REFUSED = {
    "a state body abroad": lambda: a_third_party("STATE_BODY", "US"),
    "no representative": lambda: a_third_party(representative=""),
    "measures in Japan": lambda: with_measures(a_third_party()),
    "measures from tomorrow": lambda: with_measures(a_third_party(country="US"), add_days(today(), 1)),
    "measures twice": lambda: with_measures(with_measures(a_third_party(country="US"))),
    "a contract of tomorrow": lambda: with_contract(a_third_party(), add_days(today(), 1)),
    "a contract that ends before it began": lambda: with_contract(a_third_party(), LONG_AGO, add_days(LONG_AGO, -1)),
    "a check of tomorrow": lambda: checked(a_third_party(country="US"), add_days(today(), 1)),
    "a check of measures in Japan": lambda: checked(a_third_party(), today()),
    "a check of no contractor": lambda: checked(a_third_party("RECIPIENT", "US"), today(), "CONTRACTOR"),
    "the information in Japan": lambda: third_parties.inform(
        a_third_party(), **PACK, looked_up_on=today(), by=an_actor()
    ),
    "the information of tomorrow": lambda: third_parties.inform(
        a_third_party(country="US"), **PACK, looked_up_on=add_days(today(), 1), by=an_actor()
    ),
    "an end of measures that are not there": lambda: third_parties.end_measures(
        a_third_party(country="US"), ends_on=today(), by=an_actor()
    ),
}


@pytest.mark.parametrize("act", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused(act):
    with pytest.raises(NotReady):
        act()


def everything():
    third_party = with_measures(with_contract(a_third_party(country="US")))
    third_parties.inform(third_party, **PACK, looked_up_on=LONG_AGO, by=an_actor())
    return checked(third_party, today())


MODELS = ThirdParty, Agreement, EquivalentMeasures, OffshorePack, YearlyCheck
TABLES = {model: model._meta.db_table for model in MODELS}
STATEMENTS = {
    **{f"{table} removed": f"DELETE FROM {table}" for table in TABLES.values()},
    **{f"{table} emptied": f"TRUNCATE {table} CASCADE" for table in TABLES.values()},
    "another country": f"UPDATE {TABLES[ThirdParty]} SET country = 'JP'",
    "no name": f"UPDATE {TABLES[ThirdParty]} SET name = ''",
    "a contract that began earlier": f"UPDATE {TABLES[Agreement]} SET starts_on = starts_on - 1",
    "a contract that ends without anybody": f"UPDATE {TABLES[Agreement]} SET ends_on = starts_on",
    "other measures": f"UPDATE {TABLES[EquivalentMeasures]} SET outline = 'x'",
    "another text": f"UPDATE {TABLES[OffshorePack]} SET regime_ja = 'x'",
    "another finding": f"UPDATE {TABLES[YearlyCheck]} SET finding = 'TROUBLE'",
}  # fmt: skip


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_the_database_refuses_it_too(assert_refused, statement):
    everything()

    assert_refused(statement, "never|once|another|violates")


def test_what_it_was_called_before_is_kept():
    third_party = a_third_party(name="旧社名株式会社")
    names = {"name": "新社名株式会社", "address": third_party.address, "representative": third_party.representative}
    third_parties.revise(third_party, **names, by=an_actor())

    assert [row.name for row in third_party.history.order_by("history_id")] == ["旧社名株式会社", "新社名株式会社"]
    with pytest.raises(NotReady):
        third_parties.revise(third_party, **names, by=an_actor())


# yearly checks


@pytest.mark.parametrize(
    ("kind", "country", "checks", "dues"),
    [
        ("CONTRACTOR", "JP", [], [("CONTRACTOR", "2025-04-01")]),
        ("CONTRACTOR", "JP", [("CONTRACTOR", "2025-03-01")], [("CONTRACTOR", "2026-03-01")]),
        ("CONTRACTOR", "JP", [("CONTRACTOR", "2024-02-29")], [("CONTRACTOR", "2025-04-01")]),
        ("RECIPIENT", "JP", [], []),
        ("RECIPIENT", "US", [], [("MEASURES", "2025-04-01")]),
        ("CONTRACTOR", "US", [("MEASURES", "2025-03-01")], [("CONTRACTOR", "2025-04-01"), ("MEASURES", "2026-03-01")]),
    ],
)
def test_articles_25_and_28_3_who_is_to_be_checked_by_which_day(kind, country, checks, dues):
    third_party = with_contract(a_third_party(kind, country))
    if country != "JP":
        with_measures(third_party)
    for subject, on in checks:
        checked(third_party, dt.date.fromisoformat(on), subject)

    found = third_parties.due_checks(today(), third_party)
    assert [(due.subject, due.on.isoformat()) for due in found] == dues


def test_nobody_is_checked_after_the_contract():
    third_party = with_contract(a_third_party(), LONG_AGO, add_days(LONG_AGO, 9))

    assert third_parties.due_checks(add_days(LONG_AGO, 10), third_party) == []


def test_the_office_is_reminded_once_a_month_until_it_was_checked(time_machine, mailoutbox):
    time_machine.move_to(dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC), tick=False)
    with_contract(a_third_party(), dt.date(2025, 7, 15))
    written = []
    for day in range(80):
        time_machine.move_to(dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC) + dt.timedelta(days=day), tick=False)
        remind_of_checks()
        if OutgoingMail.objects.count() > len(written):
            written.append(today().isoformat())
    assert written == ["2026-06-15", "2026-07-15", "2026-08-14"]

    checked(ThirdParty.objects.get(), today(), "CONTRACTOR")
    remind_of_checks()
    assert OutgoingMail.objects.count() == 3


def test_the_reminder_names_the_number_alone(mailoutbox):
    third_party = with_contract(a_third_party())
    remind_of_checks()
    outbox.deliver_due()

    (mail,) = mailoutbox
    assert str(third_party) in mail.subject + mail.body
    assert third_party.name not in mail.subject + mail.body


# the desk


def test_it_is_entered_with_its_contract_at_the_desk(client):
    sign_in(client, "privacy_officer", "en")
    empty = client.get(LIST).text
    client.post(ENTER, {"kind": "CONTRACTOR", "name": "Sky Inc.", "address": "1 Road", "representative": "A. Sky",
                        "country": "US"})  # fmt: skip
    third_party = ThirdParty.objects.get()
    page = reverse("admin:consent_thirdparty_change", args=[third_party.pk])
    agree = reverse("admin:consent_thirdparty_agree", args=[third_party.pk])
    client.post(agree, {"title": "Storage", "concluded_on": "2026-01-05", "starts_on": "令和8年2月1日"})

    assert "Nobody is entered yet" in empty
    text = client.get(page).text
    assert "Storage" in text
    assert "Nothing goes there without each person’s consent" in text
    assert "Sky Inc." in client.get(LIST).text
    agreement = third_party.agreements.get()
    client.post(
        reverse("admin:consent_thirdparty_end-agreement", args=[third_party.pk, agreement.pk]),
        {"ends_on": "2026-03-01"},
    )
    agreement.refresh_from_db()
    assert agreement.ends_on == dt.date(2026, 3, 1)


def test_bad_input_is_said_at_its_field_and_nothing_typed_is_lost(client):
    sign_in(client, "privacy_officer", "en")
    typed = {"kind": "STATE_BODY", "name": "Bureau", "address": "1 Road", "representative": "", "country": "US"}
    text = client.post(ENTER, typed).text

    assert "A body of another state is no state body" in text
    assert 'value="Bureau"' in text
    assert not ThirdParty.objects.exists()


def test_the_first_page_counts_those_with_a_check_due(client):
    with_contract(a_third_party())
    with_contract(a_third_party("RECIPIENT"))
    sign_in(client, "privacy_officer", "en")

    assert "Third parties with a check due" in client.get(reverse("admin:index")).text
    assert client.get(LIST, {"view": "due"}).text.count("/change/") >= 1


@pytest.mark.parametrize("act", ["check", "revise", "inform", "measures", "end-measures", "agree"])
def test_every_decision_has_its_page_in_both_languages(client, act):
    third_party = everything()
    for language in ("ja", "en"):
        sign_in(client, "privacy_officer", language)
        assert client.get(reverse(f"admin:consent_thirdparty_{act}", args=[third_party.pk])).status_code == 200


def test_the_page_says_until_when_in_our_words_alone(client):
    third_party = with_contract(everything())
    sign_in(client, "privacy_officer", "ja")
    text = client.get(reverse("admin:consent_thirdparty_change", args=[third_party.pk])).text

    assert "&lt;time" not in text
    assert "国家" not in text  # what another package's catalogue says for "Country"
    for words in ("施行日", "確認日時", "送信の開始日"):  # ours, for other things
        assert words not in text
