"""Mails that must leave. A row first, then a worker; the row is marked right after the server took the mail."""

import contextlib
import datetime as dt
import importlib
import logging
import smtplib

from django.apps import apps
from django.core import mail as django_mail
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone, translation

from audit.models import Actor, OutgoingMail

from .jobs import hint, note_error
from .trail import record, reference

logger = logging.getLogger(__name__)

SEND = "audit.send_mail"
LEASE = dt.timedelta(minutes=3)  # several times EMAIL_TIMEOUT: one conversation cannot outlive it
WAITS = [30, 60, 120, 300, 900, 1800, 3600]  # seconds after the first, second, ... attempt; the last one repeats
GIVE_UP = dt.timedelta(days=4)
FAILURES = 8  # so many errors of our own before a person must look
REFUSALS = smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError
AWAY = smtplib.SMTPException, OSError


@transaction.atomic
def post(kind, *, subject, by, language="ja"):
    """Post one mail in the caller's transaction. ``kind`` is ``app.composer``, found in that app's ``mail`` module.

    The composer is called as ``composer(subject, mail)`` in the worker, in a transaction of its own that ends before
    the mail leaves, and returns a Django ``EmailMessage``, or ``None`` where the mail is no longer needed. It may be
    called again for the same mail, whenever the server asked to try later.
    """
    now = timezone.now()
    mail = OutgoingMail.objects.create(
        kind=kind, subject=reference(subject), subject_pk=subject.pk, language=language, due_at=now, created_by=by
    )
    transaction.on_commit(lambda: hint(SEND), robust=True)
    return mail


@transaction.atomic
def drop(subjects, *, by):
    """Mails about these rows that wait are not sent; one that is being handed over may leave. Returns how many."""
    names = [reference(subject) for subject in subjects]
    waiting = OutgoingMail.objects.select_for_update().filter(subject__in=names, state=OutgoingMail.State.WAITING)
    found = list(waiting.order_by("pk"))
    for mail in found:
        mail.state, mail.finished_at, mail.leased_until = OutgoingMail.State.DROPPED, timezone.now(), None
        mail.save(update_fields=["state", "finished_at", "leased_until"])
        record("mail.dropped", subject=mail, by=by, kind=mail.kind, about=mail.subject, attempts=mail.attempts)
    return len(found)


def deliver_due(limit=100):
    """Send up to ``limit`` mails that are due, one after the other; returns how many were tried.

    Safe to run twice and beside itself: each mail is leased before it is sent. A process that dies leaves one mail in
    doubt, which is sent again with the same Message-ID when its lease has run out.
    """
    connection, tried = django_mail.get_connection(), 0
    try:
        while tried < limit and (mail := _lease()):
            tried += 1
            _deliver(mail, connection)
    finally:
        _close(connection)
    return tried


@transaction.atomic
def _lease():
    now = timezone.now()
    due = OutgoingMail.objects.filter(state=OutgoingMail.State.WAITING, due_at__lte=now)
    mail = due.order_by("due_at", "pk").select_for_update(skip_locked=True).first()
    if mail:
        mail.attempts += 1
        mail.due_at = mail.leased_until = now + LEASE  # where the worker dies, the mail is due again by itself
        mail.save(update_fields=["attempts", "due_at", "leased_until"])
    return mail


def _deliver(mail, connection):
    try:
        message = _compose(mail)
    except Exception as error:  # a fault of ours; the others must still leave
        _failed(mail, error)
        return
    if message is None:
        _finish(mail, OutgoingMail.State.DROPPED)
        return
    try:
        connection.send_messages([message])
    except REFUSALS as error:
        _close(connection)
        code = _code(error)
        if code >= 500:
            _finish(mail, OutgoingMail.State.BOUNCED, answer=str(code))
        else:
            _wait(mail, str(code))
    except AWAY as error:
        _close(connection)
        _wait(mail, str(getattr(error, "smtp_code", "")) or type(error).__name__)
    except Exception as error:  # a message that cannot be written out
        _close(connection)
        _failed(mail, error)
    else:
        _finish(mail, OutgoingMail.State.SENT, answer="250")


def _compose(mail):
    app, _dot, name = mail.kind.partition(".")
    compose = getattr(importlib.import_module(f"{apps.get_app_config(app).name}.mail"), name)
    with transaction.atomic(), translation.override(mail.language):
        try:
            subject = apps.get_model(mail.subject.partition(":")[0]).objects.get(pk=mail.subject_pk)
        except ObjectDoesNotExist:
            return None
        message = compose(subject, mail)
    if message is not None:
        domain = message.from_email.rpartition("@")[2].strip("> ") or "localhost"
        message.extra_headers["Message-ID"] = f"<{mail.number}@{domain}>"
    return message


def _code(error):
    """The server's answer; of several recipients the mildest, so that none is given up too early."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return min((code for code, _words in error.recipients.values()), default=550)
    return error.smtp_code


def _wait(mail, answer):
    now = timezone.now()
    if now - mail.created_at >= GIVE_UP:
        _finish(mail, OutgoingMail.State.BOUNCED, answer=answer)
        return
    mail.due_at = now + dt.timedelta(seconds=WAITS[min(mail.attempts, len(WAITS)) - 1])
    mail.answer_code, mail.leased_until = answer[:60], None
    mail.save(update_fields=["due_at", "answer_code", "leased_until"])


def _failed(mail, error):
    mail.log_reference = note_error(logger, f"mail {mail} ({mail.kind})", error)
    mail.save(update_fields=["log_reference"])
    if mail.attempts >= FAILURES:
        _finish(mail, OutgoingMail.State.FAILED, answer=type(error).__name__)
    else:
        _wait(mail, type(error).__name__)


@transaction.atomic
def _finish(mail, state, *, answer=""):
    mail.state, mail.answer_code = state, answer[:60]
    mail.finished_at, mail.leased_until = timezone.now(), None
    mail.save(update_fields=["state", "answer_code", "finished_at", "leased_until"])
    record(
        f"mail.{state.lower()}", subject=mail, by=Actor.system(), kind=mail.kind, about=mail.subject, answer=answer,
        attempts=mail.attempts,
    )  # fmt: skip


def _close(connection):
    with contextlib.suppress(*AWAY):  # it may be gone already
        connection.close()
