from django.apps import apps
from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from audit.models import Access, Actor, Entry, Link, Seal

from .acts import ACTS, actor_in_words, details_in_words, in_plain_words, reference_in_words
from .base import Fact, Panel, SafeModelAdmin, Table, in_words

BESIDE = 20


def references_of(words):
    """Every reference that staff may mean by a number: ``7K3M-…`` of any model, or the whole reference."""
    if ":" in words:
        return [words]
    return [f"{model._meta.label_lower}:{words}" for model in apps.get_models()]


class ActFilter(SimpleListFilter):
    title = _("act")
    parameter_name = "action"

    def lookups(self, request, model_admin):
        return sorted(ACTS.items(), key=lambda act: str(act[1]))

    def queryset(self, request, queryset):
        return queryset.filter(action=self.value()) if self.value() else queryset


class ActorFilter(SimpleListFilter):
    title = _("by")
    parameter_name = "by"

    def lookups(self, request, model_admin):
        actors = Actor.objects.select_related("staff").order_by("pk")[:200]
        return [(str(actor.pk), actor_in_words(actor.label)) for actor in actors]

    def queryset(self, request, queryset):
        return queryset.filter(actor_id=int(self.value())) if self.value() else queryset


@admin.register(Entry)
class EntryAdmin(SafeModelAdmin):
    """The trail: who did what to what, when. Nothing here can be changed, by anybody."""

    list_display = ["number", "at", "act", "actor", "about", "whose"]
    list_filter = [ActFilter, ActorFilter]
    list_note = _("Every act leaves one entry. Entries are only ever added; a change would show.")
    list_empty = _("Every act of staff, of customers and of the system will stand here.")
    search_label = _("Number of a request, a customer or another record")
    has_timeline = False

    @admin.display(description=_("entry"))
    def number(self, entry):
        return str(entry)

    @admin.display(description=_("act"))
    def act(self, entry):
        return in_plain_words(entry.action)

    @admin.display(description=_("by"))
    def actor(self, entry):
        return actor_in_words(entry.actor_label)

    @admin.display(description=_("about"))
    def about(self, entry):
        return reference_in_words(entry.subject)

    @admin.display(description=_("person"))
    def whose(self, entry):
        return reference_in_words(entry.person) if entry.person else ""

    def find(self, request, queryset, words):
        references = references_of(words)
        found = Q(subject__in=references) | Q(person__in=references)
        if words.lstrip("#").isdigit() and len(words) < 19:
            found |= Q(pk=int(words.lstrip("#")))
        return queryset.filter(found)

    def get_queryset(self, request):
        place = Link.objects.filter(entry_id=OuterRef("pk")).values("position")
        return super().get_queryset(request).annotate(position=Subquery(place))

    def get_panels(self, request, entry):
        return [
            Panel("what", _("What was done"), [
                Fact(_("Act"), in_plain_words(entry.action)),
                Fact(_("When"), entry.at),
                Fact(_("By"), actor_in_words(entry.actor_label)),
                Fact(_("About"), self.about(entry)),
                Fact(_("Whose data"), self.whose(entry)),
                Fact(_("Details"), details_in_words(entry.details, entry.subject)),
            ]),
            Panel("chain", _("Its place in the chain"), self._place(entry)),
            Panel(
                "beside", _("The same record, newest first"), table=self._beside(entry),
                empty=_("Nothing else was done to this record."),
            ),
        ]  # fmt: skip

    def _place(self, entry):
        if entry.position is None:
            return [Fact(_("Position"), _("will be given within some seconds"))]
        seal = Seal.objects.filter(position__gte=entry.position).order_by("position").first()
        sealed = in_words(seal.sealed_at) if seal else _("will be sealed within five minutes")
        return [Fact(_("Position"), entry.position), Fact(_("Sealed"), sealed)]

    def _beside(self, entry):
        others = Entry.objects.filter(subject=entry.subject).exclude(pk=entry.pk).order_by("-id")[:BESIDE]
        rows = [
            [in_words(each.at), in_plain_words(each.action), actor_in_words(each.actor_label), str(each)]
            for each in others
        ]
        return Table([_("When"), _("Act"), _("By"), _("Entry")], rows)


@admin.register(Seal)
class SealAdmin(SafeModelAdmin):
    """Seals of the chain. Each also stands in a file outside the database, and one a day goes out by mail."""

    list_display = ["position", "sealed_at"]
    list_order = ["-position"]
    list_note = _("A seal covers all entries up to its position. Each one also stands outside the database.")
    list_empty = _("The first seal will stand here five minutes after the first act.")
    has_timeline = False

    def get_panels(self, request, seal):
        return [
            Panel("seal", _("Seal"), [
                Fact(_("Up to position"), seal.position),
                Fact(_("Sealed"), seal.sealed_at),
                Fact(_("As it stands outside"), seal.line),
            ])
        ]  # fmt: skip


@admin.register(Access)
class AccessAdmin(SafeModelAdmin):
    """Who was shown which sealed values, for which case. Never the values."""

    list_display = ["at", "by", "about", "whose", "what", "reason", "case_number"]
    about, whose = EntryAdmin.about, EntryAdmin.whose
    list_select_related = ["by__staff"]
    list_note = _("Each time somebody was shown values of a person: who, which ones, and why.")
    list_empty = _("Each time values of a person are shown, it will be noted here.")
    search_label = _("Number of a request, a customer or a case")
    has_timeline = False

    @admin.display(description=_("values"))
    def what(self, access):
        return details_in_words({"fields": access.fields}, access.subject)

    def find(self, request, queryset, words):
        references = references_of(words)
        found = Q(subject__in=references) | Q(person__in=references) | Q(case_number=words)
        return queryset.filter(found)

    def get_panels(self, request, access):
        return [
            Panel("access", _("What was shown"), [
                Fact(_("When"), access.at),
                Fact(_("By"), str(access.by)),
                Fact(_("About"), self.about(access)),
                Fact(_("Whose data"), self.whose(access)),
                Fact(_("Values"), self.what(access)),
                Fact(_("Reason"), access.get_reason_display()),
                Fact(_("Case number"), access.case_number),
            ])
        ]  # fmt: skip
