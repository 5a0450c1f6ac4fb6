"""A real worker, killed with -9 while it makes an answer."""

import time
from pathlib import Path

from django.conf import settings

from audit.models import Job, OutgoingMail
from customers.models import SealedFile
from requests_desk.models import Package, Status
from requests_desk.services import fulfilment
from tests.factories.customers import make_customer
from tests.factories.requests_desk import At

PATIENCE = 60


def wait_until(true):
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "It did not come about in time."
        time.sleep(0.05)


def test_the_answer_comes_about_once_and_nothing_is_left_lying(crew, django_db_blocker):
    with django_db_blocker.unblock():
        request = At.approved(make_customer(name="髙﨑 𠮷之助"))
        job = Job.objects.filter(name="requests_desk.build_package")
        for _kill in range(2):
            worker = crew.worker()
            wait_until(lambda: job.filter(state=Job.State.RUNNING).exists())
            time.sleep(0.5)
            worker.kill()
        crew.worker()

        wait_until(lambda: type(request).objects.get(pk=request.pk).status == Status.READY)

        request.refresh_from_db()
        kept = SealedFile.objects.filter(purged_at__isnull=True)
        on_disk = list(Path(settings.FILES_FOLDER).glob("??/*"))
        assert Package.objects.filter(request=request).count() == 1
        assert OutgoingMail.objects.filter(kind="requests_desk.answer_ready").count() == 1
        assert {path.name for path in on_disk} >= {file.place for file in kept}
        assert fulfilment.collect(request, by=request.created_by).content.startswith(b"PK")
