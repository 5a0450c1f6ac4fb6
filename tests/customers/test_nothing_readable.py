"""What the database holds after an import and a correction, read as whoever steals a dump would read it."""

import pytest
from django.apps import apps
from django.db import connection

from audit.models import Actor
from customers.importing import run
from customers.importing.files import Chunks
from customers.management.sample import people
from customers.models import Customer, Import
from customers.services.corrections import correct
from tests.customers.test_importing import written

COLUMNS = ["氏名", "フリガナ", "メールアドレス", "電話番号", "住所"]


@pytest.mark.django_db
def test_no_table_holds_a_readable_value():
    listed = list(people(150, seed=11))
    by = Actor.system()
    run(Import.objects.create(created_by=by), lambda: Chunks([written(listed)]), by=by)
    correct(Customer.objects.get(number="S0000001"), changes={"name": "改名 太郎"}, reason="NOTICE", by=by)

    with connection.cursor() as cursor:
        tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
        dump = ""
        for table in tables:
            cursor.execute(f'SELECT string_agg("t"::text, chr(10)) FROM "{table}" "t"')
            dump += cursor.fetchone()[0] or ""

    values = {person[column] for person in listed for column in COLUMNS} - {""}
    assert len(values) > 600
    assert not [value for value in {*values, "改名 太郎"} if value in dump]
