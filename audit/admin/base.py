"""What every page of our admin stands on."""

from functools import update_wrapper

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from audit.forms import RevealForm
from audit.models import Entry
from audit.services import access
from audit.services.trail import reference

from .acts import actor_in_words, details_in_words, in_plain_words
from .decisions import DecisionView
from .lists import SEARCH, DeskList, ListRefused, SavedView, count_up_to, readable, whole_number
from .panels import REASONS, Act, Fact, NotNow, Panel, Record, Table, facts_of, in_words, masked, nothing, sealed_fields

__all__ = [
    "Act", "DecisionView", "Fact", "NotNow", "Panel", "Record", "SafeModelAdmin", "SavedView", "Table", "count_up_to",
    "facts_of", "in_words", "masked", "nothing",
]  # fmt: skip


class SafeModelAdmin(admin.ModelAdmin):
    """A desk, not an editor: lists and pages to read, acts as :class:`DecisionView`, and no form that saves a row.

    Lists: ``list_display``, ``list_filter``, ``list_select_related`` as in Django; ``list_order`` (names of columns,
    each with or without ``-``; the key is added) in which pages are found by key; ``saved_views``; ``search_label``
    and ``search_fields`` (plain columns, found by their beginning) or :meth:`find` for the search box, which posts.
    Pages: ``fact_names``, :meth:`get_panels`, ``decisions``. ``reveal_permission`` opens sealed panels.
    Sealed columns are never loaded but by a reveal. Whatever an address asks that is not offered is refused politely.
    """

    list_per_page = 50
    list_order = ["-pk"]
    list_note = ""
    list_empty = _("Nothing is here yet.")
    saved_views = []
    search_label = ""
    fact_names = []
    decisions = []
    no_acts = ""
    reveal_permission = ""
    has_timeline = True
    sortable_by = ()
    actions = None
    show_full_result_count = False
    page_template = "admin/office/page.html"
    list_template = "admin/office/list.html"

    # who may

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    # addresses

    def get_urls(self):
        info = f"{self.opts.app_label}_{self.opts.model_name}"

        def wrap(view, *methods):
            guarded = require_http_methods(list(methods))(view)

            def wrapper(*args, **kwargs):
                return self.admin_site.admin_view(guarded)(*args, **kwargs)

            wrapper.model_admin = self
            return update_wrapper(wrapper, view)

        read, write = ("GET", "HEAD"), ("GET", "HEAD", "POST")
        on_list = [decision for decision in self.decisions if decision.on_list]
        on_page = [decision for decision in self.decisions if not decision.on_list]
        return [
            path("", wrap(self.changelist_view, *write), name=f"{info}_changelist"),
            *[path(f"{each.name}/", wrap(each.view(self), *write), name=f"{info}_{each.name}") for each in on_list],
            *[
                path(address, wrap(view, *(methods or read)), name=f"{info}_{name}")
                for address, view, name, methods in self.more_urls()
            ],
            path("<str:object_id>/change/", wrap(self.change_view, *read), name=f"{info}_change"),
            *(
                [path("<str:object_id>/reveal/", wrap(self.reveal_view, *write), name=f"{info}_reveal")]
                if self.can_reveal
                else []
            ),
            *[path(each.address, wrap(each.view(self), *write), name=f"{info}_{each.name}") for each in on_page],
        ]

    @property
    def can_reveal(self):
        """Whether the page may have panels of sealed values."""
        return bool(self.reveal_permission or sealed_fields(self.model))

    def more_urls(self):
        """Further addresses of this desk: ``(address, view, name, methods)``; no methods means reading."""
        return []

    def url_of(self, name, *args):
        info = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        return reverse(f"admin:{info}", args=args, current_app=self.admin_site.name)

    def list_url(self):
        return self.url_of("changelist")

    def page_url(self, thing):
        return self.url_of("change", thing.pk)

    def called(self, thing):
        """What pages call a row: its reference, unless a desk has better words. Never a value of a person."""
        return str(thing)

    def decision_url(self, decision, thing, part=None):
        rows = [] if decision.on_list else [thing] if part is None else [thing, part]
        return self.url_of(decision.name, *[row.pk for row in rows])

    # rows

    @admin.display(description=_("number"))
    def reference(self, thing):
        """A column for ``list_display``: what the row is called wherever it is named."""
        return str(thing)

    def get_queryset(self, request):
        """All rows, without their sealed columns."""
        return super().get_queryset(request).defer(*sealed_fields(self.model))

    def get_object(self, request, object_id, from_field=None):
        """The row with an id from an address, or ``None`` for whatever is no id."""
        key = self.opts.pk
        try:
            number = whole_number(object_id) if key.get_internal_type().endswith(("AutoField", "IntegerField")) else (
                key.to_python(readable(object_id))
            )  # fmt: skip
        except (ValidationError, ValueError, TypeError):
            return None
        if number is None:
            return None
        rows = self.get_queryset(request)
        if self.list_select_related:
            rows = rows.select_related(*self.list_select_related)
        return rows.filter(pk=number).first()

    def thing_or_404(self, request, object_id):
        """The row that a page is about; 404 where there is none, 403 where it is not for this person."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        thing = self.get_object(request, object_id)
        if thing is None:
            raise Http404
        if not self.has_view_permission(request, thing):
            raise PermissionDenied
        return thing

    # the list

    def keyset_order(self, request):
        order = list(self.list_order)
        return order if order[-1].lstrip("-") == "pk" else [*order, "-pk" if order[0].startswith("-") else "pk"]

    def get_saved_views(self, request):
        return [SavedView(view.slug, view.label, view.narrow, view.counted) for view in self.saved_views]

    def find(self, request, queryset, words):
        """The rows that ``words`` find. Plain columns only; who has a blind index overrides this."""
        found = Q(pk__in=[])
        for name in self.search_fields:
            found |= Q(**{f"{name}__istartswith": words})
        return queryset.filter(found)

    def changelist_view(self, request, extra_context=None):
        """The list; a POST is a search, whose words never stand in an address."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        words = None
        if request.method == "POST":
            if not self.search_label:
                return HttpResponseNotAllowed(["GET", "HEAD"])
            words = readable(request.POST.get("q", ""))[:200]
            if not words:
                return HttpResponseRedirect(self.list_url())
            kept = self.admin_site.remember_search(request, self, words)
            if kept is not None:
                return HttpResponseRedirect(f"{self.list_url()}?{SEARCH}={kept}")
        elif SEARCH in request.GET:
            words = self.admin_site.recall_search(request, self, readable(request.GET[SEARCH]))
            if words is None:
                messages.warning(request, _("The search words are no longer kept. Please search again."))
                return HttpResponseRedirect(self.list_url())
        try:
            desk_list = DeskList(request, self, words=words)
        except ListRefused:
            if not request.GET:
                raise
            messages.warning(request, _("This list does not offer what the address asked for. Here is the whole list."))
            return HttpResponseRedirect(self.list_url())
        context = {
            **self.admin_site.each_context(request),
            "title": capfirst(self.opts.verbose_name_plural),
            "opts": self.opts,
            "list": desk_list,
            "list_url": self.list_url(),
            "model_admin": self,
            "acts": [
                decision.act(request, self, None)
                for decision in self.decisions
                if decision.on_list and decision.is_allowed(request)
            ],
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.list_template, context)

    # the page

    def get_panels(self, request, thing):
        """The sections of the page. By default the plain facts, and the sealed ones in a panel of their own."""
        names = self.fact_names or [
            field.name
            for field in self.opts.fields
            if field.name not in {self.opts.pk.name, *sealed_fields(self.model)}
        ]
        panels = [Panel("facts", _("Facts"), facts_of(thing, *names))]
        if sealed := [field.name for field in self.opts.fields if field.name in sealed_fields(self.model)]:
            panels.append(Panel("person", _("Values of the person"), sealed=tuple(sealed)))
        return panels

    def all_panels(self, request, thing):
        """The page's own panels, those that the site composes from other apps, and the timeline last."""
        panels = [*self.get_panels(request, thing), *self.admin_site.panels_for(request, thing)]
        if self.has_timeline:
            panels.append(self.timeline(thing))
        return self.ready_panels(request, thing, panels)

    def ready_panels(self, request, thing, panels):
        """The same panels, each with the form that opens it where this person may."""
        for panel in panels:
            if panel.sealed and panel.subject is None:
                panel.subject = thing
            panel.permission = panel.permission or self.reveal_permission
            if panel.can_be_revealed and panel.permission and request.user.has_perm(panel.permission):
                initial = {"case_number": panel.default_case, "reason": panel.default_reason}
                panel.reveal_form = RevealForm(reasons=REASONS, initial=initial, auto_id=f"{panel.slug}_%s")
        return panels

    def open_panel(self, request, panels):
        """Open the panel that was posted for, in this response only, after noting who saw what and why.

        Gives the panel; its ``revealed`` says whether the reason sufficed.
        """
        slug = request.POST.get("panel")
        panel = next((each for each in panels if each.slug == slug and (each.sealed or each.records)), None)
        if panel is None:
            if any(each.permission and request.user.has_perm(each.permission) for each in panels):
                raise Http404
            raise PermissionDenied
        if panel.reveal_form is None:
            if panel.can_be_revealed:
                raise PermissionDenied
            return panel
        given = request.POST
        if panel.is_direct:
            given = {"reason": panel.default_reason, "case_number": panel.default_case}
        panel.reveal_form = RevealForm(given, reasons=REASONS, auto_id=f"{panel.slug}_%s")
        if not panel.reveal_form.is_valid():
            return panel
        values = panel.reveal_form.cleaned_data
        case_number = readable(values["case_number"])
        with transaction.atomic():
            for row, person, names, noted in panel.openings:
                access.note(
                    row, fields=[*names, *noted], reason=values["reason"], case_number=case_number,
                    by=request.user.actor, person=person,
                )  # fmt: skip
        panel.open()
        return panel

    def timeline(self, thing):
        """Who did what when, from the trail."""
        entries = Entry.objects.filter(subject=reference(thing)).order_by("-id")[:51]
        rows = [
            [
                in_words(entry.at),
                in_plain_words(entry.action),
                actor_in_words(entry.actor_label),
                details_in_words(entry.details, entry.subject),
            ]
            for entry in entries[:50]
        ]
        return Panel(
            "timeline", _("What was done"), table=Table([_("When"), _("Act"), _("By"), _("Details")], rows),
            empty=_("Nothing was done yet. Each act will stand here with who did it and when."),
        )  # fmt: skip

    def get_acts(self, request, thing):
        """What can be done now, and what cannot with the reason why not."""
        return [
            decision.act(request, self, thing)
            for decision in self.decisions
            if not (decision.on_list or decision.section)
        ]

    def section_acts(self, request, thing, section, part=None):
        """What this person can do in a section of the page: with ``part`` with one of its rows, else with none yet."""
        return [
            decision.act(request, self, thing, part)
            for decision in self.decisions
            if decision.section == section and bool(decision.part) == (part is not None)
            if decision.is_allowed(request)
        ]

    def get_head(self, request, thing):
        """Facts that stand beside the number on top of the page."""
        return []

    def change_view(self, request, object_id, form_url="", extra_context=None):
        thing = self.thing_or_404(request, object_id)
        return self.page(request, thing, self.all_panels(request, thing))

    def reveal_view(self, request, object_id):
        """Show one panel's sealed values, in this response only, after noting who saw them and why."""
        thing = self.thing_or_404(request, object_id)
        if request.method != "POST":
            return HttpResponseRedirect(self.page_url(thing))
        panels = self.all_panels(request, thing)
        panel = self.open_panel(request, panels)
        response = self.page(request, thing, panels, revealed=panel if panel.revealed else None)
        response["Cache-Control"] = "no-store"
        return response

    def page(self, request, thing, panels, *, revealed=None):
        context = {
            **self.admin_site.each_context(request),
            "title": f"{capfirst(self.opts.verbose_name)} {self.called(thing)}",
            "opts": self.opts,
            "thing": thing,
            "called": self.called(thing),
            "head": self.get_head(request, thing),
            "acts": self.get_acts(request, thing),
            "no_acts": self.no_acts,
            "panels": panels,
            "revealed": revealed,
            "failed_panel": next((each for each in panels if each.reveal_form and each.reveal_form.errors), None),
            "list_url": self.list_url(),
            "page_url": self.page_url(thing),
            "page_address": self.page_url(thing),
            "reveal_url": self.url_of("reveal", thing.pk) if self.can_reveal else "",
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.page_template, context)
