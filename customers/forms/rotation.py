from django import forms
from django.utils.translation import gettext_lazy as _

from audit.forms import DeskForm


class RotationForm(DeskForm):
    """That what a rotation stands on was done: nothing in the database can tell."""

    restarted = forms.BooleanField(
        label=_(
            "The new key stands first in FIELD_ENCRYPTION_KEY on every machine, and web, worker and beat were restarted"
        ),
        help_text=_("A process that was not restarted would go on sealing under the old key."),
    )
