"""F2: the first page of a search among a million sealed rows, newest first; against the same people in plain text.

The reference is a table of the same people with their names folded as the search folds them, under ``pg_trgm`` for
parts of names and B-trees for whole mails, telephones and last digits: the same 50 newest rows, asked through the same
ORM. Both are asked in turns, warm. What is searched: the names, parts of names, mails and telephones of people drawn at
random (so frequent names come often), besides rare names, common single signs, and what nobody bears.
"""

import random
import time

import psycopg
from django.db import connection, models

from customers import search
from customers.management.names import family_names
from customers.models import Customer
from tests.benchmarks import crowd
from tests.drills.world import world

GOAL = 1.0
PAGE = 50
ROUNDS = 7
OF_EACH = 30  # searches of a kind
COUNTS = {"small": 50_000, "full": 1_000_000}
SHOWN = ["number", "registered_on", "erased_at", "merged_into"]  # in the list of customers


class Plain(models.Model):
    """A person in plain text: the reference alone. ``names`` are all four, folded, a line each.

    It has the columns of a customer, so that a row costs Django the same; those that nobody asks for are empty, so that
    the table is smaller than it would be.
    """

    names = models.TextField()
    email = models.TextField()
    telephone = models.TextField()
    last_four = models.TextField()

    class Meta:
        app_label = "benchmarks"
        managed = False
        db_table = "plain_person"

    def __str__(self):
        return self.number


for _field in Customer._meta.fields:
    if _field.name not in ("id", "email", "telephone"):
        Plain.add_to_class(
            _field.name,
            models.ForeignKey(_field.related_model, models.DO_NOTHING, related_name="+", null=True)
            if _field.is_relation and _field.related_model is not Customer
            else models.ForeignKey(Plain, models.DO_NOTHING, related_name="+", null=True)
            if _field.is_relation
            else models.TextField(null=True)
            if hasattr(_field, "context")
            else type(_field)(null=True, max_length=_field.max_length),
        )


def build_plain(url, count):
    """The table of the reference, beside the crowd of as many."""
    with psycopg.connect(url) as direct:
        direct.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        direct.execute("CREATE TABLE plain_person (LIKE customers_customer, names text, last_four text)")
        for column, null in direct.execute(
            "SELECT attname, attnotnull FROM pg_attribute WHERE attrelid = 'plain_person'::regclass AND attnum > 0"
        ).fetchall():
            if null:
                direct.execute(f'ALTER TABLE plain_person ALTER "{column}" DROP NOT NULL')
        columns = "id, number, registered_on, name, kana, nickname, pen_name, names, email, telephone, last_four"
        with direct.cursor().copy(f"COPY plain_person ({columns}) FROM STDIN") as copy:
            for person in crowd.people(count):
                names = "\n".join(search.fold(name) for name in person[1:5] if name)
                copy.write_row(
                    (person.pk, crowd.number_of(person.pk), "2024-01-01", *person[1:5], names,
                     search.mail_key(person.email), person.key, person.key[-4:])
                )  # fmt: skip
        direct.execute("SET maintenance_work_mem = '512MB'")
        direct.execute("ALTER TABLE plain_person ADD PRIMARY KEY (id)")
        direct.execute("CREATE INDEX plain_names ON plain_person USING gin (names gin_trgm_ops)")
        for column in ("number", "email", "telephone", "last_four"):
            direct.execute(f"CREATE INDEX plain_{column} ON plain_person ({column}, id DESC)")
        direct.execute("GRANT ALL ON plain_person TO office")
    with psycopg.connect(url, autocommit=True) as direct:
        direct.execute("VACUUM (ANALYZE) plain_person")


def questions(count):
    """``{kind: [what is typed, ...]}``, the same each time."""
    chance = random.Random(2)
    drawn = list(crowd.people(min(count, 200_000)))
    chance.shuffle(drawn)
    people = iter(drawn)
    families = [name for name, _kana, _weight in family_names()]
    kinds = {
        "kanji, 1 sign": [*"田藤山子一", *"髙鳥勅葛菅"], "kanji, 2 signs": ["佐藤", "鈴木", "𠮷田", "徳永", "葛城"],
        "kanji, 3 signs": ["佐々木", "長谷川", "小鳥遊", "佐藤健", "五十嵐"], "full name": [], "two parts": [],
        "kana": ["サ", "さと", "たかはし", "ﾜﾀﾅﾍﾞ", "テシガワラ"],
        "Latin": ["Maria", "O'Brien", "Nguyễn", "sukarno", "mary jane", "da Silva"], "mail": [], "telephone": [],
        "last four": [], "nobody": ["不在", "鬱", "架空太郎", "ヌヌヌ", "nobody@example.com", "090-0000-0000", "Zzyzx"],
    }  # fmt: skip
    while any(len(kinds[kind]) < OF_EACH for kind in kinds if kind not in ("Latin", "nobody")):
        person = next(people)
        name = person.name.replace("　", " ")
        surname, _space, first = name.partition(" ")
        offers = {
            "kanji, 1 sign": chance.choice(name.replace(" ", "")), "full name": name.replace(" ", ""),
            "two parts": f"{first} {surname}" if first else "", "mail": person.email, "telephone": person.telephone,
            "kana": person.kana.split()[chance.randrange(2)][: chance.randint(1, 5)] if " " in person.kana else "",
            "last four": person.key[-4:],
        }  # fmt: skip
        for length in (2, 3):
            start = chance.randrange(max(1, len(name) - length + 1))
            offers[f"kanji, {length} signs"] = name.replace(" ", "")[start : start + length]
        if chance.random() < 0.3:
            offers["kanji, 2 signs"] = chance.choice(families)
        for kind, text in offers.items():
            if text and len(kinds[kind]) < OF_EACH and not (kind.startswith("kanji") and text.isascii()):
                kinds[kind].append(text)
    return kinds


def ours(text):
    return list(Customer.objects.search(text).only(*SHOWN)[:PAGE])


def reference(text):
    query = search.query_tokens(text)
    rows = Plain.objects.order_by("-pk")
    if query.kind == search.NAME:
        for part in query.parts:
            rows = rows.filter(names__contains=part)
    else:
        column = {search.MAIL: "email", search.TELEPHONE: "telephone", search.LAST_FOUR: "last_four"}[query.kind]
        rows = rows.filter(**{column: query.parts[0]})
    return list(rows.only(*SHOWN)[:PAGE])


def timed(ask, text):
    begun = time.perf_counter()
    found = ask(text)
    return time.perf_counter() - begun, [row.pk for row in found]


def measure(kinds, rounds=ROUNDS):
    """``{kind: [(text, our seconds, the reference's), ...]}``, each the fastest turn of some."""
    results = {}
    for kind, texts in kinds.items():
        for text in texts:
            times = ([], [])
            for turn in range(rounds + 1):
                sides = ((0, ours), (1, reference)) if turn % 2 else ((1, reference), (0, ours))
                found = {}
                for number, ask in sides:
                    took, found[number] = timed(ask, text)
                    if turn:  # the first warms
                        times[number].append(took)
                if found[0] != found[1]:
                    raise AssertionError(f"{text}: {found[0][:5]} but {found[1][:5]}")
            results.setdefault(kind, []).append((text, *map(min, times)))
    return results


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def run(size):
    count = COUNTS[size]
    with world(size) as office:
        url = office.postgres.url("office", "postgres")
        begun = time.monotonic()
        connection.close()
        crowd.build(url, customers=count)
        built = time.monotonic() - begun
        build_plain(url, count)
        beside = time.monotonic() - begun - built
        print(f"    {count:,} customers built in {built:,.0f} s, the reference in {beside:,.0f} s")
        for table, rows, heap, indexes in crowd.sizes(url):
            print(f"    {table:<36}{rows:>12,} rows{heap / 1e6:>9,.0f} MB{indexes / 1e6:>9,.0f} MB of indexes")
        return report(measure(questions(count)))


def report(results):
    """Per kind on the screen; the rows of the goal are the median and the 95th percentile over all searches."""
    head = "".join(f"{side + ': p50':>14}{'p95':>9}{'worst':>9}" for side in ("ours", "plain"))
    print(f"    {'(ms)':<18}{head}  our worst")
    for kind, found in results.items():
        numbers = [[1000 * each[side] for each in found] for side in (1, 2)]
        cells = "".join(
            f"{percentile(each, 0.5):>14.2f}{percentile(each, 0.95):>9.2f}{max(each):>9.2f}" for each in numbers
        )
        print(f"    {kind:<18}{cells}  {max(found, key=lambda each: each[1])[0]}")
    every = [each for found in results.values() for each in found]
    rows = []
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        figure, plain = (percentile([each[side] for each in every], share) for side in (1, 2))
        ratio = figure / plain
        rows.append({
            "row": name, "figure": round(1000 * figure, 3), "reference": round(1000 * plain, 3),
            "ratio": round(ratio, 3), "goal": GOAL, "met": ratio <= GOAL,
        })  # fmt: skip
    return rows
