"""Pages of a notice beside its own: the plot of what was sent, and its statement as page and PDF."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import template_localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from audit.admin.base import NotNow, Panel
from audit.services import office as offices
from consent import pdf
from consent.forms import ConfirmForm
from consent.services import statements

from .downloads import Download

SEE = "consent.view_campaign"
LEFT, RIGHT, BOTTOM, HIGH = 66, 630, 140, 120


class StatementDownload(Download):
    """The statement as PDF. It names numbers and nobody."""

    def __init__(self, verb, **options):
        super().__init__(ConfirmForm, statements.take, verb, call=self.take, **options)

    @staticmethod
    def take(request, campaign, values):
        found = statements.take(campaign, by=request.user.actor)
        return [pdf.statement(campaign, found, offices.current(), language=translation.get_language())]

    def head_of(self, campaign):
        return "application/pdf", f"{campaign}.pdf", None


def may_take(request, campaign):
    return None if campaign.started_at else NotNow(_("The statement exists once the notice has started."))


class StatementPages:
    """For the desk of notices."""

    def more_urls(self):
        return [
            ("<str:object_id>/statement/", self.statement_view, "statement", ()),
            ("<str:object_id>/minutes.svg", self.minutes_view, "minutes", ()),
        ]

    def statement_view(self, request, object_id):
        """What became of a notice, to be read and printed."""
        campaign = self._started(request, object_id)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "campaign": campaign,
            "title": _("Statement of the notice %(number)s") % {"number": campaign}, "found": statements.of(campaign),
            "list_url": self.list_url(), "page_url": self.page_url(campaign),
            "download_url": self.url_of("statement-pdf", campaign.pk),
        }  # fmt: skip
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/consent/campaign/statement.html", context)

    def minutes_view(self, request, object_id):
        """What was sent over time, as a picture: the page has the same as a table."""
        step, bars = statements.bars(self._started(request, object_id))
        return TemplateResponse(
            request, "admin/consent/campaign/minutes.svg", drawn(step, bars), content_type="image/svg+xml"
        )

    def _started(self, request, object_id):
        if not request.user.has_perm(SEE):
            raise PermissionDenied
        campaign = self.thing_or_404(request, object_id)
        if not campaign.started_at:
            raise Http404
        return campaign

    def over_time(self, campaign):
        """The panel with the plot and its table."""
        step, bars = statements.bars(campaign)
        context = {"bars": bars, "url": self.url_of("minutes", campaign.pk), "alt": said(step, bars)}
        return Panel(
            "minutes", _("Sent over time"), template="admin/consent/campaign/minutes.html", context=context,
            empty="" if bars else _("Nothing was sent yet."),
        )  # fmt: skip


def said(step, bars):
    """The sentence that answers what the plot shows: between when, and how many at most."""
    if not bars:
        return ""
    most = max(bar.sent for bar in bars)
    words = ngettext(
        "Sent from %(first)s to %(last)s; at most %(most)s in %(step)s minute.",
        "Sent from %(first)s to %(last)s; at most %(most)s in %(step)s minutes.",
        step,
    )
    return words % {"first": _moment(bars[0].at), "last": _moment(bars[-1].at), "most": f"{most:,}", "step": step}


def drawn(step, bars):
    """The bars as rectangles of the plot."""
    top = max([bar.sent + bar.bounced for bar in bars], default=0) or 1
    width = (RIGHT - LEFT) / max(len(bars), 1)
    found = []
    for place, bar in enumerate(bars):
        sent, bounced = (round(HIGH * number / top, 1) for number in (bar.sent, bar.bounced))
        found.append({
            "x": round(LEFT + place * width, 1), "width": max(round(width - 1, 1), 1), "y": BOTTOM - sent,
            "height": sent, "bounced_y": BOTTOM - sent - bounced, "bounced_height": bounced,
        })  # fmt: skip
    first, last = (_moment(bars[0].at), _moment(bars[-1].at)) if bars else ("", "")
    return {"bars": found, "top": f"{top:,}", "first": first, "last": last, "title": said(step, bars)}


def _moment(at):
    return date_format(template_localtime(at), "SHORT_DATETIME_FORMAT")
