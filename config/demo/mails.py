"""What the office sent, to read in the demo: codes and links in mails can be used without a mailbox."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

SHOWN = 100


@dataclass
class Kept:
    name: str
    sent_at: datetime
    sender: str
    to: str
    subject: str
    text: str
    attachments: list[str]


@never_cache
@require_safe
@login_not_required
def mails(request):
    files = sorted(settings.MAILS_FOLDER.glob("*.eml"), reverse=True)
    shown = [_read(file) for file in files[:SHOWN]]
    return render(request, "demo/mails.html", {"mails": shown, "count": len(files), "noindex": True})


@never_cache
@require_safe
@login_not_required
def mail(request, name):
    file = settings.MAILS_FOLDER / f"{name}.eml"
    if not file.is_file():
        raise Http404
    return render(request, "demo/mail.html", {"mail": _read(file), "noindex": True})


def _read(file):
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    body = message.get_body(preferencelist=("plain", "html"))
    return Kept(
        name=file.stem,
        sent_at=datetime.fromtimestamp(int(file.stem.split("-")[0]) / 1e9, tz=timezone.get_current_timezone()),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=body.get_content() if body else "",
        attachments=[part.get_filename() or "?" for part in message.iter_attachments()],
    )
