"""The keys of sealed values: which one a value lies under, and the same value under the newest."""

import base64
import binascii
import hashlib
import hmac
from contextlib import suppress

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

MAC = 32  # bytes at the end of a token: version (1), time (8), initial vector (16), text, MAC
SHORTEST = 1 + 8 + 16 + 16 + MAC


class Keyring:
    """The keys of ``FIELD_ENCRYPTION_KEY``, newest first. Where a key has to be named, ``names`` has fingerprints."""

    def __init__(self, keys):
        self._fernets = [Fernet(key) for key in keys]
        self._signing = [base64.urlsafe_b64decode(key)[:16] for key in keys]
        self._likely = list(range(len(keys)))
        self.names = [fingerprint(key) for key in keys]

    def position(self, sealed):
        """Where in the list the key stands that sealed this text, 0 for the newest; ``None`` where it is none of them.

        The MAC of the text alone is computed, since that tells, in half the time of opening it.
        """
        try:
            data = base64.urlsafe_b64decode(sealed.encode())
        except binascii.Error:
            return None
        if len(data) < SHORTEST:
            return None
        said, mac = data[:-MAC], data[-MAC:]
        for turn, position in enumerate(self._likely):
            if hmac.compare_digest(hmac.digest(self._signing[position], said, "sha256"), mac):
                if turn:  # neighbours mostly lie under the same key
                    self._likely.insert(0, self._likely.pop(turn))
                return position
        return None

    def renew(self, sealed):
        """``(position, text)``: where the key of ``sealed`` stands, and the same value under the newest one.

        No text is given where nothing is to be done: under the newest key already, or under none (``None``). The
        value keeps the moment at which it was sealed, and the context inside it, whether or not this is its column's.
        """
        if likely := self._likely[0]:
            with suppress(InvalidToken):
                return likely, self._again(sealed, likely)
        if position := self.position(sealed):
            with suppress(InvalidToken):
                return position, self._again(sealed, position)
            return None, None
        return position, None

    def _again(self, sealed, position):
        token = sealed.encode()
        value = self._fernets[position].decrypt(token)
        stamp = int.from_bytes(base64.urlsafe_b64decode(token[:12])[1:], "big")
        return self._fernets[0].encrypt_at_time(value, stamp).decode()


def keyring():
    """The keys of this process, as its settings were read when it started."""
    return Keyring(settings.FIELD_ENCRYPTION_KEY)


def fingerprint(key):
    """Eight digits that name a key and tell nothing of it."""
    return hmac.digest(base64.urlsafe_b64decode(key), b"fingerprint of a field key", hashlib.sha256).hex()[:8]
