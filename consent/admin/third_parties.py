from urllib.parse import urlencode

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.admin.base import (
    Act,
    DecisionView,
    Fact,
    NotNow,
    Panel,
    Record,
    SafeModelAdmin,
    SavedView,
    Table,
    facts_of,
    in_words,
)
from audit.calendar import today
from consent.bases import Place
from consent.countries import HOME
from consent.forms import (
    AgreementForm,
    CheckForm,
    LastDayForm,
    MeasuresForm,
    NamesChangedForm,
    PackForm,
    ThirdPartyForm,
)
from consent.models import ThirdParty
from consent.services import third_parties
from customers.categories import Category

from .consents import link_to
from .downloads import ListDownload
from .provisions import address_of_persons, state_of

MANAGE = "consent.manage_thirdparty"
OFFICER = _("A privacy officer does this.")
WHO = _("Who may read the ledger does this.")
CONTRACTS = "contracts"
ROWS = 20


def abroad(request, third_party):
    if third_party.country == HOME:
        return NotNow(_("This third party is in Japan: Article 28 does not touch it."))
    return None


def has_measures(request, third_party):
    if third_party.standing_measures:
        return None
    return abroad(request, third_party) or NotNow(_("No measures are in place."))


def lacks_measures(request, third_party):
    if third_party.standing_measures:
        return NotNow(_("Measures are entered already. End them before others take their place."))
    return abroad(request, third_party)


def may_check(request, third_party):
    if third_party.kind == ThirdParty.Kind.CONTRACTOR or third_party.country != HOME:
        return None
    return NotNow(_("Only contractors and recipients abroad are checked each year (Articles 25 and 28(3))."))


def may_end(request, agreement):
    return NotNow(_("It has ended already.")) if agreement.ended_at else None


def got_something(request, third_party):
    if third_party.provisions.that_left().exists():
        return None
    return NotNow(_("Nothing was given to it yet."))


def what_is_lawful(third_party, day):
    """What its place in Article 28(1) means today, in a sentence that says how to make more lawful."""
    return {
        Place.HOME: _("In Japan: Article 28 does not touch it, Article 27 does."),
        Place.EQUIVALENT: _("The country counts as equivalent (Article 28(1)): Article 27 applies as in Japan."),
        Place.MEASURES: _(
            "Equivalent measures are in place and checked (Article 28(1)): Article 27 applies as in Japan."
        ),
        Place.OFFSHORE: _(
            "Nothing goes there without each person’s consent after the information of Article 28(2), or what Article"
            " 27(1)(i) to (vii) permits. Equivalent measures, checked each year, lift that."
        ),
    }[third_parties.place_of(third_party, day)]


def with_due_check(rows, request):
    return rows.filter(pk__in={due.third_party.pk for due in third_parties.coming_checks(today())})


@admin.register(ThirdParty)
class ThirdPartyAdmin(SafeModelAdmin):
    """To whom data may be given, and what must be known of them before."""

    list_display = ["reference", "name", "kind", "where", "entered_at"]
    list_filter = ["kind"]
    list_select_related = ["entered_by__staff"]
    list_note = _(
        "Nothing is given to anybody who does not stand here. Contractors, and measures abroad, are checked each year"
        " (Articles 25 and 28(3)); the office is reminded by mail a month before."
    )
    list_empty = _("Nobody is entered yet. Who is to get data of customers stands here, with contracts and checks.")
    search_label = _("Beginning of the name")
    search_fields = ["name"]
    saved_views = [
        SavedView("all", pgettext_lazy("third parties", "All"), lambda rows, request: rows, counted=False),
        SavedView("due", _("With a check due"), with_due_check),
    ]
    decisions = [
        DecisionView(
            ThirdPartyForm, third_parties.enter, _("Enter a third party"), permission=MANAGE, name="enter",
            on_list=True, main=True, role_words=OFFICER,
            explain=_("Kind and country cannot be changed later: another kind or country is another third party."),
            done=_("%(number)s is entered. Enter its contract next."),
        ),
        DecisionView(
            CheckForm, third_parties.check, _("Enter a check"), permission=MANAGE, name="check", main=True,
            may=may_check, role_words=OFFICER, done=_("%(number)s: the check is entered."),
            explain=_("A check stays as it is written. A later one takes its place."),
        ),
        DecisionView(
            NamesChangedForm, third_parties.revise, _("Change name, address or representative"), permission=MANAGE,
            name="revise", role_words=OFFICER, done=_("%(number)s is changed. What stood before is kept."),
            arguments=lambda request, third_party: {"third_party": third_party},
            explain=_("Records of what was given keep the name of their day."),
        ),
        DecisionView(
            PackForm, third_parties.inform, _("Enter the information of Article 28(2)"), permission=MANAGE,
            name="inform", may=abroad, role_words=OFFICER,
            explain=_("Customers read this, in their language, before they are asked for consent. What was entered"
                      " before is kept; the newest counts."),
            done=_("%(number)s: the information is entered."),
        ),
        DecisionView(
            MeasuresForm, third_parties.put_measures_in_place, _("Enter equivalent measures"), permission=MANAGE,
            name="measures", may=lacks_measures, role_words=OFFICER,
            explain=_("They count while they are checked each year and found in order (Article 28(3))."),
            done=_("%(number)s: the measures are entered. The first check is due within a year."),
        ),
        DecisionView(
            LastDayForm, third_parties.end_measures, _("End the equivalent measures"), permission=MANAGE,
            name="end-measures", may=has_measures, role_words=OFFICER,
            explain=_("After that day nothing goes abroad on their strength."),
            done=_("%(number)s: the measures have ended."),
        ),
        DecisionView(
            AgreementForm, third_parties.agree, _("Enter a contract"), permission=MANAGE, name="agree",
            section=CONTRACTS, role_words=OFFICER, done=_("%(number)s: the contract is entered."),
            explain=_("The paper itself stays where contracts are kept."),
        ),
        DecisionView(
            LastDayForm, third_parties.end_agreement, _("End"), permission=MANAGE, name="end-agreement",
            title=_("End a contract"), section=CONTRACTS, may=may_end, role_words=OFFICER,
            part=lambda request, third_party, number: third_party.agreements.filter(pk=number).first(),
            explain=_("After that day nothing is given on its strength."),
            call=lambda request, agreement, values: third_parties.end_agreement(
                agreement.third_party, agreement=agreement, **values, by=request.user.actor
            ),
            done=_("%(number)s: the contract has its end."),
        ),
        ListDownload(
            _("Download of whom it got data"), permission="consent.view_provisionperson", name="persons",
            section="given", may=got_something, role_words=WHO,
            explain=_("A list of customer numbers with day, categories and basis. It holds no other data."),
        ),
    ]  # fmt: skip

    @admin.display(description=_("country"))
    def where(self, third_party):
        return third_party.country_name

    def get_head(self, request, third_party):
        return [
            Fact(pgettext_lazy("third party", "Name"), third_party.name),
            Fact(_("Kind"), third_party.get_kind_display()),
            Fact(_("Country"), third_party.country_name),
        ]

    def get_panels(self, request, third_party):
        facts = [
            *facts_of(third_party, "kind", "name", "address", "representative"),
            Fact(_("Country"), third_party.country_name),
            Fact(_("What is lawful today"), what_is_lawful(third_party, today())),
            *facts_of(third_party, "entered_at", "entered_by"),
        ]
        panels = [Panel("facts", _("Facts"), facts), self._contracts(request, third_party)]
        if request.user.has_perm("consent.view_provision"):
            panels.append(self._given(request, third_party))
        panels.append(self._checks(third_party))
        if third_party.country != HOME:
            panels += [self._measures(third_party), self._pack(third_party)]
        if before := self._before(third_party):
            panels.append(before)
        return panels

    def _contracts(self, request, third_party):
        records = [
            Record(
                agreement,
                (),
                title=agreement.title,
                facts=facts_of(agreement, "concluded_on", "starts_on", "ends_on", "entered_by"),
                acts=self.section_acts(request, third_party, CONTRACTS, agreement),
            )
            for agreement in third_party.agreements.select_related("entered_by__staff").order_by("-starts_on", "-pk")
        ]
        return Panel(
            CONTRACTS, pgettext_lazy("third party", "Contracts"), records=records,
            acts=self.section_acts(request, third_party, CONTRACTS),
            empty=_("No contract is entered. Entrustment and succession need one in force (Articles 25 and 27(5))."),
        )  # fmt: skip

    def _given(self, request, third_party):
        rows = [
            [link_to(each, "provision"), in_words(each.last_on), in_words(Category.labels_of(each.categories)),
             each.get_basis_display(), in_words(each.given), state_of(each)]
            for each in third_party.provisions.select_related("export").order_by("-pk")[:ROWS]
        ]  # fmt: skip
        heads = [_("Number"), _("Day of provision"), _("Categories"), _("Basis"), pgettext_lazy("provision", "Persons"),
                 _("State")]  # fmt: skip
        acts = self.section_acts(request, third_party, "given")
        persons = address_of_persons(third_party=third_party.pk)
        if request.user.has_perm("consent.give_provision"):
            address = f"{reverse('admin:consent_provision_ask')}?{urlencode({'third_party': third_party.pk})}"
            acts = [*acts, Act(_("Give data to it"), address)]
        return Panel(
            "given", _("What it got"), table=Table(heads, rows), acts=acts,
            empty=_("Nothing was given to it yet. What it gets stands here before it leaves."),
            more_url=persons, more_label=_("All persons of whom it got data"),
        )  # fmt: skip

    def _checks(self, third_party):
        facts = [Fact(_("Next by: %(what)s") % {"what": due.label}, due.on)
                 for due in third_parties.due_checks(today(), third_party)]  # fmt: skip
        rows = [
            [in_words(check.checked_on), check.get_subject_display(), check.get_finding_display(), check.remark]
            for check in third_party.checks.order_by("-checked_on", "-pk")
        ]
        heads = [_("Checked"), _("What was checked"), _("Finding"), _("How it was checked, and what is to be done")]
        return Panel("checks", _("Yearly checks"), facts, table=Table(heads, rows),
                     empty=_("Nothing was checked yet."))  # fmt: skip

    def _measures(self, third_party):
        heads = [_("Number"), _("How the recipient is bound"), _("Outline of the measures"), _("In place from"),
                 _("Last day")]  # fmt: skip
        rows = [
            [str(each), each.get_system_display(), each.outline, in_words(each.starts_on), in_words(each.ends_on)]
            for each in third_party.measures.order_by("-starts_on", "-pk")
        ]
        return Panel("measures", _("Equivalent measures"), table=Table(heads, rows),
                     empty=_("No equivalent measures were entered."))  # fmt: skip

    def _pack(self, third_party):
        title = _("Information of Article 28(2)")
        empty = _("Nothing is entered. Nobody can be asked for consent to this recipient before.")
        pack = third_party.packs.order_by("pk").last()
        if pack is None:
            return Panel("pack", title, empty=empty)
        names = ["regime_ja", "regime_en", "measures_ja", "measures_en", "sources", "looked_up_on", "entered_by"]
        return Panel("pack", title, [Fact(_("Country"), pack.country_name), *facts_of(pack, *names)])

    def _before(self, third_party):
        rows = [
            [in_words(row.history_date), row.name, row.address, row.representative]
            for row in third_party.history.order_by("-history_date", "-history_id")
        ][1:]
        if not rows:
            return None
        heads = [_("From"), pgettext_lazy("third party", "Name"), pgettext_lazy("third party", "Address"),
                 _("Representative")]  # fmt: skip
        return Panel("before", _("What it was called before"), table=Table(heads, rows))
