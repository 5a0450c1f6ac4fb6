from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q
from django.http import Http404, StreamingHttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from audit.admin.acts import actor_in_words, details_in_words, in_plain_words, reference_in_words
from audit.admin.base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, SavedView, Table, in_words
from audit.admin.lists import whole_number
from audit.models import Entry
from audit.services.trail import reference
from customers.forms import CorrectionForm, ProposeMergeForm, find_customer
from customers.models import Customer, Media, Merge
from customers.services import changes, duplicates, files, media, merging

from . import belongings, sections

TIMELINE = 50
MERGES = 20


def _not_if_erased(request, customer):
    if not customer.is_erased:
        return None
    return NotNow(_("The data are erased; nothing is left to correct."))


def _other_record(request):
    """The record that a merge is to be proposed with, as far as the address or what was typed says one."""
    typed = request.POST.get("other") or request.POST.get("with") or request.GET.get("with") or ""
    return find_customer(typed[:40])


def _both_records(request, customer):
    other = _other_record(request)
    return sections.comparison(customer, other, hidden={"with": other}) if other else []


PROPOSE = DecisionView(
    ProposeMergeForm, merging.propose, _("Propose a merge"), name="propose-merge",
    permission="customers.propose_merge",
    title=_("Propose that two records are of one person"), may=belongings.may_add, panels=_both_records,
    explain=_(
        "If somebody else approves it, one record becomes an alias of the other. "
        "Nothing is moved or lost, and it can be undone."
    ),
    done=_("%(number)s: the merge was proposed. Another person now decides."),
    arguments=lambda request, customer: {"customer": customer, "compared": _other_record(request)},
    call=lambda request, customer, values: merging.propose(
        values["survivor"], values["alias"], by=request.user.actor
    ),
    next_url=lambda request, customer, merge: reverse("admin:customers_merge_change", args=[merge.pk]),
)  # fmt: skip


@admin.register(Customer)
class CustomerAdmin(SafeModelAdmin):
    """Who the customers are: found by number or by the blind index, shown masked, changed through services alone."""

    list_display = ["number", "registered_on", "name", "email", "telephone", "state"]
    list_note = _("Names and addresses are not shown in this list. Search finds them all the same.")
    list_empty = _("Customers will stand here once a file has been imported.")
    saved_views = [
        SavedView("all", _("Held"), lambda customers, request: customers.living(), counted=False),
        SavedView(
            "bounced",
            _("Mail came back"),
            lambda customers, request: customers.living().filter(mail_bounced_at__isnull=False),
        ),
        SavedView(
            "erased", _("Erased"), lambda customers, request: customers.filter(erased_at__isnull=False), counted=False
        ),
    ]
    search_label = _("Number, part of a name or its reading, e-mail, telephone or its last four digits")
    reveal_permission = "customers.reveal_customer"
    page_template = "admin/customers/customer/page.html"
    decisions = [
        DecisionView(
            CorrectionForm,
            changes.correct,
            _("Correct"),
            name="correct",
            title=_("Correct what is held"),
            permission="customers.correct_customer",
            explain=belongings.CHANGED,
            done=_("%(number)s was corrected. The fields and your reason stand in its timeline."),
            may=_not_if_erased,
            arguments=lambda request, customer: {"row": customer},
            panels=lambda request, customer: [sections.held_values(customer)],
        ),
        PROPOSE,
        *belongings.DECISIONS,
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(merged_into_number=F("merged_into__number"))

    @admin.display(description=_("state"))
    def state(self, customer):
        if not customer.merged_into_id or customer.is_erased:
            return customer.state
        return format_html("{} {}", _("same person as"), self._survivor(customer))

    def _survivor(self, customer):
        return format_html(
            '<a href="{}">{}</a>', self.url_of("change", customer.merged_into_id), customer.merged_into_number
        )

    def find(self, request, queryset, words):
        return queryset.search(words)

    def more_urls(self):
        return [
            ("<str:object_id>/duplicates/", self.duplicates_view, "duplicates", ()),
            ("<str:object_id>/media/<str:media_id>/", self.media_view, "media", ()),
            ("<str:object_id>/media/<str:media_id>/small/", self.small_view, "media-small", ()),
        ]

    def get_head(self, request, customer):
        facts = [Fact(_("State"), customer.state)]
        if customer.merged_into_id:
            facts.append(Fact(_("Same person as"), self._survivor(customer)))
        elif aliases := list(sections.people_of(customer).values())[1:]:
            links = format_html_join(pgettext("desk", ", "), "{}", [(sections.link_to(alias),) for alias in aliases])
            facts.append(Fact(_("Aliases"), links))
        if customer.mail_bounced_at:
            facts.append(Fact(_("Mail came back"), customer.mail_bounced_at))
        return facts

    def get_panels(self, request, customer):
        """The fifteen categories in the policy's order after the plain facts, then what concerns other records."""
        panels = sections.of(request, self, customer)
        if request.user.has_perm("customers.view_merge"):
            panels.append(self._merges(request, customer))
        return panels

    def _merges(self, request, customer):
        others = Q(survivor=customer) | Q(alias=customer)
        merges = Merge.objects.filter(others).order_by("-pk").values_list(
            "pk", "status", "proposed_at", "survivor__number", "alias__number"
        )[:MERGES]  # fmt: skip
        rows = [
            [
                format_html('<a href="{}">M{}</a>', reverse("admin:customers_merge_change", args=[pk]), pk),
                survivor, alias, Merge(status=status).get_status_display(), in_words(at),
            ]
            for pk, status, at, survivor, alias in merges
        ]  # fmt: skip
        more = {}
        if request.user.has_perm(PROPOSE.permission) and not (customer.is_erased or customer.merged_into_id):
            more = {
                "more_url": self.url_of("duplicates", customer.pk),
                "more_label": _("Look for records of the same person"),
            }
        columns = [_("Merge"), _("Record that stays"), _("Alias"), _("State"), _("Proposed")]
        empty = _("No merge was proposed. Proposals stand here with what became of them.")
        return Panel("merges", _("Records of the same person"), table=Table(columns, rows), empty=empty, **more)

    def duplicates_view(self, request, object_id):
        """Which other records may be of the same person. Asked for, since values are compared for it."""
        customer = self.thing_or_404(request, object_id)
        if not request.user.has_perm(PROPOSE.permission):
            raise PermissionDenied
        suspects = duplicates.of(Customer.objects.get(pk=customer.pk))
        propose = self.url_of(PROPOSE.name, customer.pk)
        rows = [
            [
                sections.link_to(each.customer),
                pgettext("desk", ", ").join(str(sign.label) for sign in each.signs),
                format_html('<a href="{}?with={}">{}</a>', propose, each.customer, _("Compare and propose a merge")),
            ]
            for each in suspects.found
        ]
        note = _("E-mail, telephone, name with date of birth, devices and cookies were compared. No value is shown.")
        if suspects.cut:
            signs = pgettext("desk", ", ").join(str(sign.label) for sign in suspects.cut)
            note = format_html(
                "{} {}", note, _("There are more by: %(signs)s. Only the newest were compared.") % {"signs": signs}
            )
        columns = [_("Record"), _("In common"), _("Next")]
        panel = Panel(
            "duplicates", _("Possible duplicates"), table=Table(columns, rows), note=note,
            empty=_("No other record has any of these in common."),
            more_url=self.page_url(customer), more_label=_("Back to the customer"),
        )  # fmt: skip
        return self.page(request, customer, [panel])

    def media_view(self, request, object_id, media_id, *, small=False):
        """A photo or video itself: to who gave a reason for it some minutes ago, kept nowhere."""
        customer = self.thing_or_404(request, object_id)
        if not request.user.has_perm(self.reveal_permission):
            raise PermissionDenied
        people, number = sections.people_of(customer), whole_number(media_id)
        row = Media.objects.select_related("file", "thumbnail").filter(pk=number, customer__in=list(people)).first()
        if row is None or customer.is_erased or not media.is_open_for(row, request.user.actor):
            raise Http404
        file = row.thumbnail if small and row.thumbnail else row.file
        response = StreamingHttpResponse(files.stream(file), content_type=file.media_type)
        response["Content-Length"] = file.size
        response["Content-Disposition"] = "inline"
        response["Cache-Control"] = "no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def small_view(self, request, object_id, media_id):
        return self.media_view(request, object_id, media_id, small=True)

    def page(self, request, thing, panels, *, revealed=None):
        response = super().page(request, thing, panels, revealed=revealed)
        response.context_data["contents"] = sections.contents(panels)
        return response

    def timeline(self, thing):
        """What was done to this record, and to other things for this person."""
        own = reference(thing)
        entries = Entry.objects.filter(Q(subject=own) | Q(person=own)).order_by("-id")[:TIMELINE]
        rows = [
            [
                in_words(entry.at),
                in_plain_words(entry.action),
                "" if entry.subject == own else reference_in_words(entry.subject),
                actor_in_words(entry.actor_label),
                details_in_words(entry.details, entry.subject),
            ]
            for entry in entries
        ]
        return Panel(
            "timeline",
            _("What was done"),
            table=Table([_("When"), _("Act"), _("On"), _("By"), _("Details")], rows),
            empty=_(
                "Nothing was done since the record was imported. Each act will stand here with who did it and when."
            ),
        )
