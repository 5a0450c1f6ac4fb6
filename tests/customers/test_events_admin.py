"""Events on the desk: their import, and the three sections of the customer's page."""

import datetime as dt
import io

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from audit.admin.acts import details_in_words, in_plain_words, work_in_words
from audit.models import Access, Actor, Entry, Job, Staff
from customers.models import Customer, Event, Import, SealedFile, StrayEvent
from customers.schedule import adopt_events
from customers.services.erasure import erase
from customers.tasks import import_events, import_file
from tests.factories.customers import make_customer
from tests.factories.events import an_event, imported, make_cookie, make_events, written

pytestmark = pytest.mark.django_db
IMPORTS = "/admin/customers/import/"
PERMISSIONS = ["view_customer", "reveal_customer", "import_customers", "view_import"]


@pytest.fixture
def staff():
    staff = Staff.objects.create_user("ant", "a long pass phrase")
    staff.user_permissions.set(Permission.objects.filter(codename__in=PERMISSIONS))
    return staff


@pytest.fixture
def desk(client, staff):
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


def upload(desk, content, to="upload-events"):
    return desk.post(f"{IMPORTS}{to}/", {"file": SimpleUploadedFile("x.jsonl", content, "application/json")})


def work():
    for job in Job.objects.filter(state="WAITING"):
        {"customers.import_events": import_events, "customers.import_file": import_file}[job.name](job_id=job.pk)


def test_a_file_is_uploaded_read_by_a_worker_and_reported(desk):
    make_customer("C1")
    content = written(an_event("C1"), an_event("C1"), an_event(cookie="x"), an_event("C1", at="2026-04-03T09:30"))

    answer = upload(desk, content)
    of_import = Import.objects.get()
    page = reverse("admin:customers_import_change", args=[of_import.pk])
    waiting = desk.get(page)
    work()
    done = desk.get(page)

    assert answer["Location"] == page
    assert waiting["Refresh"]
    assert "Refresh" not in done
    facts = {panel.slug: panel.facts for panel in done.context["panels"]}
    assert [fact.value for fact in facts["result"]] == [4, 1, 1, 1, 1]
    assert "時差の指定がないため" in done.text
    assert "行動履歴" in desk.get(IMPORTS).text
    assert SealedFile.objects.get().is_purged
    assert Job.objects.get().state == "DONE"
    assert Entry.objects.get(action="import.received").details == {"kind": "EVENTS"}


def test_the_report_is_a_workbook_of_lines_and_keys(desk):
    upload(desk, written(an_event(), '{"田中花子": [1]}'))
    work()

    answer = desk.get(reverse("admin:customers_import_report", args=[Import.objects.get().pk]))
    content = b"".join(answer.streaming_content)
    rows = list(load_workbook(io.BytesIO(content)).active.values)

    assert rows[0][:2] == ("行", "キー")
    assert ("2", "1番目のキー") in [row[:2] for row in rows]
    assert not [cell for row in rows for cell in row if "田中" in cell]
    answer.close()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04rubbish", "顧客番号,氏名\nC1,山田\n".encode(), b"[]", b"\0" * 99])
def test_a_file_that_is_none_of_events_is_said_kindly(desk, content):
    page = upload(desk, content)
    if page.status_code == 302:
        work()
        page = desk.get(page["Location"])
        assert "行動履歴は保存していません" in page.text

    assert page.status_code == 200
    assert not Event.objects.exists()
    assert not StrayEvent.objects.exists()


def test_a_file_of_events_chosen_as_one_of_customers_is_refused_too(desk):
    page = upload(desk, written(an_event("C1")), to="upload")
    work()

    assert Import.objects.get().refusal
    assert "Traceback" not in desk.get(page["Location"]).text


def test_without_the_permission_there_is_no_import(desk, staff):
    staff.user_permissions.set(Permission.objects.filter(codename__in=["view_customer", "view_import"]))

    assert desk.get(f"{IMPORTS}upload-events/").status_code == 403
    assert upload(desk, b"{}").status_code == 403
    assert not Import.objects.exists()


def test_events_kept_apart_are_tied_when_an_import_of_customers_ends(desk):
    upload(desk, written(an_event("C1"), an_event("C2")))
    work()
    upload(desk, "顧客番号,氏名\nC1,山田太郎\n".encode(), to="upload")
    work()

    assert Event.objects.get().customer.number == "C1"
    assert StrayEvent.objects.count() == 1


def test_the_clock_ties_them_too():
    imported(an_event(cookie="abc"))
    make_cookie(make_customer(), "abc")

    adopt_events()

    assert Event.objects.count() == 1


# The customer's page


@pytest.fixture
def hanako():
    customer = make_customer("C0000007", name="髙橋　花子")
    make_events(customer, 25, page="/secret-page")
    make_events(customer, 2, source="app", kind="input", field="検索", text="秘密の語")
    return customer


def page_of(customer):
    return reverse("admin:customers_customer_change", args=[customer.pk])


def panels_of(response):
    return {panel.slug: panel for panel in response.context["panels"]}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_counts_events_and_shows_none_of_their_details(desk, hanako, language):
    desk.cookies["django_language"] = language

    page = desk.get(page_of(hanako))

    panels = panels_of(page)
    assert [fact.value for fact in panels["site_use"].facts][0] == 25
    assert [fact.value for fact in panels["app_use"].facts][0] == 2
    assert panels["location"].is_empty
    assert len(panels["site_use"].context["newest"]) == 20
    assert "secret-page" not in page.text
    assert "秘密の語" not in page.text


def reveal(desk, customer, panel):
    return desk.post(
        reverse("admin:customers_customer_reveal", args=[customer.pk]),
        {"panel": panel, "reason": "REQUEST", "case_number": "R-1"},
    )


def test_a_reveal_shows_the_details_of_one_category_in_that_response_and_notes_it(desk, hanako):
    page = reveal(desk, hanako, "app_use")

    assert "秘密の語" in page.text
    assert "secret-page" not in page.text
    assert "no-store" in page["Cache-Control"]
    access = Access.objects.get()
    assert (access.subject, access.fields) == ("customers.customer:C0000007", ["data"])
    assert "秘密の語" not in desk.get(page_of(hanako)).text


def test_hostile_details_are_shown_as_text(desk, hanako):
    imported(an_event(hanako, page="<script>alert(1)</script>", at="2026-06-01T00:00:00Z"))

    assert "<script>alert(1)" not in reveal(desk, hanako, "site_use").text


def test_without_a_reason_nothing_is_shown(desk, hanako):
    page = desk.post(reverse("admin:customers_customer_reveal", args=[hanako.pk]), {"panel": "app_use"})

    assert "秘密の語" not in page.text
    assert not Access.objects.exists()


def test_whoever_may_not_see_values_is_not_offered_them(desk, staff, hanako):
    staff.user_permissions.set(Permission.objects.filter(codename__in=["view_customer"]))

    assert panels_of(desk.get(page_of(hanako)))["app_use"].reveal_form is None
    assert reveal(desk, hanako, "app_use").status_code == 403


def test_events_of_an_alias_are_on_the_page_of_the_record_that_it_joined(desk, hanako):
    alias = make_customer("C0000008")
    make_events(alias, 3)
    Customer.objects.filter(pk=alias.pk).update(merged_into=hanako)

    assert [fact.value for fact in panels_of(desk.get(page_of(hanako)))["site_use"].facts][0] == 28


def test_after_an_erasure_the_sections_say_so(desk, hanako):
    erase(hanako, by=Actor.system())

    page = desk.get(page_of(hanako))

    assert panels_of(page)["site_use"].reveal_form is None
    assert "消去済み" in str(panels_of(page)["site_use"].empty)


def test_what_lies_further_back_than_a_year_is_one_row(desk):
    customer = make_customer()
    make_events(customer, 20, since=dt.datetime(2024, 1, 15, tzinfo=dt.UTC), step=dt.timedelta(days=31))

    months = panels_of(desk.get(page_of(customer)))["site_use"].context["months"]

    assert len(months) == 13
    assert sum(count for _month, counts in months for _kind, count in counts) == 20
    assert [count for _kind, count in months[-1][1]][0] == 8


def test_the_page_costs_the_same_however_many_events_there_are(desk):
    few, many = make_customer(), make_customer()
    make_events(few, 1), make_events(many, 60)
    desk.get(page_of(few))

    with CaptureQueriesContext(connection) as first:
        desk.get(page_of(few))
    with CaptureQueriesContext(connection) as second:
        desk.get(page_of(many))

    assert len(first) == len(second)


@pytest.mark.parametrize(
    ("language", "words"),
    [("ja", ["行動履歴の取り込み", "行動履歴の保存", "項目"]), ("en", ["Import of events", "Events kept", "category"])],
)
def test_acts_and_work_are_in_words(language, words):
    with translation.override(language):
        said = f"{work_in_words('customers.import_events')} {in_plain_words('event.kept')}"
        said += str(details_in_words({"category": "SITE_USE", "count": 3}))

    assert [word for word in words if word not in said] == []
