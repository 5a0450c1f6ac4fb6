from django.db import models
from django.utils.translation import gettext_lazy as _


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
