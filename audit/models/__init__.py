from .access import Access
from .actor import Actor
from .job import Job
from .mail import OutgoingMail
from .office import Office
from .staff import Staff
from .trail import Entry, Link, Seal

__all__ = ["Access", "Actor", "Entry", "Job", "Link", "Office", "OutgoingMail", "Seal", "Staff"]
