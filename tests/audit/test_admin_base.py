"""The base of the desk, tried on a desk of its own: refusals, masks, reveals, keyset pages, decisions."""

import datetime as dt

import pytest
from django import forms
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import path, reverse

from audit.admin.base import DecisionView, NotNow, SafeModelAdmin, SavedView
from audit.exceptions import OfficeError
from audit.forms import DeskForm
from audit.models import Access, Actor, Entry, Staff
from config.admin import OfficeAdminSite
from config.urls import urlpatterns as all_urls
from customers.models import Customer

pytestmark = pytest.mark.django_db


class NoteForm(DeskForm):
    note = forms.CharField(label="Note")


def take_note(customer, *, note, by):
    if note == "refuse me":
        raise OfficeError("The office refuses.")
    Customer.objects.filter(pk=customer.pk).update(language="en")


class TriedAdmin(SafeModelAdmin):
    list_display = ["number", "name", "language", "has_email"]
    list_filter = ["language", "has_email", "registered_on"]
    list_per_page = 2
    search_label = "Number"
    search_fields = ["number"]
    reveal_permission = "customers.reveal_customer"
    saved_views = [
        SavedView("all", "All", lambda rows, request: rows),
        SavedView("en", "English", lambda rows, request: rows.filter(language="en")),
    ]
    decisions = [
        DecisionView(
            NoteForm, take_note, "Take a note", permission="customers.correct_customer", explain="A note is taken.",
            cannot_undo="It stays.", done="%(number)s: noted. Next, rest.",
            may=lambda request, thing: NotNow("It is English.", "/", "home") if thing.language == "en" else None,
        )
    ]  # fmt: skip


site = OfficeAdminSite(name="admin")
site.register(Customer, TriedAdmin)
urlpatterns = [*[each for each in all_urls if getattr(each, "app_name", "") != "admin"], path("admin/", site.urls)]
handler400, handler404 = "audit.views.bad_request", "audit.views.not_found"


@pytest.fixture(autouse=True)
def _own_desk(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def staff():
    staff = Staff.objects.create_user("ant", "a long pass phrase")
    names = ["view_customer", "reveal_customer", "correct_customer"]
    staff.user_permissions.set(Permission.objects.filter(codename__in=names))
    return staff


@pytest.fixture
def desk(client, staff):
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


def customer(number, **values):
    return Customer.objects.create(number=number, name="山田太郎", created_by=Actor.system(), **values)


LIST, PAGE = "/admin/customers/customer/", "/admin/customers/customer/{}/change/"


def test_the_list_masks_and_never_loads_sealed_columns(desk):
    customer("C1")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = desk.get(LIST)

    assert page.status_code == 200
    assert "山田太郎" not in page.text
    assert "●●●" in page.text
    assert not any('"customers_customer"."name"' in query["sql"] for query in queries)


@pytest.mark.parametrize(
    "query",
    [
        "name__regex=%00", "name__startswith=x", "o=999.-x", "o=1", "p=zzz", "p=-1", "all=", "q=x", "e=1", "_popup=1",
        "_to_field=name", "_changelist_filters=%FF", "after=x", "after=99999999999999999999", "before=-1", "s=%00",
        "language=%ED%A0%80", "language__exact=zz", "has_email__exact=2", "view=zz", "registered_on__gte=2026-99-99",
        "registered_on__gte=" + "9" * 5000, "merged_into__id__exact=99999999999999999999", "merged_into__id__exact=x",
        "after=1&after=2&before=x", "%00=1", "__proto__=1", "pk__in=1,2,x", "registered_on__year=0",
    ],
)  # fmt: skip
def test_what_a_list_does_not_offer_is_refused_politely(desk, query):
    customer("C1")

    page = desk.get(f"{LIST}?{query}")

    if "%00" in query:  # refused before any page is asked
        assert page.status_code == 400
    else:
        assert (page.status_code, page.headers["Location"]) == (302, LIST)


@pytest.mark.parametrize(
    "key", ["x", "0", "-1", "99999999999999999999", "%00", "%ED%A0%80", "１", "1.0", "1 OR 1", "_5F", "None", "a%2Fb"]
)
@pytest.mark.parametrize("page", ["change", "reveal", "take-note", "history", "delete"])
def test_a_bad_id_is_not_found(desk, key, page):
    assert desk.get(f"{LIST}{key}/{page}/").status_code == (400 if key == "%00" else 404)


def test_a_search_is_posted_and_leaves_no_word_in_an_address(desk):
    customer("C1")
    customer("D1")

    answer = desk.post(LIST, {"q": "c1"})
    page = desk.get(answer.headers["Location"])

    assert "c1" not in answer.headers["Location"].lower().partition("?s=")[0]
    assert [row.number for row in page.context["list"].result_list] == ["C1"]


@pytest.mark.parametrize("words", [b"\0", b"x" * 5000, b"\xed\xa0\x80", b"%00%", b"' OR 1=1", b""])
def test_hostile_search_words_find_nothing(desk, words):
    page = desk.post(LIST, b"q=" + words, content_type="application/x-www-form-urlencoded")

    assert page.status_code in {200, 302}


def test_pages_are_found_by_key_in_both_directions(desk):
    rows = [customer(f"C{number}") for number in range(5)]

    seen, address = [], LIST
    for _page in range(3):
        response = desk.get(address)
        shown = response.context["list"]
        seen += [row.number for row in shown.result_list]
        address = LIST + shown.next_url if shown.next_url else None
    back = desk.get(f"{LIST}?before={rows[1].pk}").context["list"]

    assert seen == ["C4", "C3", "C2", "C1", "C0"]
    assert address is None
    assert [row.number for row in back.result_list] == ["C3", "C2"]


def test_a_list_counts_no_rows_of_the_whole_table(desk):
    customer("C1")

    with CaptureQueriesContext(connection) as queries:
        desk.get(LIST)

    assert not any("COUNT(" in query["sql"] and "LIMIT" not in query["sql"] for query in queries)


def test_the_page_masks_and_does_not_load_sealed_columns(desk):
    row = customer("C1")

    with CaptureQueriesContext(connection) as queries:
        page = desk.get(PAGE.format(row.pk))

    assert "●●●" in page.text
    assert "山田太郎" not in page.text
    assert not any('"customers_customer"."name"' in query["sql"] for query in queries)


def test_values_are_shown_for_a_reason_in_one_response_only(desk, staff):
    row = customer("C1")
    address = reverse("admin:customers_customer_reveal", args=[row.pk], urlconf=__name__)

    shown = desk.post(address, {"panel": "person", "reason": "REQUEST", "case_number": "7K3M-9QXD-22AB"})
    again = desk.get(PAGE.format(row.pk))

    assert "山田太郎" in shown.text
    assert "no-store" in shown.headers["Cache-Control"]
    assert "山田太郎" not in again.text
    access = Access.objects.get()
    assert (access.by, access.reason, access.subject) == (staff.actor, "REQUEST", "customers.customer:C1")
    assert "山田" not in str(list(Entry.objects.values_list("details", flat=True)))


def test_without_a_reason_nothing_is_shown_and_the_fault_is_linked(desk):
    row = customer("C1")

    page = desk.post(f"{LIST}{row.pk}/reveal/", {"panel": "person", "reason": "", "case_number": ""})

    assert "山田太郎" not in page.text
    assert 'href="#person_reason"' in page.text
    assert not Access.objects.exists()


def test_nothing_is_shown_to_who_may_not(desk, staff):
    row = customer("C1")
    staff.user_permissions.remove(Permission.objects.get(codename="reveal_customer"))

    page = desk.post(f"{LIST}{row.pk}/reveal/", {"panel": "person", "reason": "REQUEST", "case_number": "1"})

    assert page.status_code == 403
    assert not Access.objects.exists()


def test_erased_values_say_when(desk):
    row = customer("C1")
    Customer.objects.filter(pk=row.pk).update(
        erased_at=dt.datetime(2026, 11, 3, 3, tzinfo=dt.UTC), erased_by=Actor.system()
    )

    page = desk.get(PAGE.format(row.pk))

    assert "2026年11月3日" in page.text
    assert "●●●" not in page.text


def test_a_decision_says_what_it_does_calls_its_service_and_says_so(desk):
    row = customer("C1")
    address = f"{LIST}{row.pk}/take-note/"

    form = desk.get(address)
    done = desk.post(address, {"note": "x"}, follow=True)

    assert "A note is taken." in form.text
    assert "It stays." in form.text
    assert "C1: noted. Next, rest." in done.text
    row.refresh_from_db()
    assert row.language == "en"


def test_a_refused_decision_keeps_what_was_typed(desk):
    row = customer("C1")

    page = desk.post(f"{LIST}{row.pk}/take-note/", {"note": "refuse me"})

    assert "The office refuses." in page.text
    assert 'value="refuse me"' in page.text


def test_a_decision_that_is_not_possible_now_is_text_with_its_reason(desk):
    row = customer("C1", language="en")

    page = desk.get(PAGE.format(row.pk))
    decision = desk.post(f"{LIST}{row.pk}/take-note/", {"note": "x"})

    assert "It is English." in page.text
    assert "disabled" not in page.text
    assert f"{row.pk}/take-note/" not in page.text
    assert "It is English." in decision.text


def test_a_decision_is_refused_to_who_may_not(desk, staff):
    row = customer("C1")
    staff.user_permissions.remove(Permission.objects.get(codename="correct_customer"))

    assert desk.get(f"{LIST}{row.pk}/take-note/").status_code == 403
    assert desk.post(f"{LIST}{row.pk}/take-note/", {"note": "x"}).status_code == 403
