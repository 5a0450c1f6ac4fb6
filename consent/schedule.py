"""The clock, which ends what is over; and workers that have just started: a campaign may have lost its hint."""

import imaplib

from celery import shared_task
from celery.signals import worker_process_init, worker_ready

from audit.services import jobs
from consent.models import Campaign
from consent.services import bounces, campaigns, exports, sending, third_parties, watch


@shared_task(name="consent.pick_up_campaigns")
def pick_up_campaigns():
    """Start what is due, and call senders to every campaign with something to send. Beat runs it every 30 seconds."""
    campaigns.start_due()
    for campaign in Campaign.objects.sending():
        if sending.has_work(campaign):
            sending.call_senders(campaign.pk)


@shared_task(name="consent.read_bounces")
def read_bounces():
    """Read reports of mails that came back. Beat runs it every minute; safe to run beside itself."""
    try:
        matched, unmatched = bounces.read_all()
    except (OSError, imaplib.IMAP4.error) as error:  # tried again in a minute
        jobs.note_error(jobs.logger, "reading the mailbox of reports", error)
    else:
        if matched or unmatched:
            jobs.logger.info("reports of mails: %s matched, %s not", matched, unmatched)


@shared_task(name="consent.watch_versions")
def watch_versions():
    """Tell who is in charge which versions wait. Beat runs it every morning; safe to run twice."""
    watch.tell(watch.versions())


@shared_task(name="consent.watch_campaigns")
def watch_campaigns():
    """Tell who is in charge which notices stand still. Beat runs it every five minutes; safe to run twice."""
    watch.tell(watch.campaigns())


@shared_task(name="consent.end_exports")
def end_exports():
    """Purge exports that were downloaded, waited too long or may no longer leave. Beat runs it every minute."""
    exports.end_all_that_is_over()


@shared_task(name="consent.remind_of_checks")
def remind_of_checks():
    """Mail the office which yearly checks are due. Beat runs it every morning."""
    third_parties.remind_of_checks()


@worker_ready.connect
@worker_process_init.connect
def look_for_work(**_said):
    """Have a campaign whose sender was killed go on at once, not at the clock's next turn."""
    jobs.hint("consent.pick_up_campaigns")
