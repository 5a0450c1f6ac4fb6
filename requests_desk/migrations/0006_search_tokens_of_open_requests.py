"""Open requests are found through the blind index too; with its end a request leaves it."""

import django.db.models.deletion
from django.db import migrations, models

from customers.search import tokens_of

FINAL = ["CLOSED", "WITHDRAWN", "LAPSED"]
CREATE = """
CREATE FUNCTION requests_desk_ended_request_leaves_the_index() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM requests_desk_requesttoken WHERE request_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER ended_request_leaves_the_index AFTER UPDATE OF status ON requests_desk_datarequest
    FOR EACH ROW WHEN (NEW.status IN ('CLOSED', 'WITHDRAWN', 'LAPSED'))
    EXECUTE FUNCTION requests_desk_ended_request_leaves_the_index();
"""
DROP = """
DROP TRIGGER ended_request_leaves_the_index ON requests_desk_datarequest;
DROP FUNCTION requests_desk_ended_request_leaves_the_index();
"""
SAID = ["name", "kana", "email", "telephone"]


def put_open_ones_into_the_index(apps, schema_editor):
    token = apps.get_model("requests_desk", "RequestToken")
    requests = apps.get_model("requests_desk", "DataRequest").objects.exclude(status__in=FINAL)
    for request in requests.only("pk", *SAID).order_by("pk").iterator(chunk_size=1000):
        values = {name: getattr(request, name) for name in SAID}
        token.objects.bulk_create(token(token=each, request_id=request.pk) for each in tokens_of(values))


class Migration(migrations.Migration):
    dependencies = [("requests_desk", "0005_collected_again_within_five_minutes")]

    operations = [
        migrations.CreateModel(
            name="RequestToken",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "token", "request_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("token", models.BigIntegerField(editable=False)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_tokens",
                        to="requests_desk.datarequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "search token of a request",
                "verbose_name_plural": "search tokens of requests",
                "default_permissions": [],
            },
        ),
        migrations.RunSQL(CREATE, DROP),
        migrations.RunPython(put_open_ones_into_the_index, migrations.RunPython.noop),
    ]
