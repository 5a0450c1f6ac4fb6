"""The customer's page: fifteen sections, masked; what staff change there; records of the same person."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from audit.models import Access, Entry, Staff
from audit.services.trail import reference
from customers import fields
from customers.categories import Category
from customers.models import CookieIdentifier, Device, Media, Merge, PaymentMethod
from customers.services import changes, holdings, merging
from customers.services.erasure import erase
from tests.customers.test_media import MP4
from tests.customers.test_pictures import encoded, photo
from tests.factories.audit import ActorFactory, StaffFactory
from tests.factories.customers import FULL, ROWS_OF_ONE, make_customer, make_full_customer

pytestmark = pytest.mark.django_db

LIST = "/admin/customers/customer/"
BACKEND = "django.contrib.auth.backends.ModelBackend"
REASON = {"reason": "INQUIRY", "case_number": "7K3M-9QXD"}
OWN = [
    Category.NAME,
    Category.BIRTH,
    Category.SEX,
    Category.CAREER,
    Category.EMAIL,
    Category.TELEPHONE,
    Category.ADDRESS,
]


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.FILES_FOLDER = tmp_path


@pytest.fixture
def desk(client):
    client.force_login(StaffFactory.with_roles("handler", username="ant"), backend=BACKEND)
    return client


@pytest.fixture
def approver(django_client):
    return django_client(StaffFactory.with_roles("approver", username="bee"))


@pytest.fixture
def django_client():
    def signed_in(staff):
        client = Client()
        client.force_login(staff, backend=BACKEND)
        return client

    return signed_in


@pytest.fixture
def hanako():
    customer = make_full_customer("C0000007")
    holdings.recount(customer)
    return customer


def act(name, *rows, desk="customer"):
    return reverse(f"admin:customers_{desk}_{name}", args=[row.pk for row in rows])


def values_of(customer):
    """Every value that is held on a customer, as it would stand on a page."""
    found = {str(value) for name, value in FULL.items() if name not in ("sex", "birth_date")}
    for _model, values in ROWS_OF_ONE:
        for name, value in values.items():
            if name not in ("kind", "authorised_on") or _model is Device:
                found.update(value if isinstance(value, list) else [value])
    return found - {"X"}


def panel_of(page, slug):
    return next(panel for panel in page.context["panels"] if panel.slug == slug)


def shown(page, hanako):
    text = re.sub(r"<[^>]+>", " ", page.text)
    return {value for value in values_of(hanako) if value in text}


@pytest.fixture
def opened(monkeypatch):
    """The contexts of all values that are opened from now on."""
    contexts, unseal = [], fields.unseal

    def noted(context, sealed):
        contexts.append(context)
        return unseal(context, sealed)

    monkeypatch.setattr(fields, "unseal", noted)
    return contexts


# What stands there


def test_no_list_and_no_page_opens_a_value_that_it_does_not_show(desk, hanako, opened):
    alias, other = make_full_customer(), make_full_customer()
    merging.approve(merging.propose(hanako, alias, by=ActorFactory()), by=ActorFactory())
    merge = merging.propose(hanako, other, by=ActorFactory())
    card = hanako.payment_methods.first()
    opened.clear()

    pages = [
        LIST, act("change", hanako), act("change", alias), act("correct", hanako), act("add-card", hanako),
        act("change-payment", hanako, card), act("remove-payment", hanako, card), act("add-photo", hanako),
        act("propose-merge", hanako), act("propose-merge", hanako) + f"?with={other}",
        act("changelist", desk="merge"), act("change", merge, desk="merge"),
    ]  # fmt: skip
    for address in pages:
        page = desk.get(address)
        assert page.status_code == 200, address
        assert shown(page, hanako) == set()

    assert opened == []


def test_every_section_says_what_is_held_and_only_a_reveal_shows_it(desk, hanako):
    page = desk.get(act("change", hanako))

    empty = [panel.slug for panel in page.context["panels"] if panel.slug.upper() in Category and panel.is_empty]
    assert empty == ["site_use", "app_use", "location", "media"]
    assert [row["slug"] for row in page.context["contents"]] == [category.lower() for category in Category]
    assert {row["slug"] for row in page.context["contents"] if row["is_empty"]} == set(empty)


@pytest.mark.parametrize("category", [*OWN, Category.PAYMENT, Category.EXTERNAL_ID, Category.COOKIE, Category.DEVICE])
def test_a_reveal_opens_one_section_and_notes_each_row_for_its_person(desk, hanako, category):
    page = desk.post(act("reveal", hanako), {"panel": category.lower(), **REASON})

    model = holdings.ROWS.get(category)
    rows = list(model.objects.all()) if model else [hanako]
    accesses = Access.objects.order_by("id")
    assert [access.subject for access in accesses] == [reference(row) for row in rows]
    assert {access.person for access in accesses} == {reference(hanako)}
    assert "no-store" in page["Cache-Control"]
    panel = panel_of(page, category.lower())
    values = {str(fact.words) for each in [panel, *panel.records] for fact in each.sealed_facts}
    assert not [words for words in values if "●" in words]
    for other in Category:
        if other != category and other.lower() in ("payment", "name", "address", "cookie"):
            assert not panel_of(page, other.lower()).revealed
    again = desk.get(act("change", hanako))
    assert shown(again, hanako) == set()


def test_a_card_shows_only_what_belongs_to_a_card(desk, hanako):
    panel = panel_of(desk.get(act("change", hanako)), "payment")

    assert [record.sealed for record in panel.records] == [
        ("brand", "last_four", "expiry", "provider_token"), ("bank", "branch", "last_four"),
        ("service", "provider_token"),
    ]  # fmt: skip


def test_an_empty_customer_says_none_in_every_section(desk):
    customer = make_customer()

    page = desk.get(act("change", customer))

    for panel in page.context["panels"]:
        if panel.slug.upper() in set(Category) - {"NAME"}:
            assert panel.is_empty, panel.slug
            assert str(panel.empty) == "なし"


def test_an_erased_customer_says_so_with_the_date_in_every_section(desk, hanako):
    erase(hanako, by=ActorFactory())

    page = desk.get(act("change", hanako))

    for panel in page.context["panels"]:
        if panel.slug.upper() in Category:
            assert "消去済み" in str(panel.empty)
            assert not panel.reveal_form
            assert not panel.acts


@pytest.mark.parametrize("rows", [1, 12])
def test_the_page_costs_the_same_whatever_it_shows(desk, rows, django_assert_max_num_queries):
    customer, by = make_customer(), ActorFactory()
    for number in range(rows):
        changes.add(customer, CookieIdentifier, values={"value": f"GA1.2.{number}"}, reason="NOTICE", by=by)
        changes.add(customer, PaymentMethod, values={"kind": "BANK", "bank": f"{number}"}, reason="NOTICE", by=by)
    desk.get(act("change", customer))

    with django_assert_max_num_queries(27):
        desk.get(act("change", customer))


# What is changed there

TYPED = {
    "card": {"brand": "VISA", "last_four": "４２４２", "expiry": "04/27"},
    "bank": {"bank": "若葉銀行", "branch": "本店", "last_four": "7788"},
    "e-money": {"service": "PayPay"},
    "external-id": {
        "service": "X",
        "account": "x-1",
        "authorised": "プロフィール\n画像一覧；位置",
        "authorised_on": "令和6年5月1日",
    },
    "cookie": {"value": "GA1.2.3"},
    "device": {"system": "iOS 19"},
}


@pytest.mark.parametrize("kind", TYPED)
def test_a_row_is_added_by_a_form_and_stands_in_its_section(desk, kind):
    customer = make_customer()

    answer = desk.post(act(f"add-{kind}", customer), {**TYPED[kind], "reason": "NOTICE"})

    rows = [row for model in holdings.ROWS.values() for row in model.objects.all()]
    assert len(rows) == 1
    assert answer["Location"].startswith(act("change", customer) + "#")
    if kind == "card":
        assert (rows[0].last_four, rows[0].expiry) == ("4242", "2027-04")
    if kind == "external-id":
        assert rows[0].authorised == ["プロフィール", "画像一覧", "位置"]
    page = desk.get(act("change", customer))
    assert reference(rows[0]).rpartition(":")[2] in page.text


@pytest.mark.parametrize(
    ("kind", "typed", "field"),
    [
        ("card", {"last_four": "4242424242424242"}, "last_four"),
        ("card", {"brand": "VISA 4242 4242 4242 4242"}, "brand"),
        ("card", {"provider_token": "４２４２４２４２４２４２４２４２"}, "provider_token"),
        ("card", {"expiry": "13/27"}, "expiry"),
        ("card", {"last_four": ""}, "last_four"),
        ("card", {"reason": ""}, "reason"),
        ("bank", {"last_four": "1234567"}, "last_four"),
        ("bank", {"branch": "378282246310005"}, "branch"),
        ("bank", {"bank": ""}, "bank"),
        ("e-money", {"service": "x\x07"}, "service"),
        ("external-id", {"authorised": ""}, "authorised"),
        ("external-id", {"authorised_on": "2099-01-01"}, "authorised_on"),
        ("cookie", {"value": "x" * 256}, "value"),
        ("device", {"system": ""}, "__all__"),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field_and_what_was_typed_stays(desk, kind, typed, field):
    customer = make_customer()

    page = desk.post(act(f"add-{kind}", customer), {**TYPED[kind], "reason": "NOTICE", **typed})

    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert not [row for model in holdings.ROWS.values() for row in model.objects.all()]
    assert not Entry.objects.filter(person=reference(customer), action__endswith=".added").exists()
    kept = {name: page.context["form"][name].value() for name in TYPED[kind]}
    assert kept == {**TYPED[kind], **{name: value for name, value in typed.items() if name in TYPED[kind]}}


def test_a_double_is_said_and_what_was_typed_stays(desk, hanako):
    page = desk.post(act("add-cookie", hanako), {"value": "GA1.2.351187627.732270489", "reason": "NOTICE"})

    assert page.status_code == 200
    assert "同じ内容をすでに保有しています" in page.text
    assert page.context["form"]["value"].value() == "GA1.2.351187627.732270489"


def test_a_row_is_changed_and_removed_by_forms(desk, hanako):
    card = hanako.payment_methods.get(kind="CARD")

    desk.post(act("change-payment", hanako, card), {"brand": "JCB", "remove": ["expiry"], "reason": "MISTAKE"})
    card.refresh_from_db()
    assert (card.brand, card.last_four, card.expiry) == ("JCB", "4242", None)
    desk.post(act("remove-payment", hanako, card), {"reason": "ASKED"})

    assert not PaymentMethod.objects.filter(pk=card.pk).exists()
    timeline = panel_of(desk.get(act("change", hanako)), "timeline")
    words = [[str(cell) for cell in row[1:3]] for row in timeline.table.rows[:2]]
    assert words == [["支払方法を外した", f"支払方法 #{card.pk}"], ["支払方法を変更", f"支払方法 #{card.pk}"]]


def test_an_authorisation_is_withdrawn_by_a_form_once(desk, hanako):
    account = hanako.external_accounts.get()

    desk.post(act("withdraw-external-id", hanako, account), {"reason": "ASKED"})

    account.refresh_from_db()
    assert account.withdrawn_at
    page = desk.get(act("withdraw-external-id", hanako, account))
    assert page.context["not_now"]


def test_what_is_held_can_be_opened_beside_the_form_that_changes_it(desk, hanako):
    card = hanako.payment_methods.get(kind="CARD")

    page = desk.post(act("change-payment", hanako, card), {"panel": "held", **REASON})
    correction = desk.post(act("correct", hanako), {"panel": "held", **REASON})

    assert "VISA" in page.text
    assert "no-store" in page["Cache-Control"]
    assert "鍼灸師" in correction.text
    assert [access.subject for access in Access.objects.order_by("id")] == [reference(card), reference(hanako)]


def test_who_may_not_see_values_may_not_open_them_beside_a_form_either(client, hanako):
    staff = Staff.objects.create_user("x", "y")
    staff.user_permissions.set(Permission.objects.filter(codename__in=["view_customer", "correct_customer"]))
    client.force_login(staff, backend=BACKEND)

    assert client.post(act("correct", hanako), {"panel": "held", **REASON}).status_code == 403


def test_two_people_at_one_customer_are_told_what_changed_and_lose_nothing(desk, hanako):
    page = desk.get(act("correct", hanako))
    seen = page.context["form"]["seen"].value()
    changes.correct(hanako, changes={"telephone": "03-1111-2222"}, reason="NOTICE", by=ActorFactory())

    typed = {"address": "東京都町田市中町1-1-1", "reason": "NOTICE"}
    told = desk.post(act("correct", hanako), {**typed, "seen": seen})

    hanako.refresh_from_db()
    assert hanako.address == FULL["address"]
    assert "電話番号" in told.context["form"].errors["__all__"][0]
    assert "03-1111-2222" not in told.text
    form = told.context["form"]
    assert form["address"].value() == typed["address"]
    again = desk.post(act("correct", hanako), {**typed, "seen": form["seen"].value()})
    assert again.status_code == 302
    hanako.refresh_from_db()
    assert (hanako.address, hanako.telephone) == (typed["address"], "03-1111-2222")


def test_an_error_elsewhere_does_not_hide_what_changed_meanwhile(desk, hanako):
    seen = desk.get(act("correct", hanako)).context["form"]["seen"].value()
    wrong = desk.post(act("correct", hanako), {"telephone": "abc", "reason": "NOTICE", "seen": seen})
    changes.correct(hanako, changes={"telephone": "03-1111-2222"}, reason="NOTICE", by=ActorFactory())

    told = desk.post(
        act("correct", hanako),
        {"telephone": "03-3333-4444", "reason": "NOTICE", "seen": wrong.context["form"]["seen"].value()},
    )

    assert told.status_code == 200
    hanako.refresh_from_db()
    assert hanako.telephone == "03-1111-2222"


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 18, "9" * 40, "０"])
def test_a_stamp_that_is_none_is_no_fault_of_ours(desk, hanako, seen):
    answer = desk.post(act("correct", hanako), {"telephone": "03-1111-2222", "reason": "NOTICE", "seen": seen})

    assert answer.status_code == (302 if not seen else 200)


@pytest.mark.parametrize("number", ["999999", "x", "0", "9" * 30])
def test_what_is_gone_or_was_never_there_leads_back_to_the_page(desk, hanako, number):
    address = act("change", hanako).replace("/change/", f"/change-payment/{number}/")

    answer = desk.get(address, follow=True)

    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0] == act("change", hanako)


def test_a_row_of_somebody_else_is_not_changed_from_this_page(desk, hanako):
    card = make_full_customer().payment_methods.get(kind="CARD")

    assert desk.post(act("remove-payment", hanako, card), {"reason": "ASKED"}).status_code == 302
    assert PaymentMethod.objects.filter(pk=card.pk).exists()


# Photos and videos


def upload(desk, customer, content, kind="photo", **more):
    file = SimpleUploadedFile("私の写真.exe", content, "application/x-anything")
    return desk.post(act(f"add-{kind}", customer), {"file": file, **more})


def test_a_picture_is_shown_only_after_a_reason_and_only_to_who_gave_it(desk, hanako, django_client):
    upload(desk, hanako, encoded(photo((900, 600)), "JPEG"), title="店の前")
    kept = Media.objects.get()
    address, small = act("media", hanako, kept), act("media-small", hanako, kept)
    assert desk.get(address).status_code == 404

    page = desk.post(act("reveal", hanako), {"panel": "media", **REASON})

    assert small in page.text
    assert "店の前" in page.text
    answer = desk.get(address)
    assert answer["Content-Type"] == "image/jpeg"
    assert "no-store" in answer["Cache-Control"]
    assert int(answer["Content-Length"]) == len(b"".join(answer.streaming_content))
    assert desk.get(small).status_code == 200
    assert Access.objects.get().fields == ["file", "title"]
    assert django_client(StaffFactory.with_roles("handler")).get(address).status_code == 404
    assert django_client(StaffFactory.with_roles("auditor")).get(address).status_code == 403
    assert small not in desk.get(act("change", hanako)).text


def test_a_picture_is_not_had_through_another_customer(desk, hanako):
    upload(desk, hanako, encoded(photo(), "JPEG"))
    desk.post(act("reveal", hanako), {"panel": "media", **REASON})

    assert desk.get(act("media", make_customer(), Media.objects.get())).status_code == 404


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [("photo", b"", "空"), ("photo", b"GIF89a", "JPEG"), ("photo", MP4, "JPEG"), ("video", b"", "空"),
     ("video", b"GIF89a", "MP4"), ("photo", b"\xff\xd8\xff" + b"x" * 11_000_000, "10.5")],
    ids=["empty photo", "GIF", "video as photo", "empty video", "picture as video", "too large"],
)  # fmt: skip
def test_a_file_that_is_not_taken_is_said_at_its_field(desk, hanako, kind, content, words):
    page = upload(desk, hanako, content, kind)

    assert page.status_code == 200
    assert words in page.context["form"].errors["file"][0]
    assert not Media.objects.exists()


def test_a_video_is_uploaded_shown_and_removed(desk, hanako):
    upload(desk, hanako, MP4 + b"x" * 3_000_000, "video", title="挨拶")
    kept = Media.objects.get()

    page = desk.post(act("reveal", hanako), {"panel": "media", **REASON})

    assert f'<video class="picture" controls preload="none" src="{act("media", hanako, kept)}">' in page.text
    assert desk.get(act("media", hanako, kept))["Content-Type"] == "video/mp4"
    assert desk.post(act("remove-media", hanako, kept), {"reason": "ASKED"}).status_code == 302
    assert not Media.objects.exists()
    assert desk.get(act("media", hanako, kept)).status_code == 404


# Records of the same person


def test_a_merge_is_proposed_after_both_were_looked_at_and_decided_by_somebody_else(desk, approver, hanako):
    other = make_customer("C0000008", name="高橋花子", telephone="03-9999-8888")
    propose = act("propose-merge", hanako)

    first = desk.post(propose, {"other": "ｃ0000008", "stays": "this", "compared": ""})
    assert not Merge.objects.exists()
    assert [panel.slug for panel in first.context["panels"]] == ["categories", "beside"]
    seen = desk.post(propose, {"panel": "beside", "with": "C0000008", **REASON})
    assert "03-9999-8888" in seen.text
    assert FULL["address"] in seen.text
    answer = desk.post(propose, {"other": "C0000008", "stays": "this", "compared": "C0000008"})

    merge = Merge.objects.get()
    assert (merge.survivor, merge.alias) == (hanako, other)
    assert answer["Location"] == act("change", merge, desk="merge")
    assert desk.post(act("approve", merge, desk="merge")).status_code == 403
    compared = approver.post(act("reveal", merge, desk="merge"), {"panel": "beside", **REASON})
    assert "03-9999-8888" in compared.text
    assert approver.post(act("approve", merge, desk="merge")).status_code == 302
    other.refresh_from_db()
    assert other.merged_into == hanako
    assert approver.post(act("undo", merge, desk="merge")).status_code == 302
    other.refresh_from_db()
    assert other.merged_into is None


def test_the_other_record_may_be_the_one_that_stays(desk, hanako):
    other = make_customer("C0000008")

    desk.post(act("propose-merge", hanako), {"other": "C0000008", "stays": "other", "compared": "C0000008"})

    assert Merge.objects.get().survivor == other


@pytest.mark.parametrize("other", ["C0000007", "C9999999", "", "山田", "x" * 300])
def test_a_merge_with_nobody_is_refused_kindly(desk, hanako, other):
    page = desk.post(act("propose-merge", hanako), {"other": other, "stays": "this", "compared": other})

    assert page.status_code == 200
    assert page.context["form"].errors
    assert not Merge.objects.exists()


def test_an_alias_leads_to_the_record_that_stays_and_takes_nothing_new(desk, hanako):
    alias = make_full_customer("C0000008", name="山川 花子")
    merging.approve(merging.propose(hanako, alias, by=ActorFactory()), by=ActorFactory())

    found = desk.post(LIST, {"q": "山川"}, follow=True)
    page = desk.get(act("change", alias))
    survivor = desk.get(act("change", hanako))

    assert f'href="{act("change", hanako)}"' in found.text
    assert f'href="{act("change", hanako)}"' in page.text
    assert f'href="{act("change", alias)}"' in survivor.text
    assert desk.get(act("add-card", alias)).context["not_now"].url == act("change", hanako)
    assert len(panel_of(survivor, "payment").records) == 6


def test_the_record_that_stays_shows_its_aliases_values_with_one_reason(desk, hanako):
    alias = make_customer("C0000008", name="山川 花子")
    holdings.recount(alias)
    merging.approve(merging.propose(hanako, alias, by=ActorFactory()), by=ActorFactory())

    page = desk.post(act("reveal", hanako), {"panel": "name", **REASON})

    assert "山川 花子" in page.text
    assert FULL["name"] in page.text
    assert {access.person for access in Access.objects.all()} == {reference(hanako), reference(alias)}


def test_duplicates_are_numbers_and_signs_and_lead_to_a_proposal(desk, approver, hanako):
    other = make_customer("C0000008", name="別人", email=FULL["email"])

    page = desk.get(act("duplicates", hanako))

    assert "C0000008" in page.text
    assert "メールアドレスが同じ" in page.text
    assert shown(page, hanako) == set()
    assert f"{act('propose-merge', hanako)}?with={other}" in page.text
    assert approver.get(act("duplicates", hanako)).status_code == 403


def test_who_proposed_is_told_that_another_person_approves(client):
    staff = StaffFactory.with_roles("handler", "approver")
    client.force_login(staff, backend=BACKEND)
    merge = merging.propose(make_customer(), make_customer(), by=staff.actor)

    page = client.get(act("change", merge, desk="merge"))

    assert "別の担当者が承認します" in page.text
    assert client.get(act("approve", merge, desk="merge")).context["not_now"]


def test_a_proposal_with_an_erased_record_shows_the_other_one_alone(desk, hanako):
    other = make_customer()
    merge = merging.propose(hanako, other, by=ActorFactory())
    erase(other, by=ActorFactory())

    page = desk.get(act("change", merge, desk="merge"))

    assert page.status_code == 200
    assert [record.row for record in panel_of(page, "beside").records] == [hanako]
