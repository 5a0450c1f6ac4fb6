from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.categories import Category as C


class Purpose(models.TextChoices):
    """The ten purposes of use in the policy's order (section 2 of the policy; Article 17)."""

    REGISTRATION = "REGISTRATION", _("Registration, identity and authentication")
    USAGE = "USAGE", _("Management of the history of use")
    PAYMENT = "PAYMENT", _("Payment of fees for use")
    IMPROVEMENT = "IMPROVEMENT", _("Analysis and improvement of services")
    INFORMATION = "INFORMATION", _("Information about services")
    INQUIRIES = "INQUIRIES", _("Answers to inquiries")
    VIOLATIONS = "VIOLATIONS", _("Measures against violations of terms or law")
    SERVICE_CHANGES = "SERVICE_CHANGES", _("Notice of change or end of a service or contract")
    TERMS_CHANGES = "TERMS_CHANGES", _("Notice of changes of terms")
    PROVIDING = "PROVIDING", _("Providing, keeping and protecting the services otherwise")


# What each purpose cannot do without, and no more: the first proposal where the register is still empty. Whatever is
# not named here stays refused until two people decide otherwise.
FIRST_NEEDS = {
    # who somebody is, how a code reaches them, and what they sign in with
    Purpose.REGISTRATION: [C.NAME, C.BIRTH, C.EMAIL, C.TELEPHONE, C.ADDRESS, C.EXTERNAL_ID, C.DEVICE],
    # what was done, and the identifiers by which it is tied to its customer; no name is needed for that
    Purpose.USAGE: [C.COOKIE, C.DEVICE, C.SITE_USE, C.APP_USE],
    # by what means is paid, who pays, and where bill and receipt go
    Purpose.PAYMENT: [C.NAME, C.EMAIL, C.ADDRESS, C.PAYMENT],
    # groups of people and what they do: never who they are or how to reach them
    Purpose.IMPROVEMENT: [C.BIRTH, C.SEX, C.CAREER, C.DEVICE, C.SITE_USE, C.APP_USE],
    # whom to write to, by mail alone
    Purpose.INFORMATION: [C.NAME, C.EMAIL],
    # who asks, how the answer reaches them, and on what the trouble occurred
    Purpose.INQUIRIES: [C.NAME, C.EMAIL, C.TELEPHONE, C.DEVICE],
    # what happened, from which account and device, and whom the measure or the letter concerns
    Purpose.VIOLATIONS: [
        C.NAME, C.EMAIL, C.ADDRESS, C.EXTERNAL_ID, C.COOKIE, C.DEVICE, C.SITE_USE, C.APP_USE, C.MEDIA,
    ],
    # the end of a contract must reach its party, on paper where mail does not
    Purpose.SERVICE_CHANGES: [C.NAME, C.EMAIL, C.ADDRESS],
    # the same notice to all, on paper where mail does not arrive
    Purpose.TERMS_CHANGES: [C.NAME, C.EMAIL, C.ADDRESS],
    # what the running service itself shows or uses: places, pictures, and the device that it runs on
    Purpose.PROVIDING: [C.DEVICE, C.LOCATION, C.MEDIA],
}  # fmt: skip
