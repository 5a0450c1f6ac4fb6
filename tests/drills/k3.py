"""K3: every way of writing x every sealed field reads back what was written, or raises and leaves what was there.

Each sealed field of each model of the house is set into a table of its own, as it is declared, with its history.
"""

import datetime as dt
import random
from collections import Counter
from io import StringIO

from django.apps import apps
from django.core import serializers
from django.db import connection, models, transaction
from django.db.models import Case, F, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, Now, Upper
from django.forms import modelform_factory
from django.test.utils import isolate_apps
from simple_history.models import HistoricalRecords
from simple_history.utils import bulk_create_with_history, bulk_update_with_history, update_change_reason

from customers.fields import SealedBooleanField, SealedDateField, SealedEmailField, SealedJSONField, SealedMixin

QUICK = True
TEXTS = [
    "山田太郎", "", " ", "髙﨑𠮷野\U000e0100", "\ufa19", "ﾊﾝｶｸ", "か\u3099", "a\0b", "\0", "%s %(name)s",
    "'; DROP TABLE x; --", "\\", "\u202eabc\u200b", "😀" * 100, "長" * 20_000, "None", "null", "gAAAAABmZm9v",
    "\ud83d", "a\udfffb", None, 5, b"bytes", True, ["a"], dt.date(2026, 4, 1), "\n\r\t", "\x1f\x7f\x85",
]  # fmt: skip
OF_KIND = {
    SealedEmailField: ["a@example.jp", "abc..d.@docomo.ne.jp", "名前＠例え.jp", "", None, "\ud83d@x.jp", 5],
    SealedDateField: [
        dt.date(1985, 4, 3), dt.date(1, 1, 1), dt.date(9999, 12, 31), None, "1985-04-03", "", "昭和60年",
        dt.datetime(2026, 4, 1, 23, 30, tzinfo=dt.UTC), dt.datetime(2026, 4, 1), 5,
    ],
    SealedBooleanField: [True, False, None, 0, 1, "", "yes", "False", 2, b"1"],
    SealedJSONField: [
        {"お名前": ["山田", None, 1.5, True, {}]}, [], {}, "", "text", 0, None, [[[]]], {"a": (1,)}, {1: "a"},
        {"a": float("nan")}, {"a": "\ud83d"}, {"a": dt.date(2026, 4, 1)}, {"a": "\0"}, 2**70, {"長": "長" * 10_000},
    ],
}  # fmt: skip


def run(size):
    counts, lost = Counter(), []
    shadows = [shadow_of(field) for field in sealed_fields()]
    shuffled, seen = random.Random(3), set()
    for model, field in shadows:
        with connection.schema_editor() as editor:
            editor.create_model(model)
            editor.create_model(model.history.model)
        values = list(OF_KIND.get(type(field), TEXTS))
        if size == "full":
            values += [hostile(field, shuffled) for _time in range(20)]
        ways = list(WAYS.items())
        if size == "small":
            if not isinstance(field, tuple(OF_KIND)) or type(field) in seen:
                # each field others, all of them over all fields
                values = [*values[:1], *shuffled.sample(values[1:], 3)]
            if type(field) in seen:  # as for the ways: the first field of each class goes through all of them
                ways = shuffled.sample(ways, len(ways) // 3)
            seen.add(type(field))
        tries = [(way, write, value) for way, write in ways for value in values]
        foreign = list(expressions(model).items())
        tries += [(*way, values[0]) for way in (foreign if size == "full" else shuffled.sample(foreign, 12))]
        for way, write, value in tries:
            with transaction.atomic():
                attempt(model, way, write, value, counts, lost, shuffled)
                transaction.set_rollback(True)
        print(f"    {field.context}: {len(values)} values", flush=True)
    for context, way, value, read in lost[:20]:
        print(f"    LOST {context} by {way}: wrote {value!r:.60}, read {read!r:.60}")
    ways = len(WAYS) + len(expressions(shadows[0][0]))
    counts = {"fields": len(shadows), "ways": ways, **counts, "lost": len(lost)}
    return {"counts": counts, "met": not lost and counts["read back"] > 0 and counts["refused"] > 0}


def sealed_fields():
    """Each context once: a history table shares that of its model."""
    found = {}
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, SealedMixin):
                found.setdefault(field.context, field)
    return found.values()


def shadow_of(field):
    _name, _path, arguments, options = field.deconstruct()
    with isolate_apps("customers"):
        attributes = {
            "__module__": __name__,
            "number": models.CharField(max_length=20, unique=True),
            "value": type(field)(*arguments, **{**options, "null": True, "blank": True}),
            "twin": type(field)(*arguments, **{**options, "null": True, "blank": True, "context": "k3.twin"}),
            "history": HistoricalRecords(
                history_user_id_field=models.IntegerField(null=True),
                history_user_getter=lambda historical_instance: None,
                history_user_setter=lambda historical_instance, user: None,
            ),
            "Meta": type("Meta", (), {"app_label": "customers"}),
        }
        model = type("K3" + field.context.title().replace(".", "").replace("_", ""), (models.Model,), attributes)
    return model, model._meta.get_field("value")


def attempt(model, way, write, value, counts, lost, shuffled):
    """Write over a row that holds something known; whatever happens then, no row may hold anything else."""
    known = {SealedDateField: dt.date(2000, 1, 1), SealedBooleanField: True, SealedJSONField: ["known"]}
    field = model._meta.get_field("value")
    before = known.get(type(field), "known@example.jp")
    row = model.objects.create(number="1", value=before, twin=before)
    try:
        with transaction.atomic():
            written = write(model, row, value)
    except Exception as error:
        counts["refused"] += 1
        if isinstance(error, AssertionError):
            lost.append((field.context, way, value, "assertion"))
        expected, readings = [before], READINGS[:1]
    else:
        counts["read back"] += 1
        expected, readings = [before, *(written or [value])], [READINGS[0], shuffled.choice(READINGS[1:])]
        if isinstance(field, SealedDateField) and isinstance(value, str) and not written:
            expected.append(dt.date.fromisoformat(value))  # the one value that Django's own field takes in two types
    for how, reading in readings:
        read = reading(model)
        wrong = [one for one in read if not any(same(one, right) for right in expected)]
        if wrong or not read:
            lost.append((field.context, f"{way}, read by {how}", value, wrong[:1]))
            return


def same(one, other):
    return type(one) is type(other) and one == other


READINGS = [
    ("get", lambda model: [row.value for row in model.objects.all()] + [row.value for row in model.history.all()]),
    ("values", lambda model: list(model.objects.values_list("value", flat=True))),
    ("only", lambda model: [row.value for row in model.objects.only("value")]),
    ("defer", lambda model: [row.value for row in model.objects.defer("value")]),
    ("raw", lambda model: [row.value for row in model.objects.raw(f'SELECT * FROM "{model._meta.db_table}"')]),
    ("iterator", lambda model: [row.value for row in model.objects.iterator(chunk_size=2)]),
    ("alias", lambda model: [row.x for row in model.objects.annotate(x=F("value"))]),
]


# Ways of writing. One whose own rules may change the value (a form cleans, a fixture parses) returns in a list what it
# then set out to write.


def save(model, row, value):
    row.value = value
    row.save()


def save_one_field(model, row, value):
    row.value = value
    row.save(update_fields=["value"])


def save_deferred(model, row, value):
    row = model.objects.defer("value").get(pk=row.pk)
    row.value = value
    row.save()


def create(model, row, value):
    model.objects.create(number="2", value=value)


def update(model, row, value):
    model.objects.filter(pk=row.pk).update(value=value)


def bulk_create(model, row, value):
    model.objects.bulk_create([model(number=str(number), value=value) for number in range(2, 5)], batch_size=2)


def bulk_create_ignoring_conflicts(model, row, value):
    model.objects.bulk_create([model(number=str(number), value=value) for number in range(1, 4)], ignore_conflicts=True)


def upsert(model, row, value):
    model.objects.bulk_create(
        [model(number=str(number), value=value) for number in range(1, 4)],
        update_conflicts=True,
        unique_fields=["number"],
        update_fields=["value"],
    )


def bulk_update(model, row, value):
    others = [model.objects.create(number=str(number), value=row.value) for number in range(2, 5)]
    for one in (row, *others):
        one.value = value
    model.objects.bulk_update([row, *others], ["value", "twin"], batch_size=2)


def update_or_create(model, row, value):
    model.objects.update_or_create(number="1", defaults={"value": value})
    model.objects.update_or_create(number="2", defaults={"value": value})


def get_or_create(model, row, value):
    model.objects.get_or_create(number="2", defaults={"value": value})


def look_up_and_create(model, row, value):
    model.objects.get_or_create(value=value, defaults={"number": "2"})


def bulk_create_keeping_history(model, row, value):
    bulk_create_with_history([model(number=str(number), value=value) for number in range(2, 4)], model)


def bulk_update_keeping_history(model, row, value):
    row.value = value
    bulk_update_with_history([row], model, ["value"])


def changed_reason(model, row, value):
    row.value = value
    row.save()
    update_change_reason(row, "because")


def bound_value(model, row, value):
    model.objects.update(value=Value(value, output_field=model._meta.get_field("value")))


def bound_case(model, row, value):
    field = model._meta.get_field("value")
    bound = Value(value, output_field=field)
    model.objects.update(value=Case(When(pk=row.pk, then=bound), default=bound, output_field=field))


def restored_from_history(model, row, value):
    row.value = value
    row.save()
    model.history.first().instance.save()


def fixture(model, row, value):
    text = serializers.serialize("json", [model(pk=row.pk, number="1", value=value)])
    # a fixture holds text: what is compared is what it says, read by the field
    for read in serializers.deserialize("json", StringIO(text)):
        read.save()
        return [read.object.value]
    raise ValueError(text)


def form(model, row, value):
    form = modelform_factory(model, fields=["number", "value"])({"number": "1", "value": value}, instance=row)
    form.save()
    return [form.instance.value]


WAYS = {
    way.__name__: way
    for way in [
        save, save_one_field, save_deferred, create, update, bulk_create,
        bulk_create_ignoring_conflicts, upsert, bulk_update, update_or_create, get_or_create, look_up_and_create,
        bulk_create_keeping_history,
        bulk_update_keeping_history, changed_reason, bound_value, bound_case, restored_from_history, fixture, form,
    ]
}  # fmt: skip


def expressions(model):
    """What must be refused: values that the database would compute, by every verb that takes one."""
    foreign = {
        "value": Value,
        "twin": lambda value: F("twin"),
        "function": lambda value: Upper(F("value")),
        "concat": lambda value: Concat(Value("a"), Value("b")),
        "coalesce": lambda value: Coalesce(F("twin"), F("value")),
        "now": lambda value: Now(),
        "subquery": lambda value: Subquery(model.objects.values("twin")[:1]),
        "cast": lambda value: Cast(Value("a"), model._meta.get_field("value")),
        "value for the twin": lambda value: Value(value, output_field=model._meta.get_field("twin")),
        "case for the twin": lambda value: Case(When(pk__gt=0, then=F("twin")), default=Value("a")),
    }
    verbs = {
        "update": lambda row, it: model.objects.update(value=it),
        "save": lambda row, it: (setattr(row, "value", it), row.save()),
        "create": lambda row, it: model.objects.create(number="2", value=it),
        "bulk_create": lambda row, it: model.objects.bulk_create([model(number="2", value=it)]),
        "bulk_update": lambda row, it: (setattr(row, "value", it), model.objects.bulk_update([row], ["value"])),
        "update_or_create": lambda row, it: model.objects.update_or_create(number="1", defaults={"value": it}),
    }
    return {
        f"{verb} by {name}": lambda model, row, value, do=do, make=make: do(row, make(value)) and None
        for verb, do in verbs.items()
        for name, make in foreign.items()
    }


def hostile(field, shuffled):
    signs = [
        0,
        9,
        10,
        0x1F,
        0x22,
        0x27,
        0x5C,
        0x61,
        0x3042,
        0x9AD8,
        0xD83D,
        0xE0100,
        0x20BB7,
        0xFA19,
        0x202E,
        0xFEFF,
        0x10FFFF,
    ]
    text = "".join(chr(shuffled.choice(signs)) for _sign in range(shuffled.randrange(30)))
    if isinstance(field, SealedJSONField):
        return shuffled.choice([text, [text], {text: text}, {"a": [text, shuffled.random()]}])
    if isinstance(field, SealedDateField):
        return dt.date.fromordinal(shuffled.randrange(1, dt.date.max.toordinal()))
    return text
