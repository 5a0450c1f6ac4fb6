"""The ledger of provisions: what is given to whom, who stands in it, and who was left out by which rule."""

from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.base import DecisionView, Fact, NotNow, Panel, SafeModelAdmin, SavedView, Table, facts_of
from audit.admin.lists import ListRefused, readable, whole_number
from audit.services import watching
from consent.bases import Refusal
from consent.forms import ProvisionForm
from consent.models import Provision, ProvisionPerson, ProvisionRefusal, ProvisionStatus, ThirdParty
from consent.services import provisions
from customers.admin.about import AboutCustomer
from customers.categories import Category
from customers.models import Customer

from .consents import link_to, may_write
from .downloads import ListDownload
from .exports import may_ask, what_is_permitted
from .progress import REFRESH_SECONDS, progress_of

GIVE = "consent.give_provision"
WHO = _("A privacy officer or a handler does this.")


def may_give(request, _nothing):
    return may_write(request, None) or may_ask(request, None)  # somebody to give to, and a purpose that permits it


def state_of(provision):
    """What became of it, in words: a file that was not downloaded has not left."""
    if provision.status != ProvisionStatus.RECORDED or not provision.format:
        return provision.get_status_display()
    export = getattr(provision, "export", None)
    return f"{provision.get_status_display()} ({export.get_status_display()})" if export else (
        provision.get_status_display()
    )  # fmt: skip


def address_of_persons(**narrowed):
    return f"{reverse('admin:consent_provisionperson_changelist')}?{urlencode(narrowed)}"


@admin.register(Provision)
class ProvisionAdmin(SafeModelAdmin):
    """Data of customers given to third parties: asked for here, decided by a worker for each person."""

    list_display = ["number", "state", "recipient", "basis", "last_on", "given", "refused", "requested_by"]
    list_filter = ["status", "basis"]
    list_select_related = ["third_party", "export", "requested_by__staff"]
    list_note = _(
        "Nothing is given to a third party that does not stand here: on which basis, what, of whom and when. What"
        " nothing permits is refused with its article (Articles 27 to 29)."
    )
    list_empty = _("Nothing was given to a third party yet. Each provision stands here before its data leave.")
    no_acts = _("A provision never changes. Its file is downloaded on the page of the export.")
    search_label = _("Beginning of the recipient’s name")
    search_fields = ["recipient_name"]
    saved_views = [
        SavedView("all", pgettext_lazy("provisions", "All"), lambda rows, request: rows, counted=False),
        SavedView("left", _("Data left"), lambda rows, request: rows.that_left(), counted=False),
        SavedView("refused", _("Refused for everybody"), lambda rows, request: rows.filter(
            status=ProvisionStatus.REFUSED), counted=False),
    ]  # fmt: skip
    decisions = [
        DecisionView(
            ProvisionForm, provisions.ask, _("Give data to a third party"), permission=GIVE, name="ask", on_list=True,
            main=True, may=may_give, role_words=WHO, template="admin/consent/provision/ask.html",
            arguments=lambda request, thing: {
                "by": request.user.actor, "third_party": whole_number(request.GET.get("third_party", "")) or "",
            },
            panels=what_is_permitted,
            explain=_("The statute is asked for each person: who may not be given is left out, with the rule. What is"
                      " recorded stays."),
            call=lambda request, thing, values: provisions.ask(
                **{name: value for name, value in values.items() if name != "confirmed"}, by=request.user.actor
            ),
            done=_("%(number)s is being decided. You may leave this page; it can be found again in the list."),
        ),
        ListDownload(
            _("Download the answers"), permission=GIVE, role_words=WHO, name="answers",
            may=lambda request, row: NotNow(_("It is not decided yet.")) if row.status == "DECIDING" else None,
            explain=_("A list of customer numbers with what was decided for each. It holds no other data."),
        ),
    ]  # fmt: skip

    @admin.display(description=_("state"))
    def state(self, provision):
        return state_of(provision)

    @admin.display(description=_("third party"))
    def recipient(self, provision):
        return f"{provision.third_party} {provision.recipient_name}"

    def get_head(self, request, provision):
        return [
            Fact(_("State"), state_of(provision)),
            Fact(_("Third party"), provision.recipient_name),
            Fact(_("Basis"), provision.get_basis_display()),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        response = super().change_view(request, object_id)
        if response.context_data["thing"].status == ProvisionStatus.DECIDING:
            watching.reload(response, REFRESH_SECONDS)
        return response

    def get_panels(self, request, provision):
        panels = [self._record(provision)]
        if provision.status == ProvisionStatus.DECIDING:
            going = _("Each person is being decided. This page shows the newest state every few seconds.")
            waiting = _("It is waiting for a worker. It begins by itself.")
            return [progress_of(request, provision.job_number, waiting=waiting, going=going), *panels]
        panels.insert(0, self._persons(provision))
        if provision.refused:
            panels.insert(1, self._left_out(provision))
        return panels

    def _persons(self, provision):
        facts = facts_of(provision, "given", "refused", "erased", "unknown")
        if export := getattr(provision, "export", None):
            facts.append(Fact(_("File"), format_html("{} ({})", link_to(export, "export"),
                                                     export.get_status_display())))  # fmt: skip
        return Panel(
            "persons", _("Who stands in it"), facts, more_url=address_of_persons(provision=provision.pk),
            more_label=_("All persons in it"),
        )  # fmt: skip

    def _left_out(self, provision):
        rows = [[str(refusal.label), persons] for refusal, persons in provisions.refusals_of(provision)]
        url = reverse("admin:consent_provisionrefusal_changelist") + "?" + urlencode({"provision": provision.pk})
        return Panel(
            "left-out", _("Who was left out"), table=Table([_("Rule, and the way to make it lawful"), _("Customers")],
                                                           rows),
            more_url=url, more_label=_("All persons left out"),
        )  # fmt: skip

    def _record(self, provision):
        facts = [
            Fact(_("Third party"), link_to(provision.third_party, "thirdparty")),
            *facts_of(provision, "recipient_name", "recipient_address", "recipient_representative"),
            Fact(_("Country"), provision.country_name),
            *facts_of(provision, "place", "basis"),
        ]
        if provision.paper:
            facts += facts_of(provision, "paper", "paper_on")
        facts += [*facts_of(provision, "purpose"), Fact(_("Categories"), Category.labels_of(provision.categories))]
        facts.append(Fact(_("Whom"), provision.get_selection_display()))
        if provision.first_on != provision.last_on:
            facts += facts_of(provision, "first_on")
        facts += facts_of(provision, "last_on", "recording")
        wanted = _("wanted") if provision.wants_record else _(
            "not wanted: kept for ourselves, and not open to requests (Article 29(1))"
        )  # fmt: skip
        facts.append(Fact(_("Record of Article 29"), wanted))
        if provision.kept_until:
            facts += facts_of(provision, "made_on", "kept_until")
        facts += facts_of(provision, "requested_at", "requested_by")
        return Panel("record", pgettext_lazy("provision", "Record"), facts)


class OfRow(admin.SimpleListFilter):
    """Narrows a list to one row that another page links to. It offers nothing by itself."""

    model = None

    def __init__(self, request, params, model, model_admin):
        self.rows = {}
        number = whole_number(readable((params.get(self.parameter_name) or [""])[-1]))
        if self.parameter_name in params:
            row = self.model.objects.filter(pk=number).first() if number else None
            if row is None:
                raise ListRefused
            self.rows = {str(row.pk): row}
        super().__init__(request, params, model, model_admin)

    def lookups(self, request, model_admin):
        return [(pk, str(row)) for pk, row in self.rows.items()]

    def narrowed(self, queryset, row):
        return queryset.filter(**{self.parameter_name: row})

    def queryset(self, request, queryset):
        return self.narrowed(queryset, self.rows[self.value()]) if self.value() else queryset


class OfProvision(OfRow):
    title, parameter_name, model = _("provision"), "provision", Provision


class OfPerson(OfRow):
    """All that concerns one person, on whichever of the joined records."""

    title, parameter_name, model = _("customer"), "customer", Customer

    def narrowed(self, queryset, row):
        return queryset.of(row)


class OfThirdParty(admin.SimpleListFilter):
    title, parameter_name = _("third party"), "third_party"

    def lookups(self, request, model_admin):
        return [(each.pk, f"{each} {each.name}") for each in ThirdParty.objects.order_by("name")]

    def queryset(self, request, queryset):
        return queryset.filter(third_party=self.value()) if self.value() else queryset


class OfRule(admin.SimpleListFilter):
    title, parameter_name = _("rule"), "rule"

    def lookups(self, request, model_admin):
        return [(refusal.value, refusal.label) for refusal in Refusal]

    def queryset(self, request, queryset):
        return queryset.filter(refusal=self.value()) if self.value() else queryset


@admin.register(ProvisionPerson)
class ProvisionPersonAdmin(AboutCustomer, SafeModelAdmin):
    """To whom data of a person were given, and of whom a recipient got data."""

    list_display = ["customer_number", "recipient", "day", "what", "basis", "consent_number", "left"]
    list_filter = [OfThirdParty, OfPerson, OfProvision]
    list_select_related = ["customer", "provision__third_party", "provision__export", "consent"]
    list_note = _(
        "One row for each person and provision. Choose a third party to see of whom it got data; its page offers the"
        " list as a file."
    )
    list_empty = _("Nothing was given to a third party yet. Who stands in a provision stands here.")
    search_label = _("Beginning of a customer number")
    search_fields = ["customer__number"]
    no_acts = _("A row of the ledger never changes.")

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        left = ProvisionPerson.objects.that_left().filter(pk=OuterRef("pk"))
        return rows.annotate(has_left=Exists(left))

    @admin.display(description=_("third party"))
    def recipient(self, row):
        return row.provision.recipient_name

    @admin.display(description=_("day of provision"))
    def day(self, row):
        return row.provision.last_on

    @admin.display(description=_("categories"))
    def what(self, row):
        return Category.labels_of(row.provision.categories)

    @admin.display(description=_("basis"))
    def basis(self, row):
        return row.provision.get_basis_display()

    @admin.display(description=pgettext_lazy("model", "consent"))
    def consent_number(self, row):
        return str(row.consent or "")

    @admin.display(description=_("data left"))
    def left(self, row):
        return row.has_left

    def get_head(self, request, row):
        return [
            Fact(_("Third party"), row.provision.recipient_name),
            Fact(_("Day of provision"), row.provision.last_on),
        ]

    def get_panels(self, request, row):
        facts = [
            self.customer_fact(request, row),
            Fact(_("Provision"), link_to(row.provision, "provision")),
            Fact(_("Third party"), row.provision.recipient_name),
            Fact(_("Basis"), row.provision.get_basis_display()),
            Fact(_("Categories"), Category.labels_of(row.provision.categories)),
            Fact(_("Purpose of use"), row.provision.get_purpose_display()),
            *facts_of(row.provision, "last_on", "wants_record", "kept_until"),
        ]
        if row.consent:
            facts.append(Fact(_("Consent"), link_to(row.consent, "consent")))
        facts.append(Fact(_("Data left"), row.has_left))
        return [Panel("facts", _("Facts"), facts)]


@admin.register(ProvisionRefusal)
class ProvisionRefusalAdmin(AboutCustomer, SafeModelAdmin):
    """Who was left out of a provision, and why."""

    list_display = ["customer_number", "rule", "provision_number"]
    list_filter = [OfRule, OfProvision]
    list_select_related = ["customer", "provision"]
    list_note = _("Each rule names the way to make it lawful. Once it is, a new provision gives the data.")
    list_empty = _("Nobody was left out of a provision yet. Who may not be given, and by which rule, stands here.")
    search_label = _("Beginning of a customer number")
    search_fields = ["customer__number"]
    no_acts = _("A row of the ledger never changes.")

    @admin.display(description=_("rule"))
    def rule(self, row):
        return row.get_refusal_display()

    @admin.display(description=_("provision"))
    def provision_number(self, row):
        return str(row.provision)

    def get_panels(self, request, row):
        facts = [
            self.customer_fact(request, row),
            Fact(_("Provision"), link_to(row.provision, "provision")),
            *facts_of(row, "refusal"),
        ]
        return [Panel("facts", _("Facts"), facts)]
