"""The ledger of provisions: the whole table of Articles 27 to 29, asked of services and of the database itself."""

import datetime as dt
import itertools

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit.calendar import TOKYO, add_days, last_day_of, today
from audit.models import Entry
from audit.services.trail import digest_of
from consent import countries
from consent.bases import Basis, ConsentState, Place, Refusal
from consent.countries import EQUIVALENT
from consent.exceptions import NotPermitted, NotReady
from consent.models import Provision, ProvisionPerson, ProvisionStatus
from consent.services import joint_use, provisions, suspensions, third_parties
from customers.services import erasure, merging
from tests.factories.consent import an_actor, make_register
from tests.factories.customers import make_customer
from tests.factories.ledger import (
    ITEMS,
    LONG_AGO,
    PAPER,
    STATUTORY,
    a_recipient,
    a_wording,
    agreed,
    an_announcement,
    decided,
    suspended,
    wanted,
    withdrawn,
)

from .test_bases import RECORDS, TABLE

pytestmark = pytest.mark.django_db
DAY = dt.datetime(2027, 6, 10, 12, tzinfo=TOKYO)
GIVEN_ON = dt.date(2027, 6, 9)  # the day of provision of the table: a consent of the tenth is one of tomorrow
STATES = list(itertools.product(ConsentState, [False, True]))


@pytest.fixture(autouse=True)
def register():
    make_register()


@pytest.fixture
def clock(time_machine):
    """``clock(days)``: the clock stands so many days from the day of the tests."""
    return lambda days: time_machine.move_to(DAY + dt.timedelta(days=days), tick=False)


@pytest.fixture
def scene(clock):
    """``scene(basis, place)``: the recipient, and a customer for each state of consent, suspended or not."""

    def make(basis, place):
        clock(-10)
        recipient = a_recipient(basis, place)
        whole, other = a_wording(recipient), a_wording(recipient, ["NAME"])
        people = {state: make_customer() for state in STATES}
        consents = dict.fromkeys(STATES)
        for state, barred in STATES:
            clock(0 if state == ConsentState.LATER else -5)
            if state != ConsentState.NONE:
                wording = other if state == ConsentState.OTHER else whole
                consents[state, barred] = agreed(people[state, barred], wording)
            if state == ConsentState.WITHDRAWN:
                clock(-2)
                withdrawn(consents[state, barred])
            if barred:
                clock(-3)
                suspended(people[state, barred])
        clock(0)
        return recipient, people, consents

    return make


def expected(basis, place, state, barred):
    return "SUSPENDED" if barred else TABLE[basis][place][list(ConsentState).index(state)]


# the whole table


@pytest.mark.parametrize("place", Place)
@pytest.mark.parametrize("basis", Basis)
def test_each_person_is_permitted_or_refused_as_the_law_says(scene, basis, place):
    recipient, people, consents = scene(basis, place)

    provision = decided(recipient, basis, last_on=GIVEN_ON)

    refused = dict(provision.refusals.values_list("customer", "refusal"))
    rests_on = dict(provision.persons.values_list("customer", "consent"))
    found = {state: refused.get(people[state].pk) for state in STATES}
    assert found == {state: expected(basis, place, *state) for state in STATES}
    by_consent = RECORDS[basis][place == Place.OFFSHORE]
    for state in STATES:
        if expected(basis, place, *state) is None:
            assert rests_on[people[state].pk] == (consents[state].pk if by_consent else None)
    assert provision.wants_record == by_consent
    assert provision.kept_until == (dt.date(2030, 6, 10) if by_consent else None)
    assert (provision.given, provision.refused) == (len(rests_on), len(refused))


@pytest.mark.parametrize("place", Place)
@pytest.mark.parametrize("basis", Basis)
def test_the_database_itself_takes_and_refuses_the_same(scene, basis, place):
    recipient, people, consents = scene(basis, place)
    provision = provisions.ask(**wanted(recipient, basis, last_on=GIVEN_ON), by=an_actor())
    by_consent = RECORDS[basis][place == Place.OFFSHORE]

    found = {}
    for state in STATES:
        consent = consents[state] if by_consent else None
        found[state] = is_taken(provision, people[state], consent)

    assert found == {state: expected(basis, place, *state) is None for state in STATES}


def is_taken(provision, customer, consent=None):
    sql = (
        "INSERT INTO consent_provisionperson (provision_id, third_party_id, customer_id, consent_id)"
        " VALUES (%s, %s, %s, %s)"
    )
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [provision.pk, provision.third_party_id, customer.pk, consent and consent.pk])
    except IntegrityError as error:
        if "Article" not in str(error):
            raise
        return False
    return True


# what forbids it whoever the person is


def refused(recipient, basis, **said):
    with pytest.raises(NotReady) as refusal:
        provisions.ask(**wanted(recipient, basis, **said), by=an_actor())
    return refusal.value


@pytest.mark.parametrize("basis", STATUTORY)
def test_article_27_1_each_item_wants_the_paper_that_shows_it(basis):
    make_customer()
    recipient = a_recipient()
    found = refused(recipient, basis, paper="", paper_on=None)

    assert (str(found), found.field) == (str(Refusal.NO_PAPER.label), "paper")
    assert "27" in str(found)


@pytest.mark.parametrize("basis", ["ENTRUSTMENT", "SUCCESSION"])
@pytest.mark.parametrize(
    ("starts_on", "ends_on", "is_there"),
    [(None, None, False), ("2027-06-11", None, False), ("2027-06-10", None, True), ("2027-01-01", "2027-06-09", False),
     ("2027-01-01", "2027-06-10", True)],
)  # fmt: skip
def test_article_27_5_i_and_ii_want_a_contract_in_force_on_the_day(clock, basis, starts_on, ends_on, is_there):
    clock(0)
    make_customer()
    kind = {"ENTRUSTMENT": "CONTRACTOR", "SUCCESSION": "SUCCESSOR"}[basis]
    names = {"name": "株式会社配送", "address": "東京都", "representative": "山田太郎"}
    recipient = third_parties.enter(**names, kind=kind, country="JP", by=an_actor())
    if starts_on:
        third_parties.agree(
            recipient, title="契約", concluded_on=LONG_AGO, starts_on=dt.date.fromisoformat(starts_on),
            ends_on=ends_on and dt.date.fromisoformat(ends_on), by=an_actor(),
        )  # fmt: skip

    if is_there:
        assert decided(recipient, basis).status == ProvisionStatus.RECORDED
    else:
        assert str(refused(recipient, basis)) == str(Refusal.NO_CONTRACT.label)


@pytest.mark.parametrize(("days", "categories", "is_there"), [(0, ITEMS, False), (1, ITEMS, True), (1, ["NAME"], True),
                                                              (1, [*ITEMS, "ADDRESS"], False)])  # fmt: skip
def test_article_27_5_iii_wants_all_items_public_the_day_before(clock, days, categories, is_there):
    clock(0)
    make_customer()
    recipient = a_recipient("JOINT_USE")
    clock(days)
    said = {"categories": categories, "purpose": "VIOLATIONS"}

    if is_there:
        assert decided(recipient, "JOINT_USE", **said).given == 1
    else:
        assert str(refused(recipient, "JOINT_USE", **said)) == str(Refusal.NOT_ANNOUNCED.label)


def test_article_27_5_iii_a_purpose_that_was_not_announced_is_refused(clock):
    clock(0)
    make_customer()
    recipient = a_recipient("JOINT_USE")
    clock(1)

    said = {"purpose": "SERVICE_CHANGES", "categories": ["NAME"]}
    assert str(refused(recipient, "JOINT_USE", **said)) == str(Refusal.NOT_ANNOUNCED.label)
    assert decided(recipient, "JOINT_USE", purpose="VIOLATIONS", categories=["NAME"]).given == 1


@pytest.mark.parametrize("basis", ["ENTRUSTMENT", "SUCCESSION"])
def test_the_basis_goes_with_what_the_third_party_was_entered_as(basis):
    make_customer()

    assert refused(a_recipient(), basis).field == "basis"


def test_article_18_nothing_leaves_for_a_purpose_that_does_not_need_it():
    make_customer()
    with pytest.raises(NotPermitted, match="Article 18|第18条"):
        provisions.ask(**wanted(a_recipient(), categories=["PAYMENT"]), by=an_actor())


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"last_on": dt.date(2999, 1, 1)}, "last_on"),
        ({"last_on": LONG_AGO, "format": "CSV"}, "last_on"),
        ({"recording": "BULK"}, "first_on"),
        ({"recording": "BULK", "first_on": dt.date(2999, 1, 1)}, "first_on"),
        ({"recording": "DOCUMENT"}, "paper"),
        ({"paper": "契約書"}, "paper_on"),
        ({"paper_on": LONG_AGO}, "paper"),
        ({"categories": []}, "categories"),
        ({"selection": "NUMBERS"}, "numbers"),
        ({"selection": "NUMBERS", "numbers": ["NOBODY"]}, "selection"),
        ({"selection": "REGISTERED"}, "selection"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_kept(said, field):
    make_customer()

    assert refused(a_recipient(), "CONSENT", **said).field == field
    assert not Provision.objects.exists()


def test_a_paper_of_later_shows_nothing(clock):
    clock(0)
    make_customer()
    paper = {"paper": "照会書", "paper_on": add_days(today(), 1)}

    assert refused(a_recipient(), "LAW", **paper).field == "paper_on"


# one person


def test_article_29_the_record_names_the_recipient_as_it_was_called_on_that_day():
    make_customer()
    recipient = a_recipient("ENTRUSTMENT")
    provision = decided(recipient, "ENTRUSTMENT")
    names = {"name": "新社名", "address": "大阪府", "representative": "佐藤花子"}
    third_parties.revise(recipient, **names, by=an_actor())

    provision.refresh_from_db()
    said = provision.recipient_name, provision.recipient_address, provision.recipient_representative
    assert said == ("株式会社配送", "東京都町田市1-1", "山田太郎")


def test_article_29_no_record_is_wanted_of_what_goes_to_a_state_body_of_japan():
    customer = make_customer()
    names = {"name": "町田市", "address": "東京都町田市", "representative": ""}
    recipient = third_parties.enter(**names, kind="STATE_BODY", country="JP", by=an_actor())
    agreed(customer, a_wording(recipient))

    provision = decided(recipient)

    assert (provision.given, provision.wants_record, provision.kept_until) == (1, False, None)


@pytest.mark.parametrize(
    ("said", "last_day"),
    [
        ({}, "2030-06-10"),
        ({"last_on": GIVEN_ON}, "2030-06-10"),  # from its making, not from the provision
        ({"recording": "BULK", "first_on": dt.date(2027, 6, 1), "last_on": GIVEN_ON}, "2030-06-09"),
        ({"recording": "DOCUMENT", "last_on": GIVEN_ON, **PAPER}, "2028-06-09"),
    ],
)
def test_article_29_2_the_last_day_goes_by_the_way_of_recording(clock, said, last_day):
    clock(-20)
    recipient = a_recipient()
    customer = make_customer()
    agreed(customer, a_wording(recipient))
    clock(0)

    assert decided(recipient, **said).kept_until.isoformat() == last_day


@pytest.mark.parametrize(("given", "withdrawal", "is_permitted"), [(-9, None, True), (-8, None, False),
                                                                   (-9, -1, False), (-9, 0, True)])  # fmt: skip
def test_a_bulk_record_wants_the_consent_on_each_day_of_its_period(clock, given, withdrawal, is_permitted):
    clock(-20)
    recipient, customer = a_recipient(), make_customer()
    wording = a_wording(recipient)
    clock(given)
    consent = agreed(customer, wording)
    if withdrawal is not None:
        clock(withdrawal)
        withdrawn(consent)
    clock(0)

    days = {"recording": "BULK", "first_on": dt.date(2027, 6, 1), "last_on": dt.date(2027, 6, 9)}
    provision = decided(recipient, **days)

    assert (provision.status == ProvisionStatus.RECORDED) == is_permitted


@pytest.mark.parametrize(
    ("scope", "purpose", "is_barred"),
    [("ALL", "", True), ("PROVISION", "", True), ("PURPOSE", "INFORMATION", True), ("PURPOSE", "PAYMENT", False)],
)
def test_article_35_a_suspension_bars_from_what_it_covers(scope, purpose, is_barred):
    customer, _other = make_customer(), make_customer()
    suspended(customer, scope, purpose)

    provision = decided(a_recipient("ENTRUSTMENT"), "ENTRUSTMENT")

    assert list(provision.refusals.values_list("refusal", flat=True)) == ["SUSPENDED"] * is_barred
    assert provision.given == 2 - is_barred


@pytest.mark.parametrize(("lifted", "day", "is_barred"), [(None, 0, True), (None, -6, False), (None, -5, True),
                                                          (-2, -3, True), (-2, -2, False), (-2, 0, False)])  # fmt: skip
def test_article_35_it_bars_from_its_day_until_the_day_before_it_was_lifted(clock, lifted, day, is_barred):
    clock(-9)
    customer, recipient = make_customer(), a_recipient("ENTRUSTMENT")
    clock(-5)
    suspension = suspended(customer)
    if lifted:
        clock(lifted)
        suspensions.lift(suspension, by=an_actor())
    clock(0)

    provision = provisions.prepare(**wanted(recipient, "ENTRUSTMENT", last_on=add_days(today(), day)), by=an_actor())
    provision.save()
    provisions.decide(provision, language="ja", by=an_actor())

    assert provision.refusals.exists() == is_barred


def test_what_a_person_agreed_to_and_suspended_counts_on_all_records_that_were_joined():
    stays, joined, barred = make_customer(), make_customer(), make_customer()
    recipient = a_recipient()
    agreed(joined, a_wording(recipient))
    suspended(barred)
    for alias, survivor in ((joined, stays), (barred, make_customer())):
        merging.approve(merging.propose(survivor, alias, by=an_actor()), by=an_actor())

    provision = decided(recipient)

    assert list(provision.persons.values_list("customer", flat=True)) == [stays.pk]
    assert provision.refusals.get().refusal == "SUSPENDED"
    assert provision.erased == 2


def test_who_was_erased_or_is_nobody_is_left_out_and_counted():
    kept, gone = make_customer("K1"), make_customer("G1")
    erasure.erase(gone, by=an_actor())

    provision = decided(
        a_recipient("ENTRUSTMENT"), "ENTRUSTMENT", selection="NUMBERS", numbers=["K1", "G1", "X9", "K1"]
    )

    assert list(provision.persons.values_list("customer", flat=True)) == [kept.pk]
    assert (provision.given, provision.erased, provision.unknown) == (1, 1, 1)


def test_where_nobody_is_permitted_the_provision_is_refused_for_everybody():
    make_customer()
    provision = decided(a_recipient(), format="CSV")

    assert provision.status == ProvisionStatus.REFUSED
    assert not hasattr(provision, "export")
    assert provisions.refusals_of(provision) == [(Refusal.NO_CONSENT, 1)]


# each act has its entry, and work goes on where it stopped


def test_who_was_permitted_and_left_out_can_be_proved():

    permitted, barred = make_customer("P1"), make_customer("B1")
    suspended(barred)
    officer = an_actor()

    provision = decided(a_recipient("ENTRUSTMENT"), "ENTRUSTMENT", by=officer)

    found = {entry.action: entry for entry in Entry.objects.filter(subject=f"consent.provision:{provision}")}
    assert set(found) == {
        "provision.requested", "provision.persons_permitted", "provision.persons_refused", "provision.recorded",
    }  # fmt: skip
    assert found["provision.persons_permitted"].details["digest"] == digest_of([f"customers.customer:{permitted}"])
    assert {entry.actor_id for entry in found.values()} == {officer.pk}


def test_it_goes_on_where_it_stopped_and_names_nobody_twice(monkeypatch):
    monkeypatch.setattr(provisions, "BATCH", 2)
    people = [make_customer() for _each in range(5)]
    by = an_actor()
    provision = provisions.ask(**wanted(a_recipient("ENTRUSTMENT"), "ENTRUSTMENT"), by=by)
    seen = []

    def stop_at_four(done, total):
        seen.append((done, total))
        if done == 4:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        provisions.decide(provision, language="ja", by=by, progress=stop_at_four)
    assert provision.persons.count() == 4
    provisions.decide(provision, language="ja", by=by, progress=lambda done, total: seen.append((done, total)))
    provisions.decide(provision, language="ja", by=by)

    provision.refresh_from_db()
    assert sorted(provision.persons.values_list("customer", flat=True)) == [each.pk for each in people]
    assert (provision.status, provision.given) == (ProvisionStatus.RECORDED, 5)
    assert seen == [(0, 5), (2, 5), (4, 5), (4, 5), (5, 5)]


def test_two_workers_at_the_same_provision_name_nobody_twice(monkeypatch):
    monkeypatch.setattr(provisions, "BATCH", 2)
    people = [make_customer() for _each in range(5)]
    by = an_actor()
    provision = provisions.ask(**wanted(a_recipient("ENTRUSTMENT"), "ENTRUSTMENT"), by=by)

    def let_another_go_first(done, total):
        if done == 0 and not provision.persons.exists():
            provisions._decide_batch(provision, {each.pk: each.pk for each in people[:3]}, by=by)

    provisions.decide(provision, language="ja", by=by, progress=let_another_go_first)
    provision.refresh_from_db()
    assert sorted(provision.persons.values_list("customer", flat=True)) == [each.pk for each in people]
    assert provision.given == 5


# what stands there stays, and nothing else can be put in


@pytest.fixture
def recorded(clock):
    clock(0)
    customer, recipient = make_customer(), a_recipient()
    agreed(customer, a_wording(recipient))
    return decided(recipient)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE consent_provision SET basis = 'LAW'",
        "UPDATE consent_provision SET kept_until = kept_until + 1",
        "UPDATE consent_provision SET status = 'DECIDING'",
        "DELETE FROM consent_provision",
        "TRUNCATE consent_provision CASCADE",
        "UPDATE consent_provisionperson SET consent_id = NULL",
        "DELETE FROM consent_provisionperson",
        "TRUNCATE consent_provisionperson",
    ],
)
def test_a_record_never_changes(recorded, assert_refused, sql):
    assert_refused(sql, "never change|never removed")


def test_nobody_is_added_once_it_is_decided(recorded, assert_refused):
    sql = (
        "INSERT INTO consent_provisionperson (provision_id, third_party_id, customer_id, consent_id)"
        " SELECT provision_id, third_party_id, %s, consent_id FROM consent_provisionperson"
    )
    assert_refused(sql, "was decided", [make_customer().pk])


LIES = [
    ({"place": "HOME"}, "OFFSHORE", "CONSENT", "elsewhere in Article 28"),
    ({"place": "EQUIVALENT"}, "OFFSHORE", "CONSENT", "elsewhere in Article 28"),
    ({"place": "MEASURES"}, "OFFSHORE", "ENTRUSTMENT", "elsewhere in Article 28"),
    ({"country": "DE"}, "OFFSHORE", "CONSENT", "country of its third party"),
    ({"wants_record": False}, "HOME", "CONSENT", "Article 29"),
    ({"wants_record": True}, "HOME", "ENTRUSTMENT", "Article 29"),
    ({"wants_record": False}, "OFFSHORE", "ENTRUSTMENT", "Article 29"),
    ({"status": "RECORDED", "given": 1, "refused": 0, "made_on": "2027-06-10"}, "HOME", "ENTRUSTMENT", "undecided"),
    ({"first_on": "2020-01-01"}, "HOME", "CONSENT", "provision_has_a_period_only_in_bulk"),
    ({"first_on": "2020-01-01", "recording": "BULK"}, "HOME", "ENTRUSTMENT", "27.5"),
    ({"categories": []}, "HOME", "CONSENT", "provision_names_categories"),
    ({"recipient_name": ""}, "HOME", "CONSENT", "provision_names_its_recipient"),
    ({"basis": "LAW", "wants_record": False}, "HOME", "CONSENT", "names_its_paper"),
    ({"basis": "SUCCESSION", "wants_record": False}, "HOME", "CONSENT", "27.5"),
    ({"basis": "JOINT_USE", "wants_record": False}, "HOME", "CONSENT", "27.5..iii"),
    ({"purpose": "PAYMENT"}, "HOME", "JOINT_USE", "27.5..iii"),
    ({"recording": "DOCUMENT"}, "HOME", "CONSENT", "by_a_document_names_it"),
]


@pytest.mark.parametrize(("lie", "place", "basis", "words"), LIES)
def test_the_database_refuses_a_record_that_says_what_is_not_so(clock, lie, place, basis, words):
    clock(-1)
    recipient = a_recipient(basis, place)
    clock(0)
    row = provisions.prepare(**wanted(recipient, basis), by=an_actor())
    for name, value in lie.items():
        setattr(row, name, value)

    with pytest.raises(DatabaseError, match=words), transaction.atomic():
        row.save(force_insert=True)


def test_the_database_refuses_a_wrong_last_day_and_a_wrong_count(clock):
    clock(0)
    customer, recipient = make_customer(), a_recipient()
    agreed(customer, a_wording(recipient))
    provision = provisions.ask(**wanted(recipient), by=an_actor())
    ProvisionPerson.objects.create(
        provision=provision, third_party=recipient, customer=customer, consent=customer.consents.get()
    )
    right = {"status": "RECORDED", "given": 1, "refused": 0, "made_on": today(), "kept_until": dt.date(2030, 6, 10)}
    for lie, words in (({"kept_until": dt.date(2028, 6, 10)}, "Article 29"), ({"given": 2}, "counts who stands")):
        with pytest.raises(DatabaseError, match=words), transaction.atomic():
            Provision.objects.filter(pk=provision.pk).update(**{**right, **lie})

    assert Provision.objects.filter(pk=provision.pk).update(**right) == 1


def test_nobody_agrees_for_another(clock):
    clock(0)
    recipient = a_recipient()
    consent = agreed(make_customer(), a_wording(recipient))
    another, elsewhere = make_customer(), agreed(make_customer(), a_wording(a_recipient()))
    provision = provisions.ask(**wanted(recipient), by=an_actor())

    assert not is_taken(provision, another, consent)
    assert not is_taken(provision, elsewhere.customer, elsewhere)
    assert is_taken(provision, consent.customer, consent)


# the software and the database hold the same to be so


def test_both_hold_the_same_countries_equivalent():

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT country FROM unnest(%s::text[]) country WHERE consent_is_equivalent(country)",
            [[code for code, _name in countries.choices()]],
        )
        found = {code for (code,) in cursor.fetchall()}
    assert found == EQUIVALENT


@pytest.mark.parametrize("months", [12, 36])
def test_both_count_months_alike(months):
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=number) for number in range(5 * 366)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT consent_last_day_of(day, %s) FROM unnest(%s::date[]) WITH ORDINALITY listed (day, number)"
            " ORDER BY number",
            [months, days],
        )
        found = [day for (day,) in cursor.fetchall()]
    assert found == [last_day_of(day, months) for day in days]


@pytest.mark.parametrize("checks", [[], [("2025-03-10", "IN_ORDER")], [("2025-03-10", "TROUBLE")],
                                    [("2025-03-10", "TROUBLE"), ("2025-03-10", "IN_ORDER")]])  # fmt: skip
@pytest.mark.parametrize("ends_on", [None, "2025-06-30"])
def test_both_say_alike_where_a_third_party_stands_on_each_day(checks, ends_on):
    names = {"name": "Carrier", "address": "Somewhere", "representative": "Somebody"}
    party = third_parties.enter(**names, kind="RECIPIENT", country="US", by=an_actor())
    said = {"system": "CONTRACT", "outline": "By contract.", "starts_on": LONG_AGO}
    third_parties.put_measures_in_place(party, **said, by=an_actor())
    for checked_on, finding in checks:
        third_parties.check(party, subject="MEASURES", finding=finding, remark="Looked.",
                            checked_on=dt.date.fromisoformat(checked_on), by=an_actor())  # fmt: skip
    if ends_on:
        third_parties.end_measures(party, ends_on=dt.date.fromisoformat(ends_on), by=an_actor())
    edges = ["2024-03-31", "2024-04-01", "2025-03-09", "2025-03-10", "2025-03-11", "2025-04-01", "2025-04-02",
             "2025-06-30", "2025-07-01", "2026-03-10", "2026-03-11"]  # fmt: skip
    days = [dt.date.fromisoformat(day) for day in edges]
    with connection.cursor() as cursor:
        found = []
        for day in days:
            cursor.execute("SELECT consent_place_of(%s, %s)", [party.pk, day])
            found.append(cursor.fetchone()[0])
    assert found == [third_parties.place_of(party, day) for day in days]


def test_a_joint_use_that_ended_permits_nothing_afterwards(clock):

    clock(-9)
    make_customer()
    recipient = a_recipient("JOINT_USE")
    clock(-2)
    joint_use.end(recipient.joint_uses.get(), by=an_actor())
    clock(0)

    assert decided(recipient, "JOINT_USE", last_on=add_days(today(), -2)).given == 1
    assert str(refused(recipient, "JOINT_USE")) == str(Refusal.NOT_ANNOUNCED.label)
    an_announcement(recipient)
    assert str(refused(recipient, "JOINT_USE")) == str(Refusal.NOT_ANNOUNCED.label)
