"""The admin site, and the pages that show several apps."""

from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, include, path, re_path, reverse, reverse_lazy
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from audit.admin.base import SafeModelAdmin
from audit.forms import OwnPasswordForm, SignInForm
from audit.services import staff as staff_service
from customers.models import Customer
from customers.services import terms

from . import dashboard, inventory, panels
from .roles import ROLE_NAMES

# What stands in the first row of the desk; all other lists are under "Records and settings".
FIRST = ["requests_desk.datarequest", "customers.customer", "consent.policyversion", "consent.campaign"]
INVENTORY = "customers.view_customer"  # it names no customer, and is for who works with customers


class OfficeAdminSite(admin.AdminSite):
    """The desk: what is due first, then the lists. Only pages of ours; none of Django's that saves a row."""

    site_header = _("Privacy office")
    site_title = _("Privacy office")
    index_title = _("Dashboard")
    index_template = "admin/office/dashboard.html"
    login_form = SignInForm
    enable_nav_sidebar = False
    panels = {Customer: panels.of_customer}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._actions, self._global_actions = {}, {}

    def register(self, model_or_iterable, admin_class=None, **options):
        """Take desks of ours; what Django and libraries register by themselves stays away."""
        if admin_class is not None and issubclass(admin_class, SafeModelAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def get_urls(self):
        def wrap(view, *methods):
            guarded = require_http_methods(list(methods))(view)

            def wrapper(*args, **kwargs):
                return self.admin_view(guarded)(*args, **kwargs)

            wrapper.admin_site = self
            wrapper.login_url = reverse_lazy("admin:login", current_app=self.name)
            return wrapper

        desks = [
            path(f"{model._meta.app_label}/{model._meta.model_name}/", include(desk.urls))
            for model, desk in self._registry.items()
        ]
        return [
            path("", wrap(self.index, "GET", "HEAD"), name="index"),
            path("login/", self.login, name="login"),
            path("logout/", wrap(self.logout, "POST"), name="logout"),
            path("password_change/", wrap(self.password_change, "GET", "HEAD", "POST"), name="password_change"),
            path("inventory/", wrap(self.inventory, "GET", "HEAD"), name="inventory"),
            *desks,
            re_path(r"(?P<url>.*)$", wrap(self.catch_all_view, "GET", "HEAD", "POST")),
        ]

    # every page

    def each_context(self, request):
        """What the frame of every page needs."""
        has_permission = self.has_permission(request)
        return {
            "site_title": self.site_title,
            "site_header": self.site_header,
            "site_url": "/",
            "has_permission": has_permission,
            "is_popup": False,
            "is_nav_sidebar_enabled": False,
            "desk_nav": self.navigation(request) if has_permission else None,
            "user_roles": self.roles_of(request.user) if has_permission else [],
            "page_address": request.get_full_path() if request.method in ("GET", "HEAD") else request.path,
        }

    def navigation(self, request):
        """The lists that this person may see: the first row, and the rest."""
        items = {}
        for model, desk in self._registry.items():
            if desk.has_view_permission(request):
                try:
                    url = reverse(
                        f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist", current_app=self.name
                    )
                except NoReverseMatch:
                    continue
                items[model._meta.label_lower] = {
                    "url": url,
                    "label": capfirst(model._meta.verbose_name_plural),
                    "current": request.path.startswith(url),
                }
        home = {
            "url": reverse("admin:index", current_app=self.name),
            "label": _("Dashboard"),
            "current": request.path == reverse("admin:index", current_app=self.name),
        }
        more = [item for label, item in items.items() if label not in FIRST]
        if request.user.has_perm(INVENTORY):
            url = reverse("admin:inventory", current_app=self.name)
            more.insert(0, {"url": url, "label": _("Inventory of information"), "current": request.path == url})
        return {
            "first": [home, *[items[label] for label in FIRST if label in items]],
            "more": more,
            "more_current": any(item["current"] for item in more),
        }

    def roles_of(self, user):
        """The roles of a member of staff in words."""
        names = self.words_of_roles(user.groups.order_by("pk").values_list("name", flat=True))
        return [_("Set-up account"), *names] if user.is_superuser else names

    def words_of_roles(self, names):
        """Roles in the words of the page."""
        return [ROLE_NAMES.get(name, name) for name in names]

    # the site's own pages

    def index(self, request, extra_context=None):
        """What is due, what waits for whom, what does not run."""
        context = {
            **self.each_context(request),
            "title": self.index_title,
            "dashboard": dashboard.of(request),
            "lists": self.navigation(request),
            **(extra_context or {}),
        }
        request.current_app = self.name
        return TemplateResponse(request, self.index_template, context)

    def inventory(self, request):
        """The fifteen categories: what is stored, on how many, from where, how long and for what."""
        if not request.user.has_perm(INVENTORY):
            raise PermissionDenied
        context = {
            **self.each_context(request),
            "title": _("Inventory of information"),
            "inventory": inventory.draw_up(),
            "may_see_rules": request.user.has_perm("requests_desk.view_retentionrule"),
        }
        request.current_app = self.name
        return TemplateResponse(request, "admin/office/inventory.html", context)

    def logout(self, request, extra_context=None):
        response = super().logout(request, {"title": _("You are signed out"), **(extra_context or {})})
        response["Clear-Site-Data"] = '"cache"'
        return response

    def password_change(self, request, extra_context=None):
        """One's own password. Every other session of the same person ends."""
        form = OwnPasswordForm(request.POST or None, staff=request.user)
        if request.method == "POST" and form.is_valid():
            try:
                member = staff_service.set_password(
                    request.user, password=form.cleaned_data["password"], by=request.user.actor
                )
            except ValidationError as error:
                form.add_error("password", error)
            else:
                update_session_auth_hash(request, member)
                messages.success(
                    request, _("%(number)s: your password was changed. All your other sessions have ended.")
                    % {"number": member},
                )  # fmt: skip
                return HttpResponseRedirect(reverse("admin:index", current_app=self.name))
        context = {**self.each_context(request), "title": _("Change your password"), "form": form}
        request.current_app = self.name
        return TemplateResponse(request, "admin/office/password.html", context)

    # what lower apps ask of their site

    def panels_for(self, request, thing):
        """Panels that other apps add to the page of ``thing``: twenty rows of each and a link."""
        of = self.panels.get(type(thing))
        return of(request, thing) if of else []

    def remember_search(self, request, model_admin, words):
        """Keep search words sealed for this session and give the number under which they are found."""
        if not request.session.session_key:
            request.session.save()
        return terms.keep(words, session_key=request.session.session_key, by=request.user.actor)

    def recall_search(self, request, model_admin, key):
        """The words kept under ``key`` in this session, or ``None``."""
        return terms.find(key, session_key=request.session.session_key, by=request.user.actor)
