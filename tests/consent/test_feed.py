"""The feed of versions: what a reader of feeds gets, in each language."""

from xml.etree import ElementTree

import pytest
from django.urls import reverse

from consent.models import PolicyStatus
from tests.factories.consent import PolicyVersionFactory

pytestmark = pytest.mark.django_db
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def entries(client, name="feed"):
    page = client.get(reverse(f"consent:{name}"))
    assert page["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(page.content)  # noqa: S314  our own page


def test_it_is_whole_without_any_version(client):
    feed = entries(client)

    assert feed.find("a:title", ATOM).text
    assert feed.findall("a:entry", ATOM) == []


@pytest.mark.parametrize(("name", "words", "summary"), [("feed", "第2版", "文言を改めました。"),
                                                        ("feed-en", "Version 2", "Words were changed.")])  # fmt: skip
def test_each_approved_version_is_an_entry_at_its_lasting_address(client, settings, name, words, summary):
    PolicyVersionFactory.in_force_from("2026-01-01", number=1)
    second = PolicyVersionFactory.in_force_from("2099-01-01", number=2)
    PolicyVersionFactory(number=3)
    PolicyVersionFactory.at(PolicyStatus.SUBMITTED, number=4)

    found = entries(client, name).findall("a:entry", ATOM)

    assert len(found) == 2
    assert words in found[0].find("a:title", ATOM).text
    assert found[0].find("a:summary", ATOM).text == summary
    assert found[0].find("a:id", ATOM).text == f"{settings.SITE_URL}/policy/2/"
    assert found[0].find("a:updated", ATOM).text[:19] == second.approved_at.isoformat()[:19]


def test_the_pages_of_the_policy_name_the_feed_of_their_language(client):
    PolicyVersionFactory.in_force_from("2026-01-01")
    for language, name in (("ja", "feed"), ("en", "feed-en")):
        client.cookies["django_language"] = language
        for page in ("policy", "history"):
            assert f'href="{reverse(f"consent:{name}")}"' in client.get(reverse(f"consent:{page}")).text
