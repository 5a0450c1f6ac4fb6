from .decision import Decision, Ground, Outcome
from .draft import Draft
from .erasure import Erasure, ErasureStatus
from .fee import Fee
from .identity import DocumentType, IdentityCheck, IdentityDocument, Item, RefusalReason
from .kinds import OF_KIND, grounds_for, rules_of
from .mailbox import Mailbox
from .package import Package
from .request import (
    CLOCK_DAYS,
    FEE_KINDS,
    FINAL,
    MOVES,
    OFFERED_KINDS,
    OFFERED_METHODS,
    OFFERED_WHO,
    DataRequest,
    Held,
    Identity,
    Kind,
    Method,
    Status,
    Who,
)
from .retention import CountedFrom, Hold, RetentionRule, RetentionRun, months_in_words
from .token import RequestToken

__all__ = [
    "CLOCK_DAYS",
    "CountedFrom",
    "DataRequest",
    "Decision",
    "DocumentType",
    "Draft",
    "Erasure",
    "ErasureStatus",
    "FEE_KINDS",
    "FINAL",
    "Fee",
    "Ground",
    "Held",
    "Hold",
    "Identity",
    "IdentityCheck",
    "IdentityDocument",
    "Item",
    "Kind",
    "MOVES",
    "Mailbox",
    "Method",
    "OFFERED_KINDS",
    "OFFERED_METHODS",
    "OFFERED_WHO",
    "OF_KIND",
    "Outcome",
    "Package",
    "RefusalReason",
    "RequestToken",
    "RetentionRule",
    "RetentionRun",
    "Status",
    "Who",
    "grounds_for",
    "months_in_words",
    "rules_of",
]
