"""Who steals a dump of the database reads no customer in it."""

import csv
import shutil
import subprocess

from django.core.management import call_command
from django.db import connection

from customers.models import Customer

PERSONAL = ["氏名", "フリガナ", "ニックネーム", "ペンネーム", "メールアドレス", "電話番号", "住所"]


def pg_dump():
    """The plain dump of the test's database, with the embedded server's own program where that is the server."""
    try:
        from config.embedded import POSTGRES  # noqa: PLC0415  the extra is not there where real servers are given

        program = POSTGRES / "pg_dump"
    except ImportError:
        program = shutil.which("pg_dump")
    parameters = {
        name: value for name, value in connection.get_connection_params().items() if name in ("host", "port", "user")
    }
    options = [f"--{'username' if name == 'user' else name}={value}" for name, value in parameters.items()]
    done = subprocess.run(
        [program, *options, connection.settings_dict["NAME"]], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_a_dump_shows_no_name_no_reading_no_mail_no_telephone_and_no_address(committed, django_db_blocker, tmp_path):
    people = tmp_path / "people.csv"
    with django_db_blocker.unblock():
        call_command("make_sample_customers", count=300, seed=7, csv=people, verbosity=0)
        call_command("import_customers", str(people), verbosity=0)
        numbers = list(Customer.objects.values_list("number", flat=True))
        dump = pg_dump()

    with people.open(encoding="utf-8-sig", newline="") as file:
        values = {row[header] for row in csv.DictReader(file) for header in PERSONAL}
    values = {value for value in values if len(value) > 2}  # the office's own name holds a short nickname
    assert len(numbers) == 300
    assert all(number in dump for number in numbers)  # a number is a reference, and readable: the rows are there
    assert len(values) > 1000
    assert not [value for value in values if value in dump]
