import pytest

from config.sample import CUSTOMERS_NEEDED, requests_in_every_state
from requests_desk.models import DataRequest, Identity, Status
from tests.factories.customers import make_customer
from tests.factories.requests_desk import staff_actor


@pytest.mark.django_db
def test_the_sample_has_requests_in_every_state():
    actors = {role: staff_actor(role) for role in ("intake", "verifier", "handler", "approver")}
    customers = [make_customer(email=f"c{number}@example.test") for number in range(CUSTOMERS_NEEDED)]

    requests_in_every_state(actors, customers)

    assert set(DataRequest.objects.values_list("status", flat=True)) == set(Status) - {Status.APPROVED}
    assert set(DataRequest.objects.values_list("identity", flat=True)) == set(Identity)
    assert DataRequest.objects.overdue().exists()
