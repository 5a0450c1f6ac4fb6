"""What the pages after sending ask: codes, numbers, a mail address, a photo, a withdrawal."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from customers import reading
from requests_desk.models.request import ALPHABET

from .fields import Choose, Field, Page, Typed

_REFERENCE = re.compile(rf"([{ALPHABET}]{{4}})([{ALPHABET}]{{4}})([{ALPHABET}]{{4}})")


def read_code(text):
    """The digits of a code typed with any width, spaces and hyphens; other text comes back as it is, short."""
    return reading.fold_digits(text).replace("-", "")[:20]


def read_reference(text):
    """A receipt number in any width and case, with or without hyphens; other text comes back as ``?``."""
    folded = reading.fold_digits(text).replace("-", "").upper()
    if not folded:
        return ""
    found = _REFERENCE.fullmatch(folded)
    return "-".join(found.groups()) if found else "?"


class CodeForm(Page):
    step = "code"
    code = Typed(
        read_code,
        label=_("The six-digit number in the mail"),
        empty=_("Enter the six-digit number in the mail."),
        autocomplete="one-time-code",
        inputmode="numeric",
        spellcheck="false",
        width="width-code",
    )

    def clean_code(self):
        code = self.cleaned_data["code"]
        if not re.fullmatch(r"[0-9]{6}", code):
            raise ValidationError(_("Enter six digits. Check that none is missing."), code="digits")
        return code

    @staticmethod
    def refusal(kind, tries_left=0):
        """Words for a code that the service refused: ``kind`` is the name of the exception."""
        if kind == "CodeWrong":
            return ngettext(
                "This is not the number in the mail. You can try %(count)d more time.",
                "This is not the number in the mail. You can try %(count)d more times.",
                tries_left,
            ) % {"count": tries_left}
        if kind == "CodeExpired":
            return _("The 30 minutes of the number are over. Have a new number sent.")
        return _("This number can no longer be used. Have a new number sent.")


class NumberForm(Page):
    step = "number"
    reference = Typed(
        read_reference,
        label=_("Receipt number"),
        empty=_("Enter your receipt number."),
        support=_("Twelve letters and digits, as in 7K3M-9QXD-2HTP. It stands in the mail that we sent you."),
        autocomplete="off",
        spellcheck="false",
        width="width-number",
    )

    def clean_reference(self):
        reference = self.cleaned_data["reference"]
        if reference == "?":
            raise ValidationError(_("Enter twelve letters and digits. Our numbers have no 0, O, 1 or I."), code="shape")
        return reference


class MailForm(Page):
    step = "lost"
    email = Typed(
        reading.read_email,
        label=_("E-mail address"),
        empty=_("Enter your e-mail address."),
        support=_("The address that you gave when you made the request."),
        inputmode="email",
        autocomplete="email",
        spellcheck="false",
    )


class PhotoField(Field):
    control = "photo"

    def clean(self, value):
        if not value:
            raise ValidationError(self.error_messages["required"], code="required")
        return value


class PhotoForm(Page):
    step = "photo"
    photo = PhotoField(
        label=_("Photo of your identity document"),
        empty=_("Choose a photo, then press the button."),
        support=_("JPEG, PNG or HEIC, up to 10 MB."),
    )
    EMPTY = _("The file is empty. Choose the photo again.")

    @staticmethod
    def too_large(size, largest):
        """Words for a file of ``size`` bytes where ``largest`` is taken."""
        return _("The file has %(size)s MB. Choose a photo of at most %(largest)d MB.") % {
            "size": f"{size / 1024 / 1024:.1f}",
            "largest": largest // 1024 // 1024,
        }


class WithdrawForm(Page):
    step = "withdraw"
    sure = Choose(
        [("yes", _("Yes, I withdraw the request"), ""), ("no", _("No, I leave it as it is"), "")],
        label=_("Do you withdraw this request?"),
        empty=_("Choose one of the two."),
    )
