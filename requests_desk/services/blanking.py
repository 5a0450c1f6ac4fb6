"""This app's part of erasure: whose requests are whose, and how one that is closed loses every value of its person."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit.services import outbox
from audit.services.trail import record
from customers.models import Customer
from customers.search import mail_key, mail_tokens
from customers.services import codes, files, limits, links
from requests_desk.models import DataRequest, Decision, Draft, Held, Mailbox, Package, RequestToken

from .identity import purge_all
from .matching import agreeing

VALUES = DataRequest.PersonalData.personal


def emails_of(customers):
    """Every address that is or was held of these records of one person."""
    keys = [customer.pk for customer in customers]
    rows = [*Customer.objects.filter(pk__in=keys), *Customer.history.filter(id__in=keys)]
    return sorted({row.email for row in rows if row.email})


def requests_of(customers, emails):
    """The requests of one person: those matched to it, and those that nobody matched with its mailbox and its name.

    Who shares the mailbox alone is somebody else: name or reading must agree as well.
    """
    matched = list(DataRequest.objects.filter(customer__in=customers).order_by("pk"))
    tokens = {token for email in emails for token in mail_tokens(email)}
    keys = {mail_key(email) for email in emails}
    near = DataRequest.objects.filter(~Q(held=Held.MATCHED), mailbox__token__in=tokens).order_by("pk")
    people = list(Customer.objects.filter(pk__in=[customer.pk for customer in customers]))
    return matched + [
        request for request in near
        if mail_key(request.email) in keys
        and any({"name", "kana"} & set(agreeing(request, person)) for person in people)
    ]  # fmt: skip


def drafts_of(emails):
    """Forms that are being filled in with one of these addresses: at most a day's worth is opened."""
    keys = {mail_key(email) for email in emails}
    if not keys:
        return []
    typed = ((draft, (draft.answers or {}).get("contact", {}).get("email") or "") for draft in Draft.objects.all())
    return [draft for draft, email in typed if email and mail_key(email) in keys]


@transaction.atomic
def blank(request, *, by):
    """Blank a request with its history, words, files, links and mails. Returns ``{kind: how many}``.

    It has ended, unless a replay after a restore knows better.
    """
    request = DataRequest.objects.select_for_update().get(pk=request.pk)
    counts = {"mails": outbox.drop([request], by=by), "links": links.revoke_all(request)}
    pictures = list(request.documents.select_for_update().kept())
    counts["files"] = purge_all(request, by=by) if pictures else 0
    counts["files"] += _purge_package(request, by=by)
    empty = {name: None if DataRequest._meta.get_field(name).null else "" for name in VALUES}
    for name, value in empty.items():
        setattr(request, name, value)
    request._history_user = by.staff
    request.save()
    DataRequest.history.filter(id=request.pk).update(**empty, history_change_reason=None)
    for decision in request.decisions.select_for_update():
        _blank_words(decision, by=by)
    Mailbox.objects.filter(request=request).delete()
    RequestToken.objects.filter(request=request).delete()
    codes.forget(request)
    number = str(request)
    transaction.on_commit(
        lambda: limits.forget([(name, number) for name in ("photo", "answer", "find-number", "find-code")])
    )
    record("request.blanked", subject=request, person=request.customer, by=by, files=counts["files"])
    return counts


@transaction.atomic
def remove_drafts(drafts, *, by):
    """Remove forms that were never sent, with their codes and mails. Returns how many."""
    outbox.drop(drafts, by=by)
    for draft in drafts:
        codes.forget(draft)
    return Draft.objects.filter(pk__in=[draft.pk for draft in drafts]).delete()[0]


def _blank_words(decision, *, by):
    """Its words, present and former; that there were words stays to be seen, since a refusal must have had them."""
    for name in Decision.PersonalData.personal:
        if getattr(decision, name) is not None:
            setattr(decision, name, "")
        Decision.history.filter(id=decision.pk, **{f"{name}__isnull": False}).update(**{name: ""})
    decision._history_user = by.staff
    decision.save()


def _purge_package(request, *, by):
    package = Package.objects.select_for_update(of=["self"]).filter(request=request, file__isnull=False).first()
    if package is None:
        return 0
    file, package.file = package.file, None
    package.purged_at, package.purged_by = timezone.now(), by
    if package.state == Package.State.OFFERED:
        package.state = Package.State.EXPIRED
    package.save()
    file.file_persons.all().delete()
    files.purge(file, by=by)
    record("answer.purged", subject=request, person=request.customer, by=by)
    return 1
