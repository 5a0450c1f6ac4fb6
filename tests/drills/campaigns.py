"""What the drills and benchmarks of campaigns share: people to write to, a campaign to start, a worker to kill."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from audit.models import Actor, Staff
from consent.models import Campaign, Delivery
from consent.services import campaigns, policies
from customers.models import Customer

TITLE = {"title_ja": "【{office_name}】プライバシーポリシー改定のお知らせ", "title_en": "Our privacy policy changes"}
BODY = {
    "body_ja": "いつもご利用いただき、ありがとうございます。\n\n"
    "{effective_on}から、プライバシーポリシーが変わります。\n"
    "変わる点は、次のページでご覧いただけます。\n{changes_url}\n\n{office_name}\n{office_email}\n",
    "body_en": "Our privacy policy changes on {effective_on}.\n{changes_url}\n\n{office_name}\n{office_email}\n",
}


def people(number, address=lambda n: f"person{n}@example.test"):
    """So many customers with a mail address each."""
    system = Actor.system()
    Customer.objects.bulk_create(
        (Customer(number=f"D{n:07}", email=address(n), has_email=True, created_by=system) for n in range(number)),
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customers_customer")


def officers():
    """Two people, since a notice needs two."""
    return tuple(
        (Staff.objects.filter(username=name).first() or Staff.objects.create_user(name)).actor
        for name in ("author", "approver")
    )


def submitted_campaign():
    """A notice of an approved version, ready to be started by the second of ``officers()``."""
    author, approver = officers()
    version = policies.in_force()
    if version is None:
        texts = {
            f"text_{language}": (policies.FIRST_TEXTS / f"policy_{language}.md").read_text("utf-8")
            for language in ("ja", "en")
        }
        version = policies.draft(**texts, effective_on=_today(), by=author)
        policies.approve(policies.submit(version, by=author), by=approver)
    campaign = campaigns.draft(policy_version=version, **TITLE, **BODY, by=author)
    return campaigns.submit(campaign, by=author)


def _today():
    with connection.cursor() as cursor:
        cursor.execute("SELECT (now() AT TIME ZONE 'Asia/Tokyo')::date")
        return cursor.fetchone()[0]


class Worker:
    """A Celery worker as a process of its own, with children in a pool."""

    def __init__(self, folder, port, children, name, senders):
        self.folder = Path(folder)
        self.name = name
        self.children_wanted = children
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(port),
            "NOTICE_SENDERS": str(senders),
        }
        self.process = None
        self.started = 0

    def start(self):
        self.started += 1
        with (self.folder / f"{self.name}{self.started}.log").open("wb") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-m", "celery", "-A", "config.celery", "worker", "-c", str(self.children_wanted),
                    "--loglevel", "WARNING", "--without-gossip", "--without-mingle",
                    "-n", f"{self.name}{self.started}@drill",
                ],
                stdout=log, stderr=log, env=self.environment,
            )  # fmt: skip

    def children(self):
        """The pool's processes."""
        return _children(self.process.pid)

    def kill_child(self, turn):
        """Kill one of the pool with -9; ``None`` while there is none."""
        found = self.children()
        if not found:
            return None
        pid = found[turn % len(found)]
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return None
        return pid

    def kill_parent(self):
        """Kill the worker itself with -9 and start another."""
        pid = self.process.pid
        self.process.kill()
        self.process.wait()
        self.start()
        return pid

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                for pid in [*self.children(), self.process.pid]:
                    os.kill(pid, signal.SIGKILL)
                self.process.wait()


@contextmanager
def workers(folder, port, *, number=1, children=4):
    """Run so many workers whose mails go to ``port``, each child of a pool a sender, and the clock beside."""
    senders = number * children
    found = [Worker(folder, port, children, chr(ord("a") + place), senders) for place in range(number)]
    for each in found:
        each.start()
    with (Path(folder) / "beat.log").open("wb") as log:
        beat = subprocess.Popen(
            [
                sys.executable, "-m", "celery", "-A", "config.celery", "beat", "--loglevel", "WARNING",
                "--schedule", str(Path(folder) / "beat"), "--pidfile", "",
            ],
            stdout=log, stderr=log, env=found[0].environment,
        )  # fmt: skip
    try:
        yield found
    finally:
        beat.terminate()
        beat.wait()
        for each in found:
            each.stop()


def wait_for_end(campaign, *, seconds):
    """Wait until the campaign has ended; returns whether it did."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if Campaign.objects.filter(pk=campaign.pk, finished_at__isnull=False).exists():
            return True
        time.sleep(0.1)
    return False


def count(campaign, taken):
    """What the sink took against what the rows say. ``taken`` are pairs of recipient and Message-ID."""
    recipients = Delivery.objects.filter(campaign=campaign).count()
    by_recipient = {}
    for recipient, message_id in taken:
        by_recipient.setdefault(recipient, []).append(message_id)
    return {
        "recipients": recipients,
        "taken": len(taken),
        "lost": recipients - len(by_recipient),
        "duplicates": len(taken) - len(by_recipient),
        "duplicates_with_another_message_id": sum(len(set(ids)) > 1 for ids in by_recipient.values()),
        "marked_sent": Delivery.objects.filter(campaign=campaign, state="SENT").count(),
    }


def _children(pid):
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:  # no such process, or no Linux
        text = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout
    return [int(each) for each in text.split()]
