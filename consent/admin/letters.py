from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, SavedView, facts_of
from consent.forms import ConfirmForm
from consent.models import LetterFile, LetterFileStatus
from consent.services import letters

from .consents import link_to
from .downloads import Download

POST = "consent.post_letters"
WHO = _("A privacy officer or a handler does this.")


class LetterDownload(Download):
    """The letters of a file, with names and addresses."""

    def head_of(self, letter_file):
        return letter_file.file.media_type, f"{letter_file}.pdf", letter_file.file.size


def while_ready(request, letter_file):
    if letter_file.status == LetterFileStatus.READY:
        return None
    return NotNow(_("%(number)s was posted or thrown away.") % {"number": letter_file})


def may_download(request, letter_file):
    if not_now := while_ready(request, letter_file):
        return not_now
    if letter_file.file.is_purged:
        return NotNow(WAS_ERASED)
    return None


def may_post(request, letter_file):
    if not_now := while_ready(request, letter_file):
        return not_now
    return None if letter_file.collected_at else NotNow(_("Download the letters first."))


WAS_ERASED = _(
    "Somebody in it was erased, and the file was purged. Was it printed, take that letter out before posting. If not,"
    " throw the file away: the other letters are made anew."
)


@admin.register(LetterFile)
class LetterFileAdmin(SafeModelAdmin):
    """Notices on paper: made from the page of a notice, downloaded here, posted, and purged."""

    list_display = ["reference", "campaign", "status", "persons", "made_at", "collected_at", "posted_at"]
    list_filter = ["status", "campaign"]
    list_select_related = ["campaign", "file", "made_by__staff", "collected_by__staff", "posted_by__staff",
                           "spoilt_by__staff"]  # fmt: skip
    list_note = _("Each file holds at most 500 letters in the order of postcodes, behind a list of them.")
    list_empty = _("Letters stand here once they are made, from the page of a notice: for who has no mail address.")
    no_acts = _("Nothing is left to be done with this file.")
    saved_views = [
        SavedView("ready", LetterFileStatus.READY.label, lambda rows, request: rows.filter(status="READY")),
        SavedView("all", pgettext_lazy("letters", "All"), lambda rows, request: rows, counted=False),
    ]
    decisions = [
        LetterDownload(
            ConfirmForm, letters.collect, _("Download"), permission=POST, name="download", main=True, may=may_download,
            role_words=WHO,
            explain=_("The file holds names and addresses. Delete it where you saved it once the letters are posted."),
        ),
        DecisionView(
            ConfirmForm, letters.post, _("Posted"), permission=POST, name="post", main=True, may=may_post,
            role_words=WHO, title=_("Write down that the letters were posted"),
            explain=_("They count as sent, and their content is purged here."),
            cannot_undo=_("The letters cannot be downloaded again."),
            done=_("%(number)s is posted, and its content is purged."),
        ),
        DecisionView(
            ConfirmForm, letters.throw_away, _("Throw away"), permission=POST, name="throw-away", may=while_ready,
            role_words=WHO, explain=_("Its letters are due again, and can be made anew from the page of the notice."),
            cannot_undo=_("The content is purged. Destroy what was printed."),
            done=_("%(number)s is thrown away. Its letters can be made anew."),
        ),
    ]  # fmt: skip

    @admin.display(description=_("number"))
    def reference(self, letter_file):
        return str(letter_file)

    def get_head(self, request, letter_file):
        return [Fact(_("State"), letter_file.get_status_display()), Fact(_("letters"), letter_file.persons)]

    def get_panels(self, request, letter_file):
        campaign = letter_file.campaign
        may_see = request.user.has_perm("consent.view_campaign")
        facts = [Fact(_("notice"), link_to(campaign, "campaign") if may_see else str(campaign))]
        facts += facts_of(letter_file, "persons", "made_at", "made_by")
        for verb in ("collected", "posted", "spoilt"):
            if getattr(letter_file, f"{verb}_at"):
                facts += facts_of(letter_file, f"{verb}_at", f"{verb}_by")
        panels = [Panel("facts", _("Facts"), facts)]
        if letter_file.status == LetterFileStatus.READY and letter_file.file.is_purged:
            panels.insert(0, Panel("gone", _("The content is no longer kept"), [Fact(_("Reason"), WAS_ERASED)]))
        return panels
