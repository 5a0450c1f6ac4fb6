from django.db import migrations

from customers.services import canary


def lay(apps, schema_editor):
    """Once in the life of a database: under the keys with which it is made."""
    apps.get_model("customers", "Canary").objects.get_or_create(pk=1, defaults=canary.values())


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [migrations.RunPython(lay, migrations.RunPython.noop)]
