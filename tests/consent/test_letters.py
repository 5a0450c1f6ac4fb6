"""Notices on paper: who gets one, in which order, what a file holds, and how it ends."""

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from audit.models import Actor, Entry, Job
from audit.services import jobs
from consent import tasks
from consent.exceptions import ChangedMeanwhile, MoveNotAllowed, NotReady, NotThere
from consent.models import Campaign, CampaignKind, CampaignStatus, Delivery, DeliveryState, Letter, LetterFile
from consent.purposes import FIRST_NEEDS, Purpose
from consent.services import campaigns, letters, register, statements
from customers.categories import Category
from customers.models import Customer, FilePerson
from customers.services import corrections, erasure, merging
from tests.factories.audit import sign_in
from tests.factories.consent import CampaignFactory, RecipientFactory, an_actor, make_register
from tests.factories.customers import make_customer

pytestmark = pytest.mark.django_db
TEXTS = {"title_ja": "件名", "title_en": "Subject", "body_ja": "本文", "body_en": "Text"}
AT_HOME = {"postcode": "194-0013", "address": "東京都町田市原町田1-1"}


def on_paper(number, **values):
    return make_customer(number, **{"name": f"見本 {number}", **AT_HOME, **values})


def a_notice(kind=CampaignKind.TERMS_CHANGE, **values):
    """A notice that has started and has nobody left to write to."""
    if register.is_empty():
        make_register()
    values = {"policy_version": None, **TEXTS, **values}
    return CampaignFactory.at(CampaignStatus.DONE, kind=kind, **values)


def made(campaign):
    """Ask, and let the worker do it. The files that there are now."""
    campaign = letters.ask(campaign, by=an_actor())
    tasks.make_letters(job_id=Job.objects.get(number=campaign.letters_job).pk)
    return list(campaign.letter_files.order_by("number"))


def text_of(letter_file):
    pages = PdfReader(io.BytesIO(b"".join(letters.collect(letter_file, by=an_actor())))).pages
    return [page.extract_text() for page in pages]


def test_each_letter_has_a_page_of_its_own_behind_the_list_in_the_order_of_postcodes():
    on_paper("C-3", postcode="９０１－０００１", address="沖縄県那覇市1")
    on_paper("C-1", postcode="060-0001", address="北海道札幌市1")
    on_paper("C-2", postcode="", address="郵便番号のない町1")
    on_paper("C-4", language="en", name="Ada Example", postcode="194-0013")
    (letter_file,) = made(a_notice(title_ja="規約の変更", body_en="We tell."))
    first, *pages = text_of(letter_file)

    assert letter_file.persons == len(pages) == 4
    order = [next(number for number in ("C-1", "C-2", "C-3", "C-4") if number in page) for page in pages]
    assert order == ["C-1", "C-4", "C-3", "C-2"]
    assert all(number in first for number in order)
    assert "見本 C-1 様" in pages[0].replace("\u3000", " ")
    assert "規約の変更" in pages[0]
    assert "We tell." in pages[1]
    assert "様" not in pages[1]


WHO = {
    "has no mail address": (lambda c: None, True),
    "has a mail that came back before": (
        lambda c: (corrections.correct(c, changes={"email": "a@example.test"}, reason="ASKED", by=an_actor()),
                   corrections.note_bounce(c, by=Actor.system())), True,
    ),
    "has a mail address": (
        lambda c: corrections.correct(c, changes={"email": "a@example.test"}, reason="ASKED", by=an_actor()), False,
    ),
    "has no postal address": (
        lambda c: corrections.correct(c, changes={"postcode": "", "address": ""}, reason="ASKED", by=an_actor()), False,
    ),
    "was erased": (lambda c: erasure.erase(c, by=an_actor()), False),
    "was joined to another": (
        lambda c: merging.approve(merging.propose(RecipientFactory(), c, by=an_actor()), by=an_actor()), False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("arrange", "expected"), WHO.values(), ids=WHO)
def test_who_gets_a_letter(arrange, expected):
    customer = on_paper("C-1")
    arrange(customer)

    assert letters.due(a_notice()).filter(pk=customer.pk).exists() == expected


@pytest.mark.parametrize(("state", "expected"), [("WAITING", 0), ("SENT", 0), ("BOUNCED", 1), ("SKIPPED", 0)])
def test_whose_mail_came_back_gets_a_letter_and_nobody_twice(state, expected):
    customer = on_paper("C-1", email="a@example.test")
    campaign = a_notice()
    Delivery.objects.create(campaign=campaign, customer=customer, state=DeliveryState(state))

    assert letters.due(campaign).count() == expected


def test_who_came_after_the_start_reads_the_new_text_at_the_site():
    campaign = a_notice()
    on_paper("C-LATE")

    assert not letters.due(campaign).exists()


def test_the_address_of_a_joined_record_is_taken_where_there_is_no_other():
    stays, joined = make_customer("C-1", name="残る記録"), on_paper("C-2")
    merging.approve(merging.propose(stays, joined, by=an_actor()), by=an_actor())
    (letter_file,) = made(a_notice())

    assert Letter.objects.get().customer == stays
    assert "原町田" in text_of(letter_file)[1]
    assert "残る記録" in text_of(letter_file)[1]


def test_a_second_round_makes_what_is_missing_and_nothing_twice():
    campaign_of = [on_paper(f"C-{number}") for number in range(3)]
    campaign = a_notice()
    made(campaign)
    with pytest.raises(NotReady, match="手紙を送る相手がいません"):
        letters.ask(campaign, by=an_actor())

    assert Letter.objects.count() == len(campaign_of)


def test_a_file_holds_five_hundred_at_most(monkeypatch):
    monkeypatch.setattr(letters, "PER_FILE", 2)
    for number in range(5):
        on_paper(f"C-{number}")
    files = made(a_notice())

    assert [each.persons for each in files] == [2, 2, 1]
    assert [str(each)[-2:] for each in files] == ["L1", "L2", "L3"]


def test_an_erasure_purges_the_file_and_the_others_are_made_anew():
    stays, leaves = on_paper("C-1"), on_paper("C-2")
    campaign = a_notice()
    (letter_file,) = made(campaign)
    assert set(FilePerson.objects.filter(file=letter_file.file).values_list("customer", flat=True)) == {
        stays.pk, leaves.pk,
    }  # fmt: skip
    erasure.erase(leaves, by=an_actor())

    with pytest.raises(NotThere):
        letters.collect(letter_file, by=an_actor())
    letters.throw_away(letter_file, by=an_actor())
    (_spoilt, again) = made(campaign)
    assert [letter.customer for letter in again.letters.all()] == [stays]


def test_who_is_erased_while_the_pdf_is_drawn_is_in_no_file(monkeypatch):
    on_paper("C-1")
    leaves = on_paper("C-2")
    draw = letters.pdf.letters

    def erased_meanwhile(*said):
        drawn = draw(*said)
        erasure.erase(leaves, by=an_actor())
        return drawn

    monkeypatch.setattr(letters.pdf, "letters", erased_meanwhile)
    campaign = a_notice()
    with pytest.raises(ChangedMeanwhile):
        letters.make(campaign, by=an_actor())

    assert not LetterFile.objects.exists()
    assert not FilePerson.objects.exists()
    monkeypatch.setattr(letters.pdf, "letters", draw)
    letters.make(campaign, by=an_actor())
    assert LetterFile.objects.get().persons == 1


REFUSED = {
    "information": {"kind": CampaignKind.INFORMATION},
    "not started": {"status": CampaignStatus.SUBMITTED, "started_at": None, "started_by": None, "finished_at": None,
                    "finished_by": None, "submitted_at": "2026-01-01T00:00Z"},
}  # fmt: skip


@pytest.mark.parametrize("values", REFUSED.values(), ids=REFUSED)
def test_no_letters_are_made_where_none_are_due(values):
    on_paper("C-1")
    campaign = a_notice()
    if "submitted_at" in values:
        values = {**values, "submitted_by": an_actor()}
    Campaign.objects.filter(pk=campaign.pk).update(**values)
    campaign.refresh_from_db()

    with pytest.raises(NotReady):
        letters.ask(campaign, by=an_actor())
    assert not letters.due(campaign).exists()


def test_article_18_the_register_decides_about_the_address():
    make_register({**FIRST_NEEDS, Purpose.TERMS_CHANGES: [Category.NAME, Category.EMAIL]})
    on_paper("C-1")
    campaign = a_notice()

    with pytest.raises(NotReady, match="第18条"):
        letters.ask(campaign, by=an_actor())


def test_two_presses_make_one_round():
    on_paper("C-1")
    campaign = letters.ask(a_notice(), by=an_actor())

    with pytest.raises(NotReady, match="作っています"):
        letters.ask(campaign, by=an_actor())
    assert Job.objects.filter(name="consent.make_letters").count() == 1


def test_posting_counts_and_purges():
    on_paper("C-1")
    campaign = a_notice(without_email=1)
    (letter_file,) = made(campaign)
    with pytest.raises(NotReady, match="ダウンロード"):
        letters.post(letter_file, by=an_actor())
    assert statements.of(campaign).by_post == letters.Counts(waiting=1, posted=0)
    text_of(letter_file)
    letters.post(letter_file, by=an_actor())

    letter_file.refresh_from_db()
    assert letter_file.file.is_purged
    assert statements.of(campaign).by_post == letters.Counts(waiting=0, posted=1)
    assert statements.of(campaign).without_letter == 0
    with pytest.raises(MoveNotAllowed):
        letters.throw_away(letter_file, by=an_actor())
    actions = list(Entry.objects.filter(action__startswith="letters.").order_by("id").values_list("action", flat=True))
    assert actions == ["letters.asked", "letters.persons_taken", "letters.made", "letters.collected", "letters.posted"]


def test_a_killed_worker_goes_on_with_those_who_have_none(monkeypatch):
    monkeypatch.setattr(letters, "PER_FILE", 1)
    for number in range(3):
        on_paper(f"C-{number}")
    campaign = a_notice()
    keep = letters._keep
    kept = []

    def die_at_the_second(*said, **more):
        if kept:
            raise SystemExit
        kept.append(keep(*said, **more))

    monkeypatch.setattr(letters, "_keep", die_at_the_second)
    with pytest.raises(SystemExit):
        letters.make(campaign, by=an_actor())
    monkeypatch.setattr(letters, "_keep", keep)
    letters.make(campaign, by=an_actor())

    assert LetterFile.objects.count() == Letter.objects.count() == 3


def test_the_desk_downloads_posts_and_says_what_is_not_possible(client):
    on_paper("C-1")
    campaign = a_notice()
    sign_in(client, "notice_author", "en")
    page = reverse("admin:consent_campaign_change", args=[campaign.pk])
    assert "Make letters" in client.get(page).text
    assert "1 customers get a letter" in client.get(reverse("admin:consent_campaign_letters", args=[campaign.pk])).text
    client.post(reverse("admin:consent_campaign_letters", args=[campaign.pk]), {})
    tasks.make_letters(job_id=Job.objects.get(name="consent.make_letters").pk)
    assert client.get(reverse("admin:consent_letterfile_changelist")).status_code == 403

    sign_in(client, "handler", "en")
    (letter_file,) = LetterFile.objects.all()
    desk = {name: reverse(f"admin:consent_letterfile_{name}", args=[letter_file.pk])
            for name in ("change", "download", "post", "throw-away")}  # fmt: skip
    assert "Download the letters first" in client.get(desk["change"]).text
    response = client.post(desk["download"], {})
    assert response["Content-Type"] == "application/pdf"
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    assert "no-store" in response["Cache-Control"]
    assert "見本" not in client.get(desk["change"]).text
    client.post(desk["post"], {})
    letter_file.refresh_from_db()
    assert letter_file.status == "POSTED"
    assert client.post(desk["download"], {}).status_code != 200 or b"%PDF" not in client.post(desk["download"]).content


@pytest.mark.parametrize("field", ["name", "address"])
def test_hostile_values_are_drawn_as_text(field):
    hostile = '<script>alert(1)</script>{{ office.email }}<img src="http://127.0.0.1:9/x">'
    on_paper("C-1", **{field: hostile})
    (letter_file,) = made(a_notice())

    assert "{{office.email}}" in "".join(text_of(letter_file)[1].split())


def test_the_clock_starts_it_again_after_a_failure(monkeypatch):
    on_paper("C-1")
    campaign = letters.ask(a_notice(), by=an_actor())
    job = Job.objects.get(number=campaign.letters_job)

    def fails(*said):
        raise OSError

    draw = letters.pdf.letters
    monkeypatch.setattr(letters.pdf, "letters", fails)
    tasks.make_letters(job_id=job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.WAITING
    monkeypatch.setattr(letters.pdf, "letters", draw)
    Job.objects.filter(pk=job.pk).update(due_at="2026-01-01T00:00Z")
    tasks.make_letters(job_id=job.pk)

    assert LetterFile.objects.count() == 1
    assert jobs.Job.objects.get(pk=job.pk).state == Job.State.DONE


def test_a_started_notice_counts_who_is_left_out():
    on_paper("C-1")
    RecipientFactory()
    make_register()
    campaign = campaigns.submit(
        campaigns.draft(kind=CampaignKind.TERMS_CHANGE, title_ja="件名", title_en="Subject", body_ja="本文",
                        body_en="Text", by=an_actor()), by=an_actor(),
    )  # fmt: skip
    campaign = campaigns.start(campaign, by=an_actor())

    assert (campaign.recipients, campaign.without_email, campaign.bounced_before, campaign.suspended) == (1, 1, 0, 0)
    assert statements.of(campaign).customers == Customer.objects.count()
