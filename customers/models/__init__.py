from .customer import CorrectionReason, Customer, SearchToken, Sex
from .imports import Import, ImportFault

__all__ = ["CorrectionReason", "Customer", "Import", "ImportFault", "SearchToken", "Sex"]
