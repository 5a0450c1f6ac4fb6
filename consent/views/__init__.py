"""The public pages of this app."""

from .cookies import cookie_settings, transmissions
from .reading import changes, history, joint_use, policy, purposes, version

__all__ = ["changes", "cookie_settings", "history", "joint_use", "policy", "purposes", "transmissions", "version"]
