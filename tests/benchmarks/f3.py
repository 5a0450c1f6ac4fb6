"""F3: lists and pages of the desk at a million customers and five million events, against the same at 1,000.

Two databases on one server, both built by :mod:`tests.benchmarks.crowd`; an officer with every role asks through
Django's test client, in turns, both warm. Every list is walked whole: its plain page, a page deep in it, its saved
views, the choices of its filters, its searches, the page of one row. A page that shows fewer rows at 1,000 is held
against the list of all there, which is full; so no ratio is better for a list that is empty on the other side.
"""

import itertools
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connections
from django.test import Client
from django.urls import reverse

from audit.models import Job, OutgoingMail, Staff
from customers.models import Customer
from requests_desk.models import DataRequest
from tests.benchmarks import crowd
from tests.drills.world import world

GOAL = 1.5
SLOW = 0.3  # seconds; a page above is named
CHOICES = 12  # of a filter; further ones ask the same of the same index
ROUNDS = 5, 15  # of the second where the first found more than the goal: other work on the machine comes and goes
SIZES = {
    "small": {"customers": 50_000, "events": 250_000, "entries": 100_000, "requests": 4_000, "deliveries": 50_000},
    "full": {
        "customers": 1_000_000, "events": 5_000_000, "entries": 1_000_000, "requests": 20_000, "deliveries": 1_000_000,
    },
}  # fmt: skip
FEW = {"customers": 1_000, "events": 5_000, "entries": 5_000, "requests": 400, "deliveries": 1_000}
FULL = "list", "view all"
NAMED = {  # those that the goal names
    "customers.customer": "customers", "requests_desk.datarequest": "queue", "audit.entry": "trail",
}  # fmt: skip


class Side:
    """One of the two databases, with an officer signed in to it."""

    def __init__(self, database):
        self.connection = connections.create_connection("default")
        self.connection.settings_dict = {**self.connection.settings_dict, "NAME": database}
        with self.here():
            officer = Staff.objects.create_user("walker", "not used")
            officer.groups.set(Group.objects.all())
            self.client = Client(HTTP_HOST="127.0.0.1")
            self.client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")

    @contextmanager
    def here(self):
        before = connections["default"]
        connections["default"] = self.connection
        try:
            yield
        finally:
            connections["default"] = before

    def moves(self, address):
        with self.here():
            return self.client.get(address).status_code == 302

    def get(self, address):
        """The page and the seconds that it took."""
        with self.here():
            begun = time.perf_counter()
            response = self.client.get(address)
            took = time.perf_counter() - begun
        if response.status_code != 200:
            raise AssertionError(f"{address}: {response.status_code} {response.get('Location', '')}")
        return response, took


def searches(label):
    """What is searched for in a list: as staff would, with what finds much, little and nothing."""
    person = next(crowd.people(1))
    if label == "customers.customer":
        return ["佐藤", "田", "子", "勅使河原", "佐々木", "さとう", "佐藤 健太", "長谷川さくら", "いない人", "Maria",
                person.email or "taro.2@example.net", person.telephone or "0312345678", "1234", "S0000500"]  # fmt: skip
    if label == "requests_desk.datarequest":
        return ["佐藤", "田", "いない人", DataRequest.objects.order_by("pk").values_list("reference", flat=True)[7]]
    if label in ("audit.entry", "audit.access", "consent.delivery"):
        return ["S0000500", "S9999999"]
    if label in ("audit.job", "audit.outgoingmail"):
        model = Job if label == "audit.job" else OutgoingMail
        return [str(model.objects.order_by("pk").values_list("number", flat=True)[3])[:8]]
    return ["SAMPLE"]


def walk(few, many):
    """``(list's label, what it is, [address on the one side, on the other], is it a list)`` of all that is offered."""
    for model, desk in admin.site._registry.items():
        label = model._meta.label_lower
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        if few.moves(address):
            continue  # a desk of one row: no list
        found = []
        for side in (few, many):
            page, _took = side.get(address)
            rows = page.context_data.get("list")  # without one, the desk is one page that shows all it has
            found.append(_addresses(side, label, desk, address, rows) if rows else {"list": address})
        for what, its_address in found[1].items():
            yield label, what, [found[0].get(what), its_address], what != "page"


def _addresses(side, label, desk, address, first):
    found = {"list": address}
    if first.next_url:
        found["next"] = address + first.next_url
    rows = first.model._default_manager.order_by("pk")
    with side.here():
        if first.next_url and (middle := _in_the_middle(rows)):
            deep = f"{address}?after={middle}"
            if side.client.get(deep).status_code == 200:
                found["deep"] = deep
        if first.result_list:
            found["page"] = desk.page_url(first.result_list[0])
        if desk.search_label:
            for words in searches(label):
                response = side.client.post(address, {"q": words})
                found[f"search {words}"] = response["Location"]
    for view in first.views:
        found[f"view {view.slug}"] = address + view.url
    for spec in first.filters:
        for choice in spec.all_choices[1 : 1 + CHOICES]:
            wanted = choice["query_string"]
            found[f"filter {urlsplit(wanted).query}"] = address + wanted
    return found


def _in_the_middle(rows):
    ends = rows.values_list("pk", flat=True)
    first, last = ends.first(), ends.last()
    if not isinstance(first, int):
        return None
    return rows.filter(pk__gte=(first + last) // 2).values_list("pk", flat=True).first()


def _rows(page):
    found = page.context_data.get("list")
    return len(found.result_list) if found is not None else 0


def measure(few, many, addresses, rounds):
    """The fastest turn of each side (other work on the machine only ever adds), and the rows that each page shows."""
    times, rows = ([], []), [0, 0]
    for turn in range(rounds + 1):
        for number, side in ((0, few), (1, many)) if turn % 2 else ((1, many), (0, few)):
            page, took = side.get(addresses[number])
            rows[number] = _rows(page)
            if turn:  # the first warms
                times[number].append(took)
    return [min(each) for each in times], rows


def compare(few, many, rounds=ROUNDS):
    """Walk everything; gives ``{label: [(what, seconds, reference, ratio), ...]}``, the plain list first."""
    results, plain = {}, {}
    for label, group in itertools.groupby(walk(few, many), key=lambda each: each[0]):
        for _label, what, addresses, _is_list in sorted(group, key=lambda each: each[1] not in FULL):
            if addresses[0] is None:  # e.g. no second page on the other side: held against its plain list
                addresses[0] = addresses[1] if what == "page" else urlsplit(addresses[1]).path
            for turns in rounds:
                (reference, figure), rows = measure(few, many, addresses, turns)
                if what != "list" and what != "page" and rows[1] > rows[0]:
                    reference = max(reference, plain.get(label, 0))
                if figure <= GOAL * reference:
                    break
            if what in FULL:  # a desk may begin with a view that is empty there
                plain[label] = max(reference, plain.get(label, 0))
            results.setdefault(label, []).append((what, figure, reference, figure / reference))
    return results


def run(size):
    with world(size) as office:
        url = office.postgres.url("office", "postgres")
        with psycopg.connect(office.postgres.url("postgres", "postgres"), autocommit=True) as control:
            connections["default"].close()
            control.execute("CREATE DATABASE few TEMPLATE office OWNER office")
        begun = time.monotonic()
        crowd.build(office.postgres.url("few", "postgres"), **FEW)
        crowd.build(url, **SIZES[size])
        print(f"    built in {time.monotonic() - begun:,.0f} s")
        for table, rows, heap, indexes in crowd.sizes(url):
            print(f"    {table:<36}{rows:>12,} rows{heap / 1e6:>9,.0f} MB{indexes / 1e6:>9,.0f} MB of indexes")
        few, many = Side("few"), Side("office")
        try:
            return report(compare(few, many), Customer._meta.label_lower)
        finally:
            for side in (few, many):
                side.connection.close()


def report(results, customers):
    """One line per page on the screen; one row per goal."""
    lines = []
    for label, pages in results.items():
        for what, figure, reference, ratio in pages:
            mark = " SLOW" if figure > SLOW else ""
            print(f"    {label:<28}{what:<44}{figure * 1000:>8.1f} ms{reference * 1000:>8.1f} ms{ratio:>7.2f}{mark}")
    for label, name in NAMED.items():
        pages = {what: (figure, reference, ratio) for what, figure, reference, ratio in results[label]}
        lines.append(_line(f"{name} list", *pages["list"]))
        if label == customers:
            lines.append(_line("customer page", *pages["page"]))
        others = [each for what, each in pages.items() if what not in ("list", "page")]
        lines.append(_line(f"{name} narrowed", *max(others, key=lambda each: each[2])))
    others = [each[1:] for label, pages in results.items() if label not in NAMED for each in pages]
    lines.append(_line("all other pages", *max(others, key=lambda each: each[2])))
    return lines


def _line(row, figure, reference, ratio):
    return {
        "row": row, "figure": round(figure, 4), "reference": round(reference, 4), "ratio": round(ratio, 2),
        "goal": GOAL, "met": ratio <= GOAL,
    }  # fmt: skip
