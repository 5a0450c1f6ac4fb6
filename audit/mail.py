"""Mails of the trail itself. None carries a value of a person."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from audit.models import Office


def daily_seal(seal, mail):
    """The newest seal, to the office's own mailbox: a copy that nobody who holds the database can take back."""
    office = Office.objects.get()
    text = render_to_string("audit/mail/daily_seal.txt", {"seal": seal, "office": office})
    return EmailMessage(_("Seal of the audit trail"), text, settings.DEFAULT_FROM_EMAIL, [office.email])
