import csv
import datetime as dt
import io
from pathlib import Path
from zipfile import ZipFile

import pytest
import time_machine
from django.utils import timezone, translation
from openpyxl import load_workbook

from audit.models import Actor, Entry, Job
from audit.services.trail import digest_of
from consent import tasks
from consent.exceptions import ChangedMeanwhile, NotPermitted, NotReady, NotThere, NotYours
from consent.models import Export, ExportStatus, Suspension
from consent.purposes import FIRST_NEEDS, Purpose
from consent.services import exports, register, selection, suspensions
from customers.categories import Category
from customers.models import Customer, FilePerson, SealedFile
from customers.services import erasure, files
from tests.factories.consent import an_actor, give_everything, make_register
from tests.factories.customers import make_customer, make_erased_customer

pytestmark = pytest.mark.django_db
ALL, REGISTERED, NUMBERS = Export.Selection
XLSX, CSV = Export.Format
OWN = {
    "name": "見本 花子", "kana": "みほん はなこ", "nickname": "はな", "pen_name": "花子",
    "birth_date": dt.date(1985, 4, 3), "sex": "FEMALE", "occupation": "教員", "work_history": "学校",
    "education": "大学", "email": "hana@example.test", "telephone": "090-1234-5678", "postcode": "194-0032",
    "address": "町田市本町田1",
}  # fmt: skip
IN_CATEGORY = {  # a value that only this category's columns hold
    Category.NAME: "見本 花子", Category.BIRTH: "1985-04-03", Category.SEX: "female", Category.CAREER: "教員",
    Category.EMAIL: "hana@example.test", Category.TELEPHONE: "090-1234-5678", Category.ADDRESS: "町田市本町田1",
    Category.PAYMENT: "brand x", Category.EXTERNAL_ID: "account x", Category.COOKIE: "cookie x",
    Category.DEVICE: "system x", Category.SITE_USE: "SITE_VISIT x", Category.APP_USE: "APP_LAUNCH x",
    Category.LOCATION: "LOCATION x", Category.MEDIA: "title x",
}  # fmt: skip


@pytest.fixture(autouse=True)
def english(settings, tmp_path):
    settings.FILES_FOLDER = tmp_path / "files"
    with translation.override("en"):
        yield


@pytest.fixture
def officer():
    return an_actor()


def permit_all(purpose=Purpose.PROVIDING):
    return make_register({purpose: list(Category)})


def ask(by, **wanted):
    wanted = {"purpose": Purpose.PROVIDING, "categories": [Category.NAME], "selection": ALL, "format": CSV, **wanted}
    return exports.ask(**wanted, by=by)


def made(by, **wanted):
    """An export whose file is made."""
    export = ask(by, **wanted)
    exports.make(export, language="en", by=by)
    export.refresh_from_db()
    return export


def content(export):
    return b"".join(files.stream(export.file))


def tables(export):
    """``{title: rows}`` of the file, whatever its format."""
    found = io.BytesIO(content(export))
    if export.format == XLSX:
        book = load_workbook(found)
        return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}
    with ZipFile(found) as archive:
        return {
            name.removesuffix(".csv"): list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"), newline="")))
            for name in archive.namelist()
        }


def on_the_disk(settings):
    return [path for path in Path(settings.FILES_FOLDER).rglob("*") if path.is_file()]


# The register decides


@pytest.mark.parametrize("purpose", Purpose)
def test_article_18_of_150_cells_the_door_opens_for_exactly_those_that_the_register_permits(officer, purpose):
    customer = make_customer("T1", **OWN)
    give_everything(customer)
    make_register()

    for category in Category:
        wanted = {"purpose": purpose, "categories": [category], "selection": NUMBERS, "numbers": ["T1"]}
        if category in FIRST_NEEDS[purpose]:
            text = str(tables(made(officer, **wanted)))
            assert [each for each in Category if IN_CATEGORY[each] in text] == [category]
        else:
            with pytest.raises(NotPermitted) as refusal:
                ask(officer, **wanted)
            assert refusal.value.categories == [category]
            assert "Article 18" in str(refusal.value)


def test_all_that_is_not_permitted_is_named_and_nothing_is_kept(officer):
    make_customer()
    make_register({Purpose.PROVIDING: [Category.NAME]})

    with pytest.raises(NotPermitted, match="Sex.*Location"):
        ask(officer, categories=[Category.LOCATION, Category.NAME, Category.SEX])

    assert not Export.objects.exists()
    assert not Job.objects.exists()


def test_a_use_of_another_day_permits_nothing_today(officer):
    make_customer()
    change = permit_all()
    with time_machine.travel(timezone.now() - dt.timedelta(days=2)), pytest.raises(NotPermitted):
        ask(officer)

    assert change.permitted.count() == 15


def test_what_is_no_longer_permitted_when_the_worker_comes_is_refused_and_nothing_is_made(officer, settings):
    make_customer()
    permit_all()
    export = ask(officer)
    end(Purpose.PROVIDING, Category.NAME)

    exports.make(export, language="en", by=officer)

    export.refresh_from_db()
    assert (export.status, export.ended_because) == (ExportStatus.REFUSED, "NOT_PERMITTED")
    assert export.refused_categories == ["NAME"]
    assert on_the_disk(settings) == []


def end(purpose, category):
    register.approve(register.propose([(purpose, category, False)], by=an_actor()), by=an_actor())


def test_what_is_no_longer_permitted_when_it_is_downloaded_is_gone(officer):
    make_customer()
    permit_all()
    export = made(officer)
    end(Purpose.PROVIDING, Category.NAME)

    with pytest.raises(NotThere):
        exports.collect(export, by=officer)

    assert_expired(export, "NOT_PERMITTED")


def assert_expired(export, why):
    export.refresh_from_db()
    assert (export.status, export.ended_because) == (ExportStatus.EXPIRED, why)
    assert SealedFile.objects.get(pk=export.file_id).is_purged
    assert not FilePerson.objects.filter(file=export.file_id).exists()


# Who is in it


def suspend(customer, scope=Suspension.Scope.ALL, purpose=""):
    return suspensions.suspend(
        customer, scope=scope, purpose=purpose, ground=Suspension.Ground.ASKED, by=Actor.system()
    )


@pytest.mark.parametrize("format", [XLSX, CSV])
def test_who_is_suspended_erased_joined_or_unknown_is_left_out_and_counted(officer, format):
    permit_all()
    for number in ("T1", "T2", "T3"):
        make_customer(number)
    make_erased_customer("T4")
    survivor, alias = make_customer("T5"), make_customer("T6")
    Customer.objects.filter(pk=alias.pk).update(merged_into=survivor)
    suspend(Customer.objects.get(number="T2"))
    suspend(Customer.objects.get(number="T3"), Suspension.Scope.PURPOSE, Purpose.USAGE)

    numbers = ["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T1"]
    export = made(officer, selection=NUMBERS, numbers=numbers, format=format)

    (rows,) = tables(export).values()
    assert [row[0] for row in rows] == ["Customer number", "T1", "T3", "T5"]
    assert (export.persons, export.suspended, export.erased, export.unknown) == (3, 1, 2, 1)


def test_a_suspension_on_an_alias_leaves_the_person_out(officer):
    permit_all()
    survivor, alias, other = make_customer("T1"), make_customer("T2"), make_customer("T3")
    Customer.objects.filter(pk=alias.pk).update(merged_into=survivor)
    suspend(alias)

    (rows,) = tables(made(officer)).values()

    assert [row[0] for row in rows[1:]] == [other.number]


def test_what_hangs_on_an_alias_stands_under_the_person_and_the_file_names_both(officer):
    permit_all()
    survivor, alias = make_customer("T1"), make_customer("T2")
    Customer.objects.filter(pk=alias.pk).update(merged_into=survivor)
    give_everything(alias, mark="alias")

    export = made(officer, categories=[Category.COOKIE])

    assert list(tables(export).values()) == [[["Customer number", "Cookie identifier"], ["T1", "cookie alias"]]]
    assert set(FilePerson.objects.filter(file=export.file).values_list("customer__number", flat=True)) == {"T1", "T2"}


def test_customers_of_some_days_are_those_registered_on_them(officer):
    permit_all()
    for number, day in [("T1", "2026-01-01"), ("T2", "2026-01-31"), ("T3", "2026-02-01")]:
        make_customer(number, registered_on=dt.date.fromisoformat(day))

    days = {"registered_from": dt.date(2026, 1, 1), "registered_to": dt.date(2026, 1, 31)}
    (rows,) = tables(made(officer, selection=REGISTERED, **days)).values()

    assert [row[0] for row in rows[1:]] == ["T1", "T2"]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"categories": []}, "at least one category"),
        ({"selection": NUMBERS, "numbers": []}, "at least one customer number"),
        ({"selection": NUMBERS, "numbers": ["T9"]}, "Nobody would be in the file"),
        ({"selection": NUMBERS, "numbers": [str(n) for n in range(exports.MOST_NUMBERS + 1)]}, "50,000"),
        ({"selection": NUMBERS, "numbers": ["T1", "9" * 33]}, "at most 32 characters; 1 of those"),
        ({"selection": REGISTERED}, "first and the last day"),
        ({"selection": REGISTERED, "registered_from": dt.date(2026, 2, 1), "registered_to": dt.date(2026, 1, 1)},
         "in this order"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(officer, wanted, words):
    permit_all()
    make_customer("T1")

    with pytest.raises(NotReady, match=words):
        ask(officer, **wanted)


def test_who_is_suspended_while_the_file_is_made_is_not_in_it(officer, settings):
    permit_all()
    make_customer("T1")
    second = make_customer("T2")
    export = ask(officer)
    steps = []

    def progress(done, total):
        if not steps:
            suspend(second)
        steps.append((done, total))

    with pytest.raises(ChangedMeanwhile):
        exports.make(export, language="en", by=officer, progress=progress)
    assert on_the_disk(settings) == []
    assert not FilePerson.objects.exists()

    exports.make(export, language="en", by=officer)
    export.refresh_from_db()
    (rows,) = tables(export).values()
    assert [row[0] for row in rows[1:]] == ["T1"]


def test_who_is_suspended_before_the_download_takes_the_file_away(officer):
    permit_all()
    customer = make_customer()
    export = made(officer)
    suspend(customer)

    with pytest.raises(NotThere):
        exports.collect(export, by=officer)

    assert_expired(export, "SUSPENDED")


# What is in it


@pytest.mark.parametrize("format", [XLSX, CSV])
def test_all_fifteen_categories_stand_in_their_tables(officer, format):
    permit_all()
    give_everything(make_customer("T1", **OWN))

    found = tables(made(officer, categories=list(Category), format=format))

    assert list(found) == [
        "Customers", "Means of payment", "IDs in external services", "Cookie identifiers", "Devices",
        "Photos and videos", "Events",
    ]  # fmt: skip
    assert len(found["Customers"][0]) == 15
    assert all(row[0] == "T1" for rows in found.values() for row in rows[1:])
    assert len(found["Events"]) == 8
    text = str(found)
    assert [category for category in Category if IN_CATEGORY[category] not in text] == []


def test_the_headings_are_in_the_language_of_who_asked(officer):
    permit_all()
    make_customer()
    with translation.override("ja"):
        export = ask(officer)
    job = Job.objects.get(number=export.job_number)

    tasks.make_export(job_id=job.pk)

    export.refresh_from_db()
    assert list(tables(export).values())[0][0][0] == "顧客番号"


def test_an_empty_value_is_an_empty_cell(officer):
    permit_all()
    make_customer("T1", name="名")

    (rows,) = tables(made(officer, categories=[Category.NAME, Category.SEX])).values()

    assert rows[1] == ["T1", "名", "", "", "", ""]


# The file


def test_the_content_is_sealed_and_names_everybody_in_it(officer, settings):
    permit_all()
    people = [make_customer(name="見本花子") for _number in range(3)]

    export = made(officer)

    assert export.file.purpose == "export"
    assert {row.customer for row in export.file.file_persons.all()} == set(people)
    assert all("見本花子".encode() not in path.read_bytes() for path in on_the_disk(settings))
    assert b"PK" not in on_the_disk(settings)[0].read_bytes()[:64]


def test_only_who_asked_downloads_it(officer):
    permit_all()
    make_customer()
    export = made(officer)

    with pytest.raises(NotYours):
        exports.collect(export, by=an_actor())

    assert b"".join(exports.collect(export, by=officer)) == content(export)
    export.refresh_from_db()
    assert (export.status, export.collected_by) == (ExportStatus.COLLECTED, officer)


def test_a_lost_connection_is_made_good_within_ten_minutes_and_not_after(officer):
    permit_all()
    make_customer()
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        export = made(officer)
        exports.collect(export, by=officer)
    with time_machine.travel(now + dt.timedelta(minutes=9, seconds=59), tick=False):
        exports.end_all_that_is_over()
        assert b"".join(exports.collect(export, by=officer))
    with time_machine.travel(now + dt.timedelta(minutes=10), tick=False), pytest.raises(NotThere):
        exports.collect(export, by=officer)

    export.refresh_from_db()
    assert export.status == ExportStatus.COLLECTED
    assert export.file.is_purged
    assert FilePerson.objects.filter(file=export.file).exists(), "it left, and whom it held stays written"


def test_what_nobody_downloads_is_gone_after_a_day(officer, settings, django_capture_on_commit_callbacks):
    permit_all()
    make_customer()
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        export = made(officer)
    with time_machine.travel(now + dt.timedelta(hours=23, minutes=59), tick=False):
        assert exports.end_all_that_is_over() == 0
    with (
        time_machine.travel(now + dt.timedelta(hours=24), tick=False),
        django_capture_on_commit_callbacks(execute=True),
    ):
        assert exports.end_all_that_is_over() == 1
        assert exports.end_all_that_is_over() == 0

    assert_expired(export, "HOURS")
    assert on_the_disk(settings) == []


def test_erasure_of_one_takes_the_file_that_holds_many(officer, settings, django_capture_on_commit_callbacks):
    permit_all()
    people = [make_customer() for _number in range(3)]
    export = made(officer)

    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase(people[1], by=Actor.system())

    assert on_the_disk(settings) == []
    with pytest.raises(NotThere):
        exports.collect(export, by=officer)
    assert_expired(export, "ERASED")


def test_who_is_erased_while_the_file_is_made_is_not_in_it(officer, settings):
    permit_all()
    people = [make_customer() for _number in range(2)]
    export = ask(officer)

    def progress(done, total):
        people[0].refresh_from_db()
        if not people[0].is_erased:
            erasure.erase(people[0], by=Actor.system())

    with pytest.raises(ChangedMeanwhile):
        exports.make(export, language="en", by=officer, progress=progress)

    assert on_the_disk(settings) == []
    export.refresh_from_db()
    assert export.status == ExportStatus.REQUESTED


# The work


def test_the_job_makes_it_once_with_progress(officer, settings):
    permit_all()
    make_customer()
    give_everything(make_customer())
    export = ask(officer, categories=[Category.NAME, Category.COOKIE])
    job = Job.objects.get(number=export.job_number)

    tasks.make_export(job_id=job.pk)
    tasks.make_export(job_id=job.pk)
    exports.make(export, language="en", by=officer)

    job.refresh_from_db()
    export.refresh_from_db()
    assert (job.state, job.done, job.total) == ("DONE", 4, 4)
    assert export.status == ExportStatus.READY
    assert SealedFile.objects.filter(purpose="export").count() == 1


def test_work_that_fails_midway_leaves_nothing_and_begins_anew(officer, settings):
    permit_all()
    make_customer()
    export = ask(officer)

    def stumble(done, total):
        raise ConnectionError

    with pytest.raises(ConnectionError):
        exports.make(export, language="en", by=officer, progress=stumble)

    assert on_the_disk(settings) == []
    assert not SealedFile.objects.exists()
    exports.make(export, language="en", by=officer)
    export.refresh_from_db()
    assert export.status == ExportStatus.READY


def test_each_act_leaves_its_entry_and_the_persons_their_digest(officer):
    permit_all()
    make_customer("T1", name="見本花子")
    export = made(officer)
    exports.collect(export, by=officer)

    entries = Entry.objects.filter(subject=f"consent.export:{export}").order_by("id")
    taken = Entry.objects.get(action="export.persons_taken")

    assert [entry.action for entry in entries] == ["export.requested", "export.made", "export.collected"]
    assert entries[0].details["categories"] == ["NAME"]
    assert (taken.details["count"], taken.details["digest"]) == (1, digest_of(["customers.customer:T1"]))
    assert "見本花子" not in str([entry.details for entry in Entry.objects.all()])


def test_the_list_of_persons_is_gone_when_the_work_is_done(officer):
    permit_all()
    make_customer()
    made(officer)

    selection.clear()
    with pytest.raises(Exception, match="does not exist"):
        list(selection.batches(10))
