"""The desk's pages about customers and their import."""

from . import words
from .customers import CustomerAdmin
from .imports import ImportAdmin
from .rotation import KeyRotationAdmin

__all__ = ["CustomerAdmin", "ImportAdmin", "KeyRotationAdmin", "words"]
