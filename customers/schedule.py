"""What the clock does for this app. Each is safe to run twice and beside itself."""

from celery import shared_task

from customers.services import codes, files, holdings, links, terms


@shared_task(name="customers.sweep")
def sweep():
    """Remove what nothing needs any longer: files without a row, codes, links, search words; fold counts."""
    files.sweep()
    codes.sweep()
    links.sweep()
    terms.sweep()
    holdings.fold()
