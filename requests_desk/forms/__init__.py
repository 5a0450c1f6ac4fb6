"""What the public pages ask. The words that people read on a wrong answer are here and in no other place."""

from .answers import BY_MAIL, SITE_STEPS, AboutForm, AddressForm, BirthForm, ContactForm, KindForm, NameForm, WhoForm
from .fields import Choose, DateParts, Page, Typed
from .status import CodeForm, MailForm, NumberForm, PhotoForm, WithdrawForm

__all__ = [
    "AboutForm",
    "AddressForm",
    "BY_MAIL",
    "BirthForm",
    "Choose",
    "CodeForm",
    "ContactForm",
    "DateParts",
    "KindForm",
    "MailForm",
    "NameForm",
    "NumberForm",
    "Page",
    "PhotoForm",
    "SITE_STEPS",
    "Typed",
    "WhoForm",
    "WithdrawForm",
]
