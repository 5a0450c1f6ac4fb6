"""No page opens a value that it does not show: sealed texts are counted as they are opened."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from encrypted_model_fields import fields as library

from audit.models import Staff
from tests.factories.customers import make_customer
from tests.factories.requests_desk import At

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    staff = Staff.objects.create_user("officer", "x")
    staff.groups.set(Group.objects.all())
    client = Client()
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def opened(monkeypatch):
    """The contexts of the sealed texts that were opened since, in order."""
    found, open_it = [], library.decrypt_str

    def watched(sealed):
        text = open_it(sealed)
        found.append(text.partition("\0")[0])
        return text

    monkeypatch.setattr(library, "decrypt_str", watched)
    return found


@pytest.mark.parametrize(
    "address",
    [
        "/admin/", "/admin/customers/customer/", "/admin/customers/customer/{customer}/change/",
        "/admin/customers/customer/?view=bounced", "/admin/requests_desk/datarequest/",
        "/admin/requests_desk/datarequest/?view=all", "/admin/requests_desk/datarequest/{request}/change/",
        "/admin/audit/entry/", "/admin/audit/access/", "/admin/audit/job/", "/admin/audit/outgoingmail/",
        "/admin/consent/delivery/", "/admin/customers/import/",
    ],
)  # fmt: skip
def test_a_list_or_a_masked_page_opens_nothing(address, officer, opened):
    customer = make_customer(name="見本 花子", email="h@example.test")
    request = At.matched(customer)
    opened.clear()

    response = officer.get(address.format(customer=customer.pk, request=request.pk))

    assert response.status_code == 200
    assert opened == []


@pytest.mark.parametrize(
    ("words", "names"), [("見", 0), ("見本", 0), ("ミホン", 0), ("h@example.test", 0), ("0001", 0), ("見本花子", 20)]
)
def test_the_search_of_customers_opens_its_words_and_the_names_of_long_parts_alone(words, names, officer, opened):
    for _each in range(20):
        make_customer(name="見本 花子", kana="ミホン ハナコ", email="h@example.test", telephone="090-0000-0001")
    address = officer.post("/admin/customers/customer/", {"q": words})["Location"]
    opened.clear()

    response = officer.get(address)

    assert len(response.context["list"].result_list) == 20
    assert opened.count("search_term.text") == 1
    assert opened.count("customer.name") == names == len(opened) - 1
