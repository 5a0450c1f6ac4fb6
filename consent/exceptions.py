from django.utils.translation import gettext as _
from django.utils.translation import pgettext

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
    """Something is missing. ``obstacles`` are sentences that say what; ``field`` is where to mend it, if one place."""

    def __init__(self, obstacles, *, field=None):
        self.obstacles, self.field = list(obstacles), field
        super().__init__(" ".join(str(obstacle) for obstacle in self.obstacles))


class UnknownField(ConsentError):
    """A notice names a field that is not on the list of those that are filled in."""


class LeaseLost(ConsentError):
    """A sender no longer holds what it was about to send: it must stop and begin anew."""


class ServerAway(ConsentError):
    """The mail server does not take mail from us at all at this moment."""


class AlreadySuspended(ConsentError):
    """The same use is suspended already."""

    def __init__(self, customer):
        super().__init__(_("Customer %(number)s: this use is suspended already.") % {"number": customer})


class NotSuspended(ConsentError):
    """What was suspended is in use again already."""

    def __init__(self, suspension):
        super().__init__(_("%(number)s was lifted already. Load the page again.") % {"number": suspension})


class NotPermitted(ConsentError):
    """The register does not permit these categories for this purpose (Article 18). ``categories`` are which."""

    field = "categories"

    def __init__(self, purpose, categories):
        self.purpose, self.categories = purpose, list(categories)
        super().__init__(
            _(
                "The purpose “%(purpose)s” does not permit: %(categories)s. Use beyond the purpose needs each person’s"
                " consent beforehand (Article 18(1)). Leave them out, or propose a change of the register."
            )
            % {
                "purpose": purpose.label,
                "categories": pgettext("desk", ", ").join(str(category.label) for category in self.categories),
            }
        )


class NotYours(ConsentError):
    """An export is downloaded by the one who asked for it, and by nobody else."""

    def __init__(self, export):
        super().__init__(_("%(number)s can be downloaded only by the person who asked for it.") % {"number": export})


class NotThere(ConsentError):
    """The content of an export is not there: not yet, or not any more."""

    def __init__(self, export):
        super().__init__(
            _("The file of %(number)s is not there: it is not made yet, or was purged. Load the page again.")
            % {"number": export}
        )


class ChangedMeanwhile(ConsentError):
    """While the file was made, somebody in it was erased or suspended, or the register changed: it is made anew."""

    def __init__(self, export):
        super().__init__(
            _("%(number)s: what it may hold changed while it was made. It is made again.") % {"number": export}
        )


class EnteredTwice(ConsentError):
    """The same paper stands in the register already."""

    def __init__(self, number):
        super().__init__(
            _("The paper %(number)s of this authority is entered for this customer already.") % {"number": number}
        )
