"""What a crowd brings to the desk: requests, entries of the trail, deliveries, accesses, mails, jobs, imports."""

import datetime as dt
import itertools
import random
import uuid

from django.utils import timezone

from audit.models import Access, Entry, Job, Link, OutgoingMail
from audit.models.actor import REQUESTER, SYSTEM
from consent.models import Campaign, Delivery, PolicyVersion
from customers.fields import seal
from customers.models import Customer, Import, ImportFault, SealedFile
from customers.search import mail_tokens, tokens_of
from requests_desk.models import (
    FINAL,
    DataRequest,
    Decision,
    Fee,
    Identity,
    Kind,
    Mailbox,
    Package,
    RequestToken,
    Status,
    Who,
)
from requests_desk.models.request import new_reference

from .loading import Sealed, as_row, copy_rows, first_history, go_on_after

MONTHS = 36  # over which requests and entries lie
OFFICERS = 10
STATES = {  # requests of a hundred, by state
    Status.RECEIVED: 12, Status.IN_PROGRESS: 8, Status.PROPOSED: 4, Status.APPROVED: 1, Status.READY: 5,
    Status.CLOSED: 60, Status.WITHDRAWN: 5, Status.LAPSED: 5,
}  # fmt: skip
ACTS = (
    "customer.corrected",
    "request.received",
    "request.begun",
    "request.matched",
    "file.sealed",
    "mail.sent",
)


def officers(cursor):
    """``[(actor, staff, user name)]`` of officers who cannot sign in."""
    made = []
    for number in range(1, OFFICERS + 1):
        name = f"officer-{number}"
        (staff,) = cursor.execute(
            "INSERT INTO audit_staff (password, is_superuser, username, display_name, email, is_active, is_staff,"
            " session_epoch, created_at) VALUES ('!', false, %s, %s, '', true, true, 0, now()) RETURNING id",
            [name, f"見本 {number}郎"],
        ).fetchone()
        (actor,) = cursor.execute(
            "INSERT INTO audit_actor (kind, staff_id) VALUES ('STAFF', %s) RETURNING id", [staff]
        ).fetchone()
        made.append((actor, staff, name))
    return made


def requests(cursor, count, persons, actors):
    """Requests of these persons over all states, with what a state implies: fee, decision, answer, customer."""
    chance, today, now = random.Random(count), timezone.localdate(), timezone.now()
    states = [status for status, share in STATES.items() for _each in range(share)]
    chance.shuffle(states)
    pools = {
        field.column: Sealed(field.context) for field in DataRequest._meta.concrete_fields if hasattr(field, "context")
    }  # fmt: skip
    rows = {DataRequest: [], Fee: [], Decision: [], Package: [], SealedFile: [], Mailbox: [], RequestToken: []}
    reason = seal("decision.reason", "他の人の権利を害するおそれがあるため")
    references = set()
    for pk, person in zip(range(1, count + 1), itertools.cycle(persons), strict=False):
        status = states[pk % 100]
        is_final, kind = status in FINAL, Kind.DISCLOSURE if pk % 5 else list(Kind)[pk // 5 % len(Kind)]
        while (reference := new_reference()) in references:
            pass
        references.add(reference)
        past_receipt = status not in (Status.RECEIVED, Status.WITHDRAWN, Status.LAPSED)
        identity = Identity.VERIFIED if past_receipt else list(Identity)[pk % 4]
        has_matched = status in (Status.PROPOSED, Status.APPROVED, Status.READY, Status.CLOSED) or (
            status == Status.IN_PROGRESS and pk % 2
        )  # fmt: skip
        arrived = today - dt.timedelta(days=chance.randrange(30 * MONTHS) if is_final else chance.randrange(20))
        moment, officer = now - (today - arrived) + dt.timedelta(hours=1), chance.choice(actors)
        values = {
            "name": person.name, "kana": person.kana, "email": person.email or f"r{pk}@example.com",
            "telephone": person.telephone, "postcode": "194-0013", "address": "東京都町田市原町田1-2-3",
            "birth_date": "1985-04-03", "about": "",
        }  # fmt: skip
        rows[DataRequest].append({
            "id": pk, "reference": reference, "draft_number": uuid.uuid4(), "kind": kind.value, "status": status.value,
            "identity": identity.value, "held": "MATCHED" if has_matched else "UNKNOWN", "language": "ja",
            "who": Who.PERSON.value, "method": "ELECTRONIC",
            **{column: pool[values[column]].decode() for column, pool in pools.items()},
            "arrived_on": arrived, "due_on": arrived + dt.timedelta(days=14), "created_at": moment,
            "created_by_id": REQUESTER, "assigned_to_id": officer[1] if pk % 3 else None,
            "customer_id": person.pk if has_matched else None, "matched_at": moment if has_matched else None,
            "matched_by_id": officer[0] if has_matched else None, "closed_at": moment if is_final else None,
            "closed_by_id": officer[0] if is_final else None,
        })  # fmt: skip
        rows[Mailbox] += [{"request_id": pk, "token": token} for token in mail_tokens(values["email"])]
        if not is_final:
            rows[RequestToken] += [{"token": token, "request_id": pk} for token in tokens_of(values)]
        if kind in (Kind.DISCLOSURE, Kind.PROVISION_RECORDS):
            state = "VOIDED" if status == Status.WITHDRAWN else "LAPSED" if status == Status.LAPSED else "RECEIVED"
            if status == Status.RECEIVED and pk % 2:
                state = "DUE"
            is_paid = state == "RECEIVED"
            rows[Fee].append({
                "id": pk, "request_id": pk, "amount": 1000, "state": state, "pay_by": arrived + dt.timedelta(days=30),
                "method": "TRANSFER" if is_paid else "", "received_on": arrived if is_paid else None,
                "settled_at": None if state == "DUE" else moment, "settled_by_id": None if state == "DUE" else SYSTEM,
            })  # fmt: skip
        if status in (Status.PROPOSED, Status.APPROVED, Status.READY, Status.CLOSED):
            is_approved, is_refused = status != Status.PROPOSED, pk % 9 == 0
            rows[Decision].append({
                "id": pk, "request_id": pk, "state": "APPROVED" if is_approved else "PROPOSED",
                "outcome": "REFUSED" if is_refused else "FULL", "ground": "33-2-1" if is_refused else "",
                "reason": reason if is_refused else None, "proposed_at": moment, "proposed_by_id": officer[0],
                "approved_at": moment if is_approved else None,
                "approved_by_id": next(each for each in actors if each != officer)[0] if is_approved else None,
                "sent_back_at": None, "sent_back_by_id": None, "remark": None, "promised_on": None,
            })  # fmt: skip
        if status in (Status.READY, Status.CLOSED):
            is_closed = status == Status.CLOSED
            if not is_closed:
                rows[SealedFile].append({
                    "id": pk, "number": uuid.uuid4(), "place": uuid.uuid4().hex, "purpose": "package",
                    "media_type": "application/zip", "size": 5000, "name": None, "key": seal("file.key", "k"),
                    "created_at": moment, "created_by_id": SYSTEM, "purged_at": None, "purged_by_id": None,
                })  # fmt: skip
            rows[Package].append({
                "id": pk, "request_id": pk, "decision_id": pk, "state": "COLLECTED" if is_closed else "OFFERED",
                "file_id": None if is_closed else pk, "is_letter": False, "size": 5000, "offered_at": moment,
                "offered_by_id": SYSTEM, "offered_until": arrived + dt.timedelta(days=28),
                "collected_at": moment if is_closed else None, "collected_by_id": REQUESTER if is_closed else None,
                "last_collected_at": moment if is_closed else None,
                "purged_at": moment if is_closed else None, "purged_by_id": SYSTEM if is_closed else None,
            })  # fmt: skip
    for model in (SealedFile, DataRequest, Fee, Decision, Package):
        copy_rows(cursor, model, rows[model])
        go_on_after(cursor, model)
    for model in (Mailbox, RequestToken):
        copy_rows(cursor, model, rows[model])
    for model in (DataRequest, Fee, Decision):
        first_history(cursor, model)


def entries(cursor, count, customers, actors):
    """Acts of all kinds on customers and requests, each with its place in the chain."""
    numbers = [SYSTEM, REQUESTER, *(actor for actor, _staff, _label in actors)]
    labels = ["system", "requester", *(label for _actor, _staff, label in actors)]
    cursor.execute(
        f"INSERT INTO {Entry._meta.db_table} (at, action, actor_id, actor_label, subject, person, details, nonce, mac)"
        " SELECT now() - (%(count)s - n) * %(step)s::interval, (%(acts)s::text[])[1 + n %% %(kinds)s],"
        " (%(numbers)s::bigint[])[1 + n %% %(many)s], (%(labels)s::text[])[1 + n %% %(many)s],"
        " 'customers.customer:S' || lpad((1 + n * 7919 %% %(customers)s)::text, 7, '0'),"
        " 'customers.customer:S' || lpad((1 + n * 7919 %% %(customers)s)::text, 7, '0'),"
        " '{\"fields\": [\"name\"], \"reason\": \"NOTICE\"}', decode(md5(n::text), 'hex'), sha256(n::text::bytea)"
        " FROM generate_series(1::bigint, %(count)s) AS n",
        {
            "count": count, "step": dt.timedelta(days=30 * MONTHS) / max(1, count), "acts": list(ACTS),
            "kinds": len(ACTS), "numbers": numbers, "labels": labels, "many": len(numbers), "customers": customers,
        },
    )  # fmt: skip
    cursor.execute(
        f"INSERT INTO {Link._meta.db_table} (position, entry_id, hash)"
        f" SELECT row_number() OVER (ORDER BY id), id, mac FROM {Entry._meta.db_table} ORDER BY id"
    )


def deliveries(cursor, count, actors):
    """One notice that went to the first ``count`` customers with a mail address."""
    if not count:
        return
    now, (first, second) = timezone.now(), [actor for actor, _staff, _label in actors[:2]]
    copy_rows(cursor, PolicyVersion, [as_row(PolicyVersion(
        pk=1, number=1, text_ja="## 1. 本文", text_en="## 1. Text", summary_ja="改定", summary_en="Change",
        effective_on=now.date(), status="APPROVED", drafted_by_id=first, submitted_at=now, submitted_by_id=first,
        approved_at=now, approved_by_id=second,
    ))])  # fmt: skip
    copy_rows(cursor, Campaign, [as_row(Campaign(
        pk=1, number=1, policy_version_id=1, title_ja="件名", title_en="Subject", body_ja="本文", body_en="Text",
        status="DONE", recipients=count, drafted_by_id=first, submitted_at=now, submitted_by_id=first, started_at=now,
        started_by_id=second, finished_at=now, finished_by_id=SYSTEM,
    ))])  # fmt: skip
    cursor.execute(
        f"INSERT INTO {Delivery._meta.db_table} (campaign_id, customer_id, state, attempts, not_before, last_tried,"
        " answer_code) SELECT 1, id, CASE WHEN id %% 50 = 0 THEN 'BOUNCED' ELSE 'SENT' END, 1, now(), now(),"
        " CASE WHEN id %% 50 = 0 THEN 550 ELSE 250 END"
        f" FROM {Customer._meta.db_table} WHERE has_email ORDER BY id LIMIT %s",
        [count],
    )
    for model in (PolicyVersion, Campaign):
        go_on_after(cursor, model)


def work(cursor, customers, requests, actors):
    """Accesses, mails, jobs and imports as they come about around so many customers and requests."""
    officers = [actor for actor, _staff, _label in actors]
    given = {"officers": officers, "many": len(officers), "system": SYSTEM}
    cursor.execute(
        f"INSERT INTO {Access._meta.db_table} (at, by_id, subject, person, fields, reason, case_number)"
        " SELECT now() - (%(count)s - n) * interval '1 minute', (%(officers)s::bigint[])[1 + n %% %(many)s],"
        " 'customers.customer:S' || lpad(n::text, 7, '0'), 'customers.customer:S' || lpad(n::text, 7, '0'),"
        " '[\"name\", \"kana\"]', (ARRAY['REQUEST', 'INQUIRY', 'AUDIT'])[1 + n %% 3], 'C' || n"
        " FROM generate_series(1, %(count)s) AS n",
        {**given, "count": customers // 5},
    )
    cursor.execute(
        f"INSERT INTO {OutgoingMail._meta.db_table} (number, kind, subject, subject_pk, language, state, attempts,"
        " due_at, answer_code, log_reference, created_at, created_by_id, finished_at)"
        " SELECT gen_random_uuid(), (ARRAY['requests_desk.status_link', 'requests_desk.answer_ready'])[1 + n %% 2],"
        " 'requests_desk.datarequest:' || reference, id, 'ja', CASE WHEN n = 1 AND id %% 90 = 0 THEN 'BOUNCED'"
        " ELSE 'SENT' END, 1, created_at, '250', '', created_at, %(system)s, created_at"
        f" FROM {DataRequest._meta.db_table}, generate_series(1, 3) AS n ORDER BY id",
        given,
    )
    cursor.execute(
        f"INSERT INTO {Job._meta.db_table} (number, name, subject, arguments, state, done, total, report, failures,"
        " takeovers, error_code, log_reference, due_at, created_at, created_by_id, started_at, finished_at)"
        " SELECT gen_random_uuid(), 'requests_desk.make_answer', '', '{}', CASE WHEN n %% 500 = 0 THEN 'FAILED' ELSE"
        " 'DONE' END, 1, 1, '{}', 0, 0, CASE WHEN n %% 500 = 0 THEN 'Oops' ELSE '' END, '', now(), now(), %(system)s,"
        " now(), now() FROM generate_series(1, %(count)s) AS n",
        {**given, "count": requests},
    )
    count = max(60, customers // 1000)  # more than a page, however few the customers
    cursor.execute(
        f"INSERT INTO {Import._meta.db_table} (kind, number, job_number, update, encoding, refusal, total, lines,"
        " created, unchanged, filled, kept, corrected, differing, apart, faulty, created_at, created_by_id,"
        " finished_at, finished_by_id)"
        " SELECT 'CUSTOMERS', 'IM-' || lpad(n::text, 8, '0'), '', false, 'utf-8', '', 1000, 1000,"
        " 990, 0, 0, '{}', 0, 0, 0, 10, now(), (%(officers)s::bigint[])[1 + n %% %(many)s], now(), %(system)s"
        " FROM generate_series(1, %(count)s) AS n",
        {**given, "count": count},
    )
    cursor.execute(
        f'INSERT INTO {ImportFault._meta.db_table} (of_import_id, line, "column", code, kind)'
        f" SELECT id, n, '氏名', 'too_long', 'FAULT' FROM {Import._meta.db_table}, generate_series(2, 11) AS n"
    )
