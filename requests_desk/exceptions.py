from django.utils.translation import gettext_lazy as _

from audit.exceptions import OfficeError


class RequestsDeskError(OfficeError):
    """Something asked of this app cannot be done."""


class DraftUnknown(RequestsDeskError):
    """No draft answers to this key: it was never there, or its 24 hours are over."""

    def __init__(self):
        super().__init__(_("What you typed is no longer kept, because 24 hours have passed. Please begin again."))


class DraftIncomplete(RequestsDeskError):
    """A page of the form was not answered yet. ``steps`` names them in the order of the form."""

    def __init__(self, steps):
        self.steps = steps
        super().__init__(_("Some pages are not answered yet. Please answer them first."))


class DraftAlreadySent(RequestsDeskError):
    """The draft has become a request: ``request``."""

    def __init__(self, request):
        self.request = request
        super().__init__(_("This request has already been received."))


class StepNotAllowed(RequestsDeskError):
    """The step is not possible now. ``answer`` is the :class:`NotNow` that says why and what lifts it."""

    def __init__(self, request, answer):
        self.answer = answer
        super().__init__(_("%(number)s: %(reason)s") % {"number": request, "reason": answer.reason})


class FeeWrong(RequestsDeskError):
    """What was paid is not what is due, or the date of payment cannot be right."""


class CheckIncomplete(RequestsDeskError):
    """An identity check that does not bear what it concludes."""


class DecisionIncomplete(RequestsDeskError):
    """A decision without what its outcome needs: a ground, a reason, a customer."""


class FourEyes(RequestsDeskError):
    """Who proposed a decision wants to approve it."""

    def __init__(self, request):
        super().__init__(
            _("%(number)s: the decision must be approved by somebody other than who proposed it.") % {"number": request}
        )


class PictureGone(RequestsDeskError):
    """The identity picture was purged, or its request is closed."""

    def __init__(self):
        super().__init__(_("The picture is gone. It is kept only while it is being checked."))


class RuleRefused(RequestsDeskError):
    """A rule of retention that says nothing, or less than a statute demands."""


class HoldTwice(RequestsDeskError):
    """The same hold lasts already."""

    def __init__(self, customer):
        super().__init__(_("Customer %(number)s has this very hold already.") % {"number": customer})


class HoldOver(RequestsDeskError):
    """The hold was lifted before."""

    def __init__(self, hold):
        super().__init__(_("Hold %(number)s was lifted already.") % {"number": hold})


class ErasureBlocked(RequestsDeskError):
    """Something that is named keeps the person's data: an open request, a hold."""


class ErasureTwice(RequestsDeskError):
    """The person is erased, or somebody proposed it already."""

    def __init__(self, customer):
        super().__init__(_("Customer %(number)s is erased, or it is proposed already.") % {"number": customer})


class ErasureOver(RequestsDeskError):
    """The erasure was decided before."""

    def __init__(self, erasure):
        super().__init__(_("%(number)s does not wait for a decision any more.") % {"number": erasure})


class ErasureFourEyes(RequestsDeskError):
    """Who proposed an erasure wants to approve it."""

    def __init__(self, erasure):
        super().__init__(_("%(number)s: somebody other than who proposed it must approve it.") % {"number": erasure})


class LedgerDamaged(RequestsDeskError):
    """A line of the ledger of erasures outside the database is not ours."""

    def __init__(self, line):
        super().__init__(
            _("Line %(line)s of the ledger of erasures was changed. Nothing was replayed.") % {"line": line}
        )
