from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext

from audit.exceptions import OfficeError


class CustomersError(OfficeError):
    """Something asked of this app cannot be done."""


class DecryptionError(CustomersError):
    """A sealed value does not open under our keys, or was sealed for another column. Names the column alone."""

    def __init__(self, column):
        self.column = column
        super().__init__(_("A value of %(column)s does not open.") % {"column": column})


class Unsealable(CustomersError, ValueError):
    """A value that would not read back as it was written. Names the column alone."""

    def __init__(self, column):
        self.column = column
        super().__init__(_("%(column)s cannot keep this value.") % {"column": column})


class WrongKey(CustomersError):
    """The database was written under another key. Names the settings, never a key."""

    def __init__(self, *settings):
        self.settings = settings
        super().__init__(
            _("The database was written under another key than the one given in %(settings)s.")
            % {"settings": ", ".join(settings)}
        )


class FileGone(CustomersError):
    """The content of a sealed file was purged, or is not where it was left."""

    def __init__(self, number):
        super().__init__(_("The content of file %(number)s is no longer kept.") % {"number": number})


class ImportNotStopped(CustomersError):
    """Only the file of an import that has failed is discarded: another one is still needed, or gone already."""

    def __init__(self, of_import):
        super().__init__(_("Import %(number)s has not stopped, or its file is gone already.") % {"number": of_import})


class FileDamaged(CustomersError):
    """What lies on the disk is not, or not wholly, what was sealed."""

    def __init__(self, number):
        super().__init__(_("File %(number)s was changed or cut and does not open.") % {"number": number})


class CodeError(CustomersError):
    """A one-time code that does not open the door."""


class CodeWrong(CodeError):
    """Not the digits that were sent. ``tries_left`` of them may still be typed."""

    def __init__(self, tries_left):
        self.tries_left = tries_left
        super().__init__(
            ngettext(
                "The code is not the one in the mail. You can try %(count)d more time.",
                "The code is not the one in the mail. You can try %(count)d more times.",
                tries_left,
            )
            % {"count": tries_left}
        )


class CodeExpired(CodeError):
    def __init__(self):
        super().__init__(_("The code has expired, or none was sent. Please have a new one sent."))


class CodeSpent(CodeError):
    def __init__(self):
        super().__init__(_("The code can no longer be used. Please have a new one sent."))


class LinkError(CustomersError):
    """A link from a mail that does not open the door."""


class LinkUnknown(LinkError):
    def __init__(self):
        super().__init__(_("We do not know this link. Please check that you opened the whole address."))


class LinkExpired(LinkError):
    def __init__(self):
        super().__init__(_("This link has expired."))


class LinkUsed(LinkError):
    def __init__(self):
        super().__init__(_("This link was already used."))


class TooMany(CustomersError):
    """A limit was reached. ``seconds`` is how long to wait."""

    def __init__(self, seconds):
        self.seconds = seconds
        minutes = max(1, -(-seconds // 60))
        super().__init__(
            ngettext(
                "Too many attempts. Please wait %(count)d minute and try again.",
                "Too many attempts. Please wait %(count)d minutes and try again.",
                minutes,
            )
            % {"count": minutes}
        )


class NumberTaken(CustomersError):
    """A customer with this number is there, or was there and is erased: a number never comes back."""

    def __init__(self, number):
        super().__init__(_("Customer %(number)s is there already, or was erased.") % {"number": number})


class CustomerErased(CustomersError):
    """Nothing is held on this customer any more, so nothing can be done with it."""

    def __init__(self, customer):
        super().__init__(_("Customer %(number)s was erased. Nothing can be changed.") % {"number": customer})


class NothingToCorrect(CustomersError):
    """The values given are those that are held."""

    def __init__(self, customer):
        super().__init__(_("Customer %(number)s: nothing differs from what is held.") % {"number": customer})


class OtherKeys(CustomersError):
    """This process was started with other keys than the rotation is for."""

    def __init__(self, rotation):
        super().__init__(
            _("%(number)s seals under another key than this process. Restart the process, or begin a new rotation.")
            % {"number": rotation}
        )


class RotationUnderWay(CustomersError):
    """One process at a time carries out a rotation."""

    def __init__(self, rotation):
        super().__init__(_("%(number)s is being carried out already.") % {"number": rotation})


class HeldAlready(CustomersError):
    """What a record would say after the change, another record of the same customer says already."""

    def __init__(self, customer):
        super().__init__(_("Customer %(number)s: this is held already.") % {"number": customer})


class ChangedMeanwhile(CustomersError):
    """Somebody else changed the row since the page was shown. ``fields`` are the names of what they changed."""

    def __init__(self, row, fields):
        self.fields = fields
        labels = [str(row._meta.get_field(name).verbose_name) for name in fields]
        super().__init__(
            _("%(row)s was changed by somebody else meanwhile: %(fields)s. What you typed still stands here.")
            % {"row": f"{row._meta.verbose_name} {row}", "fields": pgettext("desk", ", ").join(labels)}
        )


class RecordIsAlias(CustomersError):
    """The record is an alias: what is new belongs to the record that stays."""

    def __init__(self, customer):
        super().__init__(_("Customer %(number)s is an alias of another record. Add it there.") % {"number": customer})


class NothingWouldBeLeft(CustomersError):
    """A change would leave an entry that says nothing, or a withdrawal of nothing."""

    def __init__(self, customer):
        super().__init__(
            _("Customer %(number)s: nothing would be left. Remove the whole entry instead.") % {"number": customer}
        )


class RowGone(CustomersError):
    """What was to be changed was removed meanwhile."""

    def __init__(self, customer):
        super().__init__(_("Customer %(number)s: this was removed by somebody else meanwhile.") % {"number": customer})


class NothingAuthorised(CustomersError):
    """No authorisation is there to be withdrawn."""

    def __init__(self, customer):
        super().__init__(
            _("Customer %(number)s: this service was authorised nothing, or the authorisation is withdrawn already.")
            % {"number": customer}
        )


class LeftBeforeRegistering(CustomersError):
    """The registration would have ended before it began."""

    def __init__(self, customer):
        super().__init__(
            _("Customer %(number)s: the registration cannot have ended before it began.") % {"number": customer}
        )


class MergeError(CustomersError):
    """Two records cannot be joined, or a merge cannot be decided so."""


class MergeNotAllowed(MergeError):
    """``code`` says why not."""

    REASONS = {
        "same": _("A record cannot be merged with itself."),
        "erased": _("One of the two records was erased. Nothing is left to merge."),
        "survivor_is_alias": _("The record that stays is itself an alias of another one. Choose that one."),
        "already_alias": _("The record that becomes an alias is an alias already."),
        "has_aliases": _("The record that becomes an alias has aliases of its own. Let it be the one that stays."),
        "proposed": _("A merge of that record is already proposed or approved."),
        "own": _("Who proposed a merge does not approve it. Another person decides."),
        "moved": _("This merge has been decided meanwhile."),
    }

    def __init__(self, code):
        self.code = code
        super().__init__(self.REASONS[code])


class UploadRefused(CustomersError):
    """A photo or video that is not taken, in words that say what to do."""
