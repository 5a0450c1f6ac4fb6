"""Who may do what, as data: role -> permissions as ``app.codename``. What is not named here is refused.

Groups of these names are kept exactly so after every migration: a permission added by hand is taken away again. Four
eyes (who proposes does not approve) is kept by the services and the database, whatever roles a person has.
"""

from django.contrib.auth.models import Group, Permission
from django.utils.translation import gettext_lazy as _

ROLE_NAMES = {
    "intake": _("Intake"),
    "verifier": _("Verifier"),
    "handler": _("Handler"),
    "approver": _("Approver"),
    "privacy_officer": _("Privacy officer"),
    "notice_author": _("Notice author"),
    "notice_approver": _("Notice approver"),
    "auditor": _("Auditor"),
}

SEE_REQUESTS = {
    "requests_desk.view_datarequest", "requests_desk.view_fee", "requests_desk.view_decision",
    "requests_desk.view_package",
}  # fmt: skip
SEE_NOTICES = {"consent.view_policyversion", "consent.view_campaign", "consent.view_delivery"}
SEE_PURPOSES = {"consent.view_permitteduse", "consent.view_registerchange"}
SEE_LETTERS = {"consent.view_letterfile", "consent.post_letters"}  # names and addresses, to be posted
SEE_INQUIRIES = {"consent.view_officialinquiry"}  # few: it is no personal data that the person may see
SEE_COOKIES = {"consent.view_cookiechoice", "consent.view_externaltransmission"}
SEE_SUSPENSIONS = {"consent.view_suspension"}
SEE_THIRD_PARTIES = {"consent.view_thirdparty"}
SEE_CONSENTS = {"consent.view_consent", "consent.view_wording", "consent.view_question"}
SEE_LEDGER = {
    "consent.view_provision", "consent.view_provisionperson", "consent.view_provisionrefusal", "consent.view_receipt",
}  # fmt: skip
SEE_JOINT_USE = {"consent.view_jointuse"}
SEE_WORK = {"audit.view_job"}
SEE_HOLDS = {"requests_desk.view_hold"}
SEE_ERASURES = {"requests_desk.view_erasure"}
SEE_KEEPING = SEE_HOLDS | SEE_ERASURES | {"requests_desk.view_retentionrule", "requests_desk.view_retentionrun"}

ROLES = {
    "intake": SEE_REQUESTS
    | SEE_WORK
    | {
        "requests_desk.reveal_request",
        "requests_desk.assign_request",
        "requests_desk.receive_fee",
        "customers.view_customer",
    },  # fmt: skip
    "verifier": SEE_REQUESTS
    | {
        "requests_desk.view_identitydocument",
        "requests_desk.view_identitycheck",
        "requests_desk.reveal_request",
        "requests_desk.verify_identity",
    },  # fmt: skip
    "handler": SEE_REQUESTS  # does the daily work under the ten purposes, so takes data out under them too
    | SEE_PURPOSES
    | SEE_WORK
    | SEE_HOLDS
    | SEE_THIRD_PARTIES
    | SEE_CONSENTS
    | SEE_LEDGER
    | SEE_JOINT_USE
    | SEE_SUSPENSIONS
    | SEE_LETTERS
    | SEE_ERASURES
    | {
        "requests_desk.propose_erasure",
        "consent.suspend_use",
        "consent.record_consent",
        "consent.ask_question",
        "consent.give_provision",
        "consent.view_export",
        "consent.request_export",
        "requests_desk.view_identitycheck",
        "requests_desk.reveal_request",
        "requests_desk.assign_request",
        "requests_desk.match_customer",
        "requests_desk.propose_decision",
        "requests_desk.build_package",
        "requests_desk.close_request",
        "customers.view_customer",
        "customers.reveal_customer",
        "customers.correct_customer",
        "customers.propose_merge",
        "customers.view_merge",
    },  # fmt: skip
    "approver": SEE_REQUESTS
    | SEE_HOLDS
    | SEE_ERASURES
    | SEE_PURPOSES
    | SEE_INQUIRIES
    | SEE_THIRD_PARTIES
    | SEE_CONSENTS
    | SEE_LEDGER
    | SEE_JOINT_USE
    | SEE_SUSPENSIONS
    | {
        "requests_desk.approve_erasure",
        "consent.approve_registerchange",
        "consent.decide_officialinquiry",
        "consent.publish_jointuse",
        "requests_desk.view_identitycheck",
        "requests_desk.reveal_request",
        "requests_desk.approve_decision",
        "customers.view_customer",
        "customers.approve_merge",
        "customers.view_merge",
    },  # fmt: skip
    "privacy_officer": SEE_REQUESTS
    | SEE_NOTICES
    | SEE_LETTERS
    | SEE_PURPOSES
    | SEE_WORK
    | SEE_KEEPING
    | SEE_INQUIRIES
    | SEE_COOKIES
    | SEE_THIRD_PARTIES
    | SEE_CONSENTS
    | SEE_LEDGER
    | SEE_JOINT_USE
    | SEE_SUSPENSIONS
    | {
        "consent.suspend_use",
        "consent.record_consent",
        "consent.ask_question",
        "consent.give_provision",
        "consent.manage_externaltransmission",
        "consent.manage_thirdparty",
        "consent.enter_receipt",
        "consent.draft_jointuse",
        "consent.write_wording",
        "consent.enter_officialinquiry",
        "consent.decide_officialinquiry",
        "consent.publish_jointuse",
        "consent.propose_registerchange",
        "consent.view_export",
        "consent.request_export",
        "requests_desk.view_identitycheck",
        "requests_desk.reveal_request",
        "requests_desk.assign_request",
        "requests_desk.close_request",
        "customers.view_customer",
        "customers.reveal_customer",
        "customers.correct_customer",
        "customers.import_customers",
        "customers.view_import",
        "customers.rotate_keys",
        "customers.view_keyrotation",
        "customers.approve_merge",
        "customers.view_merge",
        "audit.view_entry",
        "audit.view_access",
        "audit.view_seal",
        "audit.view_outgoingmail",
        "audit.retry_job",
        "audit.view_office",
        "audit.change_office",
        "audit.view_staff",
        "audit.add_staff",
        "audit.change_staff",
        "requests_desk.decide_retention",
        "requests_desk.run_retention",
        "requests_desk.place_hold",
        "requests_desk.approve_erasure",
    },  # fmt: skip
    "notice_author": SEE_NOTICES | SEE_WORK | {"consent.write_policyversion", "consent.write_campaign"},
    "notice_approver": SEE_NOTICES | SEE_WORK | {"consent.approve_policyversion", "consent.start_campaign"},
    "auditor": SEE_REQUESTS
    | SEE_THIRD_PARTIES
    | SEE_CONSENTS
    | SEE_LEDGER
    | SEE_JOINT_USE
    | SEE_SUSPENSIONS
    | SEE_COOKIES
    | SEE_NOTICES
    | SEE_PURPOSES
    | SEE_WORK
    | SEE_KEEPING
    | {
        "consent.view_letterfile",
        "consent.view_export",
        "requests_desk.view_identitycheck",
        "customers.view_customer",
        "customers.view_import",
        "customers.view_keyrotation",
        "customers.view_merge",
        "audit.view_entry",
        "audit.view_access",
        "audit.view_seal",
        "audit.view_outgoingmail",
        "audit.view_office",
        "audit.view_staff",
    },  # fmt: skip
}


def keep_roles(sender, **kwargs):
    """After each migration: exactly these groups with exactly these permissions. Receiver of ``post_migrate``."""
    if sender.label != "requests_desk":  # the last app of ours: its permissions exist now, and so do all others
        return
    known = {
        f"{row.content_type.app_label}.{row.codename}": row for row in Permission.objects.select_related("content_type")
    }
    Group.objects.exclude(name__in=ROLES).delete()
    for name, wanted in ROLES.items():
        group, _made = Group.objects.get_or_create(name=name)
        group.permissions.set([known[permission] for permission in wanted if permission in known])
