"""The desk's pages about customers and their import."""

from . import words
from .customers import CustomerAdmin
from .imports import ImportAdmin

__all__ = ["CustomerAdmin", "ImportAdmin", "words"]
