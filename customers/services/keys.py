"""The keys of sealed values: which one a value lies under, and the same value under the newest."""

import base64
import binascii
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

MAC, STAMP = 32, slice(1, 9)  # of a Fernet token: version, time, initial vector, text, MAC
SHORTEST = 1 + 8 + 16 + 16 + MAC


class Keyring:
    """The keys of ``FIELD_ENCRYPTION_KEY``, newest first. Where a key has to be named, ``names`` has fingerprints."""

    def __init__(self, keys):
        self._fernets = [Fernet(key) for key in keys]
        self._signing = [base64.urlsafe_b64decode(key)[:16] for key in keys]
        self.names = [fingerprint(key) for key in keys]

    def position(self, sealed):
        """Where in the list the key stands that sealed this text, 0 for the newest; ``None`` where it is none of them.

        The MAC of the text alone is computed, since that tells: an eighth of the time of opening it.
        """
        try:
            data = base64.urlsafe_b64decode(sealed)
        except (binascii.Error, ValueError):
            return None
        if len(data) < SHORTEST:
            return None
        said, mac = data[:-MAC], data[-MAC:]
        for position, key in enumerate(self._signing):
            if hmac.compare_digest(hmac.digest(key, said, "sha256"), mac):
                return position
        return None

    def reseal(self, sealed, position):
        """The same value under the newest key, with the moment at which it was sealed. Its context stays inside it.

        ``position`` is what :meth:`position` gave. Raises ``InvalidToken`` where the text does not open after all.
        """
        stamp = int.from_bytes(base64.urlsafe_b64decode(sealed)[STAMP], "big")
        return self._fernets[0].encrypt_at_time(self._fernets[position].decrypt(sealed), stamp).decode()


def keyring():
    """The keys of this process, as its settings were read when it started."""
    return Keyring(settings.FIELD_ENCRYPTION_KEY)


def fingerprint(key):
    """Eight digits that name a key and tell nothing of it."""
    return hmac.digest(base64.urlsafe_b64decode(key), b"fingerprint of a field key", hashlib.sha256).hex()[:8]


__all__ = ["InvalidToken", "Keyring", "fingerprint", "keyring"]
