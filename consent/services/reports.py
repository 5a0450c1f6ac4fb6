"""Reading reports of mail servers: RFC 3464, and the one of qmail, which is older. Nothing of them is kept."""

import re
from dataclasses import dataclass, field
from email import message_from_bytes, message_from_string
from itertools import islice

MOST_PARTS = 60
MOST_ADDRESSES = 20
ADDRESS = re.compile(r"[^\s<>\",;:]{1,64}@[^\s<>\",;:]{1,255}")
STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
CODE = re.compile(r"\b([45]\d\d)\b")
ARRIVED_AT = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
QMAIL = re.compile(r"\AHi\. This is the ")
QMAIL_RECIPIENT = re.compile(r"^<([^<>\s]+@[^<>\s]+)>:\n(.*(?:\n(?!\n).*)*)", re.MULTILINE)


@dataclass(frozen=True)
class Recipient:
    """What a report says of one recipient. ``names``: as the mail had it, and where it ended."""

    names: tuple
    is_final: bool
    status: str
    code: int | None


@dataclass(frozen=True)
class Report:
    """What is of use in a mail: to which of our addresses it came, which mails it names, what it says of whom."""

    addresses: list = field(default_factory=list)
    message_ids: list = field(default_factory=list)
    recipients: list = field(default_factory=list)


def read(content):
    """The :class:`Report` in a mail (bytes); empty where it is something else. Raises nothing, whatever it is given."""
    try:
        message = message_from_bytes(content)
        return _read(message)
    except Exception:  # a mail from anywhere may break any parser; what cannot be read says nothing
        return Report()


def _read(message):
    addresses = [
        found.lower()
        for name in ARRIVED_AT
        for head in message.get_all(name, [])
        for found in ADDRESS.findall(str(head))
    ][:MOST_ADDRESSES]
    recipients, message_ids = [], []
    for part in islice(message.walk(), MOST_PARTS):
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            recipients += _of_status(part)
        elif kind in ("message/rfc822", "message/global"):
            inner = part.get_payload()
            message_ids += [str(each.get("Message-ID", "")) for each in (inner if isinstance(inner, list) else [])]
        elif kind in ("text/rfc822-headers", "message/global-headers"):
            message_ids.append(str(message_from_string(_text(part)).get("Message-ID", "")))
    if not recipients and message.get_content_type() == "text/plain":
        recipients, message_ids = _of_qmail(_text(message))
    return Report(addresses, [each for each in message_ids if each], recipients)


def _of_status(part):
    blocks = part.get_payload()
    found = []
    for block in blocks if isinstance(blocks, list) else []:
        names = tuple(
            name for head in ("Original-Recipient", "Final-Recipient")
            if (name := str(block.get(head, "")).rpartition(";")[2].strip().strip("<>"))
        )  # fmt: skip
        action = str(block.get("Action", "")).strip().lower()
        if not names or not action:
            continue
        said = STATUS.search(str(block.get("Status", "")))
        diagnosis = str(block.get("Diagnostic-Code", ""))
        exact = STATUS.search(diagnosis)
        status = said[1] if said else ""
        if exact and exact[1].startswith("5") and (not status or status.startswith("5.0")):
            status = exact[1]
        code = CODE.search(diagnosis)
        is_final = action == "failed" and (status.startswith("5") or (not status and bool(code and code[1][0] == "5")))
        found.append(Recipient(names, is_final, status, int(code[1]) if code else None))
    return found


def _of_qmail(text):
    text = text.replace("\r\n", "\n")
    if not QMAIL.match(text):
        return [], []
    said, _line, copy = text.partition("\n--- Below this line is a copy of the message.")
    found = []
    for recipient, words in QMAIL_RECIPIENT.findall(said):
        status, code = STATUS.search(words), CODE.search(words)
        is_final = bool(status and status[1].startswith("5")) or bool(not status and code and code[1].startswith("5"))
        found.append(
            Recipient((recipient,), is_final, status[1] if status else "", int(code[1]) if code else None)
        )  # fmt: skip
    heads = message_from_string(copy.lstrip("\n"))
    return found, [str(heads.get("Message-ID", ""))]


def _text(part):
    content = part.get_payload(decode=True)
    return (content or b"").decode("latin-1")
