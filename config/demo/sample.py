"""What the demo begins with, brought about by the services as people would: policies, a notice, requests."""

import datetime as dt
import io

from django.db import transaction
from django.utils import timezone
from PIL import Image, ImageDraw

from audit.models import Actor, Job
from audit.services import office
from consent.models import PurposeChange, Relatedness
from consent.purposes import FIRST_NEEDS
from consent.services import campaigns, policies, register
from customers.categories import Category
from customers.importing import run_events
from customers.management.events import events, line
from customers.models import Customer, Import
from customers.services import media
from requests_desk.models import DocumentType, Item, Kind, Outcome
from requests_desk.services import decisions, fees, fulfilment, identity, intake, matching, progress, retention
from requests_desk.services.periods import PROPOSALS

from .staff import actor_of

CHANGED_JA = ("施行日と変わる内容を先にお知らせします。", "施行日の14日前までに、施行日と変わる内容をお知らせします。")
CHANGED_EN = ("Before we do, we tell you", "At least 14 days before we do, we tell you")
SOME_DAY = dt.timedelta(days=3650)


def name_an_account():
    """An account that nobody can pay into, so that letters and pages show one."""
    changes = {
        "bank_account_ja": "見本銀行 見本支店 普通 0000000 オフィスアント（実在しない口座です）",
        "bank_account_en": "Sample Bank, Sample branch, ordinary account 0000000, Office Ant (no real account)",
    }
    office.change(office.current(), changes=changes, by=actor_of("privacy_officer"))


def make_policies():
    """The first version in force from today, a second one announced, and its notice before the one who starts it."""
    text_ja, text_en = (policies.FIRST_TEXTS / f"policy_{language}.md" for language in ("ja", "en"))
    text_ja, text_en = text_ja.read_text("utf-8"), text_en.read_text("utf-8")
    today = timezone.localdate()
    _approve(text_ja=text_ja, text_en=text_en, effective_on=today)
    second = _approve(
        text_ja=text_ja.replace(*CHANGED_JA),
        text_en=text_en.replace(*CHANGED_EN),
        summary_ja="変更をお知らせする時期（14日前まで）を明記しました。",
        summary_en="It now says how early we tell you of a change: at least 14 days before.",
        effective_on=today + dt.timedelta(days=21),
        purpose_change=PurposeChange.NONE,
    )
    notice = campaigns.draft(
        policy_version=second,
        with_reminder=True,
        title_ja="プライバシーポリシー変更のお知らせ",
        title_en="Our privacy policy changes",
        body_ja="{effective_on}から、プライバシーポリシーが変わります。\n\n変更の内容：{changes_url}\n",
        body_en="Our privacy policy changes on {effective_on}.\n\nWhat changes: {changes_url}\n",
        by=actor_of("notice_author"),
    )
    campaigns.submit(notice, by=actor_of("notice_author"))


def make_register():
    """What each purpose cannot do without, proposed by one person and approved by another."""
    change = register.propose(
        register.differences({(purpose, category) for purpose, needs in FIRST_NEEDS.items() for category in needs}),
        policy_version=policies.in_force(),
        relatedness=Relatedness.FIRST,
        judgement="各利用目的に欠かせない項目だけです。いずれもプライバシーポリシーの第2章と第3章で公表しています。",
        by=actor_of("privacy_officer"),
    )
    register.approve(change, is_read=True, by=actor_of("approver"))


def make_activity():
    """Three thousand events of a hundred people, read from a file as others are, and two that nobody is known for."""
    people = Customer.objects.order_by("pk").values_list("number", flat=True)[:100]
    said = [line(event) for event in events(people, 3000, seed=1, until=timezone.now())]
    strays = [{"cookie": "GA1.2.0.0", "source": "site", "kind": "visit", "page": "/", "seconds": 7}] * 2
    said += [line({**each, "at": f"2026-0{month}-01T09:00:00+09:00"}) for month, each in enumerate(strays, 1)]
    of_import = Import.objects.create(kind=Import.Kind.EVENTS, created_by=Actor.system())
    run_events(of_import, lambda: io.BytesIO("".join(said).encode()), by=of_import.created_by)


def make_keepsakes():
    """Rules for what people did and where they were, from what is proposed to the office; a photo of somebody."""
    for category in (Category.SITE_USE, Category.APP_USE, Category.LOCATION):
        proposal = PROPOSALS[category]
        retention.decide(
            category, months=proposal.months, counted_from=proposal.counted_from, by=actor_of("privacy_officer")
        )
    media.add_photo(Customer.objects.order_by("pk").first(), _specimen(), by=actor_of("handler"))


def _approve(**texts):
    version = policies.draft(**texts, by=actor_of("notice_author"))
    policies.submit(version, by=actor_of("notice_author"))
    return policies.approve(version, by=actor_of("notice_approver"))


def make_requests():
    """One request at each place on its way, from customers that are held. Yields what stands after each."""
    people = list(Customer.objects.with_email().order_by("pk")[:40])
    people = [person for person in people if all(getattr(person, name) for name in ("kana", "birth_date", "address"))]
    ways = [
        ("received today", _received, 0),
        ("its fee unpaid for long", _received, 12),
        ("with a document to check", _with_document, 1),
        ("in progress", _in_progress, 3),
        ("in progress, overdue tomorrow", _in_progress, 13),
        ("proposed", _proposed, 5),
        ("approved", _approved, 6),
        ("ready", _ready, 7),
        ("closed", _closed, 9),
        ("withdrawn", _withdrawn, 4),
        ("lapsed", _lapsed, 40),
    ]
    for (what, way, days_ago), person in zip(ways, people, strict=False):
        way(person, timezone.localdate() - dt.timedelta(days=days_ago))
        yield what


def _received(person, day):
    values = {
        name: getattr(person, name)
        for name in ("name", "kana", "email", "telephone", "postcode", "address", "birth_date")
    }
    return intake.receive(
        {"kind": Kind.DISCLOSURE, "about": "", **values}, language="ja", arrived_on=day, by=Actor.requester()
    )


def _with_document(person, day):
    request = _received(person, day)
    identity.upload(request, _specimen(), by=Actor.requester())
    return request


def _in_progress(person, day):
    request = _with_document(person, day)
    identity.verify(
        request, document_type=DocumentType.LICENCE, matched_items=[Item.NAME, Item.BIRTH], by=actor_of("verifier")
    )
    fees.receive(request, amount=request.fee.amount, received_on=timezone.localdate(), by=actor_of("intake"))
    return request


def _proposed(person, day):
    request = _in_progress(person, day)
    matching.match(request, customer=person, by=actor_of("handler"))
    decisions.propose(request, outcome=Outcome.FULL, by=actor_of("handler"))
    return request


def _approved(person, day):
    """Its answer waits, so that the state can be seen; the button on its page hands the making over again."""
    request = _proposed(person, day)
    with transaction.atomic():
        decisions.approve(request, by=actor_of("approver"))
        jobs = Job.objects.filter(name="requests_desk.build_package", arguments__request=request.pk)
        jobs.update(due_at=timezone.now() + SOME_DAY)
    return request


def _ready(person, day):
    request = _approved(person, day)
    fulfilment.make(request, by=Actor.system())
    return request


def _closed(person, day):
    request = _ready(person, day)
    fulfilment.collect(request, by=Actor.requester())
    progress.close(request, by=actor_of("handler"))
    return request


def _withdrawn(person, day):
    request = _received(person, day)
    progress.withdraw(request, by=Actor.requester())
    return request


def _lapsed(person, day):
    request = _received(person, day)
    progress.lapse(request, by=Actor.system())
    return request


def _specimen():
    """A picture that says what it is."""
    picture = Image.new("RGB", (856, 540), "#dfe8dc")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((40, 120, 240, 400), fill="#b9c7b4")
    for row in range(5):
        draw.rectangle((280, 140 + row * 56, 780 - row * 60, 164 + row * 56), fill="#9aa896")
    draw.text((300, 40), "SPECIMEN / NOT A DOCUMENT", fill="#333333", font_size=28)
    content = io.BytesIO()
    picture.save(content, "JPEG")
    return content.getvalue()
