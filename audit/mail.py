"""Mails of the trail itself. None carries a value of a person."""

from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from audit.models import Office


def compose(template, mail, *, to, **values):
    """A mail to one person in the language of its row, from ``template.ja.txt`` or ``template.en.txt``.

    The first line of the template is the subject, the rest the text. Subjects carry no value of a person.
    """
    office = Office.objects.get(pk=1)
    language = "en" if mail.language == "en" else "ja"
    text = render_to_string(f"{template}.{language}.txt", {"office": office, **values})
    subject, _line, body = text.partition("\n")
    return EmailMessage(
        subject=subject.strip(),
        body=body.strip() + "\n",
        from_email=formataddr((office.name, office.email)),
        to=[to],
        headers={"Auto-Submitted": "auto-generated"},
    )


def address_of(path, language):
    """The full address of a page of ours as it stands in a mail: it opens in the language of the mail."""
    return settings.SITE_URL + path + ("" if language == settings.LANGUAGE_CODE else f"?lang={language}")


def daily_seal(seal, mail):
    """The newest seal, to the office's own mailbox: a copy that nobody who holds the database can take back."""
    office = Office.objects.get()
    text = render_to_string("audit/mail/daily_seal.txt", {"seal": seal, "office": office})
    return EmailMessage(_("Seal of the audit trail"), text, settings.DEFAULT_FROM_EMAIL, [office.email])
