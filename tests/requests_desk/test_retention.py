"""What is past its time goes, with its history; what a hold, a request, a rule or a statute keeps stays."""

import datetime as dt

import pytest
import time_machine
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audit.models import Actor, Entry, Job
from customers.categories import Category
from customers.exceptions import CustomerErased
from customers.models import (
    CorrectionReason,
    Customer,
    Event,
    EventKind,
    Media,
    PaymentMethod,
    SealedFile,
    SearchToken,
    StrayEvent,
)
from customers.services import blanking, holdings
from customers.services.corrections import correct
from customers.storage import path_of
from requests_desk import schedule
from requests_desk.exceptions import HoldOver, HoldTwice, RuleRefused
from requests_desk.models import CountedFrom, Hold, RetentionRule, RetentionRun
from requests_desk.services import holds, retention
from requests_desk.services.periods import PROPOSALS, Verdict, verdict
from tests.factories.customers import make_erased_customer
from tests.factories.keeping import (
    a_customer,
    a_row,
    a_rule,
    a_stray_event,
    a_whole_file,
    an_event,
    at,
    let_go,
    looked,
)
from tests.factories.requests_desk import At, a_request, staff_actor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("the_day")]

TODAY = dt.date(2026, 11, 25)
LONG_AGO, LAST_PAST, FIRST_KEPT = dt.date(2016, 1, 31), dt.date(2025, 11, 24), dt.date(2025, 11, 25)


@pytest.fixture
def the_day(settings, tmp_path):
    settings.FILES_FOLDER = tmp_path
    with time_machine.travel(dt.datetime(2026, 11, 25, 2, 30, tzinfo=timezone.get_default_timezone()), tick=True):
        yield


def a_hold(customer, category="", by=None):
    return holds.place(customer, category=category, ground="CLAIM", case_number="1", by=by or Actor.system())


def on(customer):
    """What is held on a customer now, as the record says and as it is."""
    customer = Customer.objects.get(pk=customer.pk)
    said = customer.held
    assert holdings.recount(customer) == said
    return {category for category in Category if said & category.bit}


# Deciding


def test_a_rule_is_decided_with_its_history_and_its_entry():
    officer = staff_actor("officer")

    a_rule("SEX", 24)
    rule = retention.decide("SEX", months=12, counted_from="LEFT", by=officer)

    assert (rule.months, rule.decided_by, str(rule)) == (12, officer, "SEX")
    assert [(row.months, row.history_user_id) for row in rule.history.all()] == [(12, officer.staff_id), (24, None)]
    entry = Entry.objects.filter(action="retention.decided").latest("pk")
    assert (entry.subject, entry.details) == (
        "requests_desk.retentionrule:SEX", {"months": 12, "counted_from": "LEFT", "statute_months": 0},
    )  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        {"category": "SEX", "counted_from": "RECORDED"},
        {"category": "SEX", "counted_from": "EVENT"},
        {"category": "PAYMENT", "counted_from": "EVENT"},
        {"category": "LOCATION", "counted_from": "RECORDED"},
        {"category": "SEX", "months": 0},
        {"category": "SEX", "months": 1201},
        {"category": "SEX", "statute": "Some Act"},
        {"category": "SEX", "statute_months": 6},
        {"category": "SEX", "statute": " ", "statute_months": 6},
        {"category": "SEX", "statute": "Some Act", "statute_months": 13},
    ],
)
def test_a_rule_that_means_nothing_or_breaks_a_statute_is_refused(given):
    with pytest.raises(RuleRefused):
        retention.decide(**{"months": 12, "counted_from": "LEFT", "by": Actor.system(), **given})

    assert not RetentionRule.objects.exists()


@pytest.mark.parametrize(
    ("given", "constraint"),
    [
        ({"months": 0}, "retention_keeps_at_least_a_month"),
        ({"statute": "Some Act", "statute_months": 13}, "retention_is_never_shorter_than_the_statute"),
        ({"statute": "Some Act"}, "retention_names_the_statute_that_keeps"),
        ({"counted_from": "EVENT"}, "retention_counts_events_from_their_time"),
        ({"counted_from": "RECORDED"}, "retention_counts_rows_alone_from_their_recording"),
    ],
)
def test_the_database_refuses_such_a_rule_too(given, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        RetentionRule.objects.create(
            **{"category": "SEX", "months": 12, "counted_from": "LEFT", "decided_by": Actor.system(), **given}
        )


def test_a_rule_that_is_taken_back_keeps_everything_again():
    rule, customer = a_rule("SEX"), a_customer(left_on=LONG_AGO)

    retention.take_back(rule, by=staff_actor("officer"))

    assert retention.run(by=Actor.system()) is None
    assert Category.SEX in on(customer)
    assert RetentionRule.history.latest("history_id").history_type == "-"
    assert Entry.objects.filter(action="retention.taken_back").count() == 1


# What goes


@pytest.mark.parametrize("category", Category)
def test_a_category_of_who_left_long_ago_goes_and_no_other(category):
    gone, here = a_whole_file(left_on=LAST_PAST), a_whole_file(left_on=FIRST_KEPT)
    never = a_whole_file()
    a_rule(category)

    this = let_go()

    assert on(gone) == set(Category) - {category}
    assert on(here) == on(never) == set(Category)
    found = this.counts[category]
    assert (found["due"], found["blanked"], found["held"], found["asked"]) == (1, 1, 0, 0)
    assert (found["cutoff"], found["unit"]) == (LAST_PAST.isoformat(), "PERSON")


@pytest.mark.parametrize("category", sorted(set(holdings.OWN.values())))
def test_the_columns_and_all_their_history_are_blank_and_the_number_stays(category):
    customer = a_customer(left_on=LONG_AGO)
    correct(customer, changes={"name": "見本 花江", "email": "hanae@example.test"}, reason=CorrectionReason.ASKED,
            by=Actor.system())  # fmt: skip
    names = [name for name, of in Customer.PersonalData.personal.items() if of == category]
    others = set(Customer.PersonalData.personal) - set(names)
    before = Customer.objects.get(pk=customer.pk)
    a_rule(category)

    let_go()

    now = Customer.objects.get(pk=customer.pk)
    versions = list(Customer.history.filter(id=customer.pk))
    assert [getattr(row, name) for row in [now, *versions] for name in names if getattr(row, name)] == []
    assert {name: getattr(now, name) for name in others} == {name: getattr(before, name) for name in others}
    assert now.number == before.number
    assert (versions[0].history_type, versions[0].held, versions[0].blanked) == ("~", now.held, category.bit)


@pytest.mark.parametrize(
    ("category", "lost", "left"),
    [
        ("NAME", ["花子", "みほん", "花野"], ["hanako@example.test", "090-0000-0001"]),
        ("EMAIL", ["hanako@example.test"], ["花子", "090-0000-0001"]),
        ("TELEPHONE", ["090-0000-0001", "0001"], ["花子", "hanako@example.test"]),
    ],
)
def test_search_finds_nobody_by_what_is_gone_and_no_token_is_left(category, lost, left):
    customer = a_customer(left_on=LONG_AGO)
    a_rule(category)

    let_go()

    customer.refresh_from_db()
    assert not [text for text in lost if Customer.objects.search(text)]
    assert all(list(Customer.objects.search(text)) == [customer] for text in left)
    assert set(SearchToken.objects.filter(customer=customer).values_list("token", flat=True)) == customer.tokens()
    assert list(Customer.objects.search(customer.number)) == [customer]


def test_no_notice_goes_to_an_address_that_is_gone():
    customer = a_customer(left_on=LONG_AGO)
    a_rule("EMAIL")

    let_go()

    assert customer not in Customer.objects.with_email()
    assert not Customer.objects.get(pk=customer.pk).has_email


def test_a_value_that_only_the_history_still_says_goes_too():
    customer = a_customer(left_on=LONG_AGO)
    holdings.recount(correct(customer, changes={"sex": ""}, reason=CorrectionReason.ASKED, by=Actor.system()))
    a_rule("SEX")

    this = let_go()

    assert {row.sex for row in Customer.history.filter(id=customer.pk)} == {""}
    assert (this.counts["SEX"]["due"], this.counts["SEX"]["beside"], this.counts["SEX"]["gone_through"]) == (0, 1, 1)


def test_what_is_recorded_again_after_it_went_goes_again():
    customer = a_customer(left_on=LONG_AGO)
    a_rule("SEX")
    let_go()
    assert Customer.objects.get(pk=customer.pk).blanked == Category.SEX.bit
    correct(customer, changes={"sex": "MALE"}, reason=CorrectionReason.IMPORT, by=Actor.system())
    holdings.note([customer.pk], Category.SEX)
    assert Customer.objects.get(pk=customer.pk).blanked == 0

    with time_machine.travel(dt.datetime(2026, 11, 27, tzinfo=dt.UTC)):
        this = let_go()

    assert this.counts["SEX"]["blanked"] == 1
    assert Category.SEX not in on(customer)


@pytest.mark.parametrize(("category", "model"), sorted(holdings.ROWS.items(), key=str), ids=str)
def test_rows_that_were_recorded_long_ago_go_with_history_and_files_while_newer_ones_stay(category, model):
    customer = a_customer()
    old = a_row(model, customer, LAST_PAST, "古い")
    new = a_row(model, customer, FIRST_KEPT, "新しい")
    alone = a_customer()
    a_row(model, alone, LONG_AGO)
    for each in (customer, alone):
        holdings.recount(each)
    a_rule(category, counted_from="RECORDED")

    this = let_go()

    assert list(model.objects.all()) == [new]
    assert (category in on(customer), category in on(alone)) == (True, False)
    if model is Media:
        kept = SealedFile.objects.filter(purged_at__isnull=True)
        assert {file.pk for file in kept} == {new.file_id, new.thumbnail_id}
        assert not old.file.file_persons.exists()
    else:
        assert {row.id for row in model.history.all()} == {new.pk}
    assert (this.counts[category]["due"], this.counts[category]["blanked"], this.counts[category]["unit"]) == (
        2, 2, "ROW",
    )  # fmt: skip


def test_the_content_of_a_picture_leaves_the_disk(django_capture_on_commit_callbacks):
    picture = a_row(Media, a_customer(), LONG_AGO)
    places = [path_of(picture.file.place), path_of(picture.thumbnail.place)]
    assert all(place.exists() for place in places)
    a_rule("MEDIA", counted_from="RECORDED")

    with django_capture_on_commit_callbacks(execute=True):
        let_go()

    assert not any(place.exists() for place in places)


@pytest.mark.parametrize("counted_from", ["RECORDED", "LEFT"])
def test_rows_that_are_no_longer_current_go_from_the_history(counted_from):
    customer = a_customer(left_on=LONG_AGO)
    a_row(PaymentMethod, customer, LONG_AGO, "やめたカード").delete()
    a_row(PaymentMethod, a_customer(), FIRST_KEPT, "新しいカード").delete()
    a_rule("PAYMENT", counted_from=counted_from)
    assert PaymentMethod.history.count() == 4

    let_go()

    assert {row.brand for row in PaymentMethod.history.all()} == {"新しいカード"}


@pytest.mark.parametrize("category", [Category.SITE_USE, Category.APP_USE, Category.LOCATION])
def test_events_go_by_their_own_time_those_of_unknown_persons_too(category):
    customer = a_customer()
    for kind in EventKind:
        for day in (LONG_AGO, LAST_PAST, FIRST_KEPT):
            an_event(customer, kind, day)
            a_stray_event(kind, day)
    holdings.recount(customer)
    kinds = set(EventKind.of(category))
    a_rule(category, counted_from="EVENT")

    this = let_go()

    for model in (Event, StrayEvent):
        left = {(row.kind, timezone.localdate(row.at)) for row in model.objects.all()}
        assert left == {
            (kind.value, day)
            for kind in EventKind
            for day in (LONG_AGO, LAST_PAST, FIRST_KEPT)
            if kind not in kinds or day == FIRST_KEPT
        }
    assert category in on(customer)
    found = this.counts[category]
    assert (found["unit"], found["due"], found["blanked"], found["gone_through"]) == (
        "EVENT", 2 * len(kinds), 2 * len(kinds), 2 * len(kinds),
    )  # fmt: skip


def test_an_event_of_the_last_second_in_tokyo_is_of_that_day():
    customer = a_customer()
    a_rule("LOCATION", counted_from="EVENT")
    midnight = at(FIRST_KEPT) - dt.timedelta(hours=12)
    for moment in (midnight - dt.timedelta(seconds=1), midnight):
        event = an_event(customer, EventKind.LOCATION, FIRST_KEPT)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL office.may_change_events = 'on'")
            cursor.execute("UPDATE customers_event SET at = %s WHERE line = %s", [moment, event.line])

    let_go()

    assert [event.at for event in Event.objects.all()] == [midnight]


def test_many_events_of_one_person_go_in_several_transactions(monkeypatch):
    monkeypatch.setattr(blanking, "EVENTS_AT_ONCE", 2)
    customer, other = a_customer(left_on=LONG_AGO), a_customer(left_on=LAST_PAST)
    for _each in range(5):
        an_event(customer, EventKind.LOCATION, LONG_AGO)
    an_event(other, EventKind.LOCATION, TODAY)
    for each in (customer, other):
        holdings.recount(each)
    a_rule("LOCATION")

    this = let_go()

    assert not Event.objects.exists()
    assert (this.counts["LOCATION"]["due"], this.counts["LOCATION"]["blanked"]) == (2, 2)
    entries = Entry.objects.filter(action="retention.blanked").values_list("details", flat=True)
    assert sum(details["events"] for details in entries) == 6


# What stays


@pytest.mark.parametrize("category", Category)
def test_a_category_without_a_rule_is_kept_for_ever(category):
    customer = a_whole_file(left_on=LONG_AGO)
    for other in set(Category) - {category}:
        a_rule(other)

    let_go()

    assert on(customer) == {category}


KEEPING = {
    "nothing": lambda customer: None,
    "hold on all": lambda customer: a_hold(customer),
    "hold on it": lambda customer: a_hold(customer, "SEX"),
    "hold on another": lambda customer: a_hold(customer, "BIRTH"),
    "lifted hold": lambda customer: holds.lift(a_hold(customer), by=Actor.system()),
    "request matched": lambda customer: At.matched(customer),
    "request closed": lambda customer: At.closed(customer),
    "request that may be theirs": lambda customer: a_request(name="見本 花子", email="other@example.test"),
    "request of another": lambda customer: a_request(
        name="別人 太郎", kana="べつじん たろう", email="taro@example.test", telephone="03-0000-9999"
    ),
    "request withdrawn": lambda customer: At.withdrawn(),
}
KEPT = {"hold on all": Verdict.HELD, "hold on it": Verdict.HELD, "request matched": Verdict.ASKED,
        "request that may be theirs": Verdict.ASKED}  # fmt: skip


@pytest.mark.parametrize("keeping", KEEPING)
def test_holds_and_open_requests_keep_what_is_past(keeping):
    customers = [a_customer(left_on=day) for day in (None, FIRST_KEPT, LAST_PAST, LONG_AGO)]
    for customer in customers:
        KEEPING[keeping](customer)
    rule = a_rule("SEX")
    why = KEPT.get(keeping)

    counted, this = looked().counts["SEX"], let_go().counts["SEX"]

    for customer in customers:
        expected = verdict(rule, customer.left_on, TODAY, is_held=why == Verdict.HELD, is_asked=why == Verdict.ASKED)
        assert (Category.SEX in on(customer)) == (expected != Verdict.PAST)
    kept = {Verdict.HELD: "held", Verdict.ASKED: "asked"}.get(why)
    assert counted["due"] == this["due"] == 2
    assert [counted["held"], counted["asked"]] == [2 * (kept == "held"), 2 * (kept == "asked")]
    assert (counted["blanked"], this["blanked"]) == (0, 0 if kept else 2)
    assert this["due"] == this["blanked"] + this["held"] + this["asked"]


@pytest.mark.parametrize("counted_from", ["RECORDED", "LEFT"])
def test_a_hold_keeps_rows_and_events_of_its_customer_alone(counted_from):
    held, free = a_whole_file(left_on=LONG_AGO), a_whole_file(left_on=LONG_AGO)
    a_hold(held)
    a_rule("COOKIE", counted_from=counted_from)
    a_rule("LOCATION", counted_from="EVENT" if counted_from == "RECORDED" else "LEFT")

    let_go()

    assert on(held) == set(Category)
    assert on(free) == set(Category) - {Category.COOKIE, Category.LOCATION}


def test_a_lifted_hold_lets_the_next_run_do_it():
    customer = a_customer(left_on=LONG_AGO)
    hold = a_hold(customer)
    a_rule("SEX")
    let_go()
    assert Category.SEX in on(customer)

    holds.lift(hold, by=Actor.system())
    with time_machine.travel(dt.datetime(2026, 11, 27, tzinfo=dt.UTC)):
        let_go()

    assert Category.SEX not in on(customer)


def test_a_statute_keeps_payments_for_seven_years():
    proposal = PROPOSALS[Category.PAYMENT]
    late, early = a_whole_file(left_on=dt.date(2019, 11, 25)), a_whole_file(left_on=dt.date(2019, 11, 24))
    a_rule("PAYMENT", 84, statute=str(proposal.statute), statute_months=proposal.statute_months)

    let_go()

    assert (Category.PAYMENT in on(late), Category.PAYMENT in on(early)) == (True, False)


# Two records of one person


@pytest.fixture
def pair():
    """A record and an alias of it, and how to say when each left."""
    first, second = a_whole_file(left_on=LONG_AGO), a_whole_file(left_on=LONG_AGO)
    Customer.objects.filter(pk=second.pk).update(merged_into=first)

    def left(of_first, of_second):
        Customer.objects.filter(pk=first.pk).update(left_on=of_first)
        Customer.objects.filter(pk=second.pk).update(left_on=of_second)

    return first, second, left


@pytest.mark.parametrize(
    ("of_first", "of_second", "goes"),
    [
        (LONG_AGO, LONG_AGO, True), (LAST_PAST, None, True), (LAST_PAST, FIRST_KEPT, False),
        (FIRST_KEPT, LONG_AGO, False), (None, LONG_AGO, False), (None, None, False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("category", [Category.SEX, Category.DEVICE, Category.APP_USE])
def test_a_person_has_left_when_all_their_records_have(pair, of_first, of_second, goes, category):
    first, second, left = pair
    left(of_first, of_second)
    a_rule(category)

    let_go()

    assert (category in on(first), category in on(second)) == (not goes, not goes)


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize(("category", "counted_from"), [("SEX", "LEFT"), ("DEVICE", "RECORDED"), ("LOCATION", "EVENT")])
def test_a_hold_on_one_record_keeps_the_other(pair, which, category, counted_from):
    a_hold(pair[which])
    a_rule(category, counted_from=counted_from)

    this = let_go()

    assert Category(category) in on(pair[0]) & on(pair[1])
    assert this.counts[category]["blanked"] == 0


def test_on_an_erased_customer_there_is_nothing_to_blank():
    customer = make_erased_customer()
    Customer.objects.filter(pk=customer.pk).update(left_on=LONG_AGO, registered_on=dt.date(2010, 1, 1))
    a_rule("NAME")

    assert let_go().counts["NAME"]["due"] == 0
    with pytest.raises(CustomerErased):
        a_hold(customer)


# Holds


def test_a_hold_is_placed_and_lifted_with_entries_that_name_the_person():
    customer, officer = a_customer(), staff_actor("officer")

    hold = holds.place(customer, category="SEX", ground="AUTHORITY", case_number="A-1", by=officer)
    holds.lift(hold, by=officer)

    person = f"customers.customer:{customer.number}"
    entries = Entry.objects.filter(subject=f"requests_desk.hold:{hold}").order_by("pk")
    assert [(entry.action, entry.person) for entry in entries] == [("hold.placed", person), ("hold.lifted", person)]
    with pytest.raises(HoldOver):
        holds.lift(hold, by=officer)


def test_the_same_hold_is_placed_once_while_it_lasts():
    customer = a_customer()
    hold = a_hold(customer, "SEX")

    with pytest.raises(HoldTwice):
        a_hold(customer, "SEX")
    a_hold(customer)
    holds.lift(hold, by=Actor.system())
    a_hold(customer, "SEX")

    assert Hold.objects.living().count() == 2


# Runs


def test_a_look_counts_and_blanks_nothing():
    customer = a_whole_file(left_on=LONG_AGO)
    for category in Category:
        a_rule(category)

    this = looked()

    assert on(customer) == set(Category)
    assert {category: found["due"] for category, found in this.counts.items()} == dict.fromkeys(Category.values, 1)
    assert this.blanked == 0
    assert not Entry.objects.filter(action="retention.blanked").exists()


def test_each_batch_leaves_an_entry_with_count_and_digest_and_no_number_of_anybody(monkeypatch):
    monkeypatch.setattr(blanking, "BATCH", 2)
    customers = [a_customer(left_on=LONG_AGO) for _each in range(5)]
    a_rule("SEX")

    this = let_go()

    entries = list(Entry.objects.filter(action="retention.blanked"))
    assert sorted(entry.details["count"] for entry in entries) == [1, 2, 2]
    assert {entry.subject for entry in entries} == {f"requests_desk.retentionrun:{this}"}
    assert not [entry for entry in entries if any(each.number in str(entry.details) for each in customers)]
    assert this.counts["SEX"]["blanked"] == 5


def test_the_night_makes_one_run_a_day_and_none_without_rules():
    schedule.begin_retention()
    assert not RetentionRun.objects.exists()

    a_rule("SEX")
    schedule.begin_retention()
    schedule.begin_retention()

    assert RetentionRun.objects.count() == Job.objects.filter(name=retention.WORK).count() == 1


def test_a_run_that_is_not_finished_is_not_overtaken_by_the_next_night():
    a_rule("SEX")
    retention.run(by=Actor.system())

    with time_machine.travel(dt.datetime(2026, 11, 27, tzinfo=dt.UTC)):
        assert retention.run(by=Actor.system()) is None
    with pytest.raises(IntegrityError, match="retention_blanks_in_one_run_at_a_time"):
        RetentionRun.objects.create(is_dry=False, started_by=Actor.system())


def test_a_second_run_finds_nothing_more_and_writes_nothing():
    a_whole_file(left_on=LONG_AGO)
    for category in Category:
        a_rule(category)
    let_go()
    before = Entry.objects.filter(action="retention.blanked").count()

    with time_machine.travel(dt.datetime(2026, 11, 27, tzinfo=dt.UTC)):
        again = let_go()

    assert sum(found["due"] + found["beside"] for found in again.counts.values()) == 0
    assert Entry.objects.filter(action="retention.blanked").count() == before


def test_a_rule_that_is_changed_during_the_run_stops_it_for_this_category():
    customer = a_customer(left_on=LONG_AGO)
    a_rule("SEX")
    a_rule("BIRTH")
    this = retention.run(by=Actor.system())

    this = retention.carry_out(this, by=Actor.system(), progress=lambda done, total: a_rule("SEX", 600))

    assert Category.SEX in on(customer)
    assert Category.BIRTH not in on(customer)
    assert this.counts["SEX"]["changed"]


def test_a_hold_that_is_placed_during_the_run_keeps_what_was_not_reached():
    customer = a_customer(left_on=LONG_AGO)
    a_rule("BIRTH")
    a_rule("SEX")
    this = retention.run(by=Actor.system())

    this = retention.carry_out(
        this, by=Actor.system(), progress=lambda done, total: Hold.objects.exists() or a_hold(customer)
    )

    assert {Category.BIRTH, Category.SEX} & on(customer) == {Category.SEX}
    assert (this.counts["SEX"]["due"], this.counts["SEX"]["held"], this.counts["SEX"]["blanked"]) == (1, 1, 0)


def test_the_inventory_counts_what_is_left():
    gone, here = a_whole_file(left_on=LONG_AGO), a_whole_file()
    a_rule("SEX")
    before = holdings.counts()[1]

    let_go()

    after = holdings.counts()[1]
    assert (before[Category.SEX], after[Category.SEX]) == (2, 1)
    assert before[Category.NAME] == after[Category.NAME] == 2
    assert {gone.pk, here.pk} == set(Customer.objects.living().values_list("pk", flat=True))


def test_what_a_run_took_is_said_in_days_of_tokyo():
    assert settings.TIME_ZONE == "Asia/Tokyo"
    a_rule("LOCATION", 1, CountedFrom.EVENT)

    assert looked().counts["LOCATION"]["cutoff"] == "2026-10-24"
