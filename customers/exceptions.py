from audit.exceptions import OfficeError


class CustomersError(OfficeError):
    """Something asked of this app cannot be done."""


class DecryptionError(CustomersError):
    """A sealed value does not open under our keys, or was sealed for another column."""
