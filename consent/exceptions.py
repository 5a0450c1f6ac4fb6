from django.utils.translation import gettext as _

from audit.exceptions import OfficeError


class ConsentError(OfficeError):
    """Something asked of this app cannot be done."""


class MoveNotAllowed(ConsentError):
    """The thing stands at a status from which this step does not lead."""

    def __init__(self, thing, status):
        super().__init__(
            _("%(thing)s stands at “%(now)s”, so it cannot become “%(wanted)s”. Load the page again.")
            % {"thing": thing, "now": thing.get_status_display(), "wanted": status.label}
        )


class SamePerson(ConsentError):
    """A second person is needed, and this is the first one again."""


class NotReady(ConsentError):
    """Something is missing. ``obstacles`` are sentences that say what."""

    def __init__(self, obstacles):
        self.obstacles = list(obstacles)
        super().__init__(" ".join(str(obstacle) for obstacle in self.obstacles))


class UnknownField(ConsentError):
    """A notice names a field that is not on the list of those that are filled in."""


class LeaseLost(ConsentError):
    """A sender no longer holds what it was about to send: it must stop and begin anew."""


class ServerAway(ConsentError):
    """The mail server does not take mail from us at all at this moment."""
