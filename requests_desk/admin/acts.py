"""The decisions of the desk: one page each, one service each."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from audit.admin.base import DecisionView, NotNow
from customers.models import Customer
from requests_desk.models import Held
from requests_desk.services import decisions, fees, fulfilment, identity, matching, progress
from requests_desk.services.steps import Step, facts_of, may

from . import sections
from .forms import (
    AssignForm,
    FeeForm,
    MatchForm,
    NoFurtherWords,
    ProposeForm,
    RefuseDocumentForm,
    SendBackForm,
    VerifyForm,
)  # fmt: skip

P = "requests_desk."
PAGES = {
    Step.RECEIVE_FEE: "receive-fee", Step.VERIFY: "verify", Step.REFUSE_DOCUMENT: "refuse-document",
    Step.MATCH: "match", Step.PROPOSE: "propose", Step.APPROVE: "approve", Step.SEND_BACK: "send-back",
    Step.BUILD: "build", Step.OFFER_AGAIN: "offer-again", Step.CLOSE: "close", Step.WITHDRAW: "withdraw",
    Step.LAPSE: "lapse", Step.ASSIGN: "assign",
}  # fmt: skip


class StepView(DecisionView):
    """A decision that is a step of :mod:`requests_desk.services.steps`: possible when ``may`` says so."""

    def __init__(self, step, form, service, verb, **options):
        super().__init__(form, service, verb, name=PAGES[step], may=self._may, **options)
        self.step = step

    def act(self, request, model_admin, case):
        act = super().act(request, model_admin, case)
        if self.step == Step.MATCH and case.held != Held.UNKNOWN:
            act.main = False  # it can be done over, but something else comes next
        return act

    def _may(self, request, case):
        facts = getattr(case, "_facts", None)
        if facts is None:
            facts = case._facts = facts_of(case, by=request.user.actor)
        answer = may(facts, self.step)
        if answer:
            return None
        lifting = next((decision for decision in DECISIONS if decision.step == answer.lifts), None)
        if lifting is None or not may(facts, lifting.step):
            return NotNow(answer.reason)  # nothing that could be done now lifts it
        if not lifting.is_allowed(request):
            return NotNow(answer.reason, label=_("%(step)s: %(who)s") % {
                "step": lifting.step.label, "who": lifting.role_words
            })  # fmt: skip
        url = reverse(f"admin:requests_desk_datarequest_{lifting.name}", args=[case.pk])
        return NotNow(answer.reason, url, lifting.step.label)


def _found(case):
    """The candidates of a match page, once per request."""
    if not hasattr(case, "_found"):
        case.refresh_from_db(fields=sections.COMPARED)
        case._found = matching.candidates(case)
    return case._found


def _match_arguments(request, case):
    choices = []
    for customer, agreeing in _found(case):
        names = [str(Customer._meta.get_field(name).verbose_name) for name in agreeing]
        words = pgettext("desk", ", ").join(names) if names else _("nothing")
        choices.append((customer.number, _("%(number)s: agrees in %(what)s") % {"number": customer, "what": words}))
    return {"choices": choices}


def _match(request, case, values):
    by = request.user.actor
    if values["customer"] is None:
        return matching.none_held(case, by=by)
    return matching.match(case, customer=values["customer"], by=by)


def _compared(request, case):
    return [sections.compared(case, [customer for customer, _agreeing in _found(case)][:4])]


def _verify(request, case, values):
    return identity.verify(
        case, document_type=values["document_type"], matched_items=values["matched_items"], by=request.user.actor
    )


def _proposal(request, case):
    row = sections.decisions_of(case).filter(state="PROPOSED").first()
    return [sections.decision_panel(case, row)] if row else []


DECISIONS = [
    StepView(
        Step.VERIFY, VerifyForm, identity.verify, _("Confirm identity"), permission=P + "verify_identity", main=True,
        explain=_(
            "Compare the document with what the request says. Confirming lets the examination begin once the fee is "
            "in. The picture is purged when the request is closed, at the latest 30 days after this check."
        ),
        cannot_undo=_("A confirmation stands for this request."),
        done=_("%(number)s: identity confirmed. Next: search for the customer, once the fee is in."),
        call=_verify, panels=lambda request, case: [sections.document(case)],
        role_words=_("The verifier does this."),
    ),
    StepView(
        Step.REFUSE_DOCUMENT, RefuseDocumentForm, identity.refuse, _("Ask for another document"),
        permission=P + "verify_identity",
        explain=_("The person gets a mail with your reason and can send another picture."),
        cannot_undo=_("The picture is purged at once."),
        done=_("%(number)s: another document was asked for. The request now waits for the person."),
        panels=lambda request, case: [sections.document(case)], role_words=_("The verifier does this."),
    ),
    StepView(
        Step.RECEIVE_FEE, FeeForm, fees.receive, _("Record the payment"), permission=P + "receive_fee", main=True,
        explain=_("The fee is recorded as received. Whatever the outcome of the request, it is not paid back."),
        cannot_undo=_("A recorded payment is not taken out again."),
        done=_("%(number)s: the fee was recorded as received. The examination begins once the identity is confirmed."),
        arguments=lambda request, case: {"fee": getattr(case, "fee", None)},
        panels=lambda request, case: [sections.fee(case)], role_words=_("Intake does this."),
    ),
    StepView(
        Step.MATCH, MatchForm, matching.match, _("Search and match to a customer"), permission=P + "match_customer",
        main=True,
        explain=_(
            "The customers below were found by e-mail, telephone, name or reading. What agrees is said without "
            "showing values. Show the values where that is not enough."
        ),
        done=_("%(number)s: the result of the search was noted. Next: propose a decision."),
        arguments=_match_arguments, call=_match, panels=_compared, role_words=_("The handler does this."),
    ),
    StepView(
        Step.PROPOSE, ProposeForm, decisions.propose, _("Propose a decision"), permission=P + "propose_decision",
        main=True,
        explain=_("Somebody else approves your proposal or sends it back. Nothing leaves the office before that."),
        done=_("%(number)s: the decision was proposed. It now waits for the approver."),
        arguments=lambda request, case: {"request": case}, role_words=_("The handler does this."),
        panels=lambda request, case: [sections.person(case)],
    ),
    StepView(
        Step.APPROVE, NoFurtherWords, decisions.approve, _("Approve the decision"), permission=P + "approve_decision",
        main=True,
        explain=_(
            "The answer is made by itself, sealed, and offered on the status page. A mail tells the person that "
            "something is there to collect."
        ),
        cannot_undo=_("What the person has collected cannot be called back."),
        done=_("%(number)s: the decision was approved. The answer is being made; the person gets a mail."),
        panels=_proposal, role_words=_("The approver does this."),
    ),
    StepView(
        Step.SEND_BACK, SendBackForm, decisions.send_back, _("Send the proposal back"),
        permission=P + "approve_decision",
        explain=_("The request goes back to the handler, who proposes again."),
        done=_("%(number)s: the proposal was sent back. It now waits for the handler."), panels=_proposal,
        role_words=_("The approver does this."),
    ),
    StepView(
        Step.BUILD, NoFurtherWords, fulfilment.build, _("Have the answer made again"), permission=P + "build_package",
        explain=_("A worker makes the answer once more. Do this where it did not come about by itself."),
        done=_("%(number)s: the answer is being made. Look again in a minute."), role_words=_("The handler does this."),
    ),
    StepView(
        Step.OFFER_AGAIN, NoFurtherWords, fulfilment.offer_again, _("Offer the answer again"),
        permission=P + "build_package",
        explain=_("The person can collect the answer for another 14 days and gets a mail that says so."),
        done=_("%(number)s: the answer is offered again. The person gets a mail."),
        role_words=_("The handler does this."),
    ),
    StepView(
        Step.CLOSE, NoFurtherWords, progress.close, _("Close the request"), permission=P + "close_request", main=True,
        explain=_("The request ends as answered. The picture of the identity document is purged at the same moment."),
        cannot_undo=_("A closed request is not opened again, and the picture is gone."),
        done=_("%(number)s: the request was closed. Nothing is left to do."), role_words=_("The handler does this."),
    ),
    StepView(
        Step.ASSIGN, AssignForm, progress.assign, _("Assign"), permission=P + "assign_request",
        explain=_("The request then stands among those of the person whom you choose."),
        done=_("%(number)s: the assignment was changed."),
        arguments=lambda request, case: {"request": case, "staff": request.user},
        role_words=_("Intake or the handler does this."),
    ),
    StepView(
        Step.WITHDRAW, NoFurtherWords, progress.withdraw, _("Withdraw the request"), permission=P + "close_request",
        explain=_(
            "Only where the person told the office so. The request ends without an answer. A fee that was paid is "
            "kept; one that is due is asked for no longer."
        ),
        cannot_undo=_("A withdrawn request is not opened again; the person would have to make a new one."),
        done=_("%(number)s: the request was withdrawn. Nothing is left to do."), role_words=_("The handler does this."),
    ),
    StepView(
        Step.LAPSE, NoFurtherWords, progress.lapse, _("Let the request lapse"), permission=P + "close_request",
        explain=_("The time to pay is over. The request ends without an answer, and the fee is asked for no longer."),
        cannot_undo=_("A lapsed request is not opened again."),
        done=_("%(number)s: the request lapsed. Nothing is left to do."), role_words=_("The handler does this."),
    ),
]  # fmt: skip
