"""Notices on paper, for who has no mail address that works: files of letters in the order of postcodes.

Made by a worker, sealed, downloaded by who posts them, and purged once they are posted. Only notices that everybody
gets go by post too.
"""

import unicodedata
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, F, Max, OuterRef, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import Job
from audit.services import office as offices
from audit.services.jobs import enqueue
from audit.services.trail import record, record_batch, reference
from consent import mail, pdf
from consent.exceptions import ChangedMeanwhile, MoveNotAllowed, NotReady, NotThere
from consent.models import Campaign, CampaignKind, Delivery, DeliveryState, Letter, LetterFile, LetterFileStatus
from customers.categories import Category
from customers.models import Customer
from customers.services import files

from . import register

PER_FILE = 500
PURPOSE = "letters"  # a file of many: purged whole when one of them is erased
NEEDED = [Category.NAME, Category.ADDRESS]
JOB = "consent.make_letters"
REACHED = [DeliveryState.WAITING, DeliveryState.SENT]


@dataclass(frozen=True)
class Addressed:
    """One letter, opened: whose it is and where it goes."""

    customer: Customer
    name: str
    postcode: str
    address: str
    language: str


def due(campaign):
    """Who is to get a letter of this notice and has none yet, as a queryset: living customers with a postal address.

    Whom no mail of it reached or still may reach, and who was a customer when it started. Nobody where the notice does
    not go to everybody, has not started, or is the reminder of another.
    """
    if not CampaignKind(campaign.kind).goes_to_everybody or not campaign.started_at or campaign.reminds_of_id:
        return Customer.objects.none()
    deliveries = Delivery.objects.filter(campaign=campaign, customer=OuterRef("pk"))
    came_back = Delivery.objects.filter(campaign=campaign, state=DeliveryState.BOUNCED).values("customer")
    bounced = Customer.objects.filter(mail_bounced_at__isnull=False).values("pk")
    without = Customer.objects.living().filter(has_email=False).values("pk")
    unreached = without.union(bounced, came_back)  # each by an index of its own
    people = Customer.objects.living().filter(created_at__lte=campaign.started_at)
    people = people.annotate(_with_address=F("held").bitand(Category.ADDRESS.bit)).filter(_with_address__gt=0)
    return people.filter(
        ~Exists(deliveries.filter(state__in=REACHED)),
        ~Exists(Letter.objects.filter(campaign=campaign, customer=OuterRef("pk"))), pk__in=unreached,
    )  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """Letters of a notice: in files that wait to be posted, posted; who would need one and has no postal address."""

    waiting: int
    posted: int


def counts(campaign):
    """How many letters stand where. Reads the files of the notice, not the people."""
    found = campaign.letter_files.aggregate(
        waiting=Sum("persons", filter=Q(status=LetterFileStatus.READY), default=0),
        posted=Sum("persons", filter=Q(status=LetterFileStatus.POSTED), default=0),
    )  # fmt: skip
    return Counts(**found)


def obstacle(campaign):
    """Why no letters can be made of this notice now, in a sentence; ``""`` where they can. Does not count people."""
    kind = CampaignKind(campaign.kind)
    if not kind.goes_to_everybody:
        return _("Information about services goes by mail alone.")
    if campaign.reminds_of_id:
        return _("A reminder goes by mail alone.")
    if not campaign.started_at:
        return _("Letters are made once the notice has started: whom no mail reaches is known then.")
    if is_refused_by_register(campaign):
        return _("The register does not permit name and address for “%(purpose)s” (Article 18).") % {
            "purpose": kind.purpose.label
        }
    if is_under_way(campaign):
        return _("Letters of this notice are being made. Its page shows how far they are.")
    return ""


def is_refused_by_register(campaign):
    """Whether name and address are not to be used for this kind. A change of the policy is a promise of itself."""
    kind = CampaignKind(campaign.kind)
    return kind != CampaignKind.POLICY_CHANGE and bool(register.not_permitted(kind.purpose, NEEDED))


def is_under_way(campaign):
    """Whether a worker makes letters of it, or is about to."""
    waiting = [Job.State.WAITING, Job.State.RUNNING]
    return bool(campaign.letters_job) and Job.objects.filter(number=campaign.letters_job, state__in=waiting).exists()


@transaction.atomic
def ask(campaign, *, by):
    """Have the letters made, for whoever is due one now. Raises :class:`NotReady` with the reason where not."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if why := obstacle(campaign):
        raise NotReady([why])
    people = due(campaign).count()
    if not people:
        raise NotReady([_("Nobody is due a letter: all others have no postal address, or got the mail or a letter.")])
    job = enqueue(JOB, subject=campaign, by=by, total=people, campaign=campaign.pk)
    campaign.letters_job = str(job.number)
    campaign.save(update_fields=["letters_job"])
    record("letters.asked", subject=campaign, by=by, persons=people)
    return campaign


def make(campaign, *, by, progress=lambda done, total: None):
    """Make the files, five hundred letters each. Goes on where it stopped; twice makes nothing twice."""
    people = in_postcode_order(due(campaign))
    for start in range(0, len(people), PER_FILE):
        progress(start, len(people))
        _make_file(campaign, people[start : start + PER_FILE], by=by)
    progress(len(people), len(people))


def in_postcode_order(customers):
    """Their keys by postcode, as the post sorts; who has none comes last. Opens each postcode once."""
    found = [
        (_digits(postcode) or "9" * 8, pk)
        for pk, postcode in customers.values_list("pk", "postcode").iterator(chunk_size=2000)
    ]
    return [pk for _postcode, pk in sorted(found)]


def _digits(text):
    return "".join(sign for sign in unicodedata.normalize("NFKC", text or "") if sign.isascii() and sign.isdigit())


def addressed(keys):
    """The letters of these customers in this order, opened. Where the record has no address, that of a joined one."""
    names = ["number", "name", "postcode", "address", "language", "merged_into"]
    rows = Customer.objects.filter(Q(pk__in=keys) | Q(merged_into__in=keys), erased_at__isnull=True).only(*names)
    own, joined = {}, {}
    for row in rows.order_by("-pk"):
        (joined if row.merged_into_id else own)[row.merged_into_id or row.pk] = row
        if row.merged_into_id and row.address:
            joined[row.merged_into_id] = row
    found = []
    for key in keys:
        person = own.get(key)
        at = person if person is None or person.address else joined.get(key)
        if at is not None and at.address:
            name = person.name or at.name
            found.append(Addressed(person, name, at.postcode, at.address, person.language))
    return found


def _make_file(campaign, keys, *, by):
    letters = addressed(keys)
    if not letters:
        return
    texts = {language: mail.preview(campaign, language) for language, _name in settings.LANGUAGES}
    written = files.write(pdf.letters(campaign, letters, texts, offices.current()))
    try:
        _keep(campaign, written, [letter.customer for letter in letters], by=by)
    finally:
        with suppress(DatabaseError):
            files.drop(written)


@transaction.atomic
def _keep(campaign, written, customers, *, by):
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    keys = [customer.pk for customer in customers]
    with connection.cursor() as cursor:  # nobody is erased or joined until it stands who is in the file
        cursor.execute(
            f"SELECT 1 FROM {Customer._meta.db_table} WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",  # noqa: S608
            [keys],
        )
    if due(campaign).filter(pk__in=keys).count() != len(keys):
        raise ChangedMeanwhile(campaign)
    number = (campaign.letter_files.aggregate(highest=Max("number"))["highest"] or 0) + 1
    sealed_file = files.keep(
        written, name=f"{campaign}-L{number}.pdf", media_type="application/pdf", by=by, persons=customers,
        purpose=PURPOSE,
    )  # fmt: skip
    letter_file = LetterFile.objects.create(
        campaign=campaign, number=number, file=sealed_file, persons=len(keys), made_by=by
    )
    Letter.objects.bulk_create(
        [Letter(campaign=campaign, customer=customer, letter_file=letter_file) for customer in customers]
    )
    names = [f"{Customer._meta.label_lower}:{customer.number}" for customer in customers]
    record_batch("letters.persons_taken", subject=letter_file, by=by, references=names)
    record("letters.made", subject=letter_file, by=by, persons=len(keys), file=reference(sealed_file))
    return letter_file


def collect(letter_file, *, by):
    """Let who posts them have the file. Gives the pieces of its content; each time leaves its entry.

    Raises :class:`NotThere` where it was posted, thrown away, or purged since somebody in it was erased.
    """
    return files.stream(_collect(letter_file, by=by).file)


@transaction.atomic
def _collect(letter_file, *, by):
    letter_file = _lock(letter_file)
    if not is_there(letter_file):
        raise NotThere(letter_file)
    if not letter_file.collected_at:
        letter_file.collected_at, letter_file.collected_by = timezone.now(), by
        letter_file.save(update_fields=["collected_at", "collected_by"])
    record("letters.collected", subject=letter_file, by=by, persons=letter_file.persons)
    return letter_file


def is_there(letter_file):
    """Whether the file can be downloaded now."""
    return letter_file.status == LetterFileStatus.READY and not letter_file.file.is_purged


@transaction.atomic
def post(letter_file, *, by):
    """Write down that the letters were posted: from then on they count as sent, and the content is purged.

    Raises :class:`NotReady` where nobody has downloaded them.
    """
    letter_file = _lock(letter_file)
    if letter_file.status == LetterFileStatus.READY and not letter_file.collected_at:
        said = _("%(number)s was not downloaded yet: nothing can have been posted.")
        raise NotReady([said % {"number": letter_file}])
    _move(letter_file, LetterFileStatus.POSTED, posted_at=timezone.now(), posted_by=by)
    files.purge(letter_file.file, by=by)
    record("letters.posted", subject=letter_file, by=by, persons=letter_file.persons)
    return letter_file


@transaction.atomic
def throw_away(letter_file, *, by):
    """Give the file up: its letters are due again, for who still needs one. What was printed must be destroyed."""
    letter_file = _lock(letter_file)
    _move(letter_file, LetterFileStatus.SPOILT, spoilt_at=timezone.now(), spoilt_by=by)
    letter_file.letters.all().delete()
    letter_file.file.file_persons.all().delete()
    files.purge(letter_file.file, by=by)
    record("letters.thrown_away", subject=letter_file, by=by, persons=letter_file.persons)
    return letter_file


def _lock(letter_file):
    rows = LetterFile.objects.select_for_update(of=["self"]).select_related("file", "campaign")
    return rows.get(pk=letter_file.pk)


def _move(letter_file, status, **changes):
    if status not in LetterFileStatus(letter_file.status).next:
        raise MoveNotAllowed(letter_file, status)
    letter_file.status = status
    for field, value in changes.items():
        setattr(letter_file, field, value)
    letter_file.save()
