"""Sealed files on the disk: one key each, in chunks, so that memory stays flat whatever their size.

The scheme is STREAM: each chunk of 1 MiB is sealed with AES-256-GCM under a counter and a mark that tells the last
one, and bound to the file's number. A file that was cut, extended, reordered or exchanged does not open.
"""

import os
import secrets
import time
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from .exceptions import FileDamaged, FileGone

CHUNK = 1024 * 1024
TAG = 16
MAGIC = b"ANTFILE1"
UNFINISHED = ".part"


def new_key():
    return AESGCM.generate_key(bit_length=256)


def write(content, *, key, number):
    """Seal ``content`` (pieces of bytes of any size). Returns ``(place, size)`` once it stands on the disk for good.

    The place is random: it tells nothing of the file. Until it is whole the file has another name, so that a process
    that dies leaves only what :func:`orphans` finds.
    """
    place = secrets.token_hex(16)
    path = path_of(place)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(UNFINISHED)
    size = 0
    try:
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(MAGIC)
            cipher = AESGCM(key)
            for counter, (chunk, is_last) in enumerate(_chunks(content)):
                size += len(chunk)
                file.write(cipher.encrypt(_nonce(counter, is_last), chunk, str(number).encode()))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _sync(path.parent)
    return place, size


def read(place, *, key, number):
    """The content as chunks, each one proved before it is given out. Raises ``FileGone`` or ``FileDamaged``."""
    try:
        file = path_of(place).open("rb")
    except FileNotFoundError:
        raise FileGone(number) from None
    with file:
        if file.read(len(MAGIC)) != MAGIC:
            raise FileDamaged(number)
        cipher = AESGCM(key)
        counter, sealed = 0, file.read(CHUNK + TAG)
        while True:
            following = file.read(CHUNK + TAG)
            try:
                chunk = cipher.decrypt(_nonce(counter, not following), sealed, str(number).encode())
            except (InvalidTag, ValueError):  # ValueError: shorter than a tag
                raise FileDamaged(number) from None
            yield chunk
            if not following:
                return
            counter, sealed = counter + 1, following


def remove(place):
    path = path_of(place)
    path.unlink(missing_ok=True)
    if path.parent.is_dir():
        _sync(path.parent)


def orphans(*, older_than):
    """``(place, path)`` of every file last written more than ``older_than`` seconds ago, finished or not."""
    limit = time.time() - older_than
    for path in Path(settings.FILES_FOLDER).glob("??/*"):
        try:
            if path.is_file() and path.stat().st_mtime < limit:
                yield path.stem, path
        except FileNotFoundError:  # removed meanwhile
            continue


def path_of(place):
    if len(place) != 32 or not set(place) <= set("0123456789abcdef"):
        raise ValueError("This is no place of a sealed file.")
    return Path(settings.FILES_FOLDER) / place[:2] / place


def _nonce(counter, is_last):
    return counter.to_bytes(11, "big") + bytes([is_last])


def _chunks(content):
    """Pieces of any size as chunks of exactly ``CHUNK``, the last one shorter, each with whether it is the last."""
    held = bytearray()
    for piece in content:
        held += piece
        while len(held) > CHUNK:
            yield bytes(held[:CHUNK]), False
            del held[:CHUNK]
    yield bytes(held), True


def _sync(folder):
    """A new name is on the disk for good only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
