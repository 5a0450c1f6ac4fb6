"""Versions of the policy as an Atom feed, so that who wants to know of a change need not come and look."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.services import office
from consent.models import PolicyVersion


class PolicyFeed(Feed):
    """Every approved version, the newest first, in one language. An entry never moves: its address is its name.

    A reader of feeds sends no cookie, so each language has an address of its own.
    """

    feed_type = Atom1Feed

    def __init__(self, language):
        self.language = language

    def __call__(self, request, *args, **kwargs):
        with translation.override(self.language):
            return super().__call__(request, *args, **kwargs)

    def title(self):
        return _("%(office)s: privacy policy") % {"office": office.current().name}

    def link(self):
        return reverse("consent:history")

    def feed_url(self):
        return reverse("consent:feed" if self.language == "ja" else "consent:feed-en")

    def author_name(self):
        return office.current().name

    def items(self):
        return PolicyVersion.objects.approved().order_by("-effective_on")

    def item_title(self, version):
        said = _("Version %(number)s of the privacy policy, in force from %(day)s")
        return said % {"number": version.number, "day": date_format(version.effective_on, "DATE_FORMAT")}

    def item_description(self, version):
        return version.summary

    def item_link(self, version):
        return reverse("consent:version", args=[version.number])

    def item_guid(self, version):
        return settings.SITE_URL + self.item_link(version)

    def item_pubdate(self, version):
        return version.approved_at

    def item_updateddate(self, version):
        return version.approved_at


@login_not_required
@require_safe
def policy_feed(request):
    """Versions in Japanese."""
    return PolicyFeed("ja")(request)


@login_not_required
@require_safe
def policy_feed_en(request):
    """Versions in English."""
    return PolicyFeed("en")(request)
