"""What only shows between transactions: an erasure or a suspension beside the making of an export."""

import threading
import time
from pathlib import Path

import pytest
from django.db import connection, transaction

from audit.models import Actor
from consent.exceptions import ChangedMeanwhile
from consent.models import ExportStatus, Suspension
from consent.purposes import Purpose
from consent.services import exports, suspensions
from customers.categories import Category
from customers.models import FilePerson, SealedFile
from customers.services.erasure import erase
from tests.factories.consent import an_actor, make_register
from tests.factories.customers import make_customer


def suspend(customer):
    suspensions.suspend(customer, scope=Suspension.Scope.ALL, ground=Suspension.Ground.ASKED, by=Actor.system())


@pytest.mark.parametrize("act", [lambda customer: erase(customer, by=Actor.system()), suspend])
def test_an_act_that_is_not_committed_yet_is_waited_for_and_nothing_of_the_person_is_kept(committed, settings, act):
    make_register({Purpose.INFORMATION: [Category.NAME]})
    officer, first, second = an_actor(), make_customer("T1"), make_customer("T2")
    export = exports.ask(purpose="INFORMATION", categories=["NAME"], selection="ALL", format="CSV", by=officer)
    under_way, may_commit = threading.Event(), threading.Event()

    def other_session():
        try:
            with transaction.atomic():
                act(second)
                under_way.set()
                may_commit.wait(30)
        finally:
            connection.close()

    def commit_soon():
        time.sleep(1)
        may_commit.set()

    session = threading.Thread(target=other_session)
    session.start()
    assert under_way.wait(60)
    threading.Thread(target=commit_soon).start()
    with pytest.raises(ChangedMeanwhile):
        exports.make(export, language="en", by=officer)
    session.join()

    assert [path for path in Path(settings.FILES_FOLDER).rglob("*") if path.is_file()] == []
    assert not SealedFile.objects.exists()
    exports.make(export, language="en", by=officer)
    export.refresh_from_db()
    assert (export.status, export.persons) == (ExportStatus.READY, 1)
    assert list(FilePerson.objects.values_list("customer", flat=True)) == [first.pk]


def test_an_erasure_right_after_finds_the_file_and_takes_it(committed, settings):
    make_register({Purpose.INFORMATION: [Category.NAME]})
    officer, first = an_actor(), make_customer("T1")
    make_customer("T2")
    export = exports.ask(purpose="INFORMATION", categories=["NAME"], selection="ALL", format="XLSX", by=officer)
    exports.make(export, language="en", by=officer)

    erase(first, by=Actor.system())

    assert [path for path in Path(settings.FILES_FOLDER).rglob("*") if path.is_file()] == []
    assert exports.end_all_that_is_over() == 1
    assert not FilePerson.objects.exists()
