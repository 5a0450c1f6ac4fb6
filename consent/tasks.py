"""Work handed over: the sending of notices, the making of exports, the deciding of provisions."""

import ctypes
import os
import signal
import sys
from contextlib import contextmanager

from celery import shared_task

from audit.services import jobs
from consent.models import Campaign, Export, Provision
from consent.services import exports, letters, provisions, sending

PR_SET_PDEATHSIG = 1


@shared_task(name="consent.deliver_notices")
def deliver_notices(*, job_id):
    """Call as many senders to a campaign as it may have. Safe to run twice: those for whom there is no place leave."""
    with jobs.running(job_id) as job:
        if job:
            sending.call_senders(job.arguments["campaign"])


@shared_task(name="consent.send_notices")
def send_notices(*, campaign_id):
    """Send one shift of a campaign, then stand in line again behind other work. Safe to run beside itself."""
    try:
        with outliving_the_parent() as has_parent:
            while sending.send(Campaign.objects.get(pk=campaign_id), may_go_on=has_parent) and has_parent():
                if jobs.hint("consent.send_notices", campaign_id=campaign_id):
                    break  # other work comes first; without a broker there is none, and this goes on
    except sending.INTERRUPTIONS as error:  # the clock calls the next sender
        jobs.note_error(jobs.logger, f"sending campaign {campaign_id}", error)


@shared_task(name="consent.make_export")
def make_export(*, job_id):
    """Make the file of an export. Safe to run twice: it begins anew, and what is made already stays."""
    with jobs.running(job_id) as job:
        if job:
            exports.make(
                Export.objects.get(pk=job.arguments["export"]),
                language=job.arguments["language"],
                by=job.created_by,
                progress=lambda done, total: jobs.progress(job, done, total),
            )


@shared_task(name="consent.decide_provision")
def decide_provision(*, job_id):
    """Decide a provision for each person. Safe to run twice: it goes on behind the last one who was decided."""
    with jobs.running(job_id) as job:
        if job:
            provisions.decide(
                Provision.objects.select_related("third_party").get(pk=job.arguments["provision"]),
                language=job.arguments["language"],
                by=job.created_by,
                progress=lambda done, total: jobs.progress(job, done, total),
            )


@shared_task(name="consent.make_letters")
def make_letters(*, job_id):
    """Make the letters of a notice. Safe to run twice: it goes on with those for whom there is none yet."""
    with jobs.running(job_id) as job:
        if job:
            letters.make(
                Campaign.objects.get(pk=job.arguments["campaign"]),
                by=job.created_by,
                progress=lambda done, total: jobs.progress(job, done, total),
            )


@contextmanager
def outliving_the_parent():
    """Let this process finish the mail in hand when the worker that it belongs to is killed.

    Celery has the system kill its children with it, at any instruction: each would cost a duplicate. Yields a function
    that says whether the parent is still there.
    """
    parent = os.getppid()
    system = ctypes.CDLL(None) if sys.platform == "linux" else None
    try:
        if system:
            system.prctl(PR_SET_PDEATHSIG, 0)
        yield lambda: os.getppid() == parent
    finally:
        if system:
            system.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(0)
