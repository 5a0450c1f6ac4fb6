"""Import of customers from a CSV file, and of events from JSON Lines: what the file says, and what becomes of it."""

from .events import run_events
from .running import run
from .words import words_for

__all__ = ["run", "run_events", "words_for"]
