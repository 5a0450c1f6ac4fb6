"""The public pages of this app."""

from .cookies import cookie_settings, transmissions
from .reading import changes, history, policy, purposes, version

__all__ = ["changes", "cookie_settings", "history", "policy", "purposes", "transmissions", "version"]
