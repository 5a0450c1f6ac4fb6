from django.contrib import admin
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from audit.admin.base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, Table
from audit.admin.work import seconds_in_words
from audit.models import Job
from audit.services import watching
from customers.forms import RotationForm
from customers.models import KeyRotation
from customers.services import rotation
from customers.services.keys import keyring

from .words import table_in_words

SHOWN = 100
REFRESH_SECONDS = 5
Outcome = KeyRotation.Outcome


def may_start(request, _nothing):
    if under_way := rotation.under_way():
        page = reverse("admin:customers_keyrotation_change", args=[under_way.pk])
        return NotNow(_("All values are being sealed anew already."), page, under_way)
    return None


def explain(_nothing):
    if len(keyring().names) == 1:
        return _("There is one key only. Every value is looked at, and it is counted whether it opens.")
    return _(
        "Every sealed value of every table, history included, is sealed anew under the newest key. Everybody can go on "
        "working. Files stay as they are: their keys are sealed anew. It may be interrupted, and goes on where it "
        "stopped."
    )


def keys_of_this_process(request, _nothing):
    rows = [[name, role(place)] for place, name in enumerate(keyring().names)]
    return [
        Panel(
            "keys", _("Keys in FIELD_ENCRYPTION_KEY"), table=Table([_("Key"), _("Role")], rows),
            note=_("A key is named by eight digits computed from it; the key itself is shown nowhere."),
        )
    ]  # fmt: skip


def role(place):
    return pgettext("keys", "old") if place else pgettext("keys", "newest")


@admin.register(KeyRotation)
class KeyRotationAdmin(SafeModelAdmin):
    """Changes of the key under which values are sealed: begun here, done by a worker or a command."""

    list_display = ["number", "created_at", "created_by", "state", "sealed_anew", "finished_at"]
    list_select_related = ["created_by__staff"]
    list_empty = _("No key was changed yet. The README says how a key is changed without stopping the office.")
    no_acts = _("Nothing is to be done on this page.")
    decisions = [
        DecisionView(
            RotationForm, rotation.start, _("Seal all under the newest key"), name="start", on_list=True, main=True,
            permission="customers.rotate_keys", title=_("Seal all values under the newest key"), may=may_start,
            explain=explain, panels=keys_of_this_process, role_words=_("A privacy officer does this."),
            done=_("%(number)s has begun. You may leave this page; it can be found again in the list."),
            call=lambda request, thing, values: rotation.start(by=request.user.actor),
        ),
    ]  # fmt: skip

    @admin.display(description=_("state"))
    def state(self, of_keys):
        if of_keys.outcome:
            return of_keys.get_outcome_display()
        if of_keys.total is None:
            return pgettext("keys", "not begun yet")
        return _("pass %(number)s: %(done)s of %(total)s rows") % {
            "number": of_keys.passes, "done": f"{of_keys.done:,}", "total": f"{of_keys.total:,}",
        }  # fmt: skip

    @admin.display(description=_("values sealed anew"))
    def sealed_anew(self, of_keys):
        return f"{of_keys.resealed:,}"

    def get_head(self, request, of_keys):
        return [Fact(_("State"), self.state(of_keys)), Fact(_("Newest key"), of_keys.newest)]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        response = super().change_view(request, object_id)
        if not get_object_or_404(KeyRotation, pk=object_id).finished_at:
            watching.reload(response, REFRESH_SECONDS)
        return response

    def get_panels(self, request, of_keys):
        first = self._result(of_keys) if of_keys.finished_at else self._progress(of_keys)
        panels = [first, self._under(of_keys), self._tables(of_keys)]
        if of_keys.under().get(""):
            panels.insert(2, self._unopened(of_keys))
        return panels

    def _progress(self, of_keys):
        facts = [
            Fact(pgettext_lazy("keys", "Pass"), of_keys.passes),
            Fact(_("Rows looked at"), f"{of_keys.done:,}"),
            Fact(_("Found under an old key in this pass"), f"{of_keys.found:,}"),
        ]
        if of_keys.total is not None:
            facts.insert(2, Fact(_("Rows of this pass"), f"{of_keys.total:,}"))
        if of_keys.total and of_keys.speed:
            left = max(0, of_keys.total - of_keys.done) // of_keys.speed
            facts.append(Fact(_("Time left in this pass"), seconds_in_words(left)))
        return Panel(
            "progress", _("Progress"), facts, note=self._how_it_stands(of_keys),
            template="admin/customers/keyrotation/progress.html",
            context={"done": of_keys.done, "total": of_keys.total},
        )  # fmt: skip

    def _how_it_stands(self, of_keys):
        if rotation.is_under_way():
            return _(
                "It goes over all tables until a pass finds nothing under an old key. This page shows the newest state "
                "every few seconds."
            )
        job = Job.objects.filter(number=of_keys.job_number).first() if of_keys.job_number else None
        if job and job.state in (Job.State.WAITING, Job.State.RUNNING):
            return _("It waits for a worker, and goes on by itself.")
        return _("It was interrupted. Start it again from the list: it goes on where it stopped.")

    def _result(self, of_keys):
        facts = [
            Fact(pgettext_lazy("keys", "Result"), of_keys.get_outcome_display()),
            Fact(_("Values sealed anew"), f"{of_keys.resealed:,}"),
            Fact(_("Passes"), of_keys.passes),
            Fact(_("Ended"), of_keys.finished_at),
        ]
        return Panel("result", _("Result"), facts, note=self._what_now(of_keys))

    def _what_now(self, of_keys):
        if of_keys.outcome == Outcome.REPLACED:
            return _("A newer rotation does the work of this one.")
        if of_keys.outcome == Outcome.REMAINS:
            return _(
                "Some process still seals under an old key. Do not remove it. Restart web, worker and beat everywhere, "
                "and start again."
            )
        if len(of_keys.keys) == 1:
            return _("There was one key only; nothing was to be sealed anew.")
        return _("The old keys may be removed from FIELD_ENCRYPTION_KEY now. Restart web, worker and beat afterwards.")

    def _under(self, of_keys):
        under = of_keys.under()
        unopened = under.pop("", 0)
        rows = [
            [name, role(of_keys.keys.index(name)) if name in of_keys.keys else role(1), f"{count:,}"]
            for name, count in under.items()
        ]
        if unopened:
            rows.append([_("none of the keys"), _("does not open"), f"{unopened:,}"])
        return Panel(
            "under", _("Values under each key"), table=Table([_("Key"), _("Role"), pgettext("keys", "Values")], rows),
            note="" if of_keys.finished_at else _("As far as this pass has come."),
        )  # fmt: skip

    def _unopened(self, of_keys):
        rows = []
        for table, column, key in of_keys.unopened[:SHOWN]:
            rows.append([table_in_words(table), table, column, " ".join(key)])
        return Panel(
            "unopened", _("Values that do not open"),
            table=Table([_("What"), pgettext("keys", "Table"), _("Column"), _("Row")], rows),
            note=_(
                "They open under none of the keys, and were left as they are. If a key was removed too early, put it "
                "back at the end of FIELD_ENCRYPTION_KEY, restart, and start again. At most %(shown)s are named here."
            ) % {"shown": SHOWN},
        )  # fmt: skip

    def _tables(self, of_keys):
        rows = []
        for label, found in of_keys.counts.items():
            newest, unopened = found.get(of_keys.newest, 0), found.get("", 0)
            older = sum(found.values()) - newest - unopened
            rows.append([table_in_words(label), f"{newest:,}", f"{older:,}", f"{unopened:,}"])
        columns = [_("What"), _("Under the newest key"), _("Under an old key"), _("Under none")]
        return Panel("tables", _("Tables"), table=Table(columns, rows), empty=_("No table was looked at yet."))
