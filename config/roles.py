"""Who may do what: role -> permissions as ``app.codename``. What is not named here is refused."""

ROLES = {
    "intake": set(),
    "verifier": set(),
    "handler": set(),
    "approver": set(),
    "privacy_officer": set(),
    "notice_author": set(),
    "notice_approver": set(),
    "auditor": set(),
}
