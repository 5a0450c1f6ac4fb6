"""How far a command is, in one line of the terminal: done, all, time left."""

import sys
import time

from django.utils.translation import gettext as _


class Bar:
    """``bar(done, total)`` draws at most ten times a second on a terminal, and once in ten seconds into a log."""

    def __init__(self, stream=None):
        self.stream = stream or sys.stderr
        self.live = hasattr(self.stream, "isatty") and self.stream.isatty()
        self.began = self.drawn = time.monotonic()

    def __call__(self, done, total):
        now = time.monotonic()
        if done < total and now - self.drawn < (0.1 if self.live else 10):
            return
        self.drawn = now
        left = (now - self.began) / max(done, 1) * (total - done)
        text = _("%(done)s of %(total)s, %(minutes)s:%(seconds)02d left") % {
            "done": f"{done:,}", "total": f"{total:,}", "minutes": int(left // 60), "seconds": int(left % 60),
        }  # fmt: skip
        filled = int(24 * done / total) if total else 24
        self.stream.write(f"\r[{'#' * filled}{'.' * (24 - filled)}] {text} " if self.live else f"{text}\n")
        if self.live and done >= total:
            self.stream.write("\n")
        self.stream.flush()
