"""I2: hostile addresses, queries and bodies against every page of the admin, as superuser: no answer of 500 or above.

The pages come from the resolver, so a page that is added is tried with the next run.
"""

import io
import itertools
import random
from collections import Counter
from urllib.parse import quote_from_bytes

from .world import world

SHARE = {"small": 7, "full": 1}  # every seventh case, or all
MIXED = {"small": 150, "full": 6000}

NUL, SURROGATE, LONG = b"\0", b"\xed\xa0\x80", b"9" * 5000
IDS = [
    b"0", b"-1", b"1.0", b"1e3", b"0x1", b"99999999999999999999", b"9223372036854775808", b"2147483648", LONG, NUL,
    b"1" + NUL, SURROGATE, b"\xff\xfe", b"None", b"null", b"../../etc/passwd", b"1 OR 1=1", b"' OR '1'='1", b"_5F",
    "１".encode(), "\u202e1".encode(), "ｶﾞ髙𠮷".encode(), b"%s%s%n", b"{{7*7}}", b"add", b"1/history", b"a" * 300,
    b"1;DROP TABLE audit_entry", b"<script>alert(1)</script>", b"00000000-0000-0000-0000-000000000000",
]  # fmt: skip
QUERIES = [
    b"e=1", b"_popup=1", b"_to_field=name", b"_to_field=" + NUL, b"o=1", b"o=-999.zz..1", b"p=-1", b"p=zzz",
    b"p=" + LONG,
    b"all=", b"q=" + NUL, b"s=" + NUL, b"s=" + b"x" * 9000, b"s=%ED%A0%80", b"view=zz", b"view=%00", b"after=x",
    b"after=" + LONG, b"after=-1", b"before=0", b"after=1&before=1", b"name__regex=%00", b"name__regex=(((",
    b"name__startswith=x", b"pk__in=1,2,x", b"id__exact=" + LONG, b"status__exact=%00", b"status__exact=ZZ",
    b"status__exact=OPEN&status__exact=CLOSED", b"status__in=A,B", b"due=%E2%80%AE", b"due=overdue&due=today",
    b"assigned=99999999999999999999", b"assigned=x", b"by=x", b"by=99999999999999999999", b"action=%00", b"at__gte=x",
    b"at__gte=9999999-99-99", b"at__year=0", b"at__range=a", b"created_at__gte=2026-13-45", b"_changelist_filters=%FF",
    b"_changelist_filters=a%3D%00", b"__proto__=1", b"=", b"&&&&", b"%", b"%zz=%zz", b"a[]=1&a[]=2", b"?" * 50,
    b"&".join(b"k%d=v" % number for number in range(1001)), b"has_email__exact=2", b"is_facets=1", b"_facets=True",
    b"next=//evil.example", b"next=javascript:alert(1)", b"language=%00", b"registered_on__gte=%ED%A0%80",
]  # fmt: skip
WORDS = [
    b"", b"x", NUL, b"a" + NUL + b"b", SURROGATE, b"\xff", LONG, b"-1", b"1e999", b"NaN", "\u202e\u200b\ufeff".encode(),
    "髙𠮷ｶﾞ　＠".encode(), b"' OR 1=1 --", b"{{7*7}}{%x%}", b"%(number)s %s %n", b"<script>", b"2026-99-99",
    "令和99年2月31日".encode(), b"0001-01-01", b"9" * 400, b"x" * 100_000, b"\r\nX-Evil: 1",
]  # fmt: skip
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def run(size):
    """Try every page. ``counts`` says how many were asked and what they answered by class."""
    with world(size):
        counts = hostile(size)
    tried = counts["answered 2xx"] and counts["answered 3xx"] and counts["answered 4xx"]  # the pages were reached
    return {"counts": counts, "met": bool(tried) and counts["answers of 500 or above"] == 0}


def hostile(size):
    from django.urls import URLResolver, get_resolver  # noqa: PLC0415  there were no settings to import under

    def walk(resolver, names=()):
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern, (*names, pattern.namespace) if pattern.namespace else names)
            elif pattern.name and names[:1] == ("admin",):
                yield pattern.name, pattern.pattern.converters

    populate()
    pages = list(walk(get_resolver()))
    asker = Asker()
    chance = random.Random(20260407)
    cases = itertools.chain(each_page(pages), mixed(pages, chance, MIXED[size]))
    share, shift = SHARE[size], chance.randrange(SHARE[size])
    for number, case in enumerate(cases):
        if number % share == shift or case[0] == "mixed":
            asker.ask(*case[1:])
    for line in asker.faults[:20]:
        print(f"    {line}", flush=True)
    faults = sum(count for status, count in asker.answers.items() if status >= 500)
    return {
        "pages": len(pages), "asked": sum(asker.answers.values()),
        **{f"answered {kind}xx": asker.answered(kind) for kind in (2, 3, 4)},
        "answers of 500 or above": faults,
    }  # fmt: skip


def each_page(pages):
    """Every page with each hostile id, each hostile query and each hostile body, one at a time."""
    for page in pages:
        for key in IDS if page[1] else []:
            yield "id", page, "GET", key, b"", b"", FORM
            yield "id", page, "POST", key, b"", b"", FORM
        for query in QUERIES:
            yield "query", page, "GET", None, query, b"", FORM
        for word in WORDS:
            yield "body", page, "POST", None, b"", word, FORM
        yield "body", page, "POST", None, b"", b"=&=&&" * 2000, "raw"
        yield "body", page, "POST", None, b"", b'{"a": ' + b"[" * 5000, JSON
        yield "body", page, "POST", None, b"", b"--x\r\nbroken", "multipart/form-data; boundary=x"
        yield "body", page, "POST", None, b"", b"", "multipart/form-data"
        yield "body", page, "POST", None, b"", b"files", "files"
        for method in ("PUT", "DELETE", "OPTIONS", "HEAD", "TRACE", "FOO"):
            yield "method", page, method, None, b"", b"", FORM


def mixed(pages, chance, count):
    """Several things wrong at once."""
    for _case in range(count):
        page = chance.choice(pages)
        key = chance.choice([None, *IDS])
        query = b"&".join(chance.sample(QUERIES, 2))
        yield "mixed", page, chance.choice(["GET", "POST"]), key, query, chance.choice(WORDS), FORM


def populate():
    """One row or more behind each list."""
    import datetime as dt  # noqa: PLC0415
    from contextlib import suppress  # noqa: PLC0415

    from audit.exceptions import OfficeError  # noqa: PLC0415
    from audit.models import Actor  # noqa: PLC0415
    from consent.services import campaigns, policies  # noqa: PLC0415
    from customers.services import registration  # noqa: PLC0415
    from tests.factories.requests_desk import At, a_request, staff_actor  # noqa: PLC0415

    customer = registration.register("C0000001", by=Actor.system(), name="見本 花子", email="hanako@example.test")
    a_request()
    At.document_sent()
    At.matched(customer)
    At.proposed(customer)
    author, approver = staff_actor("author"), staff_actor("approver")
    with suppress(OfficeError):
        day = dt.date.today() + dt.timedelta(days=60)
        version = policies.draft(text_ja="# 一\n本文", text_en="# 1\nText", summary_ja="要旨", summary_en="Sum", effective_on=day, by=author)  # fmt: skip  # noqa: E501
        campaigns.draft(policy_version=version, title_ja="件名", title_en="Title", body_ja="本文", body_en="Text", by=author)  # fmt: skip  # noqa: E501
        policies.submit(version, by=author)
        policies.approve(version, by=approver)


class Asker:
    """A superuser's browser that signs in again when a page has signed it out."""

    def __init__(self):
        from django.test import Client  # noqa: PLC0415

        from audit.models import Staff  # noqa: PLC0415

        self.staff = Staff.objects.create_superuser("root", "a long pass phrase")
        self.client = Client(raise_request_exception=False, headers={"host": "127.0.0.1"})
        self.answers, self.faults, self.known = Counter(), [], {}

    def ask(self, page, method, key, query, word, kind):
        if "sessionid" not in self.client.cookies or not self.client.cookies["sessionid"].value:
            self.client.force_login(self.staff, backend="django.contrib.auth.backends.ModelBackend")
        address = self.address(page, key)
        response = self.client.generic(
            method, address, self.body(page, word, kind), FORM if kind in ("raw",) else self.type(kind),
            QUERY_STRING=query.decode("latin-1").replace("\0", "%00"),
        )  # fmt: skip
        if response.status_code == 302 and response.headers["Location"].startswith("/admin/login/"):
            self.client.cookies.clear()
        self.answers[response.status_code] += 1
        if response.status_code >= 500:
            self.faults.append(f"{response.status_code} {method} {address[:120]}?{query[:80]!r} {word[:40]!r} {kind}")

    def answered(self, kind):
        """How many answers were of this hundred."""
        return sum(count for status, count in self.answers.items() if status // 100 == kind)

    def address(self, page, key):
        """The page's path with a hostile id, or with one that exists."""
        from django.urls import reverse  # noqa: PLC0415

        name, converters = page
        values = dict.fromkeys(converters, "KEY")
        path = reverse(f"admin:{name}", kwargs=values)
        return path.replace("KEY", quote_from_bytes(key) if key is not None else str(self.existing(name)))

    def existing(self, name):
        """The id of a row of the page's model."""
        if name not in self.known:
            from django.contrib import admin  # noqa: PLC0415

            self.known[name] = 1
            for model in admin.site._registry:
                if name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
                    row = model._default_manager.only("pk").order_by("pk").first()
                    self.known[name] = row.pk if row else 1
        return self.known[name]

    def type(self, kind):
        return "multipart/form-data; boundary=BoUnDaRy" if kind == "files" else kind

    def body(self, page, word, kind):
        """The word as the value of every field of the page's form, and of those that every page knows."""
        if kind == "files":
            return self.files(page)
        if kind != FORM:
            return word
        return b"&".join(name.encode() + b"=" + quote_from_bytes(word).encode() for name in self.fields(page))

    def files(self, page):
        out = io.BytesIO()
        for name in self.fields(page):
            out.write(b'--BoUnDaRy\r\nContent-Disposition: form-data; name="' + name.encode())
            out.write(b'"; filename="../\xff\x01.csv"\r\n\r\n\xff\xfe\x00\x80customer_number,\x00\r\n')
        out.write(b"--BoUnDaRy--\r\n")
        return out.getvalue()

    def fields(self, page):
        """Names of the fields that any form of the desk has: all are sent to all."""
        from django.contrib import admin  # noqa: PLC0415

        names = {
            "q",
            "panel",
            "reason",
            "case_number",
            "username",
            "password",
            "next",
            "old",
            "again",
            "action",
            "index",
        }
        for desk in admin.site._registry.values():
            for decision in desk.decisions:
                if page[0].endswith(f"_{decision.name}"):
                    names |= set(getattr(decision.form, "base_fields", {}))
        return sorted(names)
