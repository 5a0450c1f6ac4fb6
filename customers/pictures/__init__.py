"""Pictures from outside are never kept as received: a limited child process draws them anew.

What comes back holds the picture and nothing else: no EXIF, comment, colour profile, second picture or appended file.
The child (:mod:`customers.pictures.child`) knows neither our settings nor our keys, may write no file, and is ended
when it takes too long or too much memory.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from django.db.models import TextChoices
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from customers.exceptions import CustomersError

CHILD = Path(__file__).with_name("child.py")
LARGEST = 10 * 1024 * 1024
LARGEST_VIDEO = 500 * 1024 * 1024
SECONDS = 10


class Refusal(TextChoices):
    """Why a picture was not taken. The label is the sentence for the person who sent it."""

    NONE = "NONE", _("Please choose a photo.")
    EMPTY = "EMPTY", _("The file is empty. Please choose the photo again.")
    SIZE = "SIZE", _("The photo is too large: at most %(limit)s, yours has %(actual)s.")
    PIXELS = "PIXELS", _("The photo has too many pixels: at most %(limit)s million, yours has %(actual)s million.")
    TYPE = "TYPE", _("This is not a photo that we can read. Please send a JPEG or PNG.")
    BROKEN = "BROKEN", _("The photo is damaged and cannot be opened. Please take it again.")


class PictureRefused(CustomersError):
    """``code`` says why, ``str`` tells the sender what to do."""

    def __init__(self, code, **facts):
        self.code = Refusal(code)
        super().__init__(self.code.label % facts if facts else self.code.label)


@dataclass(frozen=True)
class Picture:
    bytes: bytes
    width: int
    height: int
    media_type: str = "image/jpeg"
    small: bytes = b""


def reencode(content, *, largest=LARGEST, small=0):
    """The picture in ``content`` (JPEG, PNG or HEIC, known by its bytes) drawn anew as a JPEG.

    With ``small`` a second one comes with it, the longer side of which has at most so many pixels.

    Raises :class:`PictureRefused`. Takes a child process, so call it outside a transaction.
    """
    if content is None:
        raise PictureRefused(Refusal.NONE)
    if not content:
        raise PictureRefused(Refusal.EMPTY)
    if len(content) > largest:
        raise PictureRefused(Refusal.SIZE, limit=filesizeformat(largest), actual=filesizeformat(len(content)))
    try:
        done = subprocess.run(
            # -I: neither the environment nor the folder it stands in decides what is imported
            [sys.executable, "-I", str(CHILD), str(small)],
            input=content, capture_output=True, timeout=SECONDS, env={}, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise PictureRefused(Refusal.BROKEN) from None
    head, _newline, picture = done.stdout.partition(b"\n")
    try:
        said = json.loads(head) if not done.returncode else None
    except ValueError:
        said = None
    if said is None:  # it died, or was ended by a limit
        raise PictureRefused(Refusal.BROKEN)
    if refusal := said.get("refused"):
        raise PictureRefused(refusal, **said["facts"])
    whole = len(picture) - said["small"]
    return Picture(picture[:whole], said["width"], said["height"], small=picture[whole:])
