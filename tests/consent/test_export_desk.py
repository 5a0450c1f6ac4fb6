import csv
import io
import re
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.models import Job
from consent.models import Export, ExportStatus
from consent.purposes import Purpose
from consent.services import exports
from customers.categories import Category
from customers.services import erasure
from tests.factories.audit import sign_in
from tests.factories.consent import make_register
from tests.factories.customers import make_customer

pytestmark = pytest.mark.django_db
ASK = reverse("admin:consent_export_ask")
WANTED = {"purpose": "INFORMATION", "categories": ["NAME", "EMAIL"], "selection": "ALL", "format": "CSV"}


@pytest.fixture(autouse=True)
def english(client, settings, tmp_path):
    settings.FILES_FOLDER = tmp_path / "files"
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


@pytest.fixture
def handler(client):
    return sign_in(client, "handler")


def url(name, export):
    return reverse(f"admin:consent_export_{name}", args=[export.pk])


def confirmed(client, **wanted):
    """Post what is wanted, then what the page of counts carries on, as a browser does."""
    page = client.post(ASK, {**WANTED, **wanted}).text
    carried = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page):
        carried.setdefault(name, []).append(value)
    carried["confirmed"] = re.search(r'name="confirmed" value="(\w+)"', page).group(1)
    client.post(ASK, carried)
    return Export.objects.latest("pk")


def test_nothing_can_be_asked_for_before_the_register_permits_something(client, handler):
    page = client.get(ASK).text

    assert "The register of purposes permits nothing yet" in page
    assert reverse("admin:consent_permitteduse_changelist") in page


def test_counts_are_seen_before_anything_is_made(client, handler):
    make_register()
    make_customer("T1")

    page = client.post(ASK, {**WANTED, "selection": "NUMBERS", "numbers": "T1, Ｔ９"}).text

    assert "Who would be in it" in page
    assert re.search(r"customers in the file</dt><dd>1<", page)
    assert re.search(r"number not known</dt><dd>1<", page)
    assert not Export.objects.exists()


def test_what_was_confirmed_is_made_downloaded_and_left_in_the_list(client, handler):
    make_register()
    make_customer("T1", name="見本花子", email="hana@example.test")

    export = confirmed(client)
    assert "The file is waiting for a worker." in client.get(url("change", export)).text
    exports.make(export, language="en", by=handler.actor)
    response = client.post(url("download", export))

    content = b"".join(response.streaming_content)
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Disposition"] == f'attachment; filename="{export}.zip"'
    assert int(response["Content-Length"]) == len(content)
    with ZipFile(io.BytesIO(content)) as archive:
        rows = list(csv.reader(io.StringIO(archive.read("Customers.csv").decode("utf-8-sig"))))
    assert rows[1] == ["T1", "見本花子", "", "", "", "hana@example.test"]
    for page in (client.get(reverse("admin:consent_export_changelist")).text, client.get(url("change", export)).text):
        assert export.number in page
        assert "Downloaded" in page
        assert "見本花子" not in page


def test_what_was_changed_after_the_counts_is_counted_again(client, handler):
    make_register()
    make_customer()
    page = client.post(ASK, WANTED).text
    confirmed_for_all = re.search(r'name="confirmed" value="(\w+)"', page).group(1)

    page = client.post(ASK, {**WANTED, "categories": ["NAME"], "confirmed": confirmed_for_all}).text

    assert "Who would be in it" in page
    assert not Export.objects.exists()


def test_the_way_back_from_the_counts_keeps_everything(client, handler):
    make_register()
    make_customer("T1")

    page = client.post(ASK, {**WANTED, "selection": "NUMBERS", "numbers": "T1 T9", "change": "1"}).text

    assert "T1\nT9" in page
    assert re.search(r'value="INFORMATION"[^>]* checked', page)
    assert re.search(r'value="EMAIL"[^>]* checked', page)


def test_what_the_purpose_does_not_permit_is_refused_with_its_article(client, handler):
    make_register()
    make_customer()

    page = client.post(ASK, {**WANTED, "categories": ["NAME", "LOCATION", "SEX"]}).text

    assert "“Information about services” does not permit: Sex, Location." in page
    assert "Article 18(1)" in page
    assert re.search(r'value="LOCATION"[^>]* checked', page)


@pytest.mark.parametrize(
    "content",
    [
        b"T1\r\nT2\r\n", "\ufeffT1\nT2".encode(), b'"T1"\n"T2"', "Ｔ１\nＴ２".encode(), "Ｔ１\nＴ２".encode("cp932"),
        b"T1,T2", b"T1;T2;T1",
    ],
)  # fmt: skip
def test_numbers_can_come_from_a_file(client, handler, content):
    make_register()
    make_customer("T1")
    make_customer("T2")

    export = confirmed(client, selection="NUMBERS", numbers_file=SimpleUploadedFile("numbers.csv", content))

    assert export.numbers == ["T1", "T2"]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x01", b"PK\x03\x04\x00\x00", b"\x00"])
def test_a_file_that_is_no_text_is_said_at_its_field(client, handler, content):
    make_register()

    page = client.post(
        ASK, {**WANTED, "selection": "NUMBERS", "numbers_file": SimpleUploadedFile("numbers.xlsx", content)}
    ).text

    assert "This is no text file." in page


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"purpose": ""}, "Choose: Purpose of use"),
        ({"categories": []}, "Choose: Categories"),
        ({"selection": ""}, "Choose: Whom"),
        ({"selection": "NUMBERS"}, "Give at least one customer number."),
        ({"selection": "REGISTERED", "registered_from": "2026-01-01"}, "Give the day."),
        ({"selection": "REGISTERED", "registered_from": "soon"}, "Write the day as"),
        ({"selection": "REGISTERED", "registered_from": "2026-02-01", "registered_to": "2026-01-01"}, "in this order"),
        ({"selection": "NUMBERS", "numbers": "T9"}, "Nobody would be in the file"),
        ({"purpose": "WORLD_PEACE"}, "Choose one that is offered"),
    ],
)
def test_what_is_missing_is_said(client, handler, wanted, words):
    make_register()
    make_customer("T1")

    assert words in client.post(ASK, {**WANTED, **wanted}).text
    assert not Export.objects.exists()


def test_another_person_cannot_download_and_reads_why(client, handler):
    make_register()
    make_customer()
    export = confirmed(client)
    exports.make(export, language="en", by=handler.actor)
    sign_in(client, "privacy_officer")

    assert "Only the person who asked for it downloads it." in client.get(url("change", export)).text
    assert not client.post(url("download", export)).streaming
    export.refresh_from_db()
    assert export.status == ExportStatus.READY


def test_an_erasure_before_the_download_is_told_on_the_page(client, handler):
    make_register()
    customer = make_customer()
    export = confirmed(client)
    exports.make(export, language="en", by=handler.actor)
    erasure.erase(customer, by=handler.actor)

    for _times in range(2):  # before and after the clock has looked
        page = client.get(url("change", export)).text
        assert "Data of a customer in it were erased" in page
        assert ">Expired<" in page
        exports.end_all_that_is_over()


def test_a_refusal_by_the_register_names_the_categories(client, handler):
    make_register()
    make_customer()
    export = confirmed(client)
    Export.objects.filter(pk=export.pk).update(
        status="REFUSED", ended_because="NOT_PERMITTED", refused_categories=["EMAIL"]
    )

    assert "The purpose does not permit: E-mail address (Article 18)." in client.get(url("change", export)).text


@pytest.mark.parametrize("state", Job.State)
def test_the_page_of_an_export_that_is_being_made_shows_how_far_it_is(client, handler, state, settings):
    make_register()
    make_customer()
    export = confirmed(client)
    job = Job.objects.filter(number=export.job_number)
    finished = {"finished_at": "2026-01-01T00:00Z"}
    settled = {
        "WAITING": {},
        "RUNNING": {"lease": export.job_number, "leased_until": "2099-01-01T00:00Z"},
        "DONE": finished,
        "FAILED": {**finished, "error_code": "x"},
        "GIVEN_UP": {**finished, "error_code": "x"},
    }[state]
    started = {} if state == "WAITING" else {"started_at": "2026-01-01T00:00Z", "done": 1, "total": 2}
    job.update(state=state, **settled, **started)

    page = client.get(url("change", export))

    assert page.headers["Refresh"] == "5; url=?watch=1"
    assert ("<progress" in page.text) == (state != "WAITING")
    assert ("The work stopped" in page.text) == (state in ("FAILED", "GIVEN_UP"))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries_for_one_row_and_three(client, handler, django_assert_max_num_queries, rows):
    make_register({Purpose.INFORMATION: [Category.NAME]})
    make_customer()
    for _number in range(rows):
        exports.ask(**{**WANTED, "categories": ["NAME"]}, by=handler.actor)

    with django_assert_max_num_queries(14):
        assert client.get(reverse("admin:consent_export_changelist")).status_code == 200


@pytest.mark.parametrize("is_mine", [True, False])
def test_the_first_page_counts_my_files_to_download_and_links_to_them(client, handler, is_mine):
    make_register({Purpose.INFORMATION: [Category.NAME, Category.EMAIL]})
    make_customer("佐藤 健太")
    export = confirmed(client)
    exports.make(export, language="en", by=handler.actor)
    if not is_mine:
        sign_in(client, "handler")

    blocks = client.get("/admin/").context["dashboard"]["blocks"]

    lines = [line for block in blocks for line in block.lines if "consent/export" in line.url]
    assert [line.count for line in lines] == ([1] if is_mine else [])
    shown = client.get(reverse("admin:consent_export_changelist") + "?view=waiting").context["list"]
    assert list(shown.result_list) == ([export] if is_mine else [])
