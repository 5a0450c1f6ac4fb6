import datetime as dt
import io

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from audit.models import Access, Actor, Entry, Job, Staff
from audit.services import jobs
from customers.exceptions import ImportNotStopped
from customers.models import Customer, Import, SealedFile
from customers.schedule import purge_stopped_imports
from customers.services import uploads
from customers.services.corrections import note_bounce
from customers.services.erasure import erase
from customers.tasks import import_file
from tests.factories.customers import make_customer

pytestmark = pytest.mark.django_db

LIST = "/admin/customers/customer/"
IMPORTS = "/admin/customers/import/"
PERMISSIONS = ["view_customer", "reveal_customer", "correct_customer", "import_customers", "view_import"]


@pytest.fixture
def staff():
    staff = Staff.objects.create_user("ant", "a long pass phrase")
    staff.user_permissions.set(Permission.objects.filter(codename__in=PERMISSIONS))
    return staff


@pytest.fixture
def desk(client, staff):
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(customer):
    return reverse("admin:customers_customer_change", args=[customer.pk])


def correct_url(customer):
    return reverse("admin:customers_customer_correct", args=[customer.pk])


@pytest.fixture
def hanako():
    return make_customer(
        "C0000007",
        name="髙橋　花子",
        kana="タカハシ ハナコ",
        email="hanako@example.com",
        telephone="090-1234-5678",
        postcode="194-0013",
        address="東京都町田市原町田1-2-3",
    )


SECRETS = ["髙橋", "花子", "タカハシ", "hanako@example.com", "090-1234-5678", "原町田"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_neither_list_nor_page_shows_a_value(desk, hanako, language):
    desk.cookies["django_language"] = language

    for address in (LIST, page_of(hanako), correct_url(hanako)):
        page = desk.get(address)

        assert page.status_code == 200
        assert "C0000007" in page.text
        assert not [secret for secret in SECRETS if secret in page.text]


@pytest.mark.parametrize(
    "words", ["高橋", "ﾊﾅｺ", "hanako@example.com", "0901234", "5678", "c0000007", "０９０-１２３４-５６７８"]
)
def test_one_field_searches_by_number_name_kana_mail_and_telephone(desk, hanako, words):
    make_customer("C0000008", name="鈴木 一郎", telephone="03-1111-2222")

    answer = desk.post(LIST, {"q": words}, follow=True)

    assert ("C0000007" in answer.text) == (words != "0901234")
    assert "C0000008" not in answer.text
    assert words not in answer.request["QUERY_STRING"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_whatever_it_shows(desk, rows, django_assert_max_num_queries):
    for _row in range(rows):
        make_customer()
    desk.get(LIST)

    with django_assert_max_num_queries(12):
        desk.get(LIST)


def test_a_page_of_a_list_leads_to_the_next(desk):
    people = [make_customer() for _number in range(51)]

    first = desk.get(LIST)
    second = desk.get(f"{LIST}?after={people[1].pk}")

    assert str(people[0]) not in first.text
    assert str(people[0]) in second.text


def test_pages_of_a_search_lead_to_the_next(desk):
    people = [make_customer(name="田中 太郎") for _number in range(52)]

    first = desk.post(LIST, {"q": "田中"}, follow=True)
    found = first.context["list"]
    second = desk.get(LIST + found.next_url)

    assert [row["cells"][0]["words"] for row in found.rows] == [str(person) for person in people[:1:-1]]
    assert [row["cells"][0]["words"] for row in second.context["list"].rows] == [str(people[1]), str(people[0])]


def test_the_page_has_fifteen_sections_in_the_order_of_the_policy(desk, hanako):
    slugs = [panel.slug for panel in desk.get(page_of(hanako)).context["panels"]]

    assert slugs[1:16] == [
        "name",
        "birth",
        "sex",
        "career",
        "email",
        "telephone",
        "address",
        "payment",
        "external_id",
        "cookie",
        "device",
        "site_use",
        "app_use",
        "location",
        "media",
    ]


def test_a_reveal_shows_one_section_and_is_noted(desk, hanako):
    address = reverse("admin:customers_customer_reveal", args=[hanako.pk])

    page = desk.post(address, {"panel": "name", "reason": "INQUIRY", "case_number": "7K3M-9QXD"})

    assert "髙橋　花子" in page.text
    assert "hanako@example.com" not in page.text
    assert "no-store" in page["Cache-Control"]
    access = Access.objects.get()
    assert set(access.fields) == {"name", "kana", "nickname", "pen_name"}
    assert access.case_number == "7K3M-9QXD"


def test_a_correction_is_one_form_and_one_service(desk, hanako):
    answer = desk.post(
        correct_url(hanako), {"telephone": "０３ー１１１１ー２２２２", "remove": ["address"], "reason": "NOTICE"}
    )

    assert answer.status_code == 302
    hanako.refresh_from_db()
    assert (hanako.telephone, hanako.address, hanako.name) == ("０３ー１１１１ー２２２２", "", "髙橋　花子")
    page = desk.get(page_of(hanako))
    assert "ant" in page.text
    assert Entry.objects.latest("id").details["fields"] == ["address", "telephone"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": "田中\x07太郎"}, "name"),
        ({"kana": "山田"}, "kana"),
        ({"email": "tanaka@"}, "email"),
        ({"email": "tanaka@gmail.co"}, "email"),
        ({"telephone": "090-ABCD-1234"}, "telephone"),
        ({"postcode": "194003"}, "postcode"),
        ({"birth_date": "2026-02-30"}, "birth_date"),
        ({"sex": "?"}, "sex"),
        ({"age": "200"}, "age"),
        ({"name": "甲", "reason": ""}, "reason"),
        ({}, "__all__"),
        ({"kana": "コウ", "remove": ["kana"]}, "kana"),
        ({"remove": ["name"]}, "remove"),
        ({"reason": "IMPORT"}, "reason"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_kept(desk, hanako, typed, field):
    page = desk.post(correct_url(hanako), {"reason": "MISTAKE", **typed})

    assert page.status_code == 200
    assert list(page.context["form"].errors)[0] == field
    hanako.refresh_from_db()
    assert hanako.name == "髙橋　花子"
    assert Entry.objects.filter(action="customer.corrected").count() == 0


def test_a_near_miss_is_asked_back_and_not_refused(desk, hanako):
    typed = {"email": "tanaka@gmail.co", "reason": "NOTICE"}

    desk.post(correct_url(hanako), {**typed, "email_is_right": "on"})

    hanako.refresh_from_db()
    assert hanako.email == "tanaka@gmail.co"


def test_an_erased_customer_shows_that_and_cannot_be_corrected(desk, hanako):
    note_bounce(hanako, by=Actor.system())
    erase(hanako, by=Actor.system())

    page = desk.get(page_of(hanako))

    assert page.context["acts"][0].not_now
    assert not any(panel.reveal_form for panel in page.context["panels"])
    assert desk.post(correct_url(hanako), {"name": "甲", "reason": "MISTAKE"}).status_code == 200
    hanako.refresh_from_db()
    assert hanako.name == ""


def upload(desk, text, **more):
    file = SimpleUploadedFile("x.csv", text if isinstance(text, bytes) else text.encode(), "text/csv")
    return desk.post(f"{IMPORTS}upload/", {"file": file, **more})


def work():
    for job in Job.objects.filter(name="customers.import_file", state="WAITING"):
        import_file(job_id=job.pk)


GOOD = "顧客番号,氏名,メールアドレス\nC1,山田太郎,taro@example.com\nC2,,x@example.com\n"


def test_a_file_is_uploaded_read_by_a_worker_and_reported(desk):
    answer = upload(desk, GOOD)
    of_import = Import.objects.get()
    page = reverse("admin:customers_import_change", args=[of_import.pk])

    assert answer["Location"] == page
    assert desk.get(page)["Refresh"]
    work()

    text = desk.get(page).text
    assert "Refresh" not in desk.get(page)
    assert "氏名" in text
    assert of_import.number in desk.get(IMPORTS).text
    assert Customer.objects.get().number == "C1"
    assert Job.objects.get().state == "DONE"
    assert SealedFile.objects.get().is_purged
    assert [entry.action for entry in Entry.objects.filter(subject__endswith=of_import.number)][-1] == "import.finished"


def test_the_report_is_a_workbook_without_values(desk):
    upload(desk, GOOD)
    work()

    answer = desk.get(reverse("admin:customers_import_report", args=[Import.objects.get().pk]))
    content = b"".join(answer.streaming_content)
    rows = list(load_workbook(io.BytesIO(content)).active.values)

    assert ("3", "氏名") in [row[:2] for row in rows]
    assert not [cell for row in rows for cell in row if "example" in cell or cell.startswith(("=", "+", "-", "@"))]
    answer.close()


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04rubbish", GOOD.encode("utf-16"), b"\xff\xfe\xfd" * 30, b"a,b\n1,2\n"]
)
def test_a_file_that_cannot_be_read_is_said_kindly(desk, content):
    page = upload(desk, content)
    if page.status_code == 302:
        work()
        page = desk.get(page["Location"])

    assert page.status_code == 200
    assert "Traceback" not in page.text
    assert not Customer.objects.exists()


def test_a_large_upload_is_never_readable_on_the_disk(desk, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100

    upload(desk, GOOD + "".join(f"D{number},見本{number},\n" for number in range(3000)))
    work()

    assert Customer.objects.count() == 3001


def test_without_the_permission_there_is_no_import(desk, staff):
    staff.user_permissions.set(Permission.objects.filter(codename__in=["view_customer", "view_import"]))

    assert desk.get(f"{IMPORTS}upload/").status_code == 403
    assert upload(desk, GOOD).status_code == 403
    assert not Import.objects.exists()


def stop(job, *, days_ago=0):
    """The work of an import fails for good."""
    Job.objects.filter(pk=job.pk).update(
        state="FAILED", error_code="FileDamaged", finished_at=timezone.now() - dt.timedelta(days=days_ago, hours=1)
    )


def stopped(desk, **ago):
    upload(desk, GOOD)
    stop(Job.objects.get(), **ago)
    return Import.objects.get()


def test_a_stopped_import_says_so_and_its_file_can_be_discarded_by_hand(desk):
    of_import = stopped(desk)
    address = reverse("admin:customers_import_change", args=[of_import.pk])

    page, listed = desk.get(address), desk.get(IMPORTS)
    answer = desk.post(reverse("admin:customers_import_discard", args=[of_import.pk]), follow=True)

    assert "Refresh" not in page
    assert "中断" in listed.text
    assert reverse("admin:customers_import_discard", args=[of_import.pk]) in page.text
    assert "ファイルを消去しました" in answer.text
    assert "再開はできません" in answer.text
    assert SealedFile.objects.get().is_purged
    assert Job.objects.get().state == "GIVEN_UP"
    assert [entry.actor_label for entry in Entry.objects.filter(action="import.abandoned")] == ["ant"]


def test_an_import_that_stopped_half_way_names_no_time_left(desk):
    of_import = stopped(desk)
    address = reverse("admin:customers_import_change", args=[of_import.pk])
    Import.objects.update(lines=2000, total=5000)
    Job.objects.update(started_at=timezone.now() - dt.timedelta(minutes=3))
    still = desk.get(address).text

    Job.objects.update(state="WAITING", finished_at=None)

    assert "残り時間" not in still
    assert "残り時間" in desk.get(address).text


def test_an_import_whose_file_is_gone_is_not_started_again(desk, staff):
    of_import = stopped(desk)
    uploads.abandon(of_import, by=staff.actor)
    staff.user_permissions.add(*Permission.objects.filter(codename__in=["view_job", "retry_job"]))

    desk.post(reverse("admin:audit_job_retry", args=[Job.objects.get().pk]))
    work()

    assert Job.objects.get().state == "GIVEN_UP"
    assert not Customer.objects.exists()
    with pytest.raises(ImportNotStopped):
        uploads.abandon(of_import, by=staff.actor)


@pytest.mark.parametrize("state", ["WAITING", "finished"])
def test_a_file_that_is_needed_or_gone_is_not_discarded_by_hand(desk, state):
    upload(desk, GOOD)
    if state == "finished":
        work()
    of_import = Import.objects.get()
    discard = reverse("admin:customers_import_discard", args=[of_import.pk])

    page = desk.get(reverse("admin:customers_import_change", args=[of_import.pk]))
    desk.post(discard)

    assert discard not in page.text
    assert page.context["acts"][0].not_now.reason
    assert SealedFile.objects.get().is_purged == (state == "finished")


@pytest.mark.parametrize(("days", "goes"), [(0, False), (6, False), (7, True), (30, True)])
def test_the_clock_discards_what_nobody_took_up_again_for_seven_days(desk, days, goes):
    stopped(desk, days_ago=days)

    purge_stopped_imports()
    purge_stopped_imports()

    assert SealedFile.objects.get().is_purged == goes
    assert (Import.objects.get().file is None) == goes
    assert Entry.objects.filter(action="import.abandoned", actor_label="system").count() == goes


def test_the_clock_leaves_an_import_that_was_started_again(desk, staff):
    stopped(desk, days_ago=30)
    jobs.retry(Job.objects.get(), by=staff.actor)

    purge_stopped_imports()
    work()

    assert Customer.objects.get().number == "C1"
