"""The clock, and workers that have just started: both look whether a campaign lost its hint."""

from celery import shared_task
from celery.signals import worker_process_init, worker_ready

from audit.services import jobs
from consent.models import Campaign
from consent.services import sending


@shared_task(name="consent.pick_up_campaigns")
def pick_up_campaigns():
    """Call senders to every campaign that has something to send. Beat runs it every 30 seconds."""
    for campaign in Campaign.objects.sending():
        if sending.has_work(campaign):
            sending.call_senders(campaign.pk)


@worker_ready.connect
@worker_process_init.connect
def look_for_work(**_said):
    """Have a campaign whose sender was killed go on at once, not at the clock's next turn."""
    jobs.hint("consent.pick_up_campaigns")
