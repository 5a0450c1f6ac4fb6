"""F6: make the deliveries of a campaign by its start, its whole transaction; against a bare ``INSERT ... SELECT``.

The reference writes the same rows, from the same table of customers, into a table of the same columns, indexes, checks
and foreign keys, and commits. Both sides grow alike, round by round. The second row is of information about services,
where two in a hundred have stopped it: who may be written to is asked of each, and the reference is told who is left.
"""

import os
import statistics
import time

from django.db import connection, transaction

from audit.models.actor import REQUESTER
from consent.models import Campaign, CampaignKind, Delivery
from consent.purposes import Purpose
from consent.services import campaigns
from tests.benchmarks import crowd
from tests.drills.campaigns import BODY, TITLE, officers, submitted_campaign
from tests.drills.world import world
from tests.factories.consent import make_register

GOAL = 1.5
SIZES = {"small": (50_000, 5), "full": (1_000_000, 5)}  # customers, rounds
STOPPED_BY_ONE_IN = 50
PLAIN = "plain_delivery"
COLUMNS = "campaign_id, customer_id, state, attempts, not_before"
TO_ALL = "SELECT id FROM customers_customer WHERE has_email AND mail_bounced_at IS NULL ORDER BY id"
TO_LISTED = "SELECT customer_id FROM plain_listed ORDER BY customer_id"


def run(size):
    number, rounds = SIZES[size]
    with world(size) as here:
        begun = time.monotonic()
        crowd.build(here.postgres.url("office", "postgres"), customers=number)
        print(f"    built {number:,} customers in {time.monotonic() - begun:.0f} s", flush=True)
        plain_table()
        make_register()
        everybody = compare("policy change", rounds, submitted_campaign, TO_ALL)
        stop_information()
        information = compare("information", rounds, submitted_information, TO_LISTED)
        return [everybody, information]


def compare(row, rounds, submitted, source):
    figures, references = [], []
    for turn in range(rounds + 1):
        campaign = submitted()
        seconds, made = started(campaign)
        if source == TO_LISTED:
            statement("CREATE TABLE plain_listed AS SELECT customer_id FROM consent_delivery WHERE campaign_id = %s"
                      " ORDER BY customer_id", [campaign.pk])  # fmt: skip
            statement("ANALYZE plain_listed")
        plain_seconds, plain_made = bare(campaign, source)
        statement("DROP TABLE IF EXISTS plain_listed")
        assert made == plain_made == Campaign.objects.get(pk=campaign.pk).recipients
        note = " (warming)" if not turn else ""
        if turn:
            figures.append(seconds)
            references.append(plain_seconds)
        print(
            f"    {row} {turn}: {made:,} deliveries, start {seconds:.2f} s, bare {plain_seconds:.2f} s,"
            f" ratio {seconds / plain_seconds:.2f}; load {os.getloadavg()[0]:.1f}{note}",
            flush=True,
        )
    ratio = statistics.median(ours / theirs for ours, theirs in zip(figures, references, strict=True))
    return {
        "row": row, "figure": round(statistics.median(figures), 2),
        "reference": round(statistics.median(references), 2), "ratio": round(ratio, 2), "goal": GOAL,
        "met": ratio <= GOAL,
    }  # fmt: skip


def started(campaign):
    """Seconds of the start with its commit, and how many deliveries it made."""
    approver = officers()[1]
    checkpoint()
    begun = time.perf_counter()
    campaigns.start(campaign, by=approver)
    seconds = time.perf_counter() - begun
    return seconds, Delivery.objects.filter(campaign=campaign).count()


def bare(campaign, source):
    checkpoint()
    begun = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {PLAIN} ({COLUMNS}) SELECT %s, people.*, 'WAITING', 0, now() FROM ({source}) people",
            [campaign.pk],
        )
        made = cursor.rowcount
    return time.perf_counter() - begun, made


def plain_table():
    """A table like that of the deliveries: ``LIKE`` takes all but the foreign keys."""
    statement(f"CREATE TABLE {PLAIN} (LIKE consent_delivery INCLUDING ALL)")
    keys = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'consent_delivery'::regclass"
    for (definition,) in statement(f"{keys} AND contype = 'f'"):
        statement(f"ALTER TABLE {PLAIN} ADD {definition}")
    found = "SELECT count(*) FROM {} WHERE {} = %s::regclass"
    for catalogue, column in (("pg_index", "indrelid"), ("pg_constraint", "conrelid"), ("pg_trigger", "tgrelid")):
        counts = [statement(found.format(catalogue, column), [table]) for table in ("consent_delivery", PLAIN)]
        assert counts[0] == counts[1], f"{catalogue} is not alike: {counts}"


def stop_information():
    """Some customers stopped information about services, as their own page writes it."""
    statement(
        "INSERT INTO consent_suspension (customer_id, scope, purpose, ground, case_number, suspended_at,"
        " suspended_by_id) SELECT id, 'PURPOSE', %s, 'ASKED', '', now(), %s FROM customers_customer WHERE id %% %s = 0",
        [Purpose.INFORMATION, REQUESTER, STOPPED_BY_ONE_IN],
    )
    statement("ANALYZE consent_suspension")


def submitted_information():
    author = officers()[0]
    body = {name: text.replace("{changes_url}", "{preferences_url}") for name, text in BODY.items()}
    body = {name: text.replace("{effective_on}", "") for name, text in body.items()}
    campaign = campaigns.draft(kind=CampaignKind.INFORMATION, **TITLE, **body, by=author)
    return campaigns.submit(campaign, by=author)


def checkpoint():
    """Writing back what came before is no part of what comes next. The application may not; so by its superuser."""
    with world() as here:
        here.as_superuser("CHECKPOINT")


def statement(sql, values=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else None
