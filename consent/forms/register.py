"""Forms of the desk for the register of purposes."""

import hashlib

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.forms import DeskForm
from consent.models import PolicyVersion, Relatedness
from consent.purposes import FIRST_NEEDS, Purpose
from consent.services import register
from customers.categories import Category

from .notices import TextField, version_label


class RegisterForm(DeskForm):
    """The whole table as it shall be, ticked cell by cell; what differs from the table as it stands is proposed.

    ``table`` is for the template: each purpose with its cells. A table that was changed by others meanwhile is said.
    """

    cells = forms.MultipleChoiceField(label=_("Permitted categories"), required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    policy_version = forms.ModelChoiceField(
        PolicyVersion.objects.none(), label=_("Announced in"), required=False, empty_label=_("Choose a version"),
        help_text=_(
            "The approved version of the policy in which people can read of the added use (Article 21(3)). It holds"
            " from that version’s date at the earliest."
        ),
    )  # fmt: skip
    relatedness = forms.ChoiceField(
        label=_("Relation to what was said before"), required=False, widget=forms.RadioSelect,
        help_text=_(
            "A purpose may be changed only within what is reasonably related to the one before, as people can expect"
            " it (Article 17(2))."
        ),
    )  # fmt: skip
    judgement = TextField(
        label=_("Why"), required=False, rows=4,
        help_text=_("Why the purpose needs these categories, and why people expect it. Nothing about a customer."),
    )  # fmt: skip
    explained = ["policy_version", "relatedness", "judgement"]

    def __init__(self, *args, **kwargs):
        standing = register.standing()
        self.is_first = not args and register.is_empty()
        wanted = standing
        if self.is_first:
            wanted = {(purpose, category) for purpose, needs in FIRST_NEEDS.items() for category in needs}
        kwargs["initial"] = {"cells": [_cell(*cell) for cell in wanted], "seen": _digest(standing)}
        super().__init__(*args, **kwargs)
        self.standing = standing
        self.fields["cells"].choices = [(_cell(p, c), "") for p in Purpose for c in Category]
        self.fields["policy_version"].queryset = PolicyVersion.objects.filter(
            pk__in=[version.pk for version in register.announcing()]
        ).order_by("-effective_on")
        self.fields["policy_version"].label_from_instance = version_label
        self.fields["relatedness"].choices = Relatedness.choices

    @property
    def table(self):
        ticked = set(self["cells"].value() or [])
        for purpose in Purpose:
            yield {
                "purpose": purpose,
                "cells": [
                    {
                        "category": category,
                        "value": _cell(purpose, category),
                        "id": f"id_cells_{purpose}_{category}",
                        "is_ticked": _cell(purpose, category) in ticked,
                        "was": (purpose, category) in self.standing,
                    }
                    for category in Category
                ],
            }

    @property
    def others(self):
        return [self[name] for name in self.explained]

    def clean(self):
        values = super().clean()
        if self.errors:
            return values
        if values["seen"] != _digest(self.standing):
            self.data = self.data.copy()
            self.data["seen"] = _digest(self.standing)
            raise forms.ValidationError(
                _("The register was changed while you worked. What is marked now is its newest state: look at your"
                  " ticks once more, then send again.")
            )  # fmt: skip
        wanted = {cell for cell in ((p, c) for p in Purpose for c in Category) if _cell(*cell) in values["cells"]}
        lines = register.differences(wanted)
        reasons = {name: values[name] for name in self.explained}
        for name, sentence in register.faults(lines, **reasons):
            self.add_error(name, sentence)
        return {"lines": lines, **reasons}


class ApprovalForm(DeskForm):
    """The word of the second person that what is added is announced in the text."""

    is_read = forms.BooleanField(label="", required=True)

    def __init__(self, *args, change, **kwargs):
        super().__init__(*args, **kwargs)
        if not change.widens:
            del self.fields["is_read"]
            return
        said = {"version": change.policy_version}
        self.fields["is_read"].label = _("I read in the text of %(version)s that these purposes are announced") % said
        self.fields["is_read"].error_messages["required"] = (
            _("Read in %(version)s that these purposes are announced there, and say so (Article 21(3)).") % said
        )


def _cell(purpose, category):
    return f"{purpose}:{category}"


def _digest(cells):
    return hashlib.sha256("\n".join(sorted(_cell(*cell) for cell in cells)).encode()).hexdigest()[:16]
