"""The desk's pages about customers and their import."""

from . import words
from .customers import CustomerAdmin
from .imports import ImportAdmin
from .merges import MergeAdmin
from .rotation import KeyRotationAdmin

__all__ = ["CustomerAdmin", "ImportAdmin", "KeyRotationAdmin", "MergeAdmin", "words"]
