"""E1: one person planted with 60 marks in every field, file, note, mail and export is erased; nothing of it is left."""

import base64
import csv
import io
import itertools
import json
import os
import re
import subprocess
import time
from pathlib import Path

import redis
from django.apps import apps
from django.db import connection
from django.utils import timezone

from audit.models import Actor, Job, OutgoingMail
from audit.services import outbox
from config.embedded import POSTGRES
from consent.models import CampaignKind, CampaignStatus
from consent.purposes import Purpose
from consent.services import exports, letters
from customers.categories import Category
from customers.importing import run as run_import
from customers.importing.columns import HEADERS
from customers.importing.files import Chunks
from customers.models import Customer, Import, SealedFile
from customers.services import media, terms
from customers.services.corrections import correct
from requests_desk.models import Outcome
from requests_desk.services import erasure, ledger, progress, vacuuming
from tests.drills.world import world
from tests.factories import events
from tests.factories.consent import CampaignFactory, make_register
from tests.factories.requests_desk import At, a_draft, a_picture, staff_actor

QUICK = True
MARKS = 60
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
TOKENS = ("token", "fingerprint")
WAIT_SECONDS = 30
MARKED = (
    "氏名", "ニックネーム", "ペンネーム", "職業", "職歴", "学歴", "住所", "銀行名", "支店名", "外部サービス", "外部ID",
    "連携許可項目", "OS", "端末種別",
)  # fmt: skip


class Marks:
    """So many different words that nobody else says; each is taken once."""

    def __init__(self):
        self.taken = []

    def __call__(self, form="印{}"):
        number = len(self.taken)
        word = f"zq{number:02}x{os.urandom(5).hex()}"
        self.taken.append(word)
        return form.format(word)


def run(size):
    began, marks = time.monotonic(), Marks()
    with world(size) as here:
        sink = here.start_sink()
        here.start_worker(concurrency=1)
        make_register({purpose: list(Category) for purpose in Purpose})
        before = sealed_and_tokens()
        customer = plant(marks)
        wait_until(lambda: len(sink.mails) >= 2)
        sealed = sealed_and_tokens() - before
        known = {value for _kind, value in sealed}
        counts = {"marks": len(marks.taken), "ciphertexts": len({v for k, v in sealed if k == "sealed"}),
                  "tokens": len({v for k, v in sealed if k == "token"}), "mails_sent": len(sink.mails)}  # fmt: skip
        counts["found_in_the_dump_before"] = len(known & words_of(dump(here)))
        planted = len(list(files_of(here.folder / "files")))
        outbox.post("consent.preferences", subject=customer, by=Actor.requester())
        erase(customer)
        vacuuming.begin(by=Actor.system())
        wait_until(lambda: Job.objects.filter(name=vacuuming.WORK, state=Job.State.DONE).exists())
        places = {
            "dump": [dump(here)],
            "broker": broker(here),
            "files": [path.read_bytes() for path in files_of(here.folder / "files")],
            "logs": [path.read_bytes() for path in here.folder.rglob("*.log")],
            "seals": [path.read_bytes() for path in files_of(here.folder / "seals")],
            "temp": [path.read_bytes() for path in files_of(here.folder / "TMPDIR")],
        }
        counts |= {"files_before": planted, "files_after": len(places["files"])}
        counts["files_that_open"] = SealedFile.objects.filter(purged_at__isnull=True).count()
        patterns = patterns_of(marks.taken)
        for name, contents in places.items():
            counts[f"{name}: bytes"] = sum(map(len, contents))
            counts[f"{name}: marks"] = sum(bool(found(patterns, content)) for content in contents)
            counts[f"{name}: ciphertexts and tokens"] = sum(len(known & words_of(content)) for content in contents)
        counts["ledger_lines"] = len(ledger.read())
        counts["waiting_mails"] = OutgoingMail.objects.filter(state="WAITING").count()
        counts["seconds"] = round(time.monotonic() - began)
    left = [value for name, value in counts.items() if name.endswith((": marks", "tokens")) and ":" in name]
    met = not any(left) and len(marks.taken) >= MARKS and counts["ciphertexts"] > MARKS and counts["tokens"] > 0
    met = met and counts["ledger_lines"] == 1 and counts["found_in_the_dump_before"] > MARKS
    return {"counts": counts, "met": met and not (counts["files_after"] or counts["waiting_mails"])}


def plant(marks):
    """Marks by every way in which values come to us; what was replaced stays in the history."""
    by = Actor.system()
    row = dict.fromkeys(HEADERS, "")
    email = marks("{}@example.test")
    row |= {"顧客番号": "E1-0000001", "メールアドレス": email, "電話番号": "090-1234-5678", "郵便番号": "194-0013"}
    for header in MARKED:
        row[header] = marks()
    row |= {"支払方法": "銀行口座", "口座番号下4桁": "7788", "クッキーID": marks("{}"), "端末ID": marks("{}")}
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADERS)
    writer.writeheader()
    writer.writerow(row)
    run_import(Import.objects.create(created_by=by), lambda: Chunks([text.getvalue().encode()]), by=by)
    customer = Customer.objects.get(number="E1-0000001")
    for _round in range(3):
        changes = {name: marks() for name in ("name", "nickname", "pen_name", "occupation", "work_history", "education",
                                              "address")}  # fmt: skip
        customer = correct(customer, changes=changes, reason="NOTICE", by=by) or customer
        customer.refresh_from_db()
    lines = [events.an_event(customer, page=marks("/{}")) for _each in range(5)]
    lines.append(events.an_event(None, page=marks("/{}"), cookie=customer.cookies.get().value))
    events.imported(*lines)
    media.add_photo(customer, a_picture(), title=marks(), by=by)
    own = {"name": customer.name, "kana": "", "email": email}
    At.closed(customer, **own, address=marks(), about=marks())
    refused = At.proposed(customer, outcome=Outcome.REFUSED, ground="33-2-1", reason=marks(), **own, about=marks())
    progress.withdraw(refused, by=staff_actor("handler"))
    At.withdrawn(**own, about=marks())
    a_draft(contact={"email": email, "telephone": marks()}, about={"about": marks(), "method": "ELECTRONIC"})
    while len(marks.taken) < MARKS:
        terms.keep(marks(), session_key="s", by=staff_actor("handler"))
    export(by)
    letter()
    return customer


def export(by):
    """A file of many, and the same on paper."""
    wanted = [Category.NAME, Category.EMAIL, Category.ADDRESS]
    this = exports.ask(purpose=Purpose.PROVIDING, categories=wanted, selection="ALL", format="CSV", by=by)
    wait_until(lambda: type(this).objects.get(pk=this.pk).file_id)


def letter():
    Customer.objects.update(mail_bounced_at=timezone.now(), mail_bounced_by=Actor.system())
    texts = {"title_ja": "件名", "title_en": "Subject", "body_ja": "本文", "body_en": "Text"}
    notice = CampaignFactory.at(CampaignStatus.DONE, kind=CampaignKind.TERMS_CHANGE, policy_version=None, **texts)
    notice = letters.ask(notice, by=Actor.system())
    wait_until(lambda: notice.letter_files.exists())


def erase(customer):
    this = erasure.propose(customer, reason="ASKED", case_number="E1", by=staff_actor("handler"))
    return erasure.approve(this, by=staff_actor("approver"))


def wait_until(true):
    end = time.monotonic() + WAIT_SECONDS
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("It did not come about in time.")
        time.sleep(0.1)


# What is looked for, and where


def sealed_and_tokens():
    """Every ciphertext and every token of the index that stands in any table, as ``(what, text)``."""
    found = set()
    for model in apps.get_models(include_auto_created=True):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT row_to_json(t)::text FROM {connection.ops.quote_name(model._meta.db_table)} t")
            for (text,) in cursor.fetchall():
                for name, value in json.loads(text).items():
                    if isinstance(value, str) and value.startswith("gAAAA"):
                        found.add(("sealed", value.encode()))
                    elif value and name in TOKENS:
                        found.add(("token", str(value).removeprefix("\\x").encode()))
    return found


def patterns_of(words):
    """The words as they may lie in a file: in three encodings, and each of these in base64 and hexadecimal."""
    found = set()
    for word, name in itertools.product(words, ENCODINGS):
        plain = word.encode(name)
        found |= {plain, plain.hex().encode(), plain.hex().upper().encode()}
        for shift in range(3):
            coded = base64.b64encode(b"\0" * shift + plain)
            found.add(coded[4 if shift else 0 : -4])  # the ends depend on what stands beside it
    return found


def found(patterns, content):
    return [pattern for pattern in patterns if pattern in content]


def words_of(content):
    """All that could be a ciphertext or a token."""
    return set(re.findall(rb"gAAAA[\w=-]+|-?\w{6,}", content))


def dump(here):
    command = [str(POSTGRES / "pg_dump"), "--no-owner", here.database_url]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def broker(here):
    """What Valkey holds, key by key, uncompressed."""
    client = redis.Redis.from_url(here.redis_url)
    client.config_set("rdbcompression", "no")
    return [key + (client.dump(key) or b"") for key in client.scan_iter()]


def files_of(folder):
    return (path for path in Path(folder).rglob("*") if path.is_file())
