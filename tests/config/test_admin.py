"""The site of the desk: no desk but ours, every list in one language, the first page, signing in."""

import re

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client, override_settings
from django.urls import reverse

from audit.admin.base import SafeModelAdmin
from audit.models import Actor, Office, Staff
from customers.services import registration
from tests.factories.requests_desk import At

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
LISTS = sorted(
    f"{model._meta.app_label}_{model._meta.model_name}"
    for model in admin.site._registry
    if model is not Office  # its facts are kept in both languages
)
KNOWN = re.compile(
    r"Office Ant|English|C0000001|[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}|[0-9a-f]{8}(-[0-9a-f]{4})*"
    r"|info@office-ant\.co\.jp"
    r"|handler|verifier|intake|root|PDF|JSON|CSV|Markdown|Cookie|OS|ID|(requests_desk|customers|consent|audit)\.\w+:\S+"
)
WORDS = re.compile(r">([^<>]*[A-Za-z]{3}[^<>]*)<")


def desk(language="ja"):
    staff = Staff.objects.create_superuser("root", "a long pass phrase", display_name="窓口 一子")
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    client.force_login(staff, backend=BACKEND)
    return client


def english_words(text):
    body = text.partition("<body")[2]
    return [words for words in WORDS.findall(body) if re.search("[A-Za-z]{3}", KNOWN.sub("", words))]


def test_only_desks_of_ours_are_registered():
    assert all(isinstance(each, SafeModelAdmin) for each in admin.site._registry.values())


@pytest.mark.parametrize("name", LISTS)
def test_each_list_and_its_first_page_are_japanese_whole(name):
    customer = registration.register("C0000001", by=Actor.system(), name="見本 花子", email="hanako@example.test")
    At.proposed(customer)
    client = desk()

    listed = client.get(reverse(f"admin:{name}_changelist"), follow=True)
    shown = [listed.text]
    if "list" in listed.context and listed.context["list"].result_list:
        shown.append(client.get(reverse(f"admin:{name}_change", args=[listed.context["list"].result_list[0].pk])).text)

    for text in shown:
        assert english_words(text) == []


@pytest.mark.parametrize("name", LISTS)
def test_each_list_is_english_whole_and_empty_states_say_what_comes(name):
    text = desk("en").get(reverse(f"admin:{name}_changelist"), follow=True).text.partition("<body")[2]

    assert set(re.findall("[\u3040-\u30ff\u4e00-\u9fff]+", text)) <= {"日本語", "窓口", "一子"}


def test_signing_in_says_one_sentence_for_every_wrong_pair(client):
    Staff.objects.create_user("ant", "a long pass phrase")

    unknown = client.post("/admin/login/", {"username": "nobody", "password": "x"})
    wrong = client.post("/admin/login/", {"username": "ant", "password": "x"})

    sentence = "ユーザー名とパスワードの組み合わせが正しくありません。"
    assert sentence in unknown.text
    assert sentence in wrong.text


@override_settings(AXES_ENABLED=True)
def test_who_types_wrong_too_often_is_told_in_plain_words(client):
    Staff.objects.create_user("ant", "a long pass phrase")
    for _try in range(settings.AXES_FAILURE_LIMIT):
        answer = client.post("/admin/login/", {"username": "ant", "password": "x"})
    right = client.post("/admin/login/", {"username": "ant", "password": "a long pass phrase"})

    assert answer.status_code == right.status_code == 429
    assert "15分待ってから" in right.text


def test_a_changed_password_keeps_this_session_and_ends_the_others(client):
    staff = Staff.objects.create_user("ant", "a long pass phrase")
    client.force_login(staff, backend=BACKEND)
    other = Client()
    other.force_login(staff, backend=BACKEND)

    posted = {"old": "a long pass phrase", "password": "quite another phrase", "again": "quite another phrase"}
    answer = client.post("/admin/password_change/", posted, follow=True)

    assert "パスワードを変えました" in answer.text
    assert client.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    ("posted", "field"),
    [
        ({"old": "wrong", "password": "quite another phrase", "again": "quite another phrase"}, "old"),
        ({"old": "a long pass phrase", "password": "short", "again": "short"}, "password"),
        ({"old": "a long pass phrase", "password": "quite another phrase", "again": "something else"}, "again"),
    ],
)
def test_a_wrong_change_of_password_is_refused_beside_its_field(client, posted, field):
    staff = Staff.objects.create_user("ant", "a long pass phrase")
    client.force_login(staff, backend=BACKEND)

    answer = client.post("/admin/password_change/", posted)

    assert f'href="#id_{field}"' in answer.text
    staff.refresh_from_db()
    assert staff.check_password("a long pass phrase")


def test_the_first_page_shows_each_role_what_is_theirs(client):
    At.document_sent()
    staff = Staff.objects.create_user("ant", "x")
    staff.groups.set([Group.objects.get(name="notice_author")])
    client.force_login(staff, backend=BACKEND)

    board = client.get("/admin/").context["dashboard"]

    assert board["due"] is None
    assert not [line for block in board["blocks"] for line in block.lines if "datarequest" in line.url]


@pytest.mark.parametrize(
    ("role", "account", "said"),
    [("privacy_officer", "", True), ("privacy_officer", "見本銀行 普通 1", False), ("handler", "", False)],
)
def test_who_may_enter_the_account_for_the_fee_is_told_that_it_is_missing(client, role, account, said):
    Office.objects.update(bank_account_ja=account)
    staff = Staff.objects.create_user("ant", "x")
    staff.groups.set([Group.objects.get(name=role)])
    client.force_login(staff, backend=BACKEND)

    page = client.get("/admin/")

    assert ("手数料の振込先を入力してください" in page.text) == said
    assert (reverse("admin:audit_office_change", args=[1]) in page.text) == said


def test_the_language_switch_stands_on_every_page_and_keeps_it():
    page = desk().get("/admin/requests_desk/datarequest/?view=all")

    assert 'name="next" value="/admin/requests_desk/datarequest/?view=all"' in page.text
    assert 'value="en" lang="en"' in page.text
