"""Home, statement of accessibility, language, and our own error pages."""

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFieldsSent
from django.db import OperationalError, connection
from django.urls import reverse

from audit import views

pytestmark = pytest.mark.django_db
PUBLIC = ["home", "accessibility", "requests_desk:start", "requests_desk:find", "consent:history"]


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_has_the_offices_facts_and_says_its_language(client, name, language):
    client.cookies["django_language"] = language

    page = client.get(reverse(name))

    assert f'<html lang="{language}">' in page.text
    for fact in {"ja": ["町田市", "〒194-0032", "代表者"], "en": ["Machida", "194-0032", "Representative"]}[language]:
        assert fact in page.text
    assert "info@office-ant.co.jp" in page.text
    for address in (reverse("consent:policy"), reverse("accessibility")):
        assert f'href="{address}"' in page.text


def test_pages_are_in_japanese_whatever_the_browser_says(client):
    page = client.get("/", headers={"accept-language": "en"})

    assert '<html lang="ja">' in page.text


def test_the_language_switch_stays_on_the_page_and_is_remembered(client):
    response = client.post(reverse("language"), {"language": "en", "next": "/policy/history/?x=1"})
    page = client.get("/")

    assert response["Location"] == "/policy/history/?x=1"
    assert '<html lang="en">' in page.text
    assert client.cookies["django_language"]["max-age"] > 0


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "\\\\evil"])
def test_the_language_switch_leads_to_no_other_site(client, target):
    assert client.post(reverse("language"), {"language": "en", "next": target})["Location"] == "/"


def test_an_unknown_language_changes_nothing(client):
    client.post(reverse("language"), {"language": "tlh", "next": "/"})

    assert "django_language" not in client.cookies
    assert client.get(reverse("language")).status_code == 405


@pytest.mark.parametrize(
    ("view", "error", "status"),
    [
        (views.bad_request, None, 400),
        (views.bad_request, TooManyFieldsSent(), 400),
        (views.bad_request, RequestDataTooBig(), 413),
        (views.permission_denied, PermissionDenied(), 403),
        (views.not_found, None, 404),
        (views.csrf_failure, "CSRF cookie not set.", 403),
    ],
)
def test_error_pages_are_ours_in_both_languages_with_a_reference_and_nothing_technical(rf, view, error, status):
    request = rf.post("/somewhere/", b"x" * 100, content_type="text/plain")
    request.reference = "ABCD1234"

    page = view(request, error)

    text = page.content.decode()
    assert page.status_code == status
    assert '<div lang="ja">' in text
    assert '<div lang="en">' in text
    assert "ABCD1234" in text
    assert "info@office-ant.co.jp" in text
    for technical in ("CSRF", "Traceback", "Exception", "Django", "DATA_UPLOAD"):
        assert technical not in text


def test_the_page_for_our_own_faults_stands_without_the_database(rf, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError

    request = rf.get("/")
    monkeypatch.setattr(connection, "cursor", away)

    page = views.server_error(request)

    assert page.status_code == 500
    assert "申し訳ありません" in page.content.decode()
