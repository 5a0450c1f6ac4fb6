"""What staff fill in about customers. The rules of reading are those of the import."""

from .belongings import BELONGINGS, AddForm, ChangeForm, belonging_of
from .corrections import CorrectionForm
from .imports import EventsForm, ImportForm
from .media import PhotoForm, VideoForm
from .merging import ProposeMergeForm
from .numbers import CustomerField, find_customer
from .rotation import RotationForm
from .values import ReasonForm

__all__ = [
    "BELONGINGS",
    "AddForm",
    "ChangeForm",
    "CorrectionForm",
    "CustomerField",
    "EventsForm",
    "ImportForm",
    "PhotoForm",
    "ProposeMergeForm",
    "ReasonForm",
    "RotationForm",
    "VideoForm",
    "belonging_of",
    "find_customer",
]
