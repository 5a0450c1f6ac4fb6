"""One account for each role of staff."""

import json
import os
import secrets

from audit.models import Actor, Staff
from audit.services import staff
from config.roles import ROLES

NAMES = {
    "intake": "受付 一郎",
    "verifier": "確認 二葉",
    "handler": "担当 三郎",
    "approver": "承認 四季",
    "privacy_officer": "責任 五月",
    "notice_author": "起案 六花",
    "notice_approver": "決裁 七海",
    "auditor": "監査 八雲",
}
SOUNDS = [c + v for c in "bdfghjkmnprstz" for v in "aeiou"]


def make_accounts(path):
    """Make the accounts and keep their passwords in ``path``, for this account's eyes alone."""
    accounts = {}
    for role in ROLES:
        password = "-".join("".join(secrets.choice(SOUNDS) for _sound in range(3)) for _word in range(3))
        staff.create(
            role, roles=[role], display_name=NAMES.get(role, role), email=f"{role.replace('_', '-')}@office-ant.test",
            password=password, by=Actor.system(),
        )  # fmt: skip
        accounts[role] = password
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(accounts, file)


def actor_of(role):
    return Staff.objects.get(username=role).actor
