from .canary import Canary
from .code import OneTimeCode
from .count import HeldCount
from .customer import CorrectionReason, Customer, OfPersonQuerySet, SearchToken, Sex
from .event import Event, EventKind, StrayEvent
from .file import FilePerson, SealedFile
from .identifiers import CookieIdentifier, Device, ExternalAccount
from .imports import Import, ImportFault
from .link import OneTimeLink
from .media import Media
from .merge import Merge, MergeStatus
from .payment import PaymentMethod
from .rotation import KeyRotation
from .term import SearchTerm

__all__ = [
    "Canary",
    "CookieIdentifier",
    "CorrectionReason",
    "Customer",
    "Device",
    "Event",
    "EventKind",
    "ExternalAccount",
    "FilePerson",
    "HeldCount",
    "Import",
    "ImportFault",
    "Media",
    "Merge",
    "MergeStatus",
    "KeyRotation",
    "OfPersonQuerySet",
    "OneTimeCode",
    "OneTimeLink",
    "PaymentMethod",
    "SealedFile",
    "SearchTerm",
    "SearchToken",
    "Sex",
    "StrayEvent",
]
