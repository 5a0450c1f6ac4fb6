"""Role x URL x method: who gets which page. A page that the table does not name fails."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from audit.models import Actor, Entry, Staff
from config.roles import ROLE_NAMES, ROLES, keep_roles
from customers.services import merging, registration
from tests.factories.requests_desk import At

INTAKE, VERIFIER, HANDLER, APPROVER, OFFICER = "intake", "verifier", "handler", "approver", "privacy_officer"
AUTHOR, STARTER, AUDITOR = "notice_author", "notice_approver", "auditor"
EVERYONE = frozenset(ROLES)
DESK = frozenset({INTAKE, VERIFIER, HANDLER, APPROVER, OFFICER, AUDITOR})
WATCH = frozenset({OFFICER, AUDITOR})
NOTICES = frozenset({AUTHOR, STARTER, OFFICER, AUDITOR})
PURPOSES = frozenset({HANDLER, APPROVER, OFFICER, AUDITOR})
WORK = EVERYONE - {VERIFIER, APPROVER}
INQUIRIES = frozenset({APPROVER, OFFICER})
HOLDS = frozenset({HANDLER, APPROVER, OFFICER, AUDITOR})
SEE_CUSTOMERS = DESK - {VERIFIER}
SEE_MERGES = {HANDLER, APPROVER, OFFICER, AUDITOR}
LEDGER = ("provisionperson", "provisionrefusal", "receipt")
MERGE_ACTS = ("approve", "refuse", "undo")
PUBLIC, NOBODY, NO = "public", frozenset(), None  # NO: the method itself is refused with 405

CASE = "admin:requests_desk_datarequest_"
CUSTOMER = "admin:customers_customer_"

# name of the page: who may GET it, who may POST to it
PAGES = {
    "home": (PUBLIC, NO),
    "accessibility": (PUBLIC, NO),
    "language": (NO, PUBLIC),
    "requests_desk:*": (PUBLIC, PUBLIC),
    "consent:cookies": (PUBLIC, PUBLIC),
    "consent:ask-for-preferences": (PUBLIC, PUBLIC),
    "consent:preferences": (PUBLIC, PUBLIC),
    "consent:question": (PUBLIC, PUBLIC),
    "consent:stop": (PUBLIC, PUBLIC),
    "consent:*": (PUBLIC, NO),
    "admin:login": (PUBLIC, PUBLIC),
    "admin:index": (EVERYONE, NO),
    "admin:logout": (NO, EVERYONE),
    "admin:password_change": (EVERYONE, EVERYONE),
    f"{CASE}changelist": (DESK, DESK),
    f"{CASE}change": (DESK, NO),
    f"{CASE}reveal": (DESK, DESK - {AUDITOR}),
    f"{CASE}picture": ({VERIFIER}, NO),
    f"{CASE}verify": ({VERIFIER}, {VERIFIER}),
    f"{CASE}refuse-document": ({VERIFIER}, {VERIFIER}),
    f"{CASE}receive-fee": ({INTAKE}, {INTAKE}),
    f"{CASE}match": ({HANDLER}, {HANDLER}),
    f"{CASE}propose": ({HANDLER}, {HANDLER}),
    f"{CASE}approve": ({APPROVER}, {APPROVER}),
    f"{CASE}send-back": ({APPROVER}, {APPROVER}),
    f"{CASE}build": ({HANDLER}, {HANDLER}),
    f"{CASE}offer-again": ({HANDLER}, {HANDLER}),
    f"{CASE}close": ({HANDLER, OFFICER}, {HANDLER, OFFICER}),
    f"{CASE}assign": ({INTAKE, HANDLER, OFFICER}, {INTAKE, HANDLER, OFFICER}),
    f"{CASE}withdraw": ({HANDLER, OFFICER}, {HANDLER, OFFICER}),
    f"{CASE}lapse": ({HANDLER, OFFICER}, {HANDLER, OFFICER}),
    f"{CUSTOMER}changelist": (SEE_CUSTOMERS, SEE_CUSTOMERS),
    f"{CUSTOMER}change": (SEE_CUSTOMERS, NO),
    f"{CUSTOMER}reveal": (SEE_CUSTOMERS, {HANDLER, OFFICER}),
    f"{CUSTOMER}correct": ({HANDLER, OFFICER}, {HANDLER, OFFICER}),
    **{
        f"{CUSTOMER}{act}": ({HANDLER, OFFICER}, {HANDLER, OFFICER})
        for act in (
            "add-card",
            "add-bank",
            "add-e-money",
            "change-payment",
            "remove-payment",
            "add-external-id",
            "change-external-id",
            "withdraw-external-id",
            "remove-external-id",
            "add-cookie",
            "change-cookie",
            "remove-cookie",
            "add-device",
            "change-device",
            "remove-device",
            "add-photo",
            "add-video",
            "remove-media",
        )
    },
    f"{CUSTOMER}media": ({HANDLER, OFFICER}, NO),
    f"{CUSTOMER}media-small": ({HANDLER, OFFICER}, NO),
    f"{CUSTOMER}duplicates": ({HANDLER}, NO),
    f"{CUSTOMER}propose-merge": ({HANDLER}, {HANDLER}),
    "admin:customers_merge_changelist": (SEE_MERGES, NO),
    "admin:customers_merge_change": (SEE_MERGES, NO),
    "admin:customers_merge_reveal": (SEE_MERGES, {HANDLER, APPROVER, OFFICER}),
    **{f"admin:customers_merge_{act}": ({APPROVER, OFFICER}, {APPROVER, OFFICER}) for act in MERGE_ACTS},
    "admin:consent_policyversion_changelist": (NOTICES, NO),
    "admin:consent_policyversion_change": (NOTICES, NO),
    **{f"admin:consent_policyversion_{act}": ({AUTHOR}, {AUTHOR}) for act in ("draft", "revise", "submit", "withdraw")},
    **{f"admin:consent_policyversion_{act}": ({STARTER}, {STARTER}) for act in ("approve", "send-back")},
    "admin:consent_campaign_changelist": (NOTICES, NO),
    "admin:consent_campaign_change": (NOTICES, NO),
    **{
        f"admin:consent_campaign_{act}": ({AUTHOR}, {AUTHOR})
        for act in ("draft", "revise", "try", "submit", "pause", "resume", "letters")
    },
    **{
        f"admin:consent_campaign_{act}": ({STARTER}, {STARTER})
        for act in ("start", "send-back", "stop", "schedule", "unschedule")
    },
    "admin:consent_campaign_statement": (NOTICES, NO),
    "admin:consent_campaign_minutes": (NOTICES, NO),
    "admin:consent_campaign_statement-pdf": (NOTICES, NOTICES),
    "admin:consent_letterfile_changelist": ({HANDLER, OFFICER, AUDITOR}, NO),
    "admin:consent_letterfile_change": ({HANDLER, OFFICER, AUDITOR}, NO),
    **{
        f"admin:consent_letterfile_{act}": ({HANDLER, OFFICER}, {HANDLER, OFFICER})
        for act in ("download", "post", "throw-away")
    },
    "admin:consent_delivery_changelist": (NOTICES, NOTICES),
    "admin:consent_delivery_change": (NOTICES, NO),
    "admin:consent_permitteduse_changelist": (PURPOSES, NO),
    "admin:consent_permitteduse_change": (PURPOSES, NO),
    "admin:consent_registerchange_changelist": (PURPOSES, NO),
    "admin:consent_registerchange_change": (PURPOSES, NO),
    **{f"admin:consent_registerchange_{act}": ({OFFICER}, {OFFICER}) for act in ("propose", "withdraw")},
    **{f"admin:consent_registerchange_{act}": ({APPROVER}, {APPROVER}) for act in ("approve", "refuse")},
    "admin:consent_export_changelist": ({HANDLER, OFFICER, AUDITOR}, NO),
    "admin:consent_export_change": ({HANDLER, OFFICER, AUDITOR}, NO),
    **{f"admin:consent_export_{act}": ({HANDLER, OFFICER}, {HANDLER, OFFICER}) for act in ("ask", "download")},
    "admin:audit_entry_changelist": (WATCH, WATCH),
    "admin:audit_entry_change": (WATCH, NO),
    "admin:audit_seal_changelist": (WATCH, NO),
    "admin:audit_seal_change": (WATCH, NO),
    "admin:audit_access_changelist": (WATCH, WATCH),
    "admin:audit_access_change": (WATCH, NO),
    "admin:audit_outgoingmail_changelist": (WATCH, WATCH),
    "admin:audit_outgoingmail_change": (WATCH, NO),
    "admin:audit_job_changelist": (WORK, WORK),
    "admin:audit_job_change": (WORK, NO),
    "admin:audit_job_retry": ({OFFICER}, {OFFICER}),
    "admin:audit_office_changelist": (WATCH, NO),
    "admin:audit_office_change": (WATCH, NO),
    "admin:audit_office_facts": ({OFFICER}, {OFFICER}),
    "admin:audit_staff_changelist": (WATCH, WATCH),
    "admin:audit_staff_change": (WATCH, NO),
    **{f"admin:audit_staff_{act}": ({OFFICER}, {OFFICER}) for act in ("add", "roles", "password", "close", "open")},
    "admin:inventory": (SEE_CUSTOMERS, NO),
    "admin:requests_desk_retentionrule_changelist": (WATCH, NO),
    "admin:requests_desk_retentionrule_change": (WATCH, NO),
    **{f"admin:requests_desk_retentionrule_{act}": ({OFFICER}, {OFFICER}) for act in ("decide", "take-back")},
    "admin:consent_suspension_changelist": (HOLDS, HOLDS),
    "admin:consent_suspension_change": (HOLDS, NO),
    **{f"admin:consent_suspension_{act}": ({HANDLER, OFFICER}, {HANDLER, OFFICER}) for act in ("suspend", "lift")},
    "admin:consent_cookiechoice_changelist": (WATCH, WATCH),
    "admin:consent_cookiechoice_change": (WATCH, NO),
    "admin:consent_externaltransmission_changelist": (WATCH, NO),
    "admin:consent_externaltransmission_change": (WATCH, NO),
    **{f"admin:consent_externaltransmission_{act}": ({OFFICER}, {OFFICER}) for act in ("enter", "end")},
    "admin:consent_officialinquiry_changelist": (INQUIRIES, INQUIRIES),
    "admin:consent_officialinquiry_change": (INQUIRIES, NO),
    "admin:consent_officialinquiry_enter": ({OFFICER}, {OFFICER}),
    "admin:consent_jointuse_changelist": (HOLDS, NO),
    "admin:consent_jointuse_change": (HOLDS, NO),
    "admin:consent_jointuse_draft": ({OFFICER}, {OFFICER}),
    **{f"admin:consent_jointuse_{act}": (INQUIRIES, INQUIRIES) for act in ("publish", "end")},
    "admin:consent_provision_changelist": (HOLDS, HOLDS),
    "admin:consent_provision_change": (HOLDS, NO),
    **{f"admin:consent_provision_{act}": ({HANDLER, OFFICER},) * 2 for act in ("ask", "answers")},
    **{
        f"admin:consent_{rows}_changelist": (HOLDS, HOLDS)
        for rows in ("provisionperson", "provisionrefusal", "receipt")
    },
    **{f"admin:consent_{rows}_change": (HOLDS, NO) for rows in ("provisionperson", "provisionrefusal", "receipt")},
    "admin:consent_question_changelist": (HOLDS, HOLDS),
    "admin:consent_question_change": (HOLDS, NO),
    "admin:consent_question_ask": ({HANDLER, OFFICER}, {HANDLER, OFFICER}),
    "admin:consent_receipt_enter": ({OFFICER}, {OFFICER}),
    "admin:consent_thirdparty_persons": (HOLDS, HOLDS),
    "admin:consent_wording_changelist": (HOLDS, NO),
    "admin:consent_wording_change": (HOLDS, NO),
    **{f"admin:consent_wording_{act}": ({OFFICER}, {OFFICER}) for act in ("write", "retire")},
    "admin:consent_consent_changelist": (HOLDS, HOLDS),
    "admin:consent_consent_change": (HOLDS, NO),
    **{f"admin:consent_consent_{act}": ({HANDLER, OFFICER},) * 2 for act in ("record", "withdraw")},
    "admin:consent_thirdparty_changelist": (HOLDS, HOLDS),
    "admin:consent_thirdparty_change": (HOLDS, NO),
    **{
        f"admin:consent_thirdparty_{act}": ({OFFICER}, {OFFICER})
        for act in ("enter", "check", "revise", "inform", "measures", "end-measures", "agree", "end-agreement")
    },
    **{f"admin:consent_officialinquiry_{act}": (INQUIRIES, INQUIRIES) for act in ("answer", "decline")},
    "admin:requests_desk_erasure_changelist": (HOLDS, HOLDS),
    "admin:requests_desk_erasure_change": (HOLDS, NO),
    **{f"admin:requests_desk_erasure_{act}": ({HANDLER}, {HANDLER}) for act in ("propose", "withdraw")},
    **{f"admin:requests_desk_erasure_{act}": (INQUIRIES, INQUIRIES) for act in ("approve", "refuse")},
    "admin:requests_desk_hold_changelist": (HOLDS, HOLDS),
    "admin:requests_desk_hold_change": (HOLDS, NO),
    **{f"admin:requests_desk_hold_{act}": ({OFFICER}, {OFFICER}) for act in ("place", "lift")},
    "admin:requests_desk_retentionrun_changelist": (WATCH, NO),
    "admin:requests_desk_retentionrun_change": (WATCH, NO),
    "admin:requests_desk_retentionrun_look": ({OFFICER}, {OFFICER}),
    "admin:customers_import_changelist": ({OFFICER, AUDITOR}, NO),
    "admin:customers_import_change": ({OFFICER, AUDITOR}, NO),
    "admin:customers_import_report": ({OFFICER, AUDITOR}, NO),
    "admin:customers_import_upload": ({OFFICER}, {OFFICER}),
    "admin:customers_import_discard": ({OFFICER}, {OFFICER}),
    "admin:customers_keyrotation_changelist": ({OFFICER, AUDITOR}, NO),
    "admin:customers_keyrotation_change": ({OFFICER, AUDITOR}, NO),
    "admin:customers_keyrotation_start": ({OFFICER}, {OFFICER}),
    "admin:customers_import_upload-events": ({OFFICER}, {OFFICER}),
}


def pages(resolver=None, names=()):
    """Every named page of the site: its full name and the converters of its address."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from pages(pattern, (*names, pattern.namespace) if pattern.namespace else names)
        elif pattern.name:
            yield ":".join([*names, pattern.name]), pattern.pattern.converters


ADDRESSED = dict(pages())


def expected(name):
    return PAGES.get(name) or PAGES.get(name.partition(":")[0] + ":*")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """A customer, a request and a signed-in client for each role, in one transaction for the whole table."""
    with django_db_blocker.unblock(), transaction.atomic():
        customer = registration.register("C0000001", by=Actor.system(), name="見本 花子", kana="みほん はなこ")
        case = At.document_sent()
        other = registration.register("C0000002", by=Actor.system(), name="見本 花子")
        merge = merging.propose(customer, other, by=Actor.system())
        sessions = {}
        for role in ROLES:
            member = Staff.objects.create_user(f"the_{role}", "x")
            member.groups.set([Group.objects.get(name=role)])
            client = Client()
            client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
            sessions[role] = client.cookies["sessionid"].value
        yield {"customer": customer, "case": case, "merge": merge, "sessions": sessions}
        transaction.set_rollback(True)


@pytest.fixture
def ask(world):
    def ask(name, method, role=None):
        """Ask for a page in a transaction of its own and give the class of the answer."""
        client = Client(raise_request_exception=False)
        if role:
            client.cookies["sessionid"] = world["sessions"][role]
        with transaction.atomic():
            response = client.generic(method, address_of(name, world), b"", "application/x-www-form-urlencoded")
            transaction.set_rollback(True)
        to_sign_in = response.status_code == 302 and response.headers["Location"].startswith("/admin/login/")
        return "sign in" if to_sign_in else response.status_code

    return ask


def address_of(name, world):
    subject = {
        "customers_customer": world["customer"],
        "requests_desk_datarequest": world["case"],
        "customers_merge": world["merge"],
    }
    model = name.removeprefix("admin:").rpartition("_")[0]
    values = {"document_id": world["case"].documents.get().pk, "step": "kind", "token": "x" * 20, "kind": "other"}
    values |= {"number": 1, "part_id": 1, "media_id": 1, "object_id": getattr(subject.get(model), "pk", 1)}
    return reverse(name, kwargs={key: values[key] for key in ADDRESSED[name]})


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", sorted(ADDRESSED))
def test_each_page_answers_each_role_as_the_table_says(ask, name, method):
    allowed = expected(name)
    assert allowed is not None, f"{name} is missing from the table"
    allowed = allowed[0 if method == "GET" else 1]

    answers = {role: ask(name, method, role) for role in ([INTAKE] if PUBLIC in expected(name) else ROLES)}
    answers["anonymous"] = ask(name, method)

    for role, answer in answers.items():
        where = f"{method} {name} as {role}: {answer}"
        if allowed == PUBLIC:
            assert answer not in {"sign in", 403, 500}, where
        elif role == "anonymous" and name.startswith("admin:"):
            assert answer == "sign in", where
        elif allowed is NO:
            assert answer == 405 or (answer == 403 and name.startswith("admin:")), where
        elif role in allowed:
            assert answer in {200, 302, 400, 404}, where
        else:
            assert answer == 403, where


def test_the_table_names_no_page_that_is_gone():
    assert not [name for name in PAGES if not name.endswith(":*") and name not in ADDRESSED]


def test_who_is_signed_in_without_a_role_gets_nothing_but_the_first_page(client, db):
    client.force_login(Staff.objects.create_user("new", "x"), backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/requests_desk/datarequest/").status_code == 403


def test_a_reveal_leaves_no_entry_for_who_may_not(ask, world):
    before = Entry.objects.count()

    ask(f"{CUSTOMER}reveal", "POST", AUDITOR)

    assert Entry.objects.count() == before


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(ROLES))
def test_each_permission_of_a_role_exists_and_its_group_has_exactly_these(role):
    held = Group.objects.get(name=role).permissions.select_related("content_type")

    assert {f"{each.content_type.app_label}.{each.codename}" for each in held} == ROLES[role]


def test_every_role_has_a_name():
    assert set(ROLE_NAMES) == set(ROLES)


@pytest.mark.django_db
def test_what_was_added_by_hand_is_taken_away_after_a_migration():
    group = Group.objects.get(name="auditor")
    group.permissions.add(Permission.objects.get(codename="correct_customer"))
    Group.objects.create(name="friends")

    keep_roles(apps.get_app_config("requests_desk"))

    assert not group.permissions.filter(codename="correct_customer").exists()
    assert not Group.objects.filter(name="friends").exists()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("requests_desk.propose_decision", "requests_desk.approve_decision"),
        ("consent.write_policyversion", "consent.approve_policyversion"),
        ("consent.write_campaign", "consent.start_campaign"),
        ("consent.propose_registerchange", "consent.approve_registerchange"),
        ("customers.propose_merge", "customers.approve_merge"),
        ("requests_desk.propose_erasure", "requests_desk.approve_erasure"),
    ],
)
def test_no_role_both_proposes_and_approves(one, other):
    assert not [role for role, held in ROLES.items() if one in held and other in held]
