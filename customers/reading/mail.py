"""E-mail addresses."""

import functools
import re
import unicodedata

from .reasons import Unreadable
from .text import refuse_hostile

_CARRIERS = re.compile(
    r"(?:[\w-]+\.)*(?:docomo\.ne\.jp|ezweb\.ne\.jp|au\.com|softbank\.ne\.jp|i\.softbank\.jp|vodafone\.ne\.jp"
    r"|disney\.ne\.jp|disneymobile\.ne\.jp|willcom\.com|ymobile\.ne\.jp|ymobile1\.ne\.jp|emnet\.ne\.jp|pdx\.ne\.jp"
    r"|jp-[a-z]\.ne\.jp|uqmobile\.jp|sky\.tkc\.ne\.jp)",
    re.ASCII,
)
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def read_email(text):
    """One address, its width folded. Old carrier addresses (``abc..d.@docomo.ne.jp``) are accepted as they are."""
    address = unicodedata.normalize("NFKC", text).strip()
    refuse_hostile(address, 10_000)
    if not address:
        return ""
    local, at, domain = address.rpartition("@")
    if not at:
        raise Unreadable("email_no_at")
    quoted = len(local) > 2 and local[0] == local[-1] == '"'
    bare = local[1:-1] if quoted else local
    if "@" in bare or re.search(r"[,;\s]\S*$", bare):
        raise Unreadable("email_several" if "@" in bare else "email_characters")
    if not bare:
        raise Unreadable("email_no_local")
    if not domain or "." not in domain.strip("."):
        raise Unreadable("email_no_domain")
    if not _LOCAL.fullmatch(bare):
        raise Unreadable("email_characters")
    if (".." in bare or bare[0] == "." or bare[-1] == ".") and not quoted and not _CARRIERS.fullmatch(domain.lower()):
        raise Unreadable("email_dots")
    _check_domain(domain)
    if len(address) > 254 or len(local) > 64:
        raise Unreadable("email_long")
    return address


@functools.lru_cache(maxsize=1024)  # a file has few of them, again and again; no address is kept
def _check_domain(domain):
    try:
        labels = (domain if domain.isascii() else domain.encode("idna").decode()).split(".")
    except UnicodeError:
        raise Unreadable("email_characters") from None
    if "" in labels:
        raise Unreadable("email_no_domain")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise Unreadable("email_characters")
    if labels[-1].isdigit() or len(labels[-1]) < 2:
        raise Unreadable("email_no_domain")


_MAIL_HOSTS = (
    "gmail.com", "yahoo.co.jp", "icloud.com", "outlook.jp", "outlook.com", "hotmail.com", "hotmail.co.jp", "live.jp",
    "docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp", "ymobile.ne.jp", "me.com", "mac.com",
    "nifty.com", "so-net.ne.jp", "biglobe.ne.jp", "ocn.ne.jp",
)  # fmt: skip
_KNOWN_MISSES = {
    "gmail.co": "gmail.com", "gmail.jp": "gmail.com", "gmail.co.jp": "gmail.com", "gmail.ne.jp": "gmail.com",
    "gmail.con": "gmail.com", "googlemail.co": "gmail.com", "yahoo.jp": "yahoo.co.jp", "yahoo.ne.jp": "yahoo.co.jp",
    "yahoo.co": "yahoo.co.jp", "yahoo.cojp": "yahoo.co.jp", "docomo.jp": "docomo.ne.jp", "docomo.co.jp": "docomo.ne.jp",
    "docomo.com": "docomo.ne.jp", "docomo.ne": "docomo.ne.jp", "ezweb.jp": "ezweb.ne.jp", "ezweb.co.jp": "ezweb.ne.jp",
    "ezweb.ne": "ezweb.ne.jp", "softbank.jp": "softbank.ne.jp", "softbank.co.jp": "softbank.ne.jp",
    "i.softbank.ne.jp": "i.softbank.jp", "i.softbank.co.jp": "i.softbank.jp", "icloud.co": "icloud.com",
    "icloud.jp": "icloud.com", "icloud.ne.jp": "icloud.com", "au.ne.jp": "au.com", "hotmail.co": "hotmail.com",
    "outlook.co": "outlook.com", "outlook.co.jp": "outlook.jp",
}  # fmt: skip
_REAL_NEIGHBOURS = {"ymail.com", "mail.com", "gmx.com", "email.com", "live.com", "msn.com", "aol.com", "yahoo.com"}


def near_miss(address):
    """The address that was probably meant (``taro@gmail.co`` -> ``taro@gmail.com``), or ``None``. Ask, never refuse."""
    local, _at, domain = address.rpartition("@")
    domain = domain.lower()
    if not local or domain in _MAIL_HOSTS or domain in _REAL_NEIGHBOURS:
        return None
    meant = _KNOWN_MISSES.get(domain) or next(
        (host for host in _MAIL_HOSTS if len(host) > 7 and _one_slip_apart(domain, host)), None
    )
    return f"{local}@{meant}" if meant else None


def _one_slip_apart(first, second):
    """One letter too many, too few, wrong, or two neighbours swapped."""
    if abs(len(first) - len(second)) > 1 or first == second:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )
    first, second = first[start:], second[start:]
    return (
        first[1:] == second[1:]
        or first[1:] == second
        or first == second[1:]
        or (first[:2] == second[1::-1] and first[2:] == second[2:] and len(first) > 1)
    )
