"""The ledger's pages, the file that leaves from it, and provisions received."""

import datetime as dt
import io
import re

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from audit.calendar import add_days, midnight_after, today
from audit.models import Entry
from consent.bases import Refusal
from consent.exceptions import ChangedMeanwhile, NotReady
from consent.models import Export, ExportStatus, Provision, ProvisionPerson, ProvisionStatus, Receipt
from consent.services import exports, joint_use, provisions, receipts, third_parties
from customers.models import FilePerson
from customers.services import erasure
from tests.factories.audit import sign_in
from tests.factories.consent import an_actor, make_register
from tests.factories.customers import make_customer
from tests.factories.ledger import LONG_AGO, a_recipient, a_wording, agreed, decided, suspended, wanted, withdrawn

pytestmark = pytest.mark.django_db
ASK, LIST = reverse("admin:consent_provision_ask"), reverse("admin:consent_provision_changelist")
PERSONS = reverse("admin:consent_provisionperson_changelist")
ENTER = reverse("admin:consent_receipt_enter")
RECEIVED = {
    "provider_name": "株式会社名簿", "provider_address": "東京都", "provider_representative": "鈴木一郎",
    "ground": "CONSENT", "acquired_how": "会員登録のときに本人から。", "confirmed": "CONTRACT",
    "confirmed_by_what": "会員規約 第3版", "categories": ["NAME"], "recording": "EACH",
}  # fmt: skip


@pytest.fixture(autouse=True)
def office(client, settings, tmp_path):
    settings.FILES_FOLDER = tmp_path / "files"
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    make_register()
    with translation.override("en"):
        yield


@pytest.fixture
def handler(client):
    return sign_in(client, "handler")


def page_of(client, thing, name="change"):
    return client.get(reverse(f"admin:{thing._meta.label_lower.replace('.', '_')}_{name}", args=[thing.pk])).text


def posted(third_party, basis="CONSENT", **said):
    values = wanted(third_party, basis, **said)
    return {**values, "third_party": third_party.pk, "recording": values.get("recording", "EACH")}


def confirmed(client, values):
    """Post what is wanted, then what the page of counts carries on, as a browser does."""
    page = client.post(ASK, values).text
    carried = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page):
        carried.setdefault(name, []).append(value)
    carried["confirmed"] = re.search(r'name="confirmed" value="(\w+)"', page).group(1)
    client.post(ASK, carried)
    return Provision.objects.latest("pk")


def sheet(response):
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    return [list(row) for row in book.active.iter_rows(values_only=True)]


# asking


def test_nothing_can_be_asked_for_without_a_third_party(client, handler):
    assert "No third party is entered" in client.get(ASK).text


def test_what_would_be_decided_is_seen_before_it_is_recorded(client, handler):
    recipient = a_recipient()
    make_customer("N1"), suspended(make_customer("S1"))
    agreed(make_customer("W1"), a_wording(recipient))

    page = client.post(ASK, posted(recipient)).text

    assert "What would be decided" in page
    assert re.search(r"permitted</dt><dd>1<", page)
    for refusal in (Refusal.NO_CONSENT, Refusal.SUSPENDED):
        assert str(refusal.label) in page
    assert not Provision.objects.exists()


def test_what_was_confirmed_is_recorded_and_found_from_both_sides(client, handler):
    recipient = a_recipient()
    customer, stranger = make_customer("W1"), make_customer("N1")
    consent = agreed(customer, a_wording(recipient))

    provision = confirmed(client, posted(recipient))
    waiting = page_of(client, provision)
    provisions.decide(provision, language="en", by=handler.actor)

    assert "It is waiting for a worker." in waiting
    page = page_of(client, provision)
    assert "Refresh" not in page
    assert str(Refusal.NO_CONSENT.label) in page
    assert "Haiso" not in page
    of_customer = page_of(client, customer)
    assert provision.number in of_customer
    assert "株式会社配送" in of_customer
    assert provision.number not in page_of(client, stranger)
    assert provision.number in page_of(client, recipient)
    all_of_person = client.get(PERSONS, {"customer": customer.pk}).text
    all_of_recipient = client.get(PERSONS, {"third_party": recipient.pk}).text
    for text in (all_of_person, all_of_recipient):
        assert "W1" in text
        assert str(consent) in text
    row = ProvisionPerson.objects.get()
    assert "Consent of the person" in page_of(client, row)
    assert str(Refusal.NO_CONSENT.label) in page_of(client, provision.refusals.get())


REFUSED_AT_ONCE = {
    "LAW": Refusal.NO_PAPER, "ENTRUSTMENT": Refusal.NO_CONTRACT, "SUCCESSION": Refusal.NO_CONTRACT,
    "JOINT_USE": Refusal.NOT_ANNOUNCED,
}  # fmt: skip


@pytest.mark.parametrize(("basis", "refusal"), REFUSED_AT_ONCE.items())
def test_what_forbids_it_for_everybody_is_said_at_its_field_and_loses_nothing(client, handler, basis, refusal):
    make_customer()
    recipient = a_recipient()
    if basis != "LAW":
        kind = {"ENTRUSTMENT": "CONTRACTOR", "SUCCESSION": "SUCCESSOR", "JOINT_USE": "JOINT_USER"}[basis]
        names = {"name": "Carrier", "address": "Tokyo", "representative": "Somebody"}
        recipient = third_parties.enter(**names, kind=kind, country="JP", by=an_actor())

    values = {**posted(recipient, basis), "paper": "", "paper_on": ""}
    page = client.post(ASK, {**values, "selection": "NUMBERS", "numbers": "T1 T2"}).text

    assert str(refusal.label) in page.replace("&#x27;", "'")
    assert "(Article" in str(refusal.label)
    assert "T1\nT2" in page
    assert not Provision.objects.exists()


def left_out(recipient, basis, customer, **said):
    return decided(recipient, basis, **said).refusals.get(customer=customer).refusal


def none(recipient, customer):
    return "NO_CONSENT"


def none_abroad(recipient, customer):
    return "NO_OFFSHORE_CONSENT"


def other(recipient, customer):
    agreed(customer, a_wording(recipient, ["NAME"]))
    return "OTHER_ITEMS"


def taken_back(recipient, customer):
    withdrawn(agreed(customer, a_wording(recipient)))
    return "WITHDRAWN"


def barred(recipient, customer):
    agreed(customer, a_wording(recipient))
    suspended(customer)
    return "SUSPENDED"


@pytest.mark.parametrize(
    ("basis", "place", "arrange"),
    [
        ("CONSENT", "HOME", none), ("CONSENT", "OFFSHORE", none_abroad), ("CONSENT", "HOME", other),
        ("CONSENT", "HOME", taken_back), ("CONSENT", "HOME", barred),
        ("ENTRUSTMENT", "OFFSHORE", lambda recipient, customer: "EXCEPTION_ENDS_ABROAD"),
    ],
)  # fmt: skip
def test_each_outcome_is_read_at_the_desk_before_and_after(client, handler, basis, place, arrange):
    recipient, customer = a_recipient(basis, place), make_customer("T1")
    refusal = Refusal(arrange(recipient, customer))

    before = client.post(ASK, posted(recipient, basis)).text
    provision = decided(recipient, basis) if refusal != "SUSPENDED" else None

    assert str(refusal.label) in before
    if provision:
        assert str(refusal.label) in page_of(client, provision)
        assert "Refused for everybody" in page_of(client, provision)


def test_a_consent_of_tomorrow_is_read_at_the_desk(client, time_machine):
    recipient, customer = a_recipient(), make_customer("T1")
    wording = a_wording(recipient)
    time_machine.move_to(midnight_after(add_days(today(), 1)), tick=False)
    agreed(customer, wording)
    sign_in(client, "handler")

    page = client.post(ASK, posted(recipient, last_on=add_days(today(), -1))).text

    assert str(Refusal.GIVEN_LATER.label) in page


@pytest.mark.parametrize(
    "address", ["?customer=999", "?customer=x", "?provision=0", "?third_party=abc", "?third_party=99999", "?rule=x"]
)
def test_an_address_that_offers_nothing_shows_the_whole_list(client, handler, address):
    assert client.get(PERSONS + address).status_code == 302


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_opens_in_both_languages_with_and_without_rows(client, language):
    sign_in(client, "privacy_officer", language)
    lists = [reverse(f"admin:consent_{rows}_changelist") for rows in
             ("provision", "provisionperson", "provisionrefusal", "receipt")]  # fmt: skip
    for address in [*lists, ASK, ENTER]:
        assert client.get(address).status_code == 200
    recipient = a_recipient("ENTRUSTMENT")
    make_customer("P1"), suspended(make_customer("S1"))
    provision = decided(recipient, "ENTRUSTMENT")
    receipt = receipts.enter(**RECEIVED, numbers=["P1"], last_on=today(), confirmed_on=today(), by=an_actor())
    for address in [*lists, ASK, ENTER]:
        assert client.get(address).status_code == 200
    for thing in (provision, provision.persons.get(), provision.refusals.get(), receipt, recipient):
        assert page_of(client, thing)
    assert client.get(reverse("admin:consent_provision_answers", args=[provision.pk])).status_code == 200


# lists as files


def test_both_lists_leave_as_files_with_numbers_alone_and_an_entry(client, handler):
    recipient = a_recipient()
    customer = make_customer("W1", name="見本花子", email="hana@example.test")
    consent = agreed(customer, a_wording(recipient))
    make_customer("N1")
    provision = decided(recipient)

    answers = sheet(client.post(reverse("admin:consent_provision_answers", args=[provision.pk])))
    persons = sheet(client.post(reverse("admin:consent_thirdparty_persons", args=[recipient.pk])))

    assert answers[1:] == [["W1", "permitted", str(consent)], ["N1", str(Refusal.NO_CONSENT.label), None]]
    assert [row[:3] for row in persons[1:]] == [["W1", today().isoformat(), provision.number]]
    entries = Entry.objects.filter(action="provision.list_taken").order_by("pk")
    assert [(entry.subject, entry.details["count"]) for entry in entries] == [
        (f"consent.provision:{provision}", 2), (f"consent.thirdparty:{recipient}", 1)
    ]  # fmt: skip
    assert "見本" not in str([answers, persons])


# the file


@pytest.fixture
def two(handler):
    """Two customers who agreed, and the export of a provision of both, asked for by the handler."""
    recipient = a_recipient()
    wording = a_wording(recipient)
    people = [make_customer("A1", name="安部一"), make_customer("B1", name="馬場二")]
    consents = [agreed(each, wording) for each in people]
    make_customer("N1", name="野田三")
    provision = decided(recipient, by=handler.actor, format="CSV")
    return provision, people, consents


def test_the_file_holds_who_stands_in_the_ledger_and_ends_with_the_day(two, handler):
    provision, people, _consents = two
    exports.make(provision.export, language="en", by=handler.actor)
    export = Export.objects.get()

    assert set(FilePerson.objects.values_list("customer", flat=True)) == {each.pk for each in people}
    assert (export.status, export.persons) == (ExportStatus.READY, 2)
    assert export.available_until <= midnight_after(provision.last_on)
    assert not ProvisionPerson.objects.that_left().exists()
    b"".join(exports.collect(export, by=handler.actor))
    assert ProvisionPerson.objects.that_left().count() == 2
    assert Provision.objects.that_left().get() == provision


def test_it_is_downloaded_from_the_page_of_the_export(client, two, handler):
    provision, _people, _consents = two
    exports.make(provision.export, language="en", by=handler.actor)
    before = page_of(client, provision)
    response = client.post(reverse("admin:consent_export_download", args=[provision.export.pk]))
    assert b"".join(response.streaming_content)

    assert "Recorded (Ready)" in before
    assert "Recorded (Downloaded)" in page_of(client, provision)
    assert provision.number in page_of(client, provision.export)


ACTS = {
    "a withdrawal": lambda people, consents: withdrawn(consents[1]),
    "a suspension": lambda people, consents: suspended(people[1]),
    "an erasure": lambda people, consents: erasure.erase(people[1], by=an_actor()),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_who_may_no_longer_be_given_is_not_in_the_file(two, handler, act):
    provision, people, consents = two
    act(people, consents)
    exports.make(provision.export, language="en", by=handler.actor)

    export = Export.objects.get()
    assert export.persons == 1
    assert set(FilePerson.objects.values_list("customer", flat=True)) == {people[0].pk}
    b"".join(exports.collect(export, by=handler.actor))
    assert ProvisionPerson.objects.that_left().get().customer == people[0]


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_file_that_waits_is_purged_by_the_same_acts(two, handler, act):
    provision, people, consents = two
    exports.make(provision.export, language="en", by=handler.actor)
    act(people, consents)

    assert exports.end_all_that_is_over() == 1
    export = Export.objects.get()
    assert export.status == ExportStatus.EXPIRED
    assert export.file.is_purged
    assert not ProvisionPerson.objects.that_left().exists()


def test_the_file_is_gone_when_the_day_is_over(two, handler, time_machine):
    provision, _people, _consents = two
    exports.make(provision.export, language="en", by=handler.actor)
    time_machine.move_to(midnight_after(today()), tick=False)

    assert exports.end_all_that_is_over() == 1
    assert Export.objects.get().ended_because == Export.Ended.FALLEN


def test_a_file_that_is_not_made_on_its_day_is_refused(two, handler, time_machine):
    provision, _people, _consents = two
    time_machine.move_to(midnight_after(today()), tick=False)
    exports.make(provision.export, language="en", by=handler.actor)

    export = Export.objects.get()
    assert (export.status, export.ended_because) == (ExportStatus.REFUSED, Export.Ended.FALLEN)


@pytest.mark.parametrize(("basis", "status"), [("ENTRUSTMENT", "REFUSED"), ("LAW", "READY")])
def test_what_a_provision_rests_on_is_asked_for_again_before_its_file_is_made(handler, basis, status):
    recipient = a_recipient(basis, "MEASURES")
    make_customer()
    provision = decided(recipient, basis, by=handler.actor, format="XLSX")
    third_parties.check(
        recipient, subject="MEASURES", finding="TROUBLE", remark="Broken.", checked_on=today(), by=an_actor()
    )
    exports.make(provision.export, language="en", by=handler.actor)

    export = Export.objects.get()
    assert (export.status, export.ended_because) == (status, "FALLEN" if status == "REFUSED" else "")


def test_a_withdrawal_while_the_file_is_made_makes_it_begin_anew(two, handler):
    provision, _people, consents = two
    seen = []

    def withdraw_once(done, total):
        if not seen:
            withdrawn(consents[1])
        seen.append(done)

    with pytest.raises(ChangedMeanwhile):
        exports.make(provision.export, language="en", by=handler.actor, progress=withdraw_once)
    exports.make(provision.export, language="en", by=handler.actor)

    assert Export.objects.get().persons == 1


def test_the_database_lets_no_file_hold_who_does_not_stand_in_the_ledger(two, handler):
    provision, _people, _consents = two
    exports.make(provision.export, language="en", by=handler.actor)
    full = Export.objects.get().file
    another = make_customer("X1")
    FilePerson.objects.create(file=full, customer=another)
    second = decided(provision.third_party, by=handler.actor, format="CSV")

    with pytest.raises(DatabaseError, match="does not stand in the ledger"), transaction.atomic():
        Export.objects.filter(pk=second.export.pk).update(
            status="READY", file=full, available_until=midnight_after(today())
        )


@pytest.mark.parametrize("lie", [{"categories": ["NAME"]}, {"purpose": "PAYMENT"}, {"format": "XLSX"}])
def test_the_database_lets_nothing_leave_but_as_its_provision_says(two, lie):
    provision, _people, _consents = two
    with pytest.raises(DatabaseError, match="as its provision says"), transaction.atomic():
        Export.objects.filter(pk=provision.export.pk).update(**lie)
    with pytest.raises(DatabaseError, match="stays with its provision"), transaction.atomic():
        Export.objects.filter(pk=provision.export.pk).update(provision=None)


def test_an_export_without_a_provision_is_for_our_own_use(client, handler):
    assert "leaves from the ledger of provisions" in client.get(reverse("admin:consent_export_ask")).text


# Article 30


def received(**said):
    values = {**RECEIVED, "numbers": ["P1"], "last_on": today(), "confirmed_on": today(), **said}
    return receipts.enter(**values, by=an_actor())


def test_article_30_a_receipt_names_all_that_must_be_recorded(client):
    make_customer("P1"), make_customer("P2")
    sign_in(client, "privacy_officer")
    client.post(ENTER, {**RECEIVED, "numbers": "P1, P2", "last_on": today(), "confirmed_on": today()})
    receipt = Receipt.objects.get()
    page = page_of(client, receipt)

    for words in ("株式会社名簿", "東京都", "鈴木一郎", "会員登録のときに本人から。", "会員規約 第3版", "P1", "P2"):
        assert words in page
    assert Entry.objects.get(action="receipt.entered").details["customers"] == 2


@pytest.mark.parametrize("name", ["provider_name", "provider_representative", "acquired_how", "confirmed",
                                  "confirmed_by_what", "confirmed_on"])  # fmt: skip
def test_article_30_1_nothing_is_entered_without_confirmation(client, name):
    make_customer("P1")
    sign_in(client, "privacy_officer")
    page = client.post(ENTER, {**RECEIVED, "numbers": "P1", "last_on": today(), "confirmed_on": today(), name: ""}).text

    assert "error" in page
    assert "会員" in page
    assert not Receipt.objects.exists()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"confirmed_on": dt.date(2026, 12, 2), "last_on": dt.date(2026, 12, 1)}, "confirmed_on"),
        ({"last_on": dt.date(2999, 1, 1)}, "last_on"),
        ({"recording": "BULK"}, "first_on"),
        ({"categories": []}, "categories"),
        ({"numbers": []}, "numbers"),
        ({"numbers": ["P1", "X9"]}, "numbers"),
    ],
)
def test_article_30_what_cannot_be_is_said_at_its_field(time_machine, said, field):
    make_customer("P1")
    time_machine.move_to(dt.datetime(2026, 12, 5, tzinfo=dt.UTC), tick=False)
    with pytest.raises(NotReady) as refusal:
        received(**said)
    assert refusal.value.field == field
    assert not Receipt.objects.exists()


@pytest.mark.parametrize(
    ("said", "last_day"),
    [({}, "2029-12-05"), ({"last_on": dt.date(2026, 12, 1), "confirmed_on": LONG_AGO}, "2029-12-05"),
     ({"recording": "BULK", "first_on": dt.date(2026, 11, 1), "last_on": dt.date(2026, 11, 30),
       "confirmed_on": LONG_AGO}, "2029-11-30"),
     ({"recording": "DOCUMENT", "last_on": dt.date(2026, 12, 1), "confirmed_on": LONG_AGO}, "2027-12-01")],
)  # fmt: skip
def test_article_30_4_the_last_day_goes_by_the_way_of_recording(time_machine, said, last_day):
    make_customer("P1")
    time_machine.move_to(dt.datetime(2026, 12, 5, tzinfo=dt.UTC), tick=False)

    assert received(**said).kept_until.isoformat() == last_day


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE consent_receipt SET ground = 'OPT_OUT'", "DELETE FROM consent_receipt",
        "TRUNCATE consent_receipt CASCADE", "UPDATE consent_receiptperson SET customer_id = customer_id",
        "DELETE FROM consent_receiptperson", "TRUNCATE consent_receiptperson",
    ],
)  # fmt: skip
def test_a_receipt_never_changes(assert_refused, sql):
    make_customer("P1")
    received()

    assert_refused(sql, "never change")


@pytest.mark.parametrize(
    ("lie", "words"),
    [({"kept_until": dt.date(2026, 1, 1)}, "Article 30"), ({"acquired_how": ""}, "receipt_was_confirmed"),
     ({"confirmed_by_what": ""}, "receipt_was_confirmed"), ({"provider_representative": ""}, "names_its_provider"),
     ({"categories": []}, "names_categories"), ({"confirmed_on": dt.date(2999, 1, 1)}, "receipt_was_confirmed")],
)  # fmt: skip
def test_the_database_takes_no_receipt_without_confirmation(lie, words):
    make_customer("P1")
    row = received()
    row.pk, row.number = None, "RC-X"
    for name, value in lie.items():
        setattr(row, name, value)

    with pytest.raises(DatabaseError, match=words), transaction.atomic():
        row.save(force_insert=True)


def test_a_large_selection_is_not_foreseen_but_counted(client, handler, monkeypatch):
    monkeypatch.setattr(provisions, "BATCH", 1)
    make_customer(), make_customer()

    page = client.post(ASK, posted(a_recipient("ENTRUSTMENT"), "ENTRUSTMENT")).text

    assert "Who is selected" in page
    assert re.search(r"customers to be decided</dt><dd>2<", page)


def test_a_joint_use_is_given_from_the_day_after_its_publication(client, time_machine):
    make_customer()
    recipient = a_recipient("JOINT_USE")
    time_machine.move_to(midnight_after(today()), tick=False)
    handler = sign_in(client, "handler")
    provision = confirmed(client, posted(recipient, "JOINT_USE"))
    provisions.decide(provision, language="en", by=handler.actor)

    assert joint_use.is_announced(recipient, ["NAME"], today())
    provision.refresh_from_db()
    assert provision.status == ProvisionStatus.RECORDED
    assert "not wanted: kept for ourselves" in page_of(client, provision)
