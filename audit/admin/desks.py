"""The desk's pages about the trail, the work and the office.

Not in the package's own module: the admin site is made of :mod:`audit.admin.base`, and must stand before pages
register.
"""

from . import words
from .office import OfficeAdmin
from .staff import StaffAdmin
from .trail import AccessAdmin, EntryAdmin, SealAdmin
from .work import JobAdmin, OutgoingMailAdmin

__all__ = [
    "AccessAdmin", "EntryAdmin", "JobAdmin", "OfficeAdmin", "OutgoingMailAdmin", "SealAdmin", "StaffAdmin", "words",
]  # fmt: skip
