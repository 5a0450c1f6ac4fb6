"""Random numbers by which a thing is called, also on the telephone."""

import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 and O, no 1 and I


def random_number(prefix):
    """Such as ``EX-7K2M9QRT`` for ``EX``: eight signs, so that none follows from another."""
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _position in range(8))
