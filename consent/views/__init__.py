"""The public pages of this app."""

from .cookies import cookie_settings, transmissions
from .feed import policy_feed, policy_feed_en
from .preferences import ask_for_preferences, own_preferences, question, stop
from .reading import changes, history, joint_use, policy, purposes, version

__all__ = [
    "ask_for_preferences",
    "changes",
    "cookie_settings",
    "history",
    "joint_use",
    "own_preferences",
    "policy",
    "policy_feed",
    "policy_feed_en",
    "purposes",
    "question",
    "stop",
    "transmissions",
    "version",
]
