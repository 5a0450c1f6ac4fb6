from django.contrib import admin
from django.http import HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from audit.forms import OfficeForm
from audit.models import Office
from audit.services import office

from .base import DecisionView, SafeModelAdmin


@admin.register(Office)
class OfficeAdmin(SafeModelAdmin):
    """The facts of the office, one page."""

    decisions = [
        DecisionView(
            OfficeForm, office.change, _("Change the facts…"), permission="audit.change_office", name="facts",
            title=_("Change the facts of the office"), main=True,
            explain=_("The new facts stand at once on every public page, and in every mail and letter from now on."),
            done=_("The facts of the office were changed. The public pages show them now."),
            arguments=lambda request, thing: {"office": thing},
            call=lambda request, thing, values: office.change(thing, changes=values, by=request.user.actor),
            role_words=_("A privacy officer can change them."),
        )
    ]  # fmt: skip

    def changelist_view(self, request, extra_context=None):
        """There is one office: its list is its page."""
        response = super().changelist_view(request, extra_context)
        return HttpResponseRedirect(self.page_url(office.current())) if request.method == "GET" else response
