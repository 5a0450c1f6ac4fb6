"""F1: a policy notice, sent by one process of a real worker to a local SMTP sink, leases, marks and trail included.

In rounds, side by side, over the same people and to the same sink: the campaign, from its start to its end; plain
``smtplib`` on one connection, with messages built beforehand; django-post_office in one process, from messages queued
beforehand (see :mod:`.post_office_of_f1`), as it comes, and tuned for comparison. All write to one PostgreSQL with
``synchronous_commit`` on. The sink is a process of its own; what it takes at most is measured first, by clients that
cost next to nothing.
"""

import os
import smtplib
import socket
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.db import connection

from consent import mail
from consent.models import Campaign, Delivery
from consent.services import campaigns, progress
from tests.drills.campaigns import officers, people, submitted_campaign, wait_for_end
from tests.drills.sink import sink
from tests.drills.world import world

GOAL, GOAL_OF_POST_OFFICE = 0.70, 2.5
SIZES = {"small": (5_000, 3), "full": (20_000, 5)}  # customers, rounds
WARM = 500
PATIENCE = 600


def run(size):
    number, rounds = SIZES[size]
    with world(size) as here, sink(here.folder / "sink") as server, connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)
        people(number)
        here.start_worker(concurrency=1, NOTICE_SENDERS="1", EMAIL_PORT=str(server.port))
        recipients = [f"person{each}@example.test" for each in range(number)]
        messages = built(recipients)
        print(f"    the sink takes {ceiling(server.port, messages):,.0f} mails/s at most", flush=True)
        figures, references, theirs, tuned = [], [], [], []
        with post_office(here, server.port) as other:
            by_smtplib(server.port, messages[:WARM])
            other("default", WARM)
            by_campaign(server, number)
            for turn in range(rounds):
                figures.append(by_campaign(server, number))
                references.append(by_smtplib(server.port, messages))
                theirs.append(other("default", number))
                tuned.append(other("tuned", number))
                print(
                    f"    round {turn + 1}: campaign {figures[-1]:>6,.0f}/s, smtplib {references[-1]:>6,.0f}/s,"
                    f" django-post_office {theirs[-1]:>5,.0f}/s, tuned {tuned[-1]:>5,.0f}/s;"
                    f" load {os.getloadavg()[0]:.1f}",
                    flush=True,
                )
        return [
            line("smtplib", figures, references, GOAL),
            line("post_office", figures, theirs, GOAL_OF_POST_OFFICE),
        ]


def line(row, figures, references, goal):
    """Of neighbours in time, since other work on the machine comes and goes."""
    ratio = statistics.median(ours / theirs for ours, theirs in zip(figures, references, strict=True))
    return {
        "row": row, "figure": round(statistics.median(figures)), "reference": round(statistics.median(references)),
        "ratio": round(ratio, 2), "goal": f">= {goal}", "met": ratio >= goal,
    }  # fmt: skip


def by_campaign(server, number):
    """Mails per second of a campaign to everybody, by its own clock: from its start until it has ended."""
    before, campaign = server.count(), submitted_campaign()
    campaign = campaigns.start(campaign, by=officers()[1])
    assert wait_for_end(campaign, seconds=PATIENCE), "the campaign does not end"
    campaign = Campaign.objects.get(pk=campaign.pk)
    assert progress.numbers(campaign).sent == number == server.count() - before
    assert Delivery.objects.filter(campaign=campaign, state="SENT", slot=None, answer_code=250).count() == number
    return number / (campaign.finished_at - campaign.started_at).total_seconds()


def built(recipients):
    """``[(recipient, message)]``: the bytes that a campaign hands over, less the dot at their end."""
    campaign = submitted_campaign()
    notice = mail.notice(campaign, settings.LANGUAGE_CODE)
    return [
        (recipient, notice.to(recipient, number, campaign.number).removesuffix(b".\r\n"))
        for number, recipient in enumerate(recipients)
    ]


def by_smtplib(port, messages):
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.ehlo()
        began = time.perf_counter()
        for recipient, content in messages:
            server.sendmail(settings.DEFAULT_FROM_EMAIL, [recipient], content)
        return len(messages) / (time.perf_counter() - began)


@contextmanager
def post_office(here, port):
    """Yield a function: mails per second of django-post_office, which has a database and a process of its own."""
    with psycopg.connect(here.postgres.url("postgres", "postgres"), autocommit=True) as control:
        control.execute("CREATE DATABASE post_office OWNER office")
    subject, text = mail.preview(submitted_campaign(), settings.LANGUAGE_CODE)
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings_of_post_office",
        "DATABASE_URL": here.postgres.url("post_office"), "EMAIL_PORT": str(port), "SUBJECT": subject, "TEXT": text,
    }  # fmt: skip
    said = here.folder / "post_office.log"
    with said.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.post_office_of_f1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=environment,
        )  # fmt: skip

    def send(way, number):
        process.stdin.write(f"{way} {number}\n")
        process.stdin.flush()
        took = process.stdout.readline()
        if not took:
            raise RuntimeError(said.read_text()[-2000:])
        return number / float(took)

    try:
        yield send
    finally:
        process.stdin.close()
        process.wait()


def ceiling(port, messages, connections=4, piece=50):
    """Mails per second of the sink where all commands of many mails come in one piece, over several connections."""
    sender = f"MAIL FROM:<{settings.DEFAULT_FROM_EMAIL}>\r\n"
    said = [
        f"{sender}RCPT TO:<{recipient}>\r\nDATA\r\n".encode() + content + b".\r\n" for recipient, content in messages
    ]

    def pour(share):
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(b"EHLO ceiling\r\n")
            while b" SMTPUTF8" not in line.recv(4096):
                pass
            for start in range(0, len(share), piece):
                some = share[start : start + piece]
                line.sendall(b"".join(some))
                left = len(some)
                answers = b""
                while left > answers.count(b"250 kept\r\n"):
                    answers += line.recv(65536)

    threads = [threading.Thread(target=pour, args=[said[place::connections]]) for place in range(connections)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(messages) / (time.perf_counter() - began)
