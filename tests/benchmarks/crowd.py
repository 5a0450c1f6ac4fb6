"""A crowd: customers by the million with all that stands around them, written straight into a database.

``build(url, customers=1_000_000, ...)`` fills a migrated, empty database in minutes; ``people(count)`` gives the same
invented persons in plain text, for references; ``sizes(url)`` says what the tables take. The rows are those that the
services write (``tests/test_crowd.py`` compares), with these economies, none of which a page or a search can tell:

- a sealed text is bound to its column and not to its row, so equal values share one sealed text, but for addresses of
  mail and telephone numbers, which are sealed one by one;
- triggers and foreign keys are passed by while loading (``session_replication_role``), and the key of the search
  tokens is built when all are there; what triggers count is counted by one statement;
- entries carry fillers for MAC and link: the trail of a crowd does not stand verification;
- an identifier (a cookie, a device) may be shared by strangers, and nobody has photos.
"""

import bisect
import datetime as dt
import itertools
import json
import os
import random
import struct
import uuid
from typing import NamedTuple

import psycopg
from django.utils import timezone

from audit.models.actor import SYSTEM
from customers import search
from customers.categories import Category, as_number
from customers.fields import seal
from customers.management.names import FOREIGN, NICKNAMES, family_names, given_names
from customers.models import (
    CookieIdentifier,
    Customer,
    Device,
    Event,
    EventKind,
    ExternalAccount,
    HeldCount,
    PaymentMethod,
    SearchToken,
)

from . import crowd_desk
from .loading import Sealed, copy_rows, first_history, go_on_after, listed, without_key

SEED = 20_220_607
PIECE = 20_000  # customers per statement
MONTHS = 36  # over which events and requests lie
POSTGRES_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
HOSTS = ("example.com", "example.net", "example.org", "example.jp")
MAILBOXES = ("taro", "hanako", "ken", "yui.m", "info")
OCCUPATIONS = ("会社員", "公務員", "自営業", "学生", "主婦", "看護師", "教員", "エンジニア", "農業", "無職")
TOWNS = ("東京都町田市原町田", "神奈川県相模原市中央区", "大阪府堺市北区", "北海道札幌市豊平区", "福岡県糸島市前原中央")


class Person(NamedTuple):
    """An invented person in plain text. ``key`` is the telephone as the search compares it."""

    pk: int
    name: str
    kana: str
    nickname: str
    pen_name: str
    email: str
    telephone: str
    key: str


def people(count):
    """``count`` persons, the same each time; names are as frequent as in Japan."""
    chance = random.Random(SEED)
    draw, family = chance.random, family_names()
    given = given_names("FEMALE") + given_names("MALE")
    weights = list(itertools.accumulate(weight for _name, _kana, weight in family))
    for pk in range(1, count + 1):
        if draw() < 0.006:
            name, kana = FOREIGN[int(draw() * len(FOREIGN))]
        else:
            surname, surname_kana, _weight = family[bisect.bisect(weights, draw() * weights[-1])]
            first, first_kana = given[int(draw() * len(given))]
            name = f"{surname}{(' ', '　', '')[int(draw() * 3)]}{first}"
            kana = f"{surname_kana} {first_kana}"
        nickname = NICKNAMES[int(draw() * len(NICKNAMES))] if draw() < 0.2 else ""
        pen_name = ""
        if draw() < 0.03:
            pen_name = family[int(draw() * len(family))][0] + given[int(draw() * len(given))][0]
        email = f"{MAILBOXES[pk % 5]}.{pk}@{HOSTS[pk % 4]}" if draw() < 0.97 else ""
        telephone = key = ""
        if draw() < 0.94:
            area = ("90", "80", "70")[int(draw() * 3)]
            middle, last = f"{int(draw() * 10_000):04d}", f"{int(draw() * 10_000):04d}"
            telephone = f"0{area}-{middle}-{last}" if draw() < 0.8 else f"0{area}{middle}{last}"
            key = f"+81{area}{middle}{last}"
        yield Person(pk, name, kana, nickname, pen_name, email, telephone, key)


def number_of(pk):
    return f"S{pk:07d}"


def build(url, *, customers, events=0, entries=0, requests=0, deliveries=0):
    """Fill the empty database at ``url`` (of a superuser). What belongs to it grows with it: accesses, mails, jobs.

    Needs Django's settings for keys alone. Afterwards all is vacuumed and analysed, as a quiet night would do.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '512MB'")
        with connection.cursor() as cursor:
            if cursor.execute("SELECT 1 FROM customers_customer LIMIT 1").fetchone():
                raise ValueError("A crowd is built in an empty database.")
            actors = crowd_desk.officers(cursor)
            rounds = [min(customers, events - start) for start in range(0, events, customers)]
            _customers(cursor, customers, rounds)
            _events(cursor, customers, rounds)
            crowd_desk.requests(cursor, requests, list(people(min(customers, 5_000))), actors)
            crowd_desk.entries(cursor, entries, customers, actors)
            crowd_desk.deliveries(cursor, min(deliveries, customers), actors)
            crowd_desk.work(cursor, customers, requests, actors)
        connection.execute("VACUUM (ANALYZE)")


def sizes(url, least=1_000_000):
    """``[(table, rows, bytes of the table with its long values, bytes of its indexes)]``, the largest first."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT coalesce(inhparent, oid)::regclass::text, sum(reltuples)::bigint, sum(pg_table_size(oid))::bigint,"
            " sum(pg_indexes_size(oid))::bigint FROM pg_class LEFT JOIN pg_inherits ON inhrelid = oid"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " GROUP BY 1 HAVING sum(pg_table_size(oid)) > %s ORDER BY sum(pg_total_relation_size(oid)) DESC",
            [least],
        ).fetchall()


# Customers: rows, first history, tokens, belongings, counts


class _NameTokens(dict):
    """The tokens of a name and its reading, each as the head of a row of the index."""

    def __missing__(self, names):
        self[names] = found = {_head(token) for token in search.name_tokens(*names)}
        return found


def _head(token):
    return struct.pack(">hiqi", 2, 8, token, 8)


def _customers(cursor, count, rounds):
    held_by_events = [
        as_number({_kind_of(pk, turn).category for turn, size in enumerate(rounds) if pk <= size}) for pk in range(1, 8)
    ] if not rounds or rounds[-1] == count else None  # fmt: skip
    columns = [field.column for field in Customer._meta.concrete_fields]
    contexts = {
        field.column: field.context for field in Customer._meta.concrete_fields if hasattr(field, "context")
    }  # fmt: skip
    sealed = {column: Sealed(context) for column, context in contexts.items()}
    name_tokens, nothing = _NameTokens(), b"\\N"
    now = timezone.now().isoformat().encode()
    fixed = {
        "language": b"ja", "left_on": nothing, "mail_bounced_at": nothing, "mail_bounced_by_id": nothing,
        "merged_into_id": nothing, "created_at": now, "created_by_id": b"%d" % SYSTEM, "erased_at": nothing,
        "erased_by_id": nothing, "blanked": b"0",
    }  # fmt: skip
    days = [(dt.date(2022, 6, 7) + dt.timedelta(days=day)).isoformat().encode() for day in range(1600)]
    born = [(dt.date(1936, 1, 1) + dt.timedelta(days=day)).isoformat() for day in range(75 * 365)]
    tokens_key = without_key(cursor, SearchToken)
    belongings = _Belongings()
    persons = people(count)
    while piece := list(itertools.islice(persons, PIECE)):
        rows, tokens = [], [b"PGCOPY\n\xff\r\n\0", struct.pack(">ii", 0, 0)]
        for person in piece:
            pk = person.pk
            own = {Category.NAME, Category.ADDRESS}
            values = {**fixed}
            values["id"], values["number"] = b"%d" % pk, number_of(pk).encode()
            for column in search.NAME_COLUMNS:
                values[column] = sealed[column][getattr(person, column)]
            values["email"] = seal("customer.email", person.email).encode() if person.email else sealed["email"][""]
            values["telephone"] = (
                seal("customer.telephone", person.telephone).encode() if person.telephone else sealed["telephone"][""]
            )
            values["birth_date"] = sealed["birth_date"][born[pk * 7919 % len(born)]] if pk % 17 else nothing
            values["age"] = sealed["age"]["" if pk % 17 else str(20 + pk % 60)]
            values["sex"] = sealed["sex"][("FEMALE", "MALE", "FEMALE", "MALE", "UNSAID", "")[pk % 6]]
            values["occupation"] = sealed["occupation"][OCCUPATIONS[pk % 10]] if pk % 5 == 0 else nothing
            values["work_history"] = sealed["work_history"][f"職歴{pk % 97}年"] if pk % 50 == 0 else nothing
            values["education"] = sealed["education"][f"大学卒{pk % 13}"] if pk % 50 == 0 else nothing
            town = pk % len(TOWNS)
            values["postcode"] = sealed["postcode"][f"19{town}-{pk % 400:04d}"]
            values["address"] = sealed["address"][f"{TOWNS[town]}{pk % 40 + 1}-{pk % 23 + 1}-{pk % 11 + 1}"]
            values["registered_on"] = days[pk * 31 % len(days)]
            values["has_email"] = b"t" if person.email else b"f"
            own.add(Category.BIRTH)
            if pk % 6 != 5:
                own.add(Category.SEX)
            if pk % 5 == 0 or pk % 50 == 0:
                own.add(Category.CAREER)
            if person.email:
                own.add(Category.EMAIL)
            if person.telephone:
                own.add(Category.TELEPHONE)
            held = as_number(own) | belongings.add(pk)
            if held_by_events:
                held |= held_by_events[(pk - 1) % 7]
            else:
                held |= as_number({_kind_of(pk, turn).category for turn, size in enumerate(rounds) if pk <= size})
            values["held"] = b"%d" % held
            rows.append(b"\t".join([values[column] for column in columns]))
            found = name_tokens[person.name, person.kana]
            if person.nickname or person.pen_name:
                found = found | name_tokens[person.nickname, person.pen_name]
            found = list(found)
            if person.email:
                found += map(_head, search.mail_tokens(person.email))
            if person.key:
                found.append(_head(search._token(search.TELEPHONE, person.key)))
                found.append(_head(search._token(search.LAST_FOUR, person.key[-4:])))
            found.append(b"")
            tokens.append(struct.pack(">q", pk).join(found))  # each row is a head and this number
        with cursor.copy(f"COPY {Customer._meta.db_table} ({listed(columns)}) FROM STDIN") as copy:
            copy.write(b"\n".join([*rows, b""]))
        tokens.append(struct.pack(">h", -1))
        with cursor.copy(f"COPY {SearchToken._meta.db_table} (token, customer_id) FROM STDIN (FORMAT binary)") as copy:
            copy.write(b"".join(tokens))
        belongings.write(cursor)
    cursor.execute(tokens_key)
    for model in (Customer, *belongings.rows):
        first_history(cursor, model)
        go_on_after(cursor, model)
    cursor.execute(
        f"INSERT INTO {HeldCount._meta.db_table} (place, change) SELECT place, count(*)"
        f" FROM {Customer._meta.db_table}, generate_series(0, 15) AS place"
        " WHERE place = 15 OR (held >> place) & 1 = 1 GROUP BY place"
    )


class _Belongings:
    """Means of payment, accounts, cookies and devices of some customers."""

    def __init__(self):
        self.rows = {PaymentMethod: [], ExternalAccount: [], CookieIdentifier: [], Device: []}
        self.made = dict.fromkeys(self.rows, 0)
        self.pools = {
            PaymentMethod: [self._sealed(each) for each in (
                *(PaymentMethod(kind="CARD", brand=brand, last_four=f"{four:04d}", expiry="2028-09")
                  for brand in ("VISA", "JCB") for four in range(300)),
                *(PaymentMethod(kind="E_MONEY", service=service) for service in ("見本ペイ", "交通カード")),
            )],
            ExternalAccount: [self._sealed(ExternalAccount(
                service="見本ログイン", account=f"u{number}", authorised=["氏名", "メール"])) for number in range(500)],
            CookieIdentifier: [self._sealed(CookieIdentifier(value=uuid.UUID(int=number).hex))
                               for number in range(2000)],
            Device: [self._sealed(Device(system=system, kind="電話", identifier=f"{system}-{number}"))
                     for system in ("iOS 18", "Android 15") for number in range(500)],
        }  # fmt: skip

    @staticmethod
    def _sealed(thing):
        thing.fingerprint, thing.created_by_id = thing.identify(), SYSTEM
        values = {}
        for field in thing._meta.concrete_fields:
            value = getattr(thing, field.attname)
            values[field.column] = field.get_db_prep_save(value, None) if hasattr(field, "context") else value
        return values

    def add(self, pk):
        """Give the customer what falls to it; the categories that it holds by them, as one number."""
        held = set()
        for model, category, is_owner in (
            (PaymentMethod, Category.PAYMENT, pk % 10 < 3), (ExternalAccount, Category.EXTERNAL_ID, pk % 10 == 4),
            (CookieIdentifier, Category.COOKIE, pk % 2 == 0), (Device, Category.DEVICE, pk % 3 == 0),
        ):  # fmt: skip
            if is_owner:
                pool = self.pools[model]
                self.made[model] += 1
                self.rows[model].append(
                    {**pool[pk * 31 % len(pool)], "id": self.made[model], "customer_id": pk}.values()
                )
                held.add(category)
        return as_number(held)

    def write(self, cursor):
        for model, rows in self.rows.items():
            copy_rows(cursor, model, rows)
            rows.clear()


# What customers did


def _kind_of(pk, turn):
    return list(EventKind)[(pk + turn) % len(EventKind)]


def _events(cursor, customers, rounds):
    """In each round one event of every customer (of the first ones in the last); the rounds follow each other."""
    total = sum(rounds)
    if not total:
        return
    now = timezone.now()
    first = now - dt.timedelta(days=30 * MONTHS)
    month = first
    while month < now + dt.timedelta(days=31):
        cursor.execute("SELECT customers_event_month(%s)", [month])
        month += dt.timedelta(days=27)
    step = (now - first) // total // dt.timedelta(microseconds=1)  # microseconds between two
    at = (first - POSTGRES_EPOCH) // dt.timedelta(microseconds=1)
    pool = {
        kind: [
            seal("event.data", json.dumps({"path": f"/shop/{number}", "seconds": number * 3}, separators=(",", ":")))
            for number in range(200)
        ]
        for kind in EventKind
    }  # fmt: skip
    tails = {kind: [_text(kind.value) + _text(data) for data in texts] for kind, texts in pool.items()}
    for turn, size in enumerate(rounds):
        for start in range(1, size + 1, PIECE):
            rows = [b"PGCOPY\n\xff\r\n\0", struct.pack(">ii", 0, 0)]
            piece = range(start, min(size, start + PIECE - 1) + 1)
            lines = os.urandom(16 * len(piece))
            for position, pk in enumerate(piece):
                at += step
                line = lines[16 * position : 16 * position + 16]
                rows.append(struct.pack(">hiqi16siq", 5, 8, at, 16, line, 8, pk) + tails[_kind_of(pk, turn)][pk % 200])
            rows.append(struct.pack(">h", -1))
            with cursor.copy(
                f"COPY {Event._meta.db_table} (at, line, customer_id, kind, data) FROM STDIN (FORMAT binary)"
            ) as copy:
                copy.write(b"".join(rows))


def _text(text):
    content = text.encode()
    return struct.pack(">i", len(content)) + content
