"""The notice as bytes, and the connection over which it goes.

A notice is built once per language and shift; only recipient and Message-ID are put in front for each. It carries no
name and no value of a person but the address that it goes to.
"""

import re
import smtplib
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate

from django.conf import settings
from django.core import mail as django_mail
from django.core import signing
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.mail import address_of, compose, signature
from audit.services import office as offices
from consent.exceptions import ServerAway, UnknownField
from consent.models import CampaignKind, Question
from customers.models import Customer
from customers.services import links

QUESTION, QUESTION_DAYS = "consent.question.{number}", 60
PREFERENCES, PREFERENCES_DAYS = "consent.preferences", 7

FIELDS = {
    "effective_on": gettext_lazy("the date from which the new version is in force"),
    "policy_number": gettext_lazy("the number of the new version"),
    "policy_url": gettext_lazy("the address of the new version"),
    "changes_url": gettext_lazy("the address of what changes"),
    "preferences_url": gettext_lazy("the address of the page on which a customer stops such mails"),
    "office_name": gettext_lazy("the name of the office"),
    "office_email": gettext_lazy("the mail address of the office"),
}
FIELD = re.compile(r"\{([^{}\s]*)\}")
STOPPER = signing.Signer(salt="consent.stop", sep=".")
LAST_ANSWER_SECONDS = 120  # a server may think long after the last line; giving up early would send twice
FAREWELL_SECONDS = 2
ACCEPTED, GO_ON = (250, 251), (354,)
GOOD = [ACCEPTED, ACCEPTED, GO_ON]  # answers to the sender, the recipient, and the wish to send
STATUS = re.compile(rb"[45]\.\d{1,3}\.\d{1,3}(?!\d)")
ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


OF_ALL = ["office_name", "office_email"]
OF_POLICY = ["effective_on", "policy_number", "policy_url", "changes_url"]
OF_KIND = dict.fromkeys(CampaignKind, OF_ALL) | {
    CampaignKind.POLICY_CHANGE: [*OF_POLICY, *OF_ALL], CampaignKind.INFORMATION: ["preferences_url", *OF_ALL],
}  # fmt: skip


def check_fields(*texts, kind=CampaignKind.POLICY_CHANGE):
    """Raise :class:`UnknownField` where one of ``texts`` names a field that is not filled in for this kind."""
    known = OF_KIND[CampaignKind(kind)]
    unknown = sorted({name for text in texts for name in FIELD.findall(text)} - set(known))
    if unknown:
        raise UnknownField(
            _("These fields are not known: %(names)s. You can use %(known)s.")
            % {
                "names": ", ".join(f"{{{name}}}" for name in unknown),
                "known": ", ".join(f"{{{name}}}" for name in known),
            }
        )


def fill(text, values):
    """``text`` with each ``{field}`` of the list replaced; nothing else in it means anything."""
    return FIELD.sub(lambda found: values[found[1]], text)


def values_for(campaign, language):
    """What the fields stand for in ``language``."""
    office = offices.current()
    with translation.override(language):
        values = {
            "office_name": office.name, "office_email": office.email,
            "preferences_url": address_of(reverse("consent:ask-for-preferences"), language),
        }  # fmt: skip
        if version := campaign.policy_version:
            values |= {
                "effective_on": date_format(version.effective_on, "DATE_FORMAT"),
                "policy_number": str(version.number),
                "policy_url": address_of(reverse("consent:version", args=[version.number]), language),
                "changes_url": address_of(reverse("consent:changes", args=[version.number]), language),
            }
        return values


def preview(campaign, language):
    """Subject and text as customers of ``language`` get them."""
    values = values_for(campaign, language)
    title, body = (campaign.title_en, campaign.body_en) if language == "en" else (campaign.title_ja, campaign.body_ja)
    return fill(title, values), fill(body, values)


@dataclass(frozen=True)
class Notice:
    """All of the mail but its first two lines, ready for the wire."""

    domain: str
    rest: bytes
    language: str
    can_be_stopped: bool = False

    def to(self, recipient, delivery, campaign):
        """The bytes for one recipient, up to and with the last dot: of a delivery of the campaign, by their numbers.

        Where such mails can be stopped, mail programs are told how, with one press (RFC 8058).
        """
        first = f"To: {recipient}\r\nMessage-ID: <{delivery}.{campaign}@{self.domain}>\r\n"
        if self.can_be_stopped:
            first += f"List-Unsubscribe: <{stop_address(delivery, self.language)}>\r\n"
            first += "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        head = first.encode("ascii")
        if settings.DKIM_KEY:
            head = signature(head + re.sub(rb"(?m)^\.\.", b".", self.rest.removesuffix(b".\r\n"))) + head
        return head + self.rest


def stop_address(delivery, language):
    """The full address that stops mails about services for the customer of a delivery (its number). Signed."""
    return address_of(reverse("consent:stop", args=[STOPPER.sign(delivery)]), language)


def delivery_to_stop(token):
    """The number of the delivery in an address of :func:`stop_address`, or ``None`` where nobody signed it."""
    try:
        return int(STOPPER.unsign(token))
    except (signing.BadSignature, ValueError):
        return None


def notice(campaign, language):
    """Build the mail that every customer of ``language`` gets."""
    title, body = preview(campaign, language)
    office = offices.current()
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    name = office.name_en if language == "en" else office.name_ja
    message["From"] = Address(name, addr_spec=settings.DEFAULT_FROM_EMAIL)
    message["Subject"] = title
    message["Date"] = formatdate(localtime=True)
    message["Auto-Submitted"] = "auto-generated"
    text = body.replace("\r\n", "\n")
    message.set_content(text)
    message.add_alternative(_as_html(title, text, language), subtype="html")
    message["Content-Language"] = language  # set_content would remove it
    rest = re.sub(rb"(?m)^\.", b"..", message.as_bytes())
    can_be_stopped = not CampaignKind(campaign.kind).goes_to_everybody
    return Notice(settings.DEFAULT_FROM_EMAIL.rpartition("@")[2], rest + b".\r\n", language, can_be_stopped)


def _as_html(title, text, language):
    """The same text for mail programs that show HTML: paragraphs and links, nothing from anywhere else."""
    return render_to_string("consent/mail/notice.html", {"title": title, "text": text, "language": language})


def wire_address(address):
    """``address`` as SMTP and the head of a mail take it, or ``None`` where no mail can go to it.

    Old addresses of Japanese carriers (``abc..d.@docomo.ne.jp``) are quoted, as the standard wants them.
    """
    local, _at, domain = address.rpartition("@")
    if not local or not domain or not address.isascii() or not address.isprintable() or " " in address:
        return None
    if ATOM.fullmatch(local):
        return address
    escaped = local.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"@{domain}'


def return_address(delivery):
    """Where a report on the mail of a delivery (its number) goes: an address of its own, which nobody can make up."""
    if not settings.BOUNCE_ADDRESS:
        return settings.DEFAULT_FROM_EMAIL
    local, _at, domain = settings.BOUNCE_ADDRESS.partition("@")
    return f"{local}+{delivery}.{_mac(delivery)}@{domain}"


def delivery_of(address):
    """The number of the delivery whose return address this is, or ``None``."""
    local, _at, domain = settings.BOUNCE_ADDRESS.partition("@")
    found = re.fullmatch(rf"{re.escape(local)}\+(\d{{1,18}})\.([0-9a-f]{{12}})@{re.escape(domain)}", address.lower())
    if not settings.BOUNCE_ADDRESS or not found or not constant_time_compare(found[2], _mac(int(found[1]))):
        return None
    return int(found[1])


def _mac(delivery):
    return salted_hmac("consent.return_address", str(delivery), algorithm="sha256").hexdigest()[:12]


class Answer(Exception):
    """The server's word on one recipient: ``code`` is its answer, ``None`` where the connection was lost.

    ``status`` is the same more exactly (``5.1.1``, RFC 3463), ``""`` where it said none. ``about_address``: it was the
    answer to the address, before anything of the mail was seen.
    """

    def __init__(self, code, *, lost=False, status="", about_address=False):
        self.code = code
        self.status = status
        self.about_address = about_address
        self.lost = lost  # the connection is of no more use
        super().__init__(code)


class Connection:
    """An open connection to the mail server. ``offer`` and ``hand_over`` in turn, once per mail."""

    def __init__(self):
        """Raise :class:`ServerAway` where the server does not take mail from us now."""
        self._smtp = smtplib.SMTP(timeout=settings.EMAIL_TIMEOUT)
        try:
            code, _words = self._smtp.connect(settings.EMAIL_HOST, settings.EMAIL_PORT)
            if code != 220:
                raise ServerAway(code)
            self._smtp.ehlo_or_helo_if_needed()
            if settings.EMAIL_USE_TLS:
                self._smtp.starttls()
            if settings.EMAIL_HOST_USER:
                self._smtp.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise ServerAway(getattr(error, "smtp_code", None)) from error
        except ServerAway:
            self.close()
            raise

    def offer(self, recipient, sender):
        """Name the recipient, and where reports go. Raises :class:`Answer` where the server does not want the mail."""
        commands = [f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA"]
        if self._smtp.has_extn("pipelining"):  # one way there and back in place of three (RFC 2920)
            answers = self._ask(*commands)
        else:
            answers = []
            for command, good in zip(commands, (ACCEPTED, ACCEPTED, GO_ON), strict=True):
                answers += self._ask(command)
                if answers[-1][0] not in good:
                    break
        if answers[0][0] >= 500:  # about us, not about the recipient
            self.close()
            raise ServerAway(answers[0][0])
        place = next((place for place, (code, _words) in enumerate(answers) if code not in GOOD[place]), None)
        if place is None:
            return
        if answers[-1][0] in GO_ON:  # it wants a mail all the same: an empty one, which is for nobody
            self._ask(".")
        code, words = answers[place]
        if code not in (421, -1):
            self._ask("RSET")
        self._refuse(code, words, about_address=place == 1)

    def hand_over(self, data):
        """Send the mail. When this returns, the server has taken it; on :class:`Answer` it has not, or did not say."""
        smtp = self._smtp
        try:
            smtp.sock.settimeout(LAST_ANSWER_SECONDS)
            smtp.sock.sendall(data)
            code, words = smtp.getreply()
            smtp.sock.settimeout(settings.EMAIL_TIMEOUT)
        except (OSError, smtplib.SMTPException) as error:
            self._lose(error)
        if code != 250:
            self._refuse(code, words)
        return code

    def close(self):
        self._smtp.close()

    def quit(self):
        """Take leave; of no matter whether the server still hears it."""
        with suppress(OSError, smtplib.SMTPException):
            if self._smtp.sock:
                self._smtp.sock.settimeout(FAREWELL_SECONDS)
            self._smtp.quit()

    def _ask(self, *commands):
        """Send the commands at once, and give the answers: ``[(code, words)]``, fewer where the server takes leave."""
        answers = []
        try:
            self._smtp.sock.sendall("".join(f"{command}\r\n" for command in commands).encode("ascii"))
            while len(answers) < len(commands) and not (answers and answers[-1][0] in (421, -1)):
                answers.append(self._smtp.getreply())
        except (OSError, smtplib.SMTPException) as error:
            self._lose(error)
        return answers

    def _refuse(self, code, words, about_address=False):
        if code == -1:
            self._lose(None)
        if code == 421:
            self.close()
        status = STATUS.match(words)
        raise Answer(code, lost=code == 421, status=status[0].decode() if status else "", about_address=about_address)

    def _lose(self, error):
        self.close()
        raise Answer(None, lost=True) from error


def check_due(third_party, mail):
    """To the office's own mailbox: a yearly check of a third party is due. It names the number alone."""
    number = str(third_party)
    text = render_to_string("consent/mail/check_due.txt", {"number": number})
    title = _("A yearly check is due: %(number)s") % {"number": number}
    return django_mail.EmailMessage(title, text, settings.DEFAULT_FROM_EMAIL, [offices.current().email])


def nudge(nudge, mail):
    """To who wrote a version or a notice, or to the office: it waits. Names its number and nothing else."""
    thing, office = nudge.thing, offices.current()
    staff = thing.drafted_by.staff
    to = staff.email if staff and staff.is_active and staff.email else office.email
    context = {"number": str(thing), "what": nudge.get_what_display(), "office": office}
    text = render_to_string("consent/mail/nudge.txt", context)
    title = _("%(number)s waits for you") % {"number": thing}
    return django_mail.EmailMessage(title, text, settings.DEFAULT_FROM_EMAIL, [to])


def trial(campaign, mail):
    """The notice as customers of a language get it, to the member of staff who asked, or to the office's mailbox."""
    title, body = preview(campaign, mail.language)
    staff, office = mail.created_by.staff, offices.current()
    subject, sender = _("[Trial] %(title)s") % {"title": title}, formataddr((office.name, settings.DEFAULT_FROM_EMAIL))
    message = django_mail.EmailMultiAlternatives(
        subject, body, sender, [(staff and staff.email) or office.email],
        headers={"Auto-Submitted": "auto-generated"},
    )  # fmt: skip
    message.attach_alternative(_as_html(title, body, mail.language), "text/html")
    return message


def question(question, mail):
    """Whether the customer agrees to a wording: a link to its page, and nothing of what is asked."""
    question = Question.objects.open().select_related("customer").filter(pk=question.pk).first()
    if question is None or not question.customer.has_email:
        return None
    address = question_address(question, mail.language)
    return compose("consent/mail/question", mail, to=question.customer.email, address=address, days=QUESTION_DAYS)


def question_address(question, language):
    """The full address of a question's page, for a mail. It leads to the customer, and ends with their mailbox."""
    purpose = QUESTION.format(number=question.pk)
    token = links.issue(question.customer, purpose=purpose, days=QUESTION_DAYS)
    return address_of(reverse("consent:question", args=[question.pk, token]), language)


def preferences(customer, mail):
    """The link to the customer's own page of preferences."""
    customer = Customer.objects.living().filter(pk=customer.pk, has_email=True).first()
    if customer is None:
        return None
    return compose(
        "consent/mail/preferences", mail, to=customer.email, address=preferences_address(customer, mail.language),
        number=customer.number, days=PREFERENCES_DAYS,
    )  # fmt: skip


def preferences_address(customer, language):
    """The full address of the customer's own page, for a mail. Kept as a hash alone."""
    token = links.issue(customer, purpose=PREFERENCES, days=PREFERENCES_DAYS)
    return address_of(reverse("consent:preferences", args=[token]), language)
