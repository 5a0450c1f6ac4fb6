from django.contrib import admin
from django.db.models import Q
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from audit.admin.acts import actor_in_words, details_in_words, in_plain_words
from audit.admin.base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, SavedView, Table, facts_of, in_words
from audit.models import Entry
from audit.services.trail import reference
from customers.categories import Category
from customers.forms import CorrectionForm
from customers.models import Customer
from customers.services.corrections import correct

from .events import event_panels

TIMELINE = 50


def _not_if_erased(request, customer):
    if not customer.is_erased:
        return None
    day = formats.date_format(timezone.localtime(customer.erased_at), "Y-m-d")
    return NotNow(_("The data were erased on %(day)s; nothing is left to correct.") % {"day": day})


@admin.register(Customer)
class CustomerAdmin(SafeModelAdmin):
    """Who the customers are: found by number or by the blind index, shown masked, corrected through one service."""

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
    decisions = [
        DecisionView(
            CorrectionForm,
            correct,
            _("Correct"),
            name="correct",
            title=_("Correct what is held"),
            permission="customers.correct_customer",
            explain=_(
                "What you enter replaces what is held; what you leave empty stays. "
                "Before and after are kept in the customer’s history."
            ),
            done=_("%(number)s was corrected. The fields and your reason stand in its timeline."),
            may=_not_if_erased,
        ),
    ]

    @admin.display(description=_("state"))
    def state(self, customer):
        return customer.state

    def find(self, request, queryset, words):
        return queryset.search(words)

    def get_head(self, request, customer):
        facts = [Fact(_("State"), customer.state)]
        if customer.merged_into_id:
            facts.append(Fact(_("Same person as"), customer.merged_into))
        if customer.mail_bounced_at:
            facts.append(Fact(_("Mail came back"), customer.mail_bounced_at))
        return facts

    def get_panels(self, request, customer):
        """The fifteen categories in the policy's order, after the plain facts."""
        held = {category: [] for category in Category}
        for name, category in Customer.PersonalData.personal.items():
            held[category].append(name)
        events = {panel.slug: panel for panel in event_panels(request, customer)}
        plain = facts_of(customer, "number", "registered_on", "language", "has_email", "created_at", "created_by")
        return [
            Panel("facts", _("Record"), plain),
            *[
                events.get(category.lower())
                or Panel(category.lower(), category.label, sealed=tuple(names), empty=_("None."))
                for category, names in held.items()
            ],
        ]

    def timeline(self, thing):
        """What was done to this record, and to other things for this person."""
        own = reference(thing)
        entries = Entry.objects.filter(Q(subject=own) | Q(person=own)).order_by("-id")[:TIMELINE]
        rows = [
            [
                in_words(entry.at),
                in_plain_words(entry.action),
                "" if entry.subject == own else entry.subject.rpartition(":")[2],
                actor_in_words(entry.actor_label),
                details_in_words(entry.details),
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
