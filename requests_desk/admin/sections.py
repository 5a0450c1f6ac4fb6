"""The sections of a case page, in the order of the work."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.acts import mail_in_words
from audit.admin.base import Fact, Panel, Table, facts_of, in_words
from audit.models import Access, OutgoingMail
from audit.services.trail import reference
from customers.models import Customer
from requests_desk.models import Decision, Held

PERSON_FIELDS = ("name", "kana", "email", "telephone", "postcode", "address", "birth_date")
COMPARED = ("name", "kana", "birth_date", "email", "telephone", "postcode", "address")
REVEAL = "requests_desk.reveal_request"


def of(request, case):
    """Every section; an empty one says so."""
    opens = request.user.has_perm("customers.view_customer")
    return [
        arrival(case), person(case, opens=opens), identity(case), fee(case), decision(case), carrying_out(case),
        letters(case),
    ]  # fmt: skip


def arrival(case):
    return Panel(
        "about", _("What is asked"), [
            *facts_of(case, "kind", "who", "method", "language"),
            *facts_of(case, "arrived_on", "due_on"),
        ],
        sealed=("about",), default_case=str(case), default_reason=Access.Reason.REQUEST, permission=REVEAL,
        is_direct=True, reveal_label=_("Show what it is about"), person=customer_of(case),
    )  # fmt: skip


def person(case, *, opens=True):
    """Who asks, and which customer that is: with a link for who may open it."""
    customer = customer_of(case)
    facts = [Fact(_("What we hold"), case.get_held_display())]
    if customer is not None:
        facts.append(
            Fact(pgettext_lazy("desk", "Customer"), link("customers_customer", customer) if opens else str(customer))
        )
        facts += facts_of(case, "matched_at", "matched_by")
    return Panel(
        "person", _("The person"), facts, sealed=PERSON_FIELDS, permission=REVEAL, default_case=str(case),
        default_reason=Access.Reason.REQUEST, is_direct=True, reveal_label=_("Show who asks"), person=customer,
    )  # fmt: skip


def identity(case):
    rows = []
    for document in case.documents.select_related("check_result", "check_result__checked_by__staff").order_by("-pk"):
        check = getattr(document, "check_result", None)
        rows.append(
            [
                in_words(document.uploaded_at),
                document.get_state_display(),
                check.get_document_type_display() or check.get_reason_display() if check else in_words(None),
                in_words(check.checked_by) if check else in_words(None),
                in_words(document.purged_at) if document.purged_at else _("kept, sealed"),
            ]
        )
    columns = [
        pgettext_lazy("document", "Sent"), _("State"), _("Document or reason"), _("Checked by"), _("Picture purged"),
    ]  # fmt: skip
    return Panel(
        "identity", _("Identity"), facts_of(case, "identity"), table=Table(columns, rows),
        note="" if rows else _("No document has come yet. The person sends it from the status page."),
    )  # fmt: skip


def fee(case):
    row = getattr(case, "fee", None)
    if row is None:
        return Panel("fee", _("Fee"), empty=_("This kind of request costs nothing."))
    facts = [Fact(_("Amount"), _("%(yen)s yen") % {"yen": f"{row.amount:,}"}), *facts_of(row, "state", "pay_by")]
    if row.received_on:
        facts += facts_of(row, "received_on", "method")
    if row.settled_at:
        facts += facts_of(row, "settled_at", "settled_by")
    return Panel("fee", _("Fee"), facts)


def decision(case):
    standing = decisions_of(case).filter(state__in=["PROPOSED", "APPROVED"]).first()
    row = standing or decisions_of(case).order_by("-pk").first()
    if row is None:
        return Panel("decision", _("Decision"), empty=_("None yet. One person proposes it, another approves it."))
    return decision_panel(case, row)


def decision_panel(case, row):
    """One decision; its reason in words stays masked until asked for."""
    facts = [*facts_of(row, "state", "outcome")]
    if row.ground:
        facts += facts_of(row, "ground")
    facts += facts_of(row, "proposed_at", "proposed_by")
    if row.approved_at:
        facts += facts_of(row, "approved_at", "approved_by")
    sealed = []
    if row.ground:
        sealed.append("reason")
    if row.sent_back_at:
        facts += facts_of(row, "sent_back_at", "sent_back_by")
        sealed.append("remark")
    return Panel(
        "decision", _("Decision"), facts, sealed=tuple(sealed), subject=row, person=customer_of(case),
        permission=REVEAL, is_direct=True, reveal_label=_("Show the words"), default_case=str(case),
        default_reason=Access.Reason.REQUEST,
    )  # fmt: skip


def carrying_out(case):
    row = getattr(case, "package", None)
    if row is None:
        return Panel(
            "answer",
            _("Carrying out"),
            empty=_("None yet. The answer is made by itself once the decision is approved."),
        )
    facts = facts_of(row, "state", "is_letter", "size", "offered_at", "offered_until")
    if row.collected_at:
        facts += facts_of(row, "collected_at", "collected_by")
        if row.last_collected_at > row.collected_at:
            facts += facts_of(row, "last_collected_at")
    if row.purged_at:
        facts += facts_of(row, "purged_at")
    return Panel("answer", _("Carrying out"), facts)


def letters(case):
    mails = OutgoingMail.objects.filter(subject=reference(case)).order_by("-pk")[:20]
    rows = [[mail_in_words(mail.kind), mail.get_state_display(), in_words(mail.created_at)] for mail in mails]
    return Panel(
        "letters", _("Letters and mails"), table=Table([_("Mail"), _("State"), _("Written")], rows),
        empty=_("No mail was written yet."),
    )  # fmt: skip


def compared(case, customers):
    """The request's values beside those of the candidates, masked until asked for."""
    panel = Panel(
        "compare", _("Values beside each other"), sealed=COMPARED, also=customers, hide_facts=True, permission=REVEAL,
        is_direct=True, reveal_label=_("Show the values of the request and of these customers"),
        default_case=str(case), default_reason=Access.Reason.REQUEST, template="admin/requests_desk/compare.html",
    )  # fmt: skip
    panel.context = {"case": case, "customers": customers, "rows": lambda: _comparison(case, customers)}
    return panel


def _comparison(case, customers):
    return [
        (
            capfirst(case._meta.get_field(name).verbose_name),
            [in_words(getattr(row, name)) for row in [case, *customers]],
        )
        for name in COMPARED
    ]


def document(case):
    """The document beside the request's values, both hidden until asked for."""
    row = case.documents.filter(state="TO_CHECK").only("pk", "uploaded_at", "width", "height").first()
    panel = Panel(
        "document", _("Document and request"), sealed=("name", "kana", "birth_date", "postcode", "address"),
        permission="requests_desk.verify_identity", is_direct=True, reveal_label=_("Show the document and the values"),
        default_case=str(case), default_reason=Access.Reason.IDENTITY, hide_facts=True, person=customer_of(case),
        template="admin/requests_desk/document.html",
    )  # fmt: skip
    if row is not None:
        address = reverse("admin:requests_desk_datarequest_picture", args=[case.pk, row.pk])
        panel.context = {"document": row, "picture_url": address, "rows": lambda: _values(case, panel.sealed)}
    return panel


def _values(case, names):
    return [Fact(capfirst(case._meta.get_field(name).verbose_name), getattr(case, name)) for name in names]


def customer_of(case):
    """The matched customer without the sealed columns, or ``None``."""
    if case.held != Held.MATCHED:
        return None
    return Customer.objects.only("number", "erased_at").get(pk=case.customer_id)


def decisions_of(case):
    """The decisions without their sealed words."""
    return Decision.objects.filter(request_id=case.pk).defer("reason", "remark")


def link(model, row):
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{model}_change", args=[row.pk]), row)
