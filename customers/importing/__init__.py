"""Import of customers from a CSV file: what the file says, row by row, and what becomes of it."""

from .running import run
from .words import words_for

__all__ = ["run", "words_for"]
