import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from consent.models import PolicyStatus
from tests.factories.consent import PolicyVersionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["ja", "en"])
def language(request, client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = request.param
    return request.param


def test_without_a_policy_the_pages_say_so(client, language):
    for name in ("policy", "history"):
        page = client.get(reverse(f"consent:{name}"))
        assert page.status_code == 200
        assert 'class="box"' in page.text


def test_the_policy_page_changes_at_midnight_in_tokyo_and_announces_before(client):
    PolicyVersionFactory.in_force_from("2026-01-01", text_ja="## 古い版\n\n古い本文")
    PolicyVersionFactory.in_force_from("2026-12-01", text_ja="## 新しい版\n\n新しい本文")

    with time_machine.travel("2026-11-30T23:59:59+09:00", tick=False):
        before = client.get("/policy/").text
    with time_machine.travel("2026-12-01T00:00:00+09:00", tick=False):
        after = client.get("/policy/").text

    assert "古い本文" in before
    assert "2026年12月1日" in before
    assert "新しい本文" not in before
    assert "新しい本文" in after
    assert "古い本文" not in after


def test_a_version_to_come_can_be_read_before_any_is_in_force(client, language):
    version = PolicyVersionFactory(status="DRAFT")
    future = timezone.localdate() + dt.timedelta(days=5)
    coming = PolicyVersionFactory.in_force_from(future.isoformat(), number=version.number + 1)

    page = client.get("/policy/").text

    assert f"/policy/{coming.number}/" in page
    assert client.get(f"/policy/{coming.number}/").status_code == 200
    assert client.get(f"/policy/{version.number}/").status_code == 404


def test_past_versions_stay_and_say_until_when(client):
    old = PolicyVersionFactory.in_force_from("2025-01-01")
    PolicyVersionFactory.in_force_from("2026-01-01")

    page = client.get(f"/policy/{old.number}/").text

    assert "2025年12月31日" in page


def test_the_history_lists_every_version_with_its_time(client, language):
    old = PolicyVersionFactory.in_force_from("2025-01-01")
    new = PolicyVersionFactory.in_force_from("2026-01-01")

    page = client.get("/policy/history/").text

    assert page.index(f"/policy/{new.number}/") < page.index(f"/policy/{old.number}/")
    assert f"/policy/{new.number}/changes/" in page
    assert f"/policy/{old.number}/changes/" not in page


def test_changes_are_marked_for_eyes_and_ears(client):
    PolicyVersionFactory.in_force_from("2025-01-01", text_ja="## 手数料\n\n手数料は一件1000円です。")
    new = PolicyVersionFactory.in_force_from("2026-01-01", text_ja="## 手数料\n\n手数料は一件1200円です。")

    page = client.get(f"/policy/{new.number}/changes/").text

    assert '<del><span class="hidden">［ここから削除：</span>1000<span class="hidden">：ここまで］</span></del>' in page
    assert '<ins><span class="hidden">［ここから追加：</span>1200<span class="hidden">：ここまで］</span></ins>' in page
    assert 'href="#change-1"' in page


def test_the_first_version_has_nothing_to_compare_with(client, language):
    first = PolicyVersionFactory.in_force_from("2025-01-01")

    page = client.get(f"/policy/{first.number}/changes/")

    assert page.status_code == 200
    assert "<ins>" not in page.text


@pytest.mark.parametrize(
    "address", ["/policy/0/", "/policy/99/", "/policy/99/changes/", "/policy/12345678901/", "/policy/x/", "/policy/-1/"]
)
def test_an_unknown_version_is_a_polite_404(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("status", [status for status in PolicyStatus if status != PolicyStatus.APPROVED])
def test_what_is_not_approved_is_on_no_public_page(client, status):
    PolicyVersionFactory.in_force_from("2026-01-01", number=1)
    PolicyVersionFactory.at(status, number=2, text_ja="## 秘密\n\nまだ決まっていない本文", summary_ja="秘密の要旨")

    for address in ("/policy/2/", "/policy/2/changes/"):
        assert client.get(address).status_code == 404
    for address in ("/policy/", "/policy/history/", "/policy/1/", "/policy/feed/", "/policy/feed/en/"):
        assert "/policy/2/" not in client.get(address).text
        assert "秘密" not in client.get(address).text


def test_history_and_lasting_addresses_change_at_midnight_in_tokyo(client):
    PolicyVersionFactory.in_force_from("2026-01-01", number=1)
    PolicyVersionFactory.in_force_from("2026-12-01", number=2)
    state = '第(.)版</a> <b class="state">(.*?)</b>'

    with time_machine.travel("2026-11-30T23:59:59+09:00", tick=False):
        before = {address: client.get(address).text for address in ("/policy/history/", "/policy/1/", "/policy/2/")}
    with time_machine.travel("2026-12-01T00:00:00+09:00", tick=False):
        after = {address: client.get(address).text for address in before}

    assert re.findall(state, before["/policy/history/"]) == [("2", "施行前"), ("1", "現在有効")]
    assert re.findall(state, after["/policy/history/"]) == [("2", "現在有効")]
    assert "2026年11月30日" in after["/policy/1/"]
    assert "2026年11月30日" not in before["/policy/1/"]
    assert "box now" in before["/policy/2/"]
    assert "box now" not in after["/policy/2/"]


@pytest.mark.parametrize("address", ["/policy/", "/policy/history/"])
def test_pages_are_for_reading(client, address):
    assert client.post(address).status_code == 405
