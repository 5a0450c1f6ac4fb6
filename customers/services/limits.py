"""Limits that hold across processes: so many of a thing per key and span of time, counted in Redis."""

import functools
import hashlib
import hmac
import logging

import redis
from django.conf import settings

from customers.exceptions import TooMany

logger = logging.getLogger(__name__)


def take(name, key, *, most, seconds):
    """Count one of ``name`` for ``key`` (an address, a mailbox, a number); raise ``TooMany`` after ``most`` of them.

    The span begins with the first one. Keys are kept as keyed digests. Where Redis is away nothing is refused: the
    limits that protect a secret (tries per code) stand in the database.
    """
    place = _place(name, key)
    try:
        with _redis().pipeline(transaction=True) as pipe:
            pipe.set(place, 0, ex=seconds, nx=True)
            pipe.incr(place)
            pipe.ttl(place)
            _created, taken, left = pipe.execute()
    except redis.RedisError:
        logger.warning("limit %s is not counted: no answer from Redis", name)
        return
    if taken > most:
        raise TooMany(max(left, 1))


def forget(pairs):
    """Forget what was counted for these pairs of a name and a key: they belong to a person who is erased."""
    places = [_place(name, key) for name, key in pairs]
    if not places:
        return
    try:
        _redis().delete(*places)
    except redis.RedisError:
        logger.warning("limits are not forgotten now: no answer from Redis; they end by themselves")


def _place(name, key):
    return "limit:" + hmac.digest(_key(), f"{name}\0{key}".encode("utf-8", "replace"), hashlib.sha256).hex()


@functools.cache
def _redis():
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


@functools.cache
def _key():
    return hmac.digest(bytes.fromhex(settings.SEARCH_INDEX_KEY), b"customers.limits", hashlib.sha256)
