from .canary import Canary
from .code import OneTimeCode
from .customer import CorrectionReason, Customer, SearchToken, Sex
from .file import FilePerson, SealedFile
from .imports import Import, ImportFault
from .link import OneTimeLink
from .rotation import KeyRotation
from .term import SearchTerm

__all__ = [
    "Canary",
    "CorrectionReason",
    "Customer",
    "FilePerson",
    "Import",
    "ImportFault",
    "KeyRotation",
    "OneTimeCode",
    "OneTimeLink",
    "SealedFile",
    "SearchTerm",
    "SearchToken",
    "Sex",
]
