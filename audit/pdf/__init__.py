"""HTML as PDF: tagged, searchable, made in a child process that can reach nothing."""

import os
import subprocess
import sys
from pathlib import Path

from audit.exceptions import PdfNotMade

CHILD = Path(__file__).with_name("child.py")
SECONDS = 120


def to_pdf(html, *, sheet):
    """The HTML as PDF bytes, laid out by ``sheet`` (path of a style sheet).

    The child gets no secret, no address, no file but the sheet, and two minutes. Raises :class:`PdfNotMade`.
    """
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(CHILD), str(sheet)],
            input=html.encode("utf-8", "replace"),
            capture_output=True,
            timeout=SECONDS,
            env=environment,
            check=True,
        )
    except subprocess.SubprocessError as error:
        raise PdfNotMade from error
    return done.stdout
