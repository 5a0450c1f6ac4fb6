from django.utils.translation import gettext as _


class OfficeError(Exception):
    """Something that staff or a requester asked for cannot be done.

    ``str(error)`` is a translated sentence that an officer can read: what was refused, to which number, what to do.
    It never contains a value of a person. ``field`` names the argument at which it can be mended, if there is one.
    """

    field = None


class PdfNotMade(OfficeError):
    """A PDF could not be drawn; the job tries again."""

    def __str__(self):
        return _("The PDF could not be made. It will be tried again.")
