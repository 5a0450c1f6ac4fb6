"""Mails of the trail itself. None carries a value of a person."""

import re
from email.utils import formataddr

import dkim
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from audit.models import Office

SIGNED_HEADS = [b"from", b"to", b"subject", b"date", b"message-id", b"content-type", b"auto-submitted"]


def signature(content):
    """The line that signs a mail (its bytes, lines ended by CR LF), to be put in front; nothing where no key is set."""
    if not settings.DKIM_KEY:
        return b""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].encode()
    heads = [name for name in SIGNED_HEADS if re.search(rb"(?im)^" + name + rb":", content.partition(b"\r\n\r\n")[0])]
    return dkim.sign(
        content, settings.DKIM_SELECTOR.encode(), domain, settings.DKIM_KEY, include_headers=heads,
        canonicalize=(b"relaxed", b"relaxed"),
    )  # fmt: skip


class SigningBackend(smtp.EmailBackend):
    """Django's own, whose mails are signed on their way out."""

    def open(self):
        opened = super().open()
        if opened:
            hand_over = self.connection.sendmail
            self.connection.sendmail = lambda sender, recipients, content: hand_over(
                sender, recipients, signature(content) + content
            )
        return opened


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
