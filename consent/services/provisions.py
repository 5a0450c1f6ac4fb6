"""The ledger of provisions: what is to be given is decided for each person, and written down before it leaves.

Articles 27 to 29. Data leave in a file through :mod:`.exports`, tied to what stands here, or in another way.
"""

from django.db import connection, transaction
from django.db.models import Count
from django.utils import translation
from django.utils.translation import gettext as _

from audit.calendar import today
from audit.services.jobs import enqueue
from audit.services.trail import record, record_batch
from consent.bases import STATUTORY, Basis, Recording, Refusal, kept_until, wants_a_record
from consent.exceptions import MoveNotAllowed, NotReady
from consent.models import Provision, ProvisionPerson, ProvisionRefusal, ProvisionStatus, ThirdParty
from customers.models import Customer

from . import answers, exports, selection, third_parties
from .recording import first_day
from .suspensions import suspended_from_provision

BATCH = 1000
FOR_KIND = {Basis.ENTRUSTMENT: ThirdParty.Kind.CONTRACTOR, Basis.SUCCESSION: ThirdParty.Kind.SUCCESSOR}
FIELD_OF = {Refusal.NO_PAPER: "paper", Refusal.NO_CONTRACT: "third_party", Refusal.NOT_ANNOUNCED: "basis"}


def prepare(
    *, third_party, basis, purpose, categories, last_on, selection, recording=Recording.EACH, first_on=None, paper="",
    paper_on=None, format="", registered_from=None, registered_to=None, numbers=None, by,
):  # fmt: skip
    """The provision as it would be recorded, not saved. ``last_on`` is its day, ``first_on`` begins a bulk record.

    Raises :class:`NotPermitted` where the register does not permit a category for the purpose (Article 18), and
    :class:`NotReady` for what forbids it whoever the person is: the rule, its article, the way to make it lawful.
    """
    basis, recording = Basis(basis), Recording(recording)
    wanted = exports.chosen(purpose, categories, selection, registered_from, registered_to, numbers)
    if last_on > today():
        raise NotReady([_("Nothing is given on a day to come: record it on its day.")], field="last_on")
    if format and last_on != today():
        raise NotReady([_("A file leaves today: its record is of today.")], field="last_on")
    first_on = first_day(recording, first_on, last_on, rule=19)
    _check_paper(basis, recording, paper, paper_on, first_on)
    if basis in FOR_KIND and third_party.kind != FOR_KIND[basis]:
        said = _("On this basis data go to a third party entered as: %(kind)s.") % {"kind": FOR_KIND[basis].label}
        raise NotReady([said], field="basis")
    place = third_parties.place_in(third_party, first_on, last_on)
    is_state_body = third_party.kind == ThirdParty.Kind.STATE_BODY
    provision = Provision(
        **wanted, third_party=third_party, recipient_name=third_party.name, recipient_address=third_party.address,
        recipient_representative=third_party.representative, country=third_party.country, place=place, basis=basis,
        paper=paper, paper_on=paper_on, recording=recording, first_on=first_on, last_on=last_on, format=format,
        requested_by=by, wants_record=wants_a_record(
            basis, place, rests_on_consent=answers.rests_on_consent(basis, place), is_state_body=is_state_body
        ),
    )  # fmt: skip
    if refusal := answers.refusal_for_all(provision):
        raise NotReady([Refusal(refusal).label], field=FIELD_OF.get(refusal))
    return provision


def _check_paper(basis, recording, paper, paper_on, first_on):
    if not paper and basis in STATUTORY:
        raise NotReady([Refusal.NO_PAPER.label], field="paper")
    if not paper and recording == Recording.DOCUMENT:
        raise NotReady([_("Name the contract or document that holds what must be recorded (Rule 19(3)).")],
                       field="paper")  # fmt: skip
    if paper and not paper_on:
        raise NotReady([_("Give the day of the paper.")], field="paper_on")
    if paper_on and not paper:
        raise NotReady([_("Say which paper it is, with its number.")], field="paper")
    if paper_on and paper_on > first_on and basis in STATUTORY:
        raise NotReady([_("The paper was there before anything was given.")], field="paper_on")


@transaction.atomic
def ask(*, language=None, by, **wanted):
    """Ask for a provision; a worker decides it for each person. ``wanted`` is as :func:`prepare` takes it.

    ``language`` is that of the headings of its file. Raises what :func:`prepare` raises, and :class:`NotReady` where
    nobody is selected.
    """
    provision = prepare(**wanted, by=by)
    found = count(provision)
    if not found.persons:
        raise NotReady([_("Nobody is selected: all are erased, suspended, or no number is known.")], field="selection")
    provision.save()
    job = enqueue("consent.decide_provision", by=by, subject=provision, provision=provision.pk,
                  language=language or translation.get_language())  # fmt: skip
    provision.job_number = str(job.number)
    provision.save(update_fields=["job_number"])
    record(
        "provision.requested", subject=provision, by=by, third_party=str(provision.third_party), basis=provision.basis,
        purpose=provision.purpose, categories=provision.categories, selection=provision.selection,
        provided_on=provision.last_on,
    )  # fmt: skip
    return provision


def count(provision):
    """Who is selected, as :class:`.selection.Counts`, before anything is decided."""
    barred = suspended_from_provision(provision.purpose, provision.first_on, provision.last_on)
    return selection.count(provision, barred)


def foresee(provision):
    """What would be decided for each person selected, as ``{refusal or None: persons}``; of the first thousand."""
    persons = selection.first_of(provision, BATCH)
    found = {}
    for decided in answers.ask(provision, Customer.objects.filter(pk__in=persons)).values():
        found[decided.refusal] = found.get(decided.refusal, 0) + 1
    return found


def decide(provision, *, language, by, progress=lambda done, total: None):
    """Decide a provision for each person, and write the answers down, a thousand at a time.

    Goes on where it stopped. When all are decided the record is closed, and its file is asked for where one is wanted.
    Twice does nothing.
    """
    if provision.status != ProvisionStatus.DECIDING:
        return
    counts = selection.lay_out(provision, Customer.objects.none())
    try:
        done = provision.persons.count() + provision.refusals.count()
        for batch in selection.batches(BATCH, after=_last_decided(provision)):
            progress(done, counts.persons)
            done += _decide_batch(provision, batch, by=by)
        progress(done, counts.persons)
        _close(provision, counts, language=language, by=by)
    finally:
        selection.clear()


def _last_decided(provision):
    """The highest id of those who were decided: they are taken in its order."""
    rows = provision.persons, provision.refusals
    return max(each.order_by("-customer").values_list("customer", flat=True).first() or 0 for each in rows)


@transaction.atomic
def _decide_batch(provision, batch, *, by):
    provision = _lock(provision)
    if provision.status != ProvisionStatus.DECIDING:
        return 0
    _hold_still(provision, batch)
    last = _last_decided(provision)  # another worker may have been here
    persons = {pk for pk, person in batch.items() if pk == person and pk > last}
    found = answers.ask(provision, Customer.objects.filter(pk__in=persons, erased_at__isnull=True))
    given = [
        ProvisionPerson(
            provision_id=provision.pk, third_party_id=provision.third_party_id, customer_id=pk,
            consent_id=decided.consent and decided.consent.pk,
        )
        for pk, decided in sorted(found.items()) if decided.refusal is None
    ]  # fmt: skip
    refused = [
        ProvisionRefusal(provision_id=provision.pk, customer_id=pk, refusal=decided.refusal)
        for pk, decided in sorted(found.items())
        if decided.refusal is not None
    ]
    ProvisionPerson.objects.bulk_create(given)
    ProvisionRefusal.objects.bulk_create(refused)
    numbers = dict(Customer.objects.filter(pk__in=found).values_list("pk", "number"))
    for action, rows in (("provision.persons_permitted", given), ("provision.persons_refused", refused)):
        if rows:
            names = [f"{Customer._meta.label_lower}:{numbers[row.customer_id]}" for row in rows]
            record_batch(action, subject=provision, by=by, references=names)
    return len(found)


def _hold_still(provision, batch):
    """Let nobody be erased, suspended, joined or withdraw until the answers are written down: they wait, we look."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {Customer._meta.db_table} WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",  # noqa: S608
            [list(batch)],
        )
        cursor.execute(
            f"SELECT 1 FROM {ThirdParty._meta.db_table} WHERE id = %s FOR KEY SHARE",  # noqa: S608
            [provision.third_party_id],
        )


@transaction.atomic
def _close(provision, counts, *, language, by):
    provision = _lock(provision)
    if provision.status != ProvisionStatus.DECIDING:
        return
    provision.given, provision.refused = provision.persons.count(), provision.refusals.count()
    provision.unknown = counts.unknown
    provision.erased = counts.erased + max(counts.persons - provision.given - provision.refused, 0)
    if not provision.given:
        _move(provision, ProvisionStatus.REFUSED)
        record("provision.refused", subject=provision, by=by, refused=provision.refused)
        return
    provision.made_on = today()
    if provision.wants_record:
        provision.kept_until = kept_until(
            Recording(provision.recording), made_on=provision.made_on, last_provided_on=provision.last_on
        )
    _move(provision, ProvisionStatus.RECORDED)
    record(
        "provision.recorded", subject=provision, by=by, permitted=provision.given, refused=provision.refused,
        erased=provision.erased, unknown=provision.unknown, kept_until=provision.kept_until,
    )  # fmt: skip
    if provision.format:
        exports.ask_for(provision, language=language)


def refusals_of(provision):
    """How many were left out by which rule: ``[(Refusal, persons)]``, the most frequent first."""
    rows = provision.refusals.values_list("refusal").annotate(persons=Count("pk")).order_by("-persons", "refusal")
    return [(Refusal(refusal), persons) for refusal, persons in rows]


def _lock(provision):
    return Provision.objects.select_for_update(of=["self"]).select_related("third_party").get(pk=provision.pk)


def _move(provision, status):
    if status not in ProvisionStatus(provision.status).next:
        raise MoveNotAllowed(provision, status)
    provision.status = status
    provision.save()
