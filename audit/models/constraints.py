"""Constraints that many models share, so that their names read alike."""

from django.db import models
from django.db.models import Q


def at_exactly_with_by(noun, verb):
    """``<verb>_at`` is set exactly when ``<verb>_by`` is."""
    at, by = f"{verb}_at__isnull", f"{verb}_by__isnull"
    return models.CheckConstraint(
        name=f"{noun}_{verb}_at_exactly_with_by", condition=Q(**{at: True, by: True}) | Q(**{at: False, by: False})
    )
